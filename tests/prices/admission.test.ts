import { expect } from 'chai'
import fc from 'fast-check'
import { Admission } from '../../src/prices/admission.js'
import { PriceBoard } from '../../src/prices/board.js'
import type { Offer } from '../../src/prices/tick.js'
import { offerOf, quoteOf } from './quotes.js'

const NOW = Date.UTC(2026, 0, 1, 12)
const MINUTE = 60_000

describe('the admission of prices', () => {
  function open() {
    const time = { now: NOW }
    const board = new PriceBoard({ now: () => time.now })
    const admission = new Admission({ board, now: () => time.now })
    let order = 0
    /** One offer of a price, a ms later than the last unless told: 'won', or why not. */
    const offer = (price: string, more: Partial<Offer> = {}): string => {
      order += 1
      const verdict = admission.decide(offerOf({ price, at: NOW + order, order, ...more }))
      return verdict.won ? 'won' : verdict.reason
    }
    const shown = () => board.get('BTC-USD')?.quote.price
    return { time, board, admission, offer, shown }
  }

  it('ends with the newest offer of a source, in whatever order and however often they come', () => {
    const made = fc.record({
      symbol: fc.constantFrom('BTC-USD', 'ETH-USD'),
      // Few instants and orders, so that ties are frequent; the future begins at 16.
      seconds: fc.integer({ min: -20, max: 18 }),
      order: fc.nat(4),
      price: fc.oneof(
        fc.bigInt(100n, 120n).map(String),
        fc.constantFrom('0', '-1', '-0', '0.000', 'NaN', '1e5', '', ' 1', '9'.repeat(21)),
      ),
    })
    const distinct = fc
      .uniqueArray(made, {
        maxLength: 30,
        selector: ({ symbol, seconds, order }) => `${symbol} ${seconds} ${order}`,
      })
      .map((all) => all.map(({ seconds, ...rest }) => offerOf({ ...rest, at: NOW + seconds * 1_000 })))
    const delivery = distinct.chain((offers) =>
      fc.tuple(
        fc.constant(offers),
        fc.shuffledSubarray([...offers, ...offers], { minLength: offers.length * 2 }),
      ),
    )
    fc.assert(
      fc.property(delivery, ([offers, arrivals]) => {
        const { board, admission } = open()
        const versions = new Map<string, number>()
        for (const arrival of arrivals) {
          const verdict = admission.decide(arrival)
          if (!verdict.won) continue
          const { symbol, version } = verdict.mark.quote
          expect(version).to.be.above(versions.get(symbol) ?? 0)
          versions.set(symbol, version)
        }
        for (const symbol of ['BTC-USD', 'ETH-USD']) {
          const [newest] = offers
            .filter((one) => one.symbol === symbol && /^1\d\d$/.test(one.price) && one.at <= NOW + 15_000)
            .sort((a, b) => b.at - a.at || (b.order ?? 0) - (a.order ?? 0))
          const { version, freshUntil, ...offer } = board.get(symbol)?.quote ?? {}
          expect(offer).to.deep.equal(newest ?? {})
        }
      }),
    )
  })

  it('refuses what cannot be a price, and says why', () => {
    const { admission, offer, shown } = open()
    expect(offer('100', { at: NOW + 1, order: 5 })).to.equal('won')
    const refusals: readonly [Partial<Offer>, string][] = [
      ...['0', '0.000000000000000000', '-0', '-1', 'NaN', 'Infinity', '1e9', `1${'0'.repeat(20)}`].map(
        (price): [Partial<Offer>, string] => [{ price }, 'price-invalid'],
      ),
      [{ at: NOW + 15_001 }, 'from-the-future'],
      [{ at: Number.POSITIVE_INFINITY }, 'time-invalid'],
      [{ at: Number.NaN }, 'time-invalid'],
      [{ at: -1 }, 'time-invalid'],
      [{ at: -1e300 }, 'time-invalid'],
      [{ at: NOW }, 'older'],
      [{}, 'duplicate'],
      [{ price: '101' }, 'duplicate'],
      [{ order: 4 }, 'older'],
      [{ order: null }, 'duplicate'],
    ]
    for (const [more, reason] of refusals) {
      const all = { price: '100', at: NOW + 1, order: 5, ...more }
      expect(admission.decide(offerOf(all)), JSON.stringify(more)).to.deep.equal({ won: false, reason })
      expect(shown()).to.equal('100')
    }
    expect(offer('100', { at: NOW + 15_000 })).to.equal('won')
  })

  it('takes the later of two prices of one instant where the source has no order', () => {
    const { offer, shown } = open()
    const same = { at: NOW, order: null }
    expect(['100', '101', '101', '100'].map((price) => offer(price, same))).to.deep.equal([
      'won',
      'won',
      'duplicate',
      'won',
    ])
    expect(shown()).to.equal('100')
  })

  it('takes over from another source unless that one is ahead by more than clocks differ', () => {
    const { offer, shown } = open()
    offer('100', { at: NOW })
    expect(offer('101', { at: NOW - 15_001, source: 'kraken' })).to.equal('older')
    expect(offer('101', { at: NOW - 15_000, source: 'kraken', order: null })).to.equal('won')
    expect(offer('102', { at: NOW - 14_999, source: 'kraken' })).to.equal('won')
    expect(offer('103', { at: NOW })).to.equal('won')
    expect(shown()).to.equal('103')
  })

  it('lets any source that is fresh take over from a stale price, and none that is stale itself', () => {
    const { offer, time } = open()
    offer('100', { at: NOW })
    const asked = { source: 'yahoo', order: null, state: 'delayed' } as const
    time.now = NOW + 5 * MINUTE
    expect(offer('101', { ...asked, at: NOW - 10 * MINUTE })).to.equal('older')
    time.now += 1
    expect(offer('101', { ...asked, at: NOW - 56 * MINUTE })).to.equal('older')
    expect(offer('101', { ...asked, at: NOW - 10 * MINUTE })).to.equal('won')
  })

  it('knows how long a price may be called by its state, unless its source knows better', () => {
    const patience = { live: 5, simulated: 1, delayed: 60, closed: 5 * 24 * 60 } as const
    for (const state of ['live', 'simulated', 'delayed', 'closed'] as const) {
      const { board, offer } = open()
      offer('100', { at: NOW, state })
      expect(board.get('BTC-USD')?.quote.freshUntil).to.equal(NOW + patience[state] * MINUTE)
      offer('100', { at: NOW + 1, state, freshUntil: NOW + 7 })
      expect(board.get('BTC-USD')?.quote.freshUntil).to.equal(NOW + 7)
      offer('100', { at: NOW + 2, state, freshUntil: Number.NaN })
      expect(board.get('BTC-USD')?.quote.freshUntil).to.equal(NOW + 2 + patience[state] * MINUTE)
    }
  })

  it('admits an offer that only says anew how long the price stands, or in which state', () => {
    const { board, admission } = open()
    const said = offerOf({ at: NOW, state: 'delayed', order: null })
    const ways: readonly Partial<Offer>[] = [
      {},
      { freshUntil: NOW + MINUTE },
      { state: 'closed', freshUntil: NOW + MINUTE },
    ]
    for (const way of ways) {
      expect(admission.decide({ ...said, ...way }).won, JSON.stringify(way)).to.equal(true)
      expect(admission.decide({ ...said, ...way })).to.deep.equal({ won: false, reason: 'duplicate' })
    }
    expect(board.get('BTC-USD')?.price.state).to.equal('closed')
  })

  it('numbers quotes by the clock, above the last one, by whatever worker and before whatever restart', () => {
    const { time, board, offer } = open()
    const version = () => board.get('BTC-USD')?.quote.version ?? 0
    offer('100')
    expect(version()).to.equal(NOW * 1_024)
    offer('101')
    expect(version()).to.equal(NOW * 1_024 + 1)
    time.now = NOW + 1_000
    offer('102')
    expect(version()).to.equal((NOW + 1_000) * 1_024)
    // A worker whose clock was ahead has written it.
    board.take(quoteOf({ price: '103', at: NOW + 4, version: (NOW + 9_000) * 1_024 }))
    offer('104')
    expect(version()).to.equal((NOW + 9_000) * 1_024 + 1)
    expect(Number.isSafeInteger(Date.UTC(2247, 0, 1) * 1_024)).to.equal(true)
  })
})
