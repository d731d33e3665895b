import { randomUUID } from 'node:crypto'
import { addDays, dateIn, instantOf, weekdayOf } from '../../lib/calendar.js'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { Coordination } from '../../prices/coordination.js'
import type { Ask } from '../ask.js'
import { jittered } from './schedule.js'
import type { DailyRate, RateAnswer, RateQuestion, RateSource } from './source.js'
import { SourceDoor, type SourceStatus } from './source-door.js'

export type SourcedRate = DailyRate & { readonly source: string }

export interface RateDeskOptions {
  /** In order of preference. */
  readonly sources: readonly { readonly source: RateSource; readonly base: string }[]
  readonly ask: Ask
  readonly coordination: Coordination
  /** Keeps these rates, new ones and such as are kept already; rejects when it cannot. */
  readonly save: (rates: readonly SourcedRate[]) => Promise<void>
  /** The first and the last date of which rates are kept; null when there are none. */
  readonly kept: () => Promise<{ readonly from: string; readonly to: string } | null>
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

export interface RateDeskStatus {
  readonly sources: readonly (SourceStatus & { readonly newest: string | null })[]
  /** Whether it is this worker that asks. */
  readonly isAsking: boolean
  /** The first date of which rates are kept, as far as is known. */
  readonly from: string | null
}

interface Lane {
  readonly source: RateSource
  readonly base: string
  readonly door: SourceDoor
  dueAt: number
  /** Attempts in a row that brought nothing new. */
  fruitless: number
  hasFailed: boolean
  pairs: ReadonlySet<string>
  newest: string | null
}

const TICK_MS = 10_000
/** One worker asks, as long as it says so. */
const LEASE = 'rate-desk'
const LEASE_MS = 60_000
/** Within the 90 days that sources keep at hand. */
const PAST_DAYS = 84
/** Rates in one saving: the newest first, so that what is kept has no hole when a long one is cut short. */
const SAVED_AT_ONCE = 4_000
/** After a source's own time, or the one below: nobody's installation asks on the minute. */
const AFTER_MS = [30_000, 300_000] as const
const RETRY_MS = 60_000
const LONGEST_RETRY_MS = 3_600_000
/** When a fix that is due is not there yet. */
const LATE_MS = 20 * 60_000
const LONGEST_LATE_MS = 6 * 3_600_000
/** Beyond it no source's word of its next time is believed. */
const LONGEST_AHEAD_MS = 4 * 24 * 3_600_000
/** Central banks of the euro fix at about 16:00 in Frankfurt, on working days ("Euro foreign exchange reference rates"). */
const FIX_ZONE = 'Europe/Berlin'
const FIX_TIME = '16:00'

/**
 * Asks the sources of daily exchange rates: each of them once for each of its fixes, a source whose pairs earlier
 * ones tell only while one of those fails. At its start it asks for the last weeks, and for all since the newest
 * rate that is kept; for earlier dates when somebody needs them, of the first source that has them.
 *
 * Of several workers one asks, the holder of a lease; the others wait until it is free.
 */
export class RateDesk {
  readonly #options: RateDeskOptions
  readonly #lanes: readonly Lane[]
  readonly #holder = randomUUID()
  #stopTicking: (() => void) | null = null
  #working: Promise<void> | null = null
  #saving: Promise<void> = Promise.resolve()
  #isAsking = false
  /** Whether what is missing of late has been asked for. */
  #isCaughtUp = false
  #from: string | null = null
  #needed: string | null = null
  #pastDueAt = 0
  #pastFruitless = 0

  constructor(options: RateDeskOptions) {
    this.#options = options
    this.#lanes = options.sources.map(({ source, base }) => ({
      source,
      base,
      door: new SourceDoor({ ...options, source }),
      dueAt: 0,
      fruitless: 0,
      hasFailed: false,
      pairs: new Set<string>(),
      newest: null,
    }))
  }

  start(): void {
    this.#stopTicking ??= this.#options.clock.every(TICK_MS, () => this.#tick())
    this.#tick()
  }

  /** Ends when what is being kept is kept; what is answered after this is not. */
  async stop(): Promise<void> {
    this.#stopTicking?.()
    this.#stopTicking = null
    this.#isAsking = false
    await this.#saving.catch(() => {})
    await this.#options.coordination.release(LEASE, this.#holder).catch(() => {})
  }

  /** Rates of this date on are needed: if they are not kept, they are asked for in the background. */
  need(date: string): void {
    if (this.#needed === null || date < this.#needed) this.#needed = date
  }

  status(): RateDeskStatus {
    return {
      sources: this.#lanes.map(({ door, pairs, newest }) => ({
        ...door.status(),
        symbols: pairs.size,
        unknown: [],
        newest,
      })),
      isAsking: this.#isAsking,
      from: this.#from,
    }
  }

  #tick(): void {
    this.#working ??= this.#work()
      .catch((error: unknown) => this.#options.log.warn({ err: error }, 'exchange rates could not be kept'))
      .finally(() => {
        this.#working = null
      })
  }

  async #work(): Promise<void> {
    if (!(await this.#mayGoOn())) return
    if (!this.#isCaughtUp) await this.#catchUp()
    for (const lane of this.#lanes) if (this.#isDue(lane)) await this.#ask(lane, lane.source.latest)
    await this.#askPast()
  }

  /** Whether it is still this worker that asks; says so for another while. */
  async #mayGoOn(): Promise<boolean> {
    const isRunning = (): boolean => this.#stopTicking !== null
    const { coordination } = this.#options
    const isHeld =
      isRunning() && (await coordination.acquire(LEASE, this.#holder, LEASE_MS).catch(() => false))
    this.#isAsking = isHeld && isRunning()
    return this.#isAsking
  }

  /** Whether the source is to be asked now. One whose pairs earlier ones tell waits for one of them to fail. */
  #isDue(lane: Lane): boolean {
    if (lane.dueAt > this.#options.clock.now()) return false
    if (lane.pairs.size === 0) return true
    const earlier = this.#lanes.slice(0, this.#lanes.indexOf(lane)).filter(({ hasFailed }) => !hasFailed)
    return [...lane.pairs].some((pair) => !earlier.some(({ pairs }) => pairs.has(pair)))
  }

  /** The last weeks, of the first source that keeps the past. */
  async #catchUp(): Promise<void> {
    const kept = await this.#options.kept()
    const recent = addDays(this.#today(), -PAST_DAYS)
    const from = kept && kept.to < recent ? kept.to : recent
    for (const lane of this.#lanes) {
      const question = lane.source.since?.(from, this.#today())
      if (!question || lane.dueAt > this.#options.clock.now()) continue
      if (!(await this.#ask(lane, question))) continue
      this.#from = kept && kept.from < from ? kept.from : from
      this.#isCaughtUp = true
      return
    }
    const isHopeless = this.#lanes.every(({ source }) => !source.since)
    if (isHopeless) this.#isCaughtUp = true
  }

  /** Earlier dates that are needed and not kept. */
  async #askPast(): Promise<void> {
    const needed = this.#needed
    if (!needed || !this.#from || needed >= this.#from) return
    const { clock, random } = this.#options
    if (this.#pastDueAt > clock.now()) return
    for (const { source, base, door } of this.#lanes) {
      const question = source.since?.(needed, this.#today())
      if (!question || !(await this.#mayGoOn())) continue
      const told = await door.ask<RateAnswer>(question.question(base), question.read)
      if (told.kind !== 'rates' || !(await this.#save(source.id, told.rates))) continue
      this.#from = needed
      this.#pastFruitless = 0
      return
    }
    this.#pastDueAt = clock.now() + backoff(RETRY_MS, this.#pastFruitless, LONGEST_RETRY_MS, random)
    this.#pastFruitless += 1
  }

  /** Asks for new rates, keeps them, and sets when the source is asked next; whether it has told any. */
  async #ask(lane: Lane, { question, read }: RateQuestion): Promise<boolean> {
    const { clock, random } = this.#options
    if (!(await this.#mayGoOn())) return false
    const told = await lane.door.ask<RateAnswer>(question(lane.base), read)
    const isKept = told.kind === 'rates' && (await this.#save(lane.source.id, told.rates))
    const now = clock.now()
    if (told.kind !== 'rates' || !isKept) {
      const pauseMs = backoff(RETRY_MS, lane.fruitless, LONGEST_RETRY_MS, random)
      lane.dueAt = now + Math.max(pauseMs, told.kind === 'later' ? told.waitMs : 0)
      lane.fruitless += 1
      lane.hasFailed = true
      return false
    }
    const newest = told.rates.at(-1)?.date ?? ''
    lane.hasFailed = false
    lane.fruitless = newest > (lane.newest ?? '') ? 0 : lane.fruitless + 1
    lane.newest = newest
    lane.pairs = new Set(told.rates.filter(({ date }) => date === newest).map(pairOf))
    lane.dueAt = this.#nextAt(lane, told.nextAt ?? nextFix(newest), now)
    return true
  }

  /** Some time after the source's next time; when that has passed and nothing new was told, it is tried again. */
  #nextAt({ fruitless }: Lane, nextAt: number, now: number): number {
    const { random } = this.#options
    const [leastMs, mostMs] = AFTER_MS
    if (nextAt <= now) return now + backoff(LATE_MS, fruitless, LONGEST_LATE_MS, random)
    return Math.min(nextAt, now + LONGEST_AHEAD_MS) + leastMs + (mostMs - leastMs) * random()
  }

  /** Those of days to come are left out: they would stand before every rate that is true. */
  async #save(source: string, told: readonly DailyRate[]): Promise<boolean> {
    const latest = addDays(this.#today(), 1)
    const rates = told.filter(({ date }) => date <= latest)
    try {
      for (let end = rates.length; end > 0; end -= SAVED_AT_ONCE) {
        if (!(await this.#mayGoOn())) return false
        const some = rates.slice(Math.max(0, end - SAVED_AT_ONCE), end)
        this.#saving = this.#options.save(some.map((rate) => ({ ...rate, source })))
        await this.#saving
      }
      return rates.length > 0
    } catch (error) {
      this.#options.log.warn({ err: error, source }, 'exchange rates could not be kept')
      return false
    }
  }

  #today(): string {
    return dateIn(FIX_ZONE, this.#options.clock.now())
  }
}

/** When the fix after this date is told: on the next working day. */
function nextFix(date: string): number {
  let next = addDays(date, 1)
  while (weekdayOf(next) > 5) next = addDays(next, 1)
  return instantOf(FIX_ZONE, next, FIX_TIME)
}

function backoff(baseMs: number, attempt: number, mostMs: number, random: () => number): number {
  return jittered(Math.min(baseMs * 2 ** Math.min(attempt, 20), mostMs), random)
}

function pairOf({ base, quote }: DailyRate): string {
  return `${base}-${quote}`
}
