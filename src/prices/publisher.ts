import { Backoff } from '../lib/backoff.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Quote } from './tick.js'
import type { PriceWire, Written } from './wire.js'

/**
 * Hands winning quotes to the wire. Prices are state, so only the newest of each instrument waits: the first is
 * written at once, what comes while a write is under way goes out with the next one, at most one write every
 * `gatherMs`. A failed write is tried again with whatever is newest by then; nothing that won is lost. Only what
 * won as one holder is written as that holder: when another's word counts by then it is told as refused, and not
 * tried again.
 */
export class Publisher {
  readonly #wire: PriceWire
  readonly #holder: () => string | null
  readonly #refused: (symbols: readonly string[]) => void
  readonly #clock: Clock
  readonly #log: Log
  readonly #gatherMs: number
  readonly #backoff: Backoff
  readonly #waiting = new Map<string, Waiting>()
  #cancel: (() => void) | null = null
  #writing: Promise<void> | null = null
  #stopped = false

  /** `holder`: as whom this process may write now; null while it may not. */
  constructor(options: {
    wire: PriceWire
    holder: () => string | null
    refused: (symbols: readonly string[]) => void
    clock: Clock
    log: Log
    gatherMs?: number
    random?: () => number
  }) {
    this.#wire = options.wire
    this.#holder = options.holder
    this.#refused = options.refused
    this.#clock = options.clock
    this.#log = options.log
    this.#gatherMs = options.gatherMs ?? 10
    this.#backoff = new Backoff({
      baseMs: 100,
      capMs: 2_000,
      ...(options.random ? { random: options.random } : {}),
    })
  }

  publish(quote: Quote): void {
    if (this.#stopped) return
    this.#waiting.set(quote.symbol, { quote, holder: this.#holder() })
    if (!this.#writing && !this.#cancel) this.#write()
  }

  /** Waits for the write that is under way; what has not been handed over by then is left. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    this.#cancel = null
    await this.#writing
  }

  #write(): void {
    this.#cancel = null
    const holder = this.#holder()
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    const own = waiting.filter((one) => one.holder === holder)
    const foreign = waiting.flatMap((one) =>
      holder === null || one.holder !== holder ? [one.quote.symbol] : [],
    )
    if (foreign.length > 0) this.#refused(foreign)
    if (holder === null || own.length === 0) return
    const quotes = own.map(({ quote }) => quote)
    this.#writing = this.#wire.write(quotes, holder).then(
      ({ refused }) => this.#written(refused),
      (error: unknown) => this.#failed(own, error),
    )
  }

  #written(refused: Written['refused']): void {
    this.#backoff.reset()
    if (refused.length > 0) this.#refused(refused)
    this.#settle(this.#gatherMs)
  }

  #failed(own: readonly Waiting[], error: unknown): void {
    if (this.#backoff.attempt === 0) this.#log.warn({ err: error }, 'prices could not be written')
    for (const one of own) if (!this.#waiting.has(one.quote.symbol)) this.#waiting.set(one.quote.symbol, one)
    this.#settle(this.#backoff.next() + this.#gatherMs)
  }

  #settle(pauseMs: number): void {
    this.#writing = null
    if (this.#stopped) return
    this.#cancel = this.#clock.after(pauseMs, () => {
      this.#cancel = null
      if (this.#waiting.size > 0) this.#write()
    })
  }
}

interface Waiting {
  readonly quote: Quote
  /** As whom it won. */
  readonly holder: string | null
}
