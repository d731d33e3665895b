import { expect } from 'chai'
import type { Offer } from '../../src/prices/tick.js'
import { eventually } from '../support/exchange-clock.js'
import { FeedsStage } from '../support/feeds-stage.js'
import type { TestExchange } from '../support/test-exchange.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND

describe('the feeds, when a venue fails', () => {
  let stage: FeedsStage

  beforeEach(() => {
    stage = new FeedsStage()
  })

  afterEach(() => stage.close())

  /** Two exchanges that both tell the price, the first in charge. */
  async function openTwo(): Promise<readonly [TestExchange, TestExchange]> {
    const first = await stage.open('coinbase', { 'BTC-USD': '100' })
    const second = await stage.open('kraken', { 'BTC/USD': '101' })
    stage.listen(['BTC-USD'])
    await eventually(() => stage.offers.length > 0 && stage.witnesses.length > 0)
    await stage.pass(5 * SECOND)
    return [first, second]
  }

  it('offer one route’s prices, and let the next best one bear witness', async () => {
    await openTwo()
    expect(stage.route()).to.deep.include({ active: 'coinbase', standby: 'kraken', reason: null })
    const { freshUntil, ...offer } = stage.offers.at(-1) as Offer
    expect(freshUntil).to.equal(undefined)
    expect(offer).to.deep.include({ symbol: 'BTC-USD', price: '100', currency: 'USD', state: 'live' })
    expect(new Set(stage.offers.map(({ source }) => source))).to.deep.equal(new Set(['coinbase']))
    expect(new Set(stage.witnesses)).to.deep.equal(new Set(['kraken BTC-USD 101']))
    expect(stage.changes).to.equal(0)
  })

  it('take over within five seconds when a venue goes mute, though it acknowledges and beats', async () => {
    const [first] = await openTwo()
    first.muted = true
    const since = stage.clock.now()
    await stage.until(() => stage.offers.at(-1)?.source === 'kraken')
    expect(stage.clock.now() - since).to.be.at.most(5 * SECOND)
    expect(stage.route()).to.deep.include({ active: 'kraken', standby: 'coinbase', reason: 'silent' })
    expect(stage.offers.at(-1)?.price).to.equal('101')
  })

  it('take over within five seconds when a venue says the same again and again', async () => {
    const [first] = await openTwo()
    first.frozen = true
    const since = stage.clock.now()
    await stage.until(() => stage.offers.at(-1)?.source === 'kraken')
    expect(stage.clock.now() - since).to.be.at.most(5 * SECOND)
  })

  it('take over within five seconds when the socket is killed, with the price that is known', async () => {
    const [first, second] = await openTwo()
    second.quiet = true
    await first.die()
    const since = stage.clock.now()
    await stage.until(() => stage.offers.at(-1)?.source === 'kraken')
    expect(stage.clock.now() - since).to.be.at.most(3 * SECOND)
    expect(stage.offers.at(-1)).to.deep.include({ price: '101', symbol: 'BTC-USD' })
    expect(stage.offers.at(-1)?.at).to.be.at.most(since)
    expect(stage.route()).to.deep.include({ active: 'kraken', reason: 'disconnected' })
  })

  it('leave the venue’s route alone when its socket is away for a moment', async () => {
    const [first] = await openTwo()
    await first.die()
    await first.revive()
    await stage.pass(10 * SECOND)
    expect(stage.route()?.active).to.equal('coinbase')
    expect(stage.changes).to.equal(0)
  })

  it('come back when the better venue has been well for a minute without a break, and hear nothing of it before', async () => {
    const [first] = await openTwo()
    first.muted = true
    await stage.until(() => stage.route()?.active === 'kraken')
    const known = stage.offers.length
    first.muted = false
    await stage.pass(30 * SECOND, SECOND)
    first.muted = true
    await stage.pass(10 * SECOND)
    first.muted = false
    const since = stage.clock.now()
    await stage.until(() => stage.route()?.active === 'coinbase', SECOND)
    expect(stage.clock.now() - since).to.be.within(60 * SECOND, 63 * SECOND)
    const early = stage.offers
      .slice(known)
      .filter(({ source, at }) => source === 'coinbase' && at < since + MINUTE)
    expect(early).to.deep.equal([])
    expect(stage.route()).to.deep.include({ standby: 'kraken', reason: 'better' })
    expect(stage.feeds.status()).to.deep.include({ failovers: 1, returns: 1 })
    const again = stage.clock.now()
    first.muted = true
    await stage.until(() => stage.route()?.active === 'kraken')
    expect(stage.clock.now() - again, 'as soon as the first time').to.be.at.most(5 * SECOND)
  })

  it('invent nothing when both are dead, and go on with whichever is back first', async () => {
    const [first, second] = await openTwo()
    await first.die()
    await second.die()
    await stage.pass(2 * SECOND)
    const known = stage.offers.length
    await stage.pass(2 * MINUTE, 10 * SECOND)
    expect(stage.offers.slice(known).filter(({ at }) => at > stage.clock.now() - 2 * MINUTE)).to.deep.equal(
      [],
    )
    await second.revive()
    await stage.until(() => stage.offers.at(-1)?.source === 'kraken', 3 * SECOND)
    expect(stage.route()?.active).to.equal('kraken')
  })

  it('do not wait for a first venue that never answers', async () => {
    const first = await stage.open('coinbase', { 'BTC-USD': '100' })
    await stage.open('kraken', { 'BTC/USD': '101' })
    await first.die()
    stage.listen(['BTC-USD'])
    await eventually(() => stage.witnesses.length > 0)
    const since = stage.clock.now()
    await stage.until(() => stage.offers.length > 0)
    expect(stage.clock.now() - since).to.be.at.most(2_500)
    expect(stage.offers[0]).to.deep.include({ source: 'kraken', price: '101' })
  })

  it('keep a third venue warm while the first is gone for long, and never more than two', async () => {
    const [first, second] = [
      await stage.open('coinbase', { 'BTC-USD': '100' }),
      await stage.open('kraken', { 'BTC/USD': '101' }),
    ]
    const third = await stage.open('bitstamp', { btcusd: '102' })
    stage.listen(['BTC-USD'])
    await eventually(() => stage.offers.length > 0 && stage.witnesses.length > 0)
    await stage.pass(5 * SECOND)
    expect(third.asked).to.deep.equal([])
    await first.die()
    await stage.until(() => stage.route()?.standby === 'bitstamp', SECOND)
    await stage.until(() => third.asked.length === 1)
    expect(stage.route()?.active).to.equal('kraken')
    await stage.pass(5 * SECOND)
    await second.die()
    const since = stage.clock.now()
    await stage.until(() => stage.offers.at(-1)?.source === 'bitstamp')
    expect(stage.clock.now() - since).to.be.at.most(5 * SECOND)
    await first.revive()
    await stage.until(() => stage.route()?.active === 'coinbase', SECOND)
  })

  it('try a third venue when two fail at once', async () => {
    const [first, second] = [
      await stage.open('coinbase', { 'BTC-USD': '100' }),
      await stage.open('kraken', { 'BTC/USD': '101' }),
    ]
    await stage.open('bitstamp', { btcusd: '102' })
    stage.listen(['BTC-USD'])
    await eventually(() => stage.offers.length > 0 && stage.witnesses.length > 0)
    await stage.pass(5 * SECOND)
    first.muted = second.muted = true
    const since = stage.clock.now()
    await stage.until(() => stage.offers.at(-1)?.source === 'bitstamp')
    expect(stage.clock.now() - since).to.be.at.most(10 * SECOND)
  })

  it('blame no venue for a while in which the process itself stood still', async () => {
    const [, second] = await openTwo()
    second.quiet = true
    for (let count = 0; count < 10; count += 1) {
      second.tell('BTC/USD')
      await stage.pass(3 * SECOND)
    }
    stage.clock.stall(6 * SECOND)
    await stage.pass(2 * SECOND)
    expect(stage.changes).to.equal(0)
  })
})
