import { Backoff } from '../lib/backoff.js'
import type { Clock } from '../lib/clock.js'
import { describeError, type Log } from '../lib/log.js'
import type { Quote } from './tick.js'
import type { PriceWire } from './wire.js'

/**
 * Hands winning quotes to the wire. Prices are state, so only the newest of each instrument waits: the first is
 * written at once, what comes while a write is under way goes out with the next one, at most one write every
 * `gatherMs`. A failed write is tried again with whatever is newest by then; nothing that won is lost.
 */
export class Publisher {
  readonly #wire: PriceWire
  readonly #clock: Clock
  readonly #log: Log
  readonly #gatherMs: number
  readonly #backoff: Backoff
  readonly #waiting = new Map<string, Quote>()
  #cancel: (() => void) | null = null
  #writing: Promise<void> | null = null
  #stopped = false

  constructor(options: {
    wire: PriceWire
    clock: Clock
    log: Log
    gatherMs?: number
    random?: () => number
  }) {
    this.#wire = options.wire
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
    this.#waiting.set(quote.symbol, quote)
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
    const quotes = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#writing = this.#wire.write(quotes).then(
      () => {
        this.#backoff.reset()
        this.#settle(this.#gatherMs)
      },
      (error: unknown) => {
        if (this.#backoff.attempt === 0)
          this.#log.warn({ err: describeError(error) }, 'prices could not be written')
        for (const quote of quotes)
          if (!this.#waiting.has(quote.symbol)) this.#waiting.set(quote.symbol, quote)
        this.#settle(this.#backoff.next() + this.#gatherMs)
      },
    )
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
