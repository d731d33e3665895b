import type { Clock } from '../lib/clock.js'
import { type Fixed, parseFixed } from '../lib/decimal.js'
import type { Log } from '../lib/log.js'
import { type Candle, candleStarts, INTERVALS, type Interval, widened } from './candle.js'
import type { Quote } from './tick.js'

/** Hours and days change with every quote and are seldom asked for: they are written with every so many minutes' writes. */
const LONGER_EVERY = 12
/** Candles in one write: while it is made, prices wait. */
const BATCH = 500
/** Between two batches; all pauses of a round are half the time to the next at most. */
const PAUSE_MS = 100
/** Of one interval, when writing fails. */
const MOST_UNSAVED = 50_000

/**
 * Turns winning quotes into candles of a minute, an hour and a day, and hands them over in batches: minutes every
 * few seconds, the longer ones every minute or so, all of them at the end. Between two batches is a pause, because
 * prices pass through the same process. What is under way is handed over too, so that a process that dies loses a
 * few seconds of a minute's range at most; the store widens a candle that comes again. A candle belongs to the time
 * of its quote, so that a price which is offered again while its market is closed makes no new one. A batch that
 * cannot be written is kept and tried again with the next one; candles of what another worker holds by then are
 * that worker's to write, and are let go.
 */
export class CandleRecorder {
  readonly #save: (candles: readonly Candle[]) => Promise<void>
  readonly #holds: (symbol: string) => boolean
  readonly #clock: Clock
  readonly #log: Log
  readonly #everyMs: number
  readonly #startOf = candleStarts()
  /** The candle of each symbol that its quotes fall into now: where every quote of the worker passes. */
  readonly #running: Readonly<Record<Interval, Map<string, Running>>> = {
    '1m': new Map(),
    '1h': new Map(),
    '1d': new Map(),
  }
  /** Those before, by symbol and instant. */
  readonly #unsaved: Readonly<Record<Interval, Map<string, Candle>>> = {
    '1m': new Map(),
    '1h': new Map(),
    '1d': new Map(),
  }
  /** The newest quote of each symbol, to know it when it comes again. */
  readonly #newest = new Map<string, Quote>()
  readonly #cancel: () => void
  #turn = 0
  #saving: Promise<void> | null = null
  /** Ends the pause that is under way. */
  #goOn: (() => void) | null = null
  #isHurried = false

  constructor(options: {
    /** Is given a few hundred at once. */
    save: (candles: readonly Candle[]) => Promise<void>
    /** Whether this worker is the one that records the symbol. */
    holds: (symbol: string) => boolean
    clock: Clock
    log: Log
    everyMs?: number
  }) {
    this.#save = options.save
    this.#holds = options.holds
    this.#clock = options.clock
    this.#log = options.log
    this.#everyMs = options.everyMs ?? 5_000
    this.#cancel = options.clock.every(this.#everyMs, () => void this.#flushDue())
  }

  record(quote: Quote): void {
    const { symbol } = quote
    const newest = this.#newest.get(symbol)
    if (newest?.at === quote.at && newest.price === quote.price) return
    this.#newest.set(symbol, quote)
    const price = parseFixed(quote.price)
    for (const interval of INTERVALS) {
      const at = this.#startOf(symbol, interval, quote.at)
      const running = this.#running[interval].get(symbol)
      if (running?.at === at) widen(running, quote, price)
      else {
        if (running) merge(this.#unsaved[interval], running)
        this.#running[interval].set(symbol, begun(quote, { interval, at, price }))
      }
    }
  }

  /** Writes what has been gathered, without pauses; never rejects. */
  async flush(): Promise<void> {
    this.#isHurried = true
    this.#goOn?.()
    await this.#saving
    await this.#write(INTERVALS)
    this.#isHurried = false
  }

  async stop(): Promise<void> {
    this.#cancel()
    await this.flush()
  }

  async #flushDue(): Promise<void> {
    if (this.#saving) return
    this.#turn += 1
    const longer = this.#turn % LONGER_EVERY === 0
    if (longer)
      for (const symbol of this.#newest.keys()) if (!this.#holds(symbol)) this.#newest.delete(symbol)
    await this.#write(longer ? INTERVALS : ['1m'])
  }

  #write(intervals: readonly Interval[]): Promise<void> {
    const writing = this.#writeAll(intervals).finally(() => {
      if (this.#saving === writing) this.#saving = null
    })
    this.#saving = writing
    return writing
  }

  async #writeAll(intervals: readonly Interval[]): Promise<void> {
    const due = intervals.flatMap((interval) => this.#take(interval))
    const pauseMs = Math.min(PAUSE_MS, (this.#everyMs * BATCH) / (2 * due.length))
    for (let first = 0; first < due.length; first += BATCH) {
      if (first > 0) await this.#pause(pauseMs)
      try {
        const own = due.slice(first, first + BATCH).filter(({ symbol }) => this.#holds(symbol))
        if (own.length > 0) await this.#save(own)
      } catch (error) {
        this.#log.warn({ err: error, candles: due.length - first }, 'candles could not be saved')
        this.#keep(due.slice(first))
        return
      }
    }
  }

  async #pause(forMs: number): Promise<void> {
    if (this.#isHurried) return
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(forMs, resolve)
      this.#goOn = () => {
        cancel()
        resolve()
      }
    })
    this.#goOn = null
  }

  #take(interval: Interval): readonly Candle[] {
    const [unsaved, running] = [this.#unsaved[interval], this.#running[interval]]
    if (unsaved.size > 0) this.#gather(interval)
    const taken = [...(unsaved.size > 0 ? unsaved : running).values()]
    unsaved.clear()
    running.clear()
    return taken
  }

  /** Lets go of what is under way, too: what comes of it later is a candle that comes again. */
  #gather(interval: Interval): void {
    for (const running of this.#running[interval].values()) merge(this.#unsaved[interval], running)
    this.#running[interval].clear()
  }

  /** Puts candles back in front of what came since; the oldest go when there are more than it can hold. */
  #keep(candles: readonly Candle[]): void {
    for (const interval of INTERVALS) {
      this.#gather(interval)
      const unsaved = this.#unsaved[interval]
      const since = [...unsaved.values()]
      unsaved.clear()
      for (const candle of candles) if (candle.interval === interval) merge(unsaved, candle)
      for (const candle of since) merge(unsaved, candle)
      for (const key of unsaved.keys()) {
        if (unsaved.size <= MOST_UNSAVED) break
        unsaved.delete(key)
      }
    }
  }
}

/** A candle that quotes still change. */
type Running = { -readonly [Key in keyof Candle]: Candle[Key] }

function begun(
  { symbol, source, state }: Quote,
  { interval, at, price }: { readonly interval: Interval; readonly at: number; readonly price: Fixed },
): Running {
  return { symbol, interval, at, open: price, high: price, low: price, close: price, source, state }
}

function widen(running: Running, { source, state }: Quote, price: Fixed): void {
  if (price > running.high) running.high = price
  if (price < running.low) running.low = price
  running.close = price
  running.source = source
  running.state = state
}

/** Adds a candle, or what came later of one that is there. */
function merge(candles: Map<string, Candle>, later: Candle): void {
  const key = `${later.symbol} ${later.at}`
  const earlier = candles.get(key)
  candles.set(key, earlier ? widened(earlier, later) : later)
}
