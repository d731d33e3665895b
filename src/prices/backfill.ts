import type { Database } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import { candleStarts, INTERVALS, type Interval } from './candle.js'
import { fold, gapOf, missingFrom, type PastAnswer, type PastAsk, readPast } from './past.js'
import { type Job, PastQueue } from './past-queue.js'
import { type Known, priceStore } from './store.js'

/** Instruments in one look at what is kept. */
const BATCH = 500
/** More than this is not looked for before some of it has been read. */
const MOST_JOBS = 60_000
const LOOK_AGAIN_MS = 30_000
/** After a failure, four times as long each time. */
const RETRY_MS = 5 * 60_000
const MOST_ATTEMPTS = 5
/** A source that failed is left alone for so long by all that wait for it. */
const REST_MS = 30_000
/** What nobody keeps is asked for again after this long. */
const NONE_MS = 24 * 60 * 60_000
/** Candles in one transaction: the embedded database does nothing else meanwhile. */
const SAVED_AT_ONCE = 1_000

/**
 * Reads from venues and sources what was not recorded: the past of an instrument that is wanted for the first
 * time, as far back as candles are kept, and what fell into a gap, when it is wanted again or a connection was
 * lost. What is missing the database tells, a batch of instruments in one query; it is asked for newest first,
 * what somebody holds before what is only watched, and written, oldest first, when all of an answer is there. What fails is
 * tried again a few times, more and more seldom; what nobody keeps is remembered.
 */
export class Backfill {
  readonly #db: Database
  readonly #past: (ask: PastAsk) => Promise<PastAnswer>
  readonly #sourceOf: (symbol: string) => string | null
  readonly #clock: Clock
  readonly #log: Log
  readonly #startOf = candleStarts()
  readonly #queue = new PastQueue({ isHeld: (symbol) => this.#held.has(symbol) })
  /** Sources that are being asked. */
  readonly #busy = new Set<string>()
  /** Until when sources that failed are left alone. */
  readonly #resting = new Map<string, number>()
  /** Until when, by symbol and interval. */
  readonly #none = new Map<string, number>()
  /** What is left of reading a past for the first time, and whether any of it was found. */
  readonly #firstReads = new Map<string, { readonly left: Set<Interval>; found: boolean }>()
  /** Instruments whose candles have to be looked at, and before which instant. */
  readonly #unseen = new Map<string, number>()
  /** Those of them that are no instruments yet. */
  readonly #unknown = new Map<string, number>()
  #wanted: ReadonlySet<string> = new Set()
  #held: ReadonlySet<string> = new Set()
  #looking: Promise<void> | null = null
  /** Answers are written one after the other, whoever gave them: requests come in between. */
  #saved: Promise<void> = Promise.resolve()
  readonly #cancel: () => void
  #stopped = false

  constructor(options: {
    db: Database
    /** Asks for all of a range; never more than one at a time for a source. */
    past: (ask: PastAsk) => Promise<PastAnswer>
    /** Who would be asked for an instrument's past; null while nobody can be. */
    sourceOf: (symbol: string) => string | null
    clock: Clock
    log: Log
  }) {
    this.#db = options.db
    this.#past = options.past
    this.#sourceOf = options.sourceOf
    this.#clock = options.clock
    this.#log = options.log
    this.#cancel = options.clock.every(LOOK_AGAIN_MS, () => this.#lookAgain())
  }

  /** All that this worker records from now on, and what of it somebody holds. */
  want(symbols: ReadonlySet<string>, held: ReadonlySet<string>): void {
    const now = this.#clock.now()
    for (const symbol of symbols) if (!this.#wanted.has(symbol)) this.#unseen.set(symbol, now)
    for (const symbol of this.#firstReads.keys()) if (!symbols.has(symbol)) this.#firstReads.delete(symbol)
    this.#wanted = symbols
    this.#held = held
    this.#goOn()
  }

  /** Nothing was heard of these since that instant, ms since the epoch. */
  missed(symbols: readonly string[], since: number): void {
    for (const symbol of symbols) {
      this.#unseen.set(symbol, Math.min(since, this.#unseen.get(symbol) ?? since))
    }
    this.#goOn()
  }

  /** Ends when what is being written is written; what is answered after this is not. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#looking
    await this.#saved
  }

  #lookAgain(): void {
    for (const [symbol, before] of this.#unknown)
      if (!this.#unseen.has(symbol)) this.#unseen.set(symbol, before)
    this.#unknown.clear()
    this.#goOn()
  }

  #goOn(): void {
    if (this.#stopped) return
    if (this.#unseen.size > 0) this.#looking ??= this.#look()
    for (const job of this.#queue.takeUnplaced()) this.#place(job)
    for (const source of this.#queue.sources()) this.#serve(source)
  }

  /** Looks at what is kept of the instruments that are new, and makes questions of what is missing. */
  async #look(): Promise<void> {
    try {
      for (let batch = this.#nextUnseen(); batch && !this.#stopped; batch = this.#nextUnseen()) {
        const { symbols, before } = batch
        const known = await this.#db.asSystem((tx) => priceStore.knownPast(tx, symbols, before))
        const found = new Set(known.map(({ symbol }) => symbol))
        for (const symbol of symbols) {
          if (this.#unseen.get(symbol) === before) this.#unseen.delete(symbol)
          if (!found.has(symbol)) this.#unknown.set(symbol, before)
        }
        for (const one of known) this.#find(one, before)
        for (const source of this.#queue.sources()) this.#serve(source)
      }
    } catch (error) {
      this.#log.warn({ err: error }, 'what is missing of the past could not be looked for')
    } finally {
      this.#looking = null
    }
  }

  #nextUnseen(): { readonly symbols: readonly string[]; readonly before: number } | null {
    if (this.#queue.size > MOST_JOBS) return null
    for (const symbol of this.#unseen.keys()) if (!this.#wanted.has(symbol)) this.#unseen.delete(symbol)
    const entries = [...this.#unseen]
    const held = entries.filter(([symbol]) => this.#held.has(symbol))
    const [first, ...others] = held.length > 0 ? held : entries
    if (!first) return null
    const before = first[1]
    const same = others.filter(([, instant]) => instant === before).map(([symbol]) => symbol)
    return { symbols: [first[0], ...same.slice(0, BATCH - 1)], before }
  }

  #find(known: Known, before: number): void {
    const { symbol } = known
    const now = this.#clock.now()
    const gap = (interval: Interval) => gapOf(known, interval, { before, now }, this.#startOf)
    const gaps = { '1m': gap('1m'), '1h': gap('1h'), '1d': gap('1d') }
    const asked = INTERVALS.filter((interval) => !((this.#none.get(`${symbol} ${interval}`) ?? 0) > now))
    if (!known.wasRead) this.#firstReads.set(symbol, { left: new Set(asked), found: false })
    for (const interval of asked) {
      const from = missingFrom(known, interval, now, this.#startOf)
      if (from !== null) this.#place({ symbol, interval, from, before, gaps, attempts: 0, notBefore: 0 })
    }
  }

  #place(job: Job): void {
    if (this.#wanted.has(job.symbol)) this.#queue.add(this.#sourceOf(job.symbol), job)
  }

  #serve(source: string): void {
    const now = this.#clock.now()
    if (this.#stopped || this.#busy.has(source) || (this.#resting.get(source) ?? 0) > now) return
    const job = this.#queue.takeBest(source, now, (symbol) => this.#wanted.has(symbol))
    if (!job) return
    this.#busy.add(source)
    void this.#run(job, source)
      .catch((error: unknown) => {
        this.#log.warn({ err: error, symbol: job.symbol }, 'the past could not be read')
        this.#failed(job, source, REST_MS)
      })
      .then(() => {
        this.#busy.delete(source)
        this.#serve(source)
      })
  }

  async #run(job: Job, source: string): Promise<void> {
    const { symbol, interval, from } = job
    const ask: PastAsk = { symbol, interval, from, to: this.#clock.now() }
    const answer = await this.#past(ask)
    if (this.#stopped) return
    if (answer.kind === 'failed') return this.#failed(job, source, answer.retryAfterMs ?? REST_MS)
    // Another worker may hold it by now; that one asks for itself.
    if (!this.#wanted.has(symbol)) return
    if (answer.kind === 'none') {
      if (this.#none.size >= MOST_JOBS) this.#none.clear()
      this.#none.set(`${symbol} ${interval}`, ask.to + NONE_MS)
    }
    const saving = this.#saved.then(() => this.#save(job, ask, answer))
    this.#saved = saving.catch(() => {})
    await saving
  }

  async #save(job: Job, ask: PastAsk, answer: Exclude<PastAnswer, { kind: 'failed' }>): Promise<void> {
    const { symbol, interval, gaps } = job
    const candles = answer.kind === 'past' ? readPast(ask, answer) : []
    const first = this.#firstReads.get(symbol)
    const isLast = first !== undefined && [...first.left].every((left) => left === interval)
    const found = first?.found === true || answer.kind === 'past'
    const rest = candles.length - (candles.length % SAVED_AT_ONCE)
    for (let begin = 0; begin < rest; begin += SAVED_AT_ONCE) {
      const some = candles.slice(begin, begin + SAVED_AT_ONCE)
      await this.#db.asSystem((tx) => priceStore.fillCandles(tx, some, gaps[interval]))
    }
    await this.#db.asSystem(async (tx) => {
      await priceStore.fillCandles(tx, candles.slice(rest), gaps[interval])
      for (const longer of interval === '1m' ? (['1h', '1d'] as const) : []) {
        const folded = fold(candles, longer, ask.to, this.#startOf)
        if (folded) await priceStore.fillCandles(tx, [folded], gaps[longer])
      }
      if (isLast && found) await priceStore.pastWasRead(tx, symbol, ask.to)
    })
    if (!first) return
    first.left.delete(interval)
    first.found = found
    if (isLast) this.#firstReads.delete(symbol)
  }

  #failed(job: Job, source: string, forMs: number): void {
    const now = this.#clock.now()
    this.#resting.set(source, now + forMs)
    const attempts = job.attempts + 1
    if (attempts >= MOST_ATTEMPTS) return
    const pauseMs = Math.max(forMs, RETRY_MS * 4 ** (attempts - 1))
    this.#place({ ...job, attempts, notBefore: now + pauseMs })
  }
}
