import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import type { Look } from '../../src/feeds/catalogue.js'
import type { SideName } from '../../src/feeds/exchange-side/server.js'
import { Feeds } from '../../src/feeds/feeds.js'
import type { FirstPrice } from '../../src/feeds/first-prices.js'
import type { RouteStatus } from '../../src/feeds/instrument-feed.js'
import type { Pair } from '../../src/instruments/symbol.js'
import { createLog } from '../../src/lib/log.js'
import type { Offer } from '../../src/prices/tick.js'
import { FakeClock } from './exchange-clock.js'
import { TestExchange } from './test-exchange.js'

/** In which sockets of this process tell each other a price, though the machine is busy. */
const TURNS = 40

/** The feeds between real exchanges and a clock that stands until it is told to go on. */
export class FeedsStage {
  readonly clock = new FakeClock()
  readonly offers: Offer[] = []
  /** What standbys said: `kraken BTC-USD 101`. */
  readonly witnesses: string[] = []
  readonly #exchanges: TestExchange[] = []
  #feeds: Feeds | null = null

  get feeds(): Feeds {
    if (!this.#feeds) throw new Error('nothing is listened to yet')
    return this.#feeds
  }

  /** Exchanges stand in the order in which they are opened. */
  async open(id: SideName, prices: Readonly<Record<string, string>>): Promise<TestExchange> {
    const exchange = await TestExchange.open(id, this.clock, prices)
    this.#exchanges.push(exchange)
    return exchange
  }

  listen(
    symbols: readonly string[],
    more: { look?: (venue: string, pair: Pair) => Look; firstPrice?: FirstPrice } = {},
  ): void {
    this.#feeds = new Feeds({
      venues: this.#exchanges.map((exchange) => exchange.source),
      offer: (offer) => this.offers.push(offer),
      witness: (symbol, source, price) => this.witnesses.push(`${source} ${symbol} ${price}`),
      clock: this.clock,
      random: () => 0.5,
      log: createLog('silent'),
      ...(more.look ? { catalogue: { look: more.look } } : {}),
      ...(more.firstPrice ? { firstPrice: more.firstPrice } : {}),
    })
    this.feeds.want(symbols)
    this.feeds.start()
  }

  route(symbol = 'BTC-USD'): RouteStatus | undefined {
    return this.feeds.routes().find((one) => one.symbol === symbol)
  }

  /** Changes of routes since the start. */
  get changes(): number {
    const { failovers, returns } = this.feeds.status()
    return failovers + returns
  }

  /** Goes on in steps, each with as much room for the sockets as they need to tell a price. */
  async until(condition: () => boolean, stepMs = 500): Promise<void> {
    const end = this.clock.now() + 20 * 60_000
    while (!condition()) {
      if (this.clock.now() > end) throw new Error(`never came true: ${condition}`)
      await this.hear(() => this.clock.advance(stepMs), 20)
    }
  }

  /** Does something and waits until a price comes of it, at most `limitMs` of real time and some turns of the loop. */
  async hear(act: () => void, limitMs: number): Promise<void> {
    const heard = this.#heard
    const deadline = Date.now() + limitMs
    act()
    for (let turns = 0; this.#heard === heard && (turns < TURNS || Date.now() < deadline); turns += 1)
      await turn()
    for (let turns = 0; turns < 3; turns += 1) await turn()
  }

  async pass(ms: number, stepMs = 500): Promise<void> {
    const end = this.clock.now() + ms
    await this.until(() => this.clock.now() >= end, stepMs)
  }

  async close(): Promise<void> {
    await this.#feeds?.stop()
    for (const exchange of this.#exchanges) await exchange.close()
    expect(this.clock.pending, 'timers left behind').to.equal(0)
  }

  get #heard(): number {
    return this.offers.length + this.witnesses.length
  }
}
