import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Coordination } from './coordination.js'

/** Instruments are divided among the workers by slot, so that each has one worker at a time. */
export const SLOT_COUNT = 64
/** A lease ends this long after its last renewal: what a worker that died or stands still keeps from the others. */
const LEASE_MS = 6_000
const RENEW_MS = 2_000
/** While workers come and go, so that what one gives back soon has another. */
const HURRY_MS = 500

/** The slot of an instrument, from 0: FNV-1a of its symbol. */
export function slotOf(symbol: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < symbol.length; index += 1)
    hash = Math.imul(hash ^ symbol.charCodeAt(index), 0x01000193)
  return (hash >>> 0) % SLOT_COUNT
}

/** What a slot is called where leases are kept. */
export const slotName = (slot: number): string => `slot:${slot}`

/**
 * This worker's part of the slots. Every two seconds it reports that it is alive, sees who else is, renews its
 * leases, gives back what is above its fair share, and takes what is free below it. A slot counts as held once
 * it was prepared (what the cache knows of it has been read) and only as long as the last renewal reaches by this
 * process's own clock: a process that stood still knows before its first word that it holds nothing any more. Then
 * it begins anew as another holder, so that whatever it still sends as the old one is refused by the wire.
 */
export class Slots {
  readonly #coordination: Coordination
  readonly #member: string
  readonly #clock: Clock
  readonly #random: () => number
  readonly #log: Log
  readonly #prepare: (slots: ReadonlySet<number>) => Promise<void>
  readonly #changed: () => void
  /** What this holder has leases on, and of these what was prepared. */
  #leased: ReadonlySet<number> = new Set()
  #held: ReadonlySet<number> = new Set()
  #renewedAt = 0
  #generation = 0
  #holder: string
  /** Who we were when leases ran out by our clock; they may stand elsewhere still. */
  #former: string | null = null
  #reportedUntil = 0
  #alive = 0
  #patientUntil = 0
  #hurriedUntil = 0
  #cancel: (() => void) | null = null
  #round: Promise<void> | null = null
  #failed = false
  #stopped = false

  /** `member` names this process and no other; `changed` is called when `held()` has changed. */
  constructor(options: {
    coordination: Coordination
    member: string
    clock: Clock
    random: () => number
    log: Log
    prepare: (slots: ReadonlySet<number>) => Promise<void>
    changed: () => void
  }) {
    this.#coordination = options.coordination
    this.#member = MEMBERS + options.member
    this.#clock = options.clock
    this.#random = options.random
    this.#log = options.log
    this.#prepare = options.prepare
    this.#changed = options.changed
    this.#holder = this.#nextHolder()
  }

  /** Resolves after the first attempt; never rejects. */
  start(): Promise<void> {
    this.#hurry()
    return this.#run()
  }

  /** Whom the wire has to know as the holder of what is written now; null while nothing is held. */
  holder(): string | null {
    return this.held().size > 0 ? this.#holder : null
  }

  held(): ReadonlySet<number> {
    return this.#isCurrent() ? this.#held : NONE
  }

  holds(slot: number): boolean {
    return this.held().has(slot)
  }

  mine(symbol: string): boolean {
    return this.holds(slotOf(symbol))
  }

  /** Something was refused: looks soon what is still held. */
  doubt(): void {
    const isCalm = this.#clock.now() >= this.#hurriedUntil
    this.#hurry()
    if (isCalm && !this.#round) this.#schedule()
  }

  /** Gives everything back, so that others take it with their next look. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    await this.#round
    this.#leased = this.#held = NONE
    try {
      await this.#coordination.releaseAll(names(ALL), this.#holder)
      await this.#coordination.report(this.#member, '', 0)
    } catch (error) {
      this.#log.debug({ err: error }, 'leases could not be given back; they run out')
    }
  }

  #run(): Promise<void> {
    this.#cancel?.()
    this.#cancel = null
    this.#round = this.#look()
      .then(
        () => {
          this.#failed = false
        },
        (error: unknown) => {
          if (!this.#failed) this.#log.warn({ err: error }, 'leases could not be renewed')
          this.#failed = true
          this.#hurry()
        },
      )
      .finally(() => {
        this.#round = null
        this.#schedule()
      })
    return this.#round
  }

  #schedule(): void {
    this.#cancel?.()
    if (this.#stopped) return
    const period = this.#clock.now() < this.#hurriedUntil ? HURRY_MS : RENEW_MS
    this.#cancel = this.#clock.after(period * (0.9 + this.#random() / 5), () => void this.#run())
  }

  async #look(): Promise<void> {
    if (this.#leased.size > 0 && !this.#isCurrent()) this.#lapse()
    const share = await this.#share()
    if (this.#former) {
      await this.#coordination.releaseAll(names(ALL), this.#former)
      this.#former = null
    }
    await this.#giveBack(share)
    await this.#take(share)
  }

  /** Reports, and reckons how many slots are this worker's. */
  async #share(): Promise<number> {
    const now = this.#clock.now()
    const reports = await this.#coordination.reports(MEMBERS)
    // Whoever forgot us has forgotten the others too: nothing is taken before they had time to come back.
    if (now < this.#reportedUntil && !reports.has(this.#member)) this.#patientUntil = now + 1.5 * RENEW_MS
    await this.#coordination.report(this.#member, String(this.#leased.size), LEASE_MS)
    this.#reportedUntil = now + LEASE_MS
    const alive = new Set([...reports.keys(), this.#member]).size
    if (alive !== this.#alive) this.#hurry()
    this.#alive = alive
    const fair = Math.ceil(SLOT_COUNT / alive)
    return now < this.#patientUntil ? Math.min(fair, this.#leased.size) : fair
  }

  /** Nothing is said of a slot any more before it is given back. */
  async #giveBack(share: number): Promise<void> {
    const surplus = new Set([...this.#leased].slice(share))
    if (surplus.size === 0) return
    this.#leased = new Set([...this.#leased].slice(0, share))
    this.#hold(new Set([...this.#held].filter((slot) => !surplus.has(slot))))
    await this.#coordination.releaseAll(names(surplus), this.#holder)
  }

  async #take(share: number): Promise<void> {
    const asked = [...this.#leased, ...this.#others()]
    const sentAt = this.#clock.now()
    const got = await this.#coordination.acquireAll(names(asked), this.#holder, LEASE_MS, share)
    this.#renewedAt = sentAt
    this.#leased = new Set(asked.filter((slot) => got.has(slotName(slot))))
    this.#hold(new Set([...this.#held].filter((slot) => this.#leased.has(slot))))
    const fresh = new Set([...this.#leased].filter((slot) => !this.#held.has(slot)))
    if (fresh.size === 0 || this.#stopped) return
    await this.#prepare(fresh)
    if (this.#isCurrent()) this.#hold(new Set(this.#leased))
  }

  /** In an order of our own, so that two that look at the same time do not want the same. */
  #others(): readonly number[] {
    const others = ALL.filter((slot) => !this.#leased.has(slot))
    const start = Math.floor(this.#random() * others.length)
    return [...others.slice(start), ...others.slice(0, start)]
  }

  #lapse(): void {
    this.#former = this.#holder
    this.#holder = this.#nextHolder()
    this.#leased = NONE
    this.#hurry()
    this.#log.warn({ slots: this.#held.size }, 'leases ran out before they were renewed')
    this.#hold(NONE)
  }

  #hold(slots: ReadonlySet<number>): void {
    const isSame = slots.size === this.#held.size && [...slots].every((slot) => this.#held.has(slot))
    this.#held = slots
    if (isSame || this.#stopped) return
    this.#log.info({ slots: slots.size, workers: this.#alive }, 'slots of instruments were divided anew')
    this.#changed()
  }

  #isCurrent(): boolean {
    const elapsedMs = this.#clock.now() - this.#renewedAt
    return elapsedMs >= 0 && elapsedMs < LEASE_MS
  }

  #hurry(): void {
    this.#hurriedUntil = this.#clock.now() + 2 * LEASE_MS
  }

  #nextHolder(): string {
    this.#generation += 1
    return `${this.#member}:${this.#clock.now().toString(36)}:${this.#generation}`
  }
}

/** Before the names of those that have slots; others report too. */
const MEMBERS = 'worker:'

const NONE: ReadonlySet<number> = new Set()
const ALL: readonly number[] = Array.from({ length: SLOT_COUNT }, (_, slot) => slot)

function names(slots: Iterable<number>): readonly string[] {
  return Array.from(slots, slotName)
}
