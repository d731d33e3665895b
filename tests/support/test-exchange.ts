import {
  type ExchangeServer,
  openExchangeServer,
  SIDES,
  type SideName,
} from '../../src/feeds/exchange-side/server.js'
import type { FeedSource } from '../../src/feeds/lane.js'
import type { Clock } from '../../src/lib/clock.js'

/**
 * A real exchange server whose prices and failures a test decides. While it is well it tells each price that it
 * has every 500 ms to whoever asked for it, with a new event time and order.
 */
export class TestExchange {
  readonly id: SideName
  /** By the exchange's own spelling. */
  readonly prices: Map<string, string>
  /** Acknowledges and beats, and tells no price. */
  muted = false
  /** Repeats the last price of each symbol, event time and all. */
  frozen = false
  /** Tells no price of these symbols. */
  readonly mutedSymbols = new Set<string>()
  /** Tells prices only when the test says so, after the one that it greets with. */
  quiet = false
  /** By how much its clock is ahead. */
  skewMs = 0
  readonly #clock: Clock
  readonly #lastFrames = new Map<string, string>()
  readonly #stopTicking: () => void
  #server: ExchangeServer | null = null
  #port = 0
  #order = 0

  private constructor(id: SideName, clock: Clock, prices: Readonly<Record<string, string>>) {
    this.id = id
    this.#clock = clock
    this.prices = new Map(Object.entries(prices))
    this.#stopTicking = clock.every(500, () => {
      if (!this.quiet) for (const symbol of this.prices.keys()) this.tell(symbol)
    })
  }

  static async open(
    id: SideName,
    clock: Clock,
    prices: Readonly<Record<string, string>>,
  ): Promise<TestExchange> {
    const exchange = new TestExchange(id, clock, prices)
    await exchange.revive()
    return exchange
  }

  get source(): FeedSource {
    const { venue } = SIDES[this.id]
    return { venue, url: venue.url(`ws://127.0.0.1:${this.#port}`), token: null, simulated: false }
  }

  /** What clients are subscribed to. */
  get asked(): readonly string[] {
    return [...new Set(this.#server?.clients().flatMap((client) => [...client.symbols]))].sort()
  }

  tell(symbol: string, price = this.prices.get(symbol) ?? ''): void {
    if (this.muted || this.mutedSymbols.has(symbol)) return
    this.#order += 1
    const quote = { symbol, price, at: this.#clock.now() + this.skewMs, order: this.#order }
    const frozen = this.frozen ? this.#lastFrames.get(symbol) : undefined
    const frame = frozen ?? SIDES[this.id].ticker(quote)
    this.#lastFrames.set(symbol, frame)
    for (const client of this.#server?.clients() ?? []) if (client.symbols.has(symbol)) client.send(frame)
  }

  /** Cuts every socket and takes no new ones. */
  async die(): Promise<void> {
    await this.#server?.close()
    this.#server = null
  }

  /** Listens again where it did before. */
  async revive(): Promise<void> {
    this.#server = await openExchangeServer({
      side: SIDES[this.id],
      clock: this.#clock,
      port: this.#port,
      knows: (symbol) => this.prices.has(symbol),
      subscribed: (_, symbols) => {
        if (SIDES[this.id].startsWithPrice) for (const symbol of symbols) this.tell(symbol)
      },
    })
    this.#port = Number(new URL(this.#server.url).port)
  }

  async close(): Promise<void> {
    this.#stopTicking()
    await this.die()
  }
}
