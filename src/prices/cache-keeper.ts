import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { PriceBoard } from './board.js'
import { slotOf } from './slots.js'
import type { Quote } from './tick.js'
import type { PriceWire } from './wire.js'

const CHECK_MS = 2_000

/**
 * Keeps the cache whole for the slots that this worker holds. What it gets from another worker it reads from the
 * cache first, whose word stands. What the cache lacks of its own it writes again: after slots were taken, after
 * something was refused, and when the cache has lost its memory, so that instruments whose market is quiet come
 * back too.
 */
export class CacheKeeper {
  readonly #wire: PriceWire
  readonly #board: PriceBoard
  readonly #mine: (symbol: string) => boolean
  readonly #publish: (quote: Quote) => void
  readonly #log: Log
  readonly #cancel: () => void
  #epoch: string | null = null
  #isDue = true
  #checking: Promise<void> | null = null

  /** `mine`: whether this worker's word counts for a symbol now. */
  constructor(options: {
    wire: PriceWire
    board: PriceBoard
    mine: (symbol: string) => boolean
    publish: (quote: Quote) => void
    clock: Clock
    log: Log
  }) {
    this.#wire = options.wire
    this.#board = options.board
    this.#mine = options.mine
    this.#publish = options.publish
    this.#log = options.log
    this.#cancel = options.clock.every(CHECK_MS, () => {
      this.#checking ??= this.#check().finally(() => {
        this.#checking = null
      })
    })
  }

  /** Before a word of ours counts for these slots: takes over what the cache holds of them. */
  async prepare(slots: ReadonlySet<number>): Promise<void> {
    for (const quote of await this.#wire.readAll())
      if (slots.has(slotOf(quote.symbol))) this.#board.adopt(quote)
    this.#isDue = true
  }

  /** Something was refused, and may be missing in the cache. */
  doubt(): void {
    this.#isDue = true
  }

  async stop(): Promise<void> {
    this.#cancel()
    await this.#checking
  }

  async #check(): Promise<void> {
    try {
      const epoch = await this.#wire.epoch()
      if (epoch === this.#epoch && !this.#isDue) return
      this.#isDue = false
      await this.#restore()
      this.#epoch = epoch
    } catch (error) {
      this.#isDue = true
      this.#log.debug({ err: error }, 'the price cache could not be checked')
    }
  }

  async #restore(): Promise<void> {
    const cached = new Map((await this.#wire.readAll()).map(({ symbol, version }) => [symbol, version]))
    let restored = 0
    for (const { quote } of this.#board.marks()) {
      if (!this.#mine(quote.symbol) || (cached.get(quote.symbol) ?? 0) >= quote.version) continue
      this.#publish(quote)
      restored += 1
    }
    if (restored > 0) this.#log.info({ prices: restored }, 'prices that the cache lacked were written again')
  }
}
