import { expect } from 'chai'
import { watchGaps } from '../../src/app/gaps.js'
import type { Feeds } from '../../src/feeds/feeds.js'
import { Lifetime } from '../../src/lib/lifetime.js'
import { FakeClock } from '../support/exchange-clock.js'

const SECOND = 1_000

describe('what was heard nowhere for a while', () => {
  let clock: FakeClock
  /** When each venue spoke last. */
  const spoke = new Map<string, number>()
  const active = new Map<string, string>()
  let told: (readonly [string, number])[]
  let life: Lifetime

  beforeEach(() => {
    clock = new FakeClock(0)
    life = new Lifetime()
    told = []
    spoke.clear()
    active.clear()
    const feeds: Pick<Feeds, 'status' | 'routes'> = {
      status: () => ({ venues: [...spoke.keys()].map(statusOf), unserved: [], failovers: 0, returns: 0 }),
      routes: () =>
        [...active].map(([symbol, route]) => ({
          ...{ symbol, active: route, standby: null, since: null, lastTickAgeMs: null, reason: null },
        })),
    }
    const missed = (symbols: readonly string[], since: number) =>
      told.push(...symbols.map((symbol) => [symbol, since] as const))
    watchGaps(life, { feeds, missed, clock })
  })

  afterEach(() => life.close())

  function statusOf(venue: string) {
    const lastTickAgeMs = clock.now() - (spoke.get(venue) ?? 0)
    const none = { simulated: false, lagMs: null, counts: {}, silent: [], refused: [] }
    return { ...none, venue, lastTickAgeMs, symbols: 1, connections: 1, state: 'live' as const }
  }

  /** Time passes while these venues speak. */
  function pass(ms: number, ...speaking: readonly string[]): void {
    for (let passed = 0; passed < ms; passed += SECOND) {
      clock.advance(SECOND)
      for (const venue of speaking) spoke.set(venue, clock.now())
    }
  }

  it('is told when its venue speaks again, a route over a stablecoin included, and once', () => {
    active.set('BTC-USD', 'kraken').set('ETH-USD', 'binance:ETH-USDT*kraken:USDT-USD').set('SOL-USD', 'okx')
    pass(10 * SECOND, 'kraken', 'binance', 'okx')
    pass(90 * SECOND, 'binance', 'okx')
    expect(told).to.deep.equal([])
    pass(60 * SECOND, 'kraken', 'binance', 'okx')
    expect(told.map(([symbol]) => symbol)).to.deep.equal(['BTC-USD', 'ETH-USD'])
    expect(told[0]?.[1]).to.equal(10 * SECOND)
    pass(40 * SECOND, 'binance', 'okx')
    pass(60 * SECOND, 'kraken', 'binance', 'okx')
    expect(told, 'a short pause is no hole').to.have.length(2)
  })

  it('is told of what goes on at another venue than it was heard at', () => {
    active.set('BTC-USD', 'kraken')
    pass(10 * SECOND, 'kraken', 'coinbase')
    pass(120 * SECOND)
    // The venue that is back tells the price a moment after the look that sees it.
    pass(5 * SECOND, 'coinbase')
    active.set('BTC-USD', 'coinbase')
    pass(60 * SECOND, 'coinbase')
    expect(told).to.deep.equal([['BTC-USD', 10 * SECOND]])
  })
})
