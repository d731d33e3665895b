import { expect } from 'chai'
import { seededRandom } from '../../src/feeds/simulator/walk.js'
import { eventually } from '../support/exchange-clock.js'
import { FeedsStage } from '../support/feeds-stage.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND

describe('the feeds, when a symbol fails', () => {
  let stage: FeedsStage

  beforeEach(() => {
    stage = new FeedsStage()
  })

  afterEach(() => stage.close())

  const refusedAt = (id: string) => stage.feeds.status().venues.find(({ venue }) => venue === id)?.refused

  it('go to the next route with what a venue refuses, say why, and ask again after minutes', async () => {
    const first = await stage.open('coinbase', { 'ETH-USD': '10' })
    await stage.open('kraken', { 'BTC/USD': '101', 'ETH/USD': '11' })
    const since = stage.clock.now()
    stage.listen(['BTC-USD', 'ETH-USD'])
    await stage.until(() => stage.route()?.reason === 'refused' && stage.witnesses.length > 0)
    expect(stage.route()?.active).to.equal('kraken')
    const refused = refusedAt('coinbase')?.find(({ symbol }) => symbol === 'BTC-USD')
    expect(refused?.reason).to.match(/not a valid product/)
    first.prices.set('BTC-USD', '100')
    await stage.pass(4 * MINUTE, 10 * SECOND)
    expect(first.asked).to.deep.equal(['ETH-USD'])
    await stage.until(() => first.asked.includes('BTC-USD'), SECOND)
    expect(stage.clock.now() - since).to.be.within(5 * MINUTE, 6 * MINUTE)
    expect(stage.route()).to.deep.include({ active: 'kraken', standby: 'coinbase' })
  })

  it('go to the next route with what is acknowledged and never priced, though the venue lives', async () => {
    const first = await stage.open('binance', { ETHUSDT: '10' })
    await stage.open('kraken', { 'BTC/USDT': '101', 'ETH/USDT': '11' })
    stage.listen(['BTC-USDT', 'ETH-USDT'])
    const since = stage.clock.now()
    await stage.until(() => stage.route('BTC-USDT')?.active === 'kraken')
    expect(stage.clock.now() - since).to.be.within(2 * SECOND, 3 * SECOND)
    expect(stage.route('BTC-USDT')).to.deep.include({ standby: 'binance', reason: 'no-price' })
    await stage.until(() => refusedAt('binance')?.length === 1, SECOND)
    expect(refusedAt('binance')).to.deep.equal([{ symbol: 'BTC-USDT', reason: 'no-first-price' }])
    expect(stage.route('ETH-USDT')?.active).to.equal('binance')
    expect(first.asked).to.deep.equal(['ETHUSDT'])
  })

  it('report a pair that nobody prices as unserved, and tell its price when it comes', async () => {
    const only = await stage.open('binance', { ETHUSDT: '10', QUIETUSDT: '5' })
    only.mutedSymbols.add('QUIETUSDT')
    stage.listen(['ETH-USDT', 'QUIET-USDT', 'BBCA.JK', 'X-IDR'])
    expect(stage.feeds.unserved()).to.deep.equal([])
    await stage.pass(70 * SECOND, SECOND)
    expect([...stage.feeds.unserved()].sort()).to.deep.equal(['QUIET-USDT', 'X-IDR'])
    only.mutedSymbols.clear()
    await stage.until(() => stage.offers.some(({ symbol }) => symbol === 'QUIET-USDT'))
    expect(stage.feeds.unserved()).to.deep.equal(['X-IDR'])
  })

  it('leave a symbol’s route when it stands still there and trades elsewhere', async () => {
    const first = await stage.open('coinbase', { 'BTC-USD': '100', 'ETH-USD': '10' })
    await stage.open('kraken', { 'BTC/USD': '101', 'ETH/USD': '11' })
    await stage.open('bitstamp', { btcusd: '102' })
    stage.listen(['BTC-USD', 'ETH-USD'])
    await eventually(() => stage.offers.length > 1)
    await stage.pass(10 * SECOND)
    first.mutedSymbols.add('BTC-USD')
    const since = stage.clock.now()
    await stage.pass(170 * SECOND, 3 * SECOND)
    await stage.until(() => stage.route()?.active === 'kraken', SECOND)
    expect(stage.clock.now() - since).to.be.within(3 * MINUTE, 3 * MINUTE + 5 * SECOND)
    expect(stage.route()).to.deep.include({ reason: 'quiet', standby: 'coinbase' })
    expect(stage.route('ETH-USD')?.active).to.equal('coinbase')
    await stage.pass(9 * MINUTE, 3 * SECOND)
    expect(stage.route()?.standby).to.equal('coinbase')
    await stage.until(() => stage.route()?.standby === 'bitstamp', 3 * SECOND)
    expect(refusedAt('coinbase')).to.deep.include({ symbol: 'BTC-USD', reason: 'quiet' })
  })

  it('leave what a venue lists no more, unless it is traded there all the same', async () => {
    const first = await stage.open('coinbase', { 'BTC-USD': '100', 'ETH-USD': '10' })
    await stage.open('kraken', { XBTUSD: '101', 'ETH/USD': '11' })
    let isListed = true
    stage.listen(['BTC-USD', 'ETH-USD'], {
      look(venue, { base, quote }) {
        if (quote !== 'USD') return 'not-listed'
        if (venue === 'kraken') return base === 'BTC' ? { symbol: 'XBTUSD' } : 'unknown'
        return isListed ? { symbol: `${base}-${quote}` } : 'not-trading'
      },
    })
    await eventually(() => stage.offers.length > 1)
    await stage.until(() => stage.witnesses.includes('kraken BTC-USD 101'))
    isListed = false
    first.mutedSymbols.add('BTC-USD')
    stage.feeds.relist()
    await stage.pass(10 * SECOND)
    expect(stage.route()?.active).to.equal('coinbase')
    await stage.until(() => stage.route()?.active === 'kraken', SECOND)
    expect(stage.route()).to.deep.include({ standby: null, reason: 'not-listed' })
    expect(refusedAt('coinbase')).to.deep.equal([{ symbol: 'BTC-USD', reason: 'not-trading' }])
    expect(stage.route('ETH-USD')?.active).to.equal('coinbase')
  })

  it('ask for the first price of a quiet symbol once, and hear it like a tick', async () => {
    const only = await stage.open('binance', { BTCUSDT: '100' })
    only.quiet = true
    const asked: string[] = []
    stage.listen(['BTC-USDT', 'ETH-USDT'], {
      async firstPrice(venue, symbol) {
        asked.push(`${venue} ${symbol}`)
        if (symbol === 'ETHUSDT') throw new Error('no answer')
        return { symbol, price: '99', at: stage.clock.now() - MINUTE, order: 7 }
      },
    })
    await eventually(() => only.asked.length === 1)
    await stage.until(() => stage.offers.length > 0)
    await stage.pass(10 * SECOND, 5 * SECOND)
    expect(asked).to.have.members(['binance BTCUSDT', 'binance ETHUSDT'])
    expect(stage.offers).to.have.lengthOf(1)
    expect(stage.offers[0]).to.deep.include({ symbol: 'BTC-USDT', source: 'binance', price: '99', order: 7 })
    only.tell('BTCUSDT', '101')
    await eventually(() => stage.offers.at(-1)?.price === '101')
  })

  it('do not go to and fro in an hour of a market that is quiet everywhere', async () => {
    const first = await stage.open('coinbase', { 'BTC-USD': '100' })
    const second = await stage.open('kraken', { 'BTC/USD': '101' })
    first.quiet = second.quiet = true
    stage.listen(['BTC-USD'])
    await eventually(() => stage.offers.length > 0 && stage.witnesses.length > 0)
    const random = seededRandom(1)
    const isOpen = () => stage.feeds.status().venues.every(({ state }) => /live|subscribed/.test(state))
    const end = stage.clock.now() + 60 * MINUTE
    while (stage.clock.now() < end) {
      const next = stage.clock.now() - Math.log(1 - random()) * 20 * SECOND
      while (stage.clock.now() < next) {
        const stepMs = isOpen() ? 5 * SECOND : 100
        await stage.hear(() => stage.clock.advance(Math.min(stepMs, next - stage.clock.now())), 0)
      }
      if (random() < 0.5) first.tell('BTC-USD')
      else second.tell('BTC/USD')
    }
    expect(stage.offers.length).to.be.above(60)
    expect(stage.changes).to.be.at.most(2)
  })
})
