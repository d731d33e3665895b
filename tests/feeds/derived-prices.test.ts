import { expect } from 'chai'
import fc from 'fast-check'
import { Leg } from '../../src/feeds/leg.js'
import { LiveRoute } from '../../src/feeds/live-route.js'
import { formatFixed, multiplyFixed, parseFixed } from '../../src/lib/decimal.js'
import type { Offer } from '../../src/prices/tick.js'
import { eventually } from '../support/exchange-clock.js'
import { FeedsStage } from '../support/feeds-stage.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const WELL = { downMs: 0, framelessMs: 0, framelessAllowedMs: null, silentMs: 0, silentAllowedMs: null }

describe('a price over a stablecoin', () => {
  function derive() {
    const offers: Offer[] = []
    const leg = (venue: string, pair: string) =>
      new Leg({ venue, pair, name: pair, simulated: false, line: { health: WELL } })
    const legs = { coin: leg('binance', 'BTC-USDT'), bridge: leg('kraken', 'USDT-USD') }
    const sink = { offer: (offer: Offer) => void offers.push(offer), witness: () => {} }
    const route = {
      source: 'binance:BTC-USDT*kraken:USDT-USD',
      coin: { venue: 'binance', pair: 'BTC-USDT', name: 'BTCUSDT' },
      bridge: { venue: 'kraken', pair: 'USDT-USD', name: 'USDT/USD' },
    }
    const live = new LiveRoute({ symbol: 'BTC-USD', currency: 'USD', sink }, route, legs, 0)
    live.isActive = true
    const tick = (price: string, at: number) => ({ symbol: '', price, at, order: null })
    return { ...legs, live, offers, tick }
  }

  it('is the exact product of both, half to even at the eighteenth digit', () => {
    const decimal = fc
      .tuple(fc.bigInt(1n, 10n ** 9n), fc.integer({ min: 0, max: 9 }))
      .map(([digits, scale]) => formatFixed(digits, scale))
    fc.assert(
      fc.property(decimal, decimal, (price, rate) => {
        const { coin, bridge, offers, tick } = derive()
        bridge.hear(tick(rate, 1), 1)
        coin.hear(tick(price, 2), 2)
        const exact = formatFixed(multiplyFixed(parseFixed(price), parseFixed(rate)))
        expect(offers.map((offer) => offer.price)).to.deep.equal(exact === '0' ? [] : [exact])
      }),
    )
  })

  it('has the time of the coin, and is fresh as long as both are', () => {
    const { coin, bridge, offers, tick } = derive()
    bridge.hear(tick('0.999', MINUTE), MINUTE)
    coin.hear(tick('100', 3 * MINUTE), 3 * MINUTE)
    expect(offers).to.deep.equal([
      {
        symbol: 'BTC-USD',
        source: 'binance:BTC-USDT*kraken:USDT-USD',
        price: '99.9',
        at: 3 * MINUTE,
        order: null,
        currency: 'USD',
        state: 'live',
        freshUntil: 6 * MINUTE,
      },
    ])
    coin.hear(tick('101', 6 * MINUTE), 6 * MINUTE)
    expect(offers, 'the stablecoin is too old').to.have.lengthOf(1)
  })

  it('is made anew when the stablecoin moves, and when that makes it last', () => {
    const { coin, bridge, live, offers, tick } = derive()
    bridge.hear(tick('1', 0), 0)
    coin.hear(tick('100', 2 * MINUTE), 2 * MINUTE)
    live.renew(2 * MINUTE)
    expect(offers).to.have.lengthOf(1)
    bridge.hear(tick('1.01', 2 * MINUTE), 2 * MINUTE)
    live.renew(2 * MINUTE)
    expect(offers.at(-1)).to.deep.include({ price: '101', at: 2 * MINUTE, freshUntil: 7 * MINUTE })
    coin.hear(tick('100', 4 * MINUTE), 4 * MINUTE)
    bridge.hear(tick('1.01', 4.5 * MINUTE), 4.5 * MINUTE)
    live.renew(4.5 * MINUTE)
    expect(offers).to.have.lengthOf(3)
    live.renew(5.5 * MINUTE)
    expect(offers.at(-1)).to.deep.include({ price: '101', at: 4 * MINUTE, freshUntil: 9 * MINUTE })
    live.renew(5.5 * MINUTE)
    expect(offers).to.have.lengthOf(4)
  })
})

describe('the feeds, where an instrument is quoted in a stablecoin only', () => {
  let stage: FeedsStage

  beforeEach(() => {
    stage = new FeedsStage()
  })

  afterEach(() => stage.close())

  it('work its price out, and outlive the death of the stablecoin’s venue and of the coin’s', async () => {
    const coins = await stage.open('binance', { BTCUSDT: '100' })
    const bridge = await stage.open('kraken', { 'USDT/USD': '1.1' })
    const other = await stage.open('coinbase', { 'BTC-USDT': '100.5', 'USDT-USD': '1.2' })
    stage.listen(['BTC-USD'])
    await stage.until(() => stage.route()?.active === 'binance:BTC-USDT*kraken:USDT-USD')
    await stage.until(() => stage.route()?.standby === 'coinbase:BTC-USDT*coinbase:USDT-USD')
    await stage.until(() => stage.offers.at(-1)?.price === '110' && stage.witnesses.length > 0)
    await stage.pass(5 * SECOND)
    coins.quiet = true
    bridge.prices.set('USDT/USD', '1.11')
    await stage.until(() => stage.offers.at(-1)?.price === '111')
    coins.quiet = false
    await bridge.die()
    const since = stage.clock.now()
    await stage.until(() => stage.offers.at(-1)?.source === 'coinbase:BTC-USDT*coinbase:USDT-USD')
    expect(stage.clock.now() - since).to.be.at.most(5 * SECOND)
    expect(stage.offers.at(-1)?.price).to.equal('120.6')
    expect(stage.route()?.reason).to.equal('disconnected')
    await stage.until(() => stage.route()?.standby === 'binance:BTC-USDT*coinbase:USDT-USD', SECOND)
    await stage.until(() => stage.route()?.active === 'binance:BTC-USDT*coinbase:USDT-USD', SECOND)
    expect(stage.offers.at(-1)?.price).to.equal('120')
    await coins.die()
    await stage.until(() => stage.route()?.active === 'coinbase:BTC-USDT*coinbase:USDT-USD')
    expect(other.asked).to.deep.equal(['BTC-USDT', 'USDT-USD'])
  })

  it('share one subscription of the stablecoin among all that need it', async () => {
    const venue = await stage.open('kraken', { 'A/USDT': '2', 'B/USDT': '3', 'USDT/USD': '1' })
    stage.listen(['A-USD', 'B-USD', 'USDT-USD'])
    await stage.until(() => new Set(stage.offers.map(({ symbol }) => symbol)).size === 3)
    await eventually(() => venue.asked.length === 3)
    expect(stage.feeds.status().venues[0]).to.deep.include({ symbols: 3, connections: 1 })
    stage.feeds.want(['A-USD'])
    await stage.until(() => venue.asked.length === 2)
    expect(venue.asked).to.deep.equal(['A/USDT', 'USDT/USD'])
  })
})
