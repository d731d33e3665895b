import { Backoff } from '../lib/backoff.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Mark, PriceBoard } from './board.js'
import type { Quote } from './tick.js'
import type { PriceWire } from './wire.js'

/** With the push window behind it, a price that has grown stale is shown so within a second. */
const SWEEP_MS = 500

/**
 * Keeps a web process's board equal to the cache: subscribes first, then reads the whole cache, so that nothing
 * falls between; the board drops what arrives twice. After a lost subscription the cache is read again. Calls
 * `moved` for every mark that won and for every mark that turned stale.
 */
export class PriceReader {
  readonly #wire: PriceWire
  readonly #board: PriceBoard
  readonly #clock: Clock
  readonly #log: Log
  readonly #moved: (mark: Mark) => void
  readonly #backoff = new Backoff({ baseMs: 200, capMs: 5_000 })
  #unsubscribe: (() => Promise<void>) | null = null
  #stopSweep: (() => void) | null = null
  #cancelRead: (() => void) | null = null
  #stopped = false

  constructor(options: {
    wire: PriceWire
    board: PriceBoard
    clock: Clock
    log: Log
    moved: (mark: Mark) => void
  }) {
    this.#wire = options.wire
    this.#board = options.board
    this.#clock = options.clock
    this.#log = options.log
    this.#moved = options.moved
  }

  /** Resolves when the cache has been read once, so that nothing is valued before. */
  async start(): Promise<void> {
    this.#unsubscribe = await this.#wire.subscribe({
      quotes: (quotes) => this.#take(quotes),
      lost: () => void this.#readCache(),
    })
    this.#take(await this.#wire.readAll())
    this.#stopSweep = this.#clock.every(SWEEP_MS, () => this.#sweep())
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#stopSweep?.()
    this.#cancelRead?.()
    await this.#unsubscribe?.()
  }

  #take(quotes: readonly Quote[]): void {
    for (const quote of quotes) {
      const mark = this.#board.take(quote)
      if (mark) this.#moved(mark)
    }
  }

  #sweep(): void {
    for (const symbol of this.#board.sweep()) {
      const mark = this.#board.get(symbol)
      if (mark) this.#moved(mark)
    }
  }

  async #readCache(): Promise<void> {
    try {
      this.#take(await this.#wire.readAll())
      this.#backoff.reset()
    } catch (error) {
      if (this.#stopped) return
      this.#log.warn({ err: error }, 'the price cache could not be read')
      this.#cancelRead?.()
      this.#cancelRead = this.#clock.after(this.#backoff.next() + 100, () => void this.#readCache())
    }
  }
}
