import { expect } from 'chai'
import fc from 'fast-check'
import { PriceBoard } from '../../src/prices/board.js'
import type { Quote } from '../../src/prices/tick.js'
import { quoteOf } from './quotes.js'

const NOW = Date.UTC(2026, 0, 1, 12)

describe('the price board', () => {
  it('ends at the newest sane quote, in whatever order and however often they arrive', () => {
    const quote = fc.record({
      symbol: fc.constantFrom('BTC-USD', 'ETH-USD'),
      // Few instants and orders, so that ties are frequent; the future begins at 16.
      seconds: fc.integer({ min: -20, max: 18 }),
      order: fc.nat(4),
      price: fc.oneof(
        fc.bigInt(1n, 10n ** 12n).map(String),
        fc.constantFrom('0', '-1', '-0', '0.000', 'NaN', '1e5', '', ' 1', '9'.repeat(21)),
      ),
    })
    const distinct = fc
      .uniqueArray(quote, {
        maxLength: 30,
        selector: ({ symbol, seconds, order }) => `${symbol} ${seconds} ${order}`,
      })
      .map((all) => all.map(({ seconds, ...rest }) => quoteOf({ ...rest, at: NOW + seconds * 1_000 })))
    const delivery = distinct.chain((quotes) =>
      fc.tuple(
        fc.constant(quotes),
        fc.shuffledSubarray([...quotes, ...quotes], { minLength: quotes.length * 2 }),
      ),
    )
    fc.assert(
      fc.property(delivery, ([quotes, arrivals]) => {
        const board = new PriceBoard({ now: () => NOW })
        for (const arrival of arrivals) board.accept(arrival)
        for (const symbol of ['BTC-USD', 'ETH-USD']) {
          const newest = quotes
            .filter(
              (one) => one.symbol === symbol && /^[1-9]\d{0,19}$/.test(one.price) && one.at <= NOW + 15_000,
            )
            .sort((a, b) => b.at - a.at || (b.order ?? 0) - (a.order ?? 0))[0]
          expect(board.get(symbol)?.quote).to.deep.equal(newest)
        }
      }),
    )
  })

  it('is not changed by what cannot be a price, and says why', () => {
    const board = new PriceBoard({ now: () => NOW })
    const good = quoteOf({ at: NOW })
    expect(board.accept(good).won).to.equal(true)
    const refusals: readonly [Partial<Quote>, string][] = [
      [{ price: '0' }, 'price-invalid'],
      [{ price: '0.000000000000000000' }, 'price-invalid'],
      [{ price: '-0' }, 'price-invalid'],
      [{ price: '-1' }, 'price-invalid'],
      [{ price: 'NaN' }, 'price-invalid'],
      [{ price: 'Infinity' }, 'price-invalid'],
      [{ price: '1e9' }, 'price-invalid'],
      [{ price: `1${'0'.repeat(20)}` }, 'price-invalid'],
      [{ at: NOW + 15_001 }, 'from-the-future'],
      [{ at: Number.POSITIVE_INFINITY }, 'from-the-future'],
      [{ at: Number.NaN }, 'from-the-future'],
      [{ at: NOW - 1 }, 'older'],
      [{ at: NOW, order: 1 }, 'duplicate'],
      [{ at: NOW, order: 0 }, 'older'],
      [{ at: NOW, order: 9, source: 'kraken' }, 'older'],
    ]
    for (const [more, reason] of refusals) {
      const verdict = board.accept(quoteOf({ at: NOW + 1, order: 5, ...more }))
      expect(verdict, JSON.stringify(more)).to.deep.equal({ won: false, reason })
      expect(board.get('BTC-USD')?.quote).to.equal(good)
    }
    expect(board.accept(quoteOf({ at: NOW + 15_000 })).won).to.equal(true)
  })

  it('is not broken by an instant that no calendar has', () => {
    const board = new PriceBoard({ now: () => NOW })
    for (const at of [-1e300, -8.64e15 - 1, -1]) {
      expect(board.accept(quoteOf({ at })).won, String(at)).to.equal(false)
    }
    expect(board.get('BTC-USD')).to.equal(undefined)
  })

  it('calls a price stale within a second of its time, once, and live again with the next quote', () => {
    const patience = {
      live: 300_000,
      simulated: 60_000,
      delayed: 3_600_000,
      closed: 5 * 24 * 3_600_000,
    } as const
    for (const state of ['live', 'simulated', 'delayed', 'closed'] as const) {
      let now = NOW
      const board = new PriceBoard({ now: () => now })
      board.accept(quoteOf({ at: NOW, state }))
      now = NOW + patience[state]
      expect(board.sweep()).to.deep.equal([])
      expect(board.get('BTC-USD')?.price.state).to.equal(state)
      now += 1_000
      expect(board.sweep(), state).to.deep.equal(['BTC-USD'])
      expect(board.sweep()).to.deep.equal([])
      expect(board.get('BTC-USD')?.price.state).to.equal('stale')
      expect(board.get('BTC-USD')?.json).to.contain('"state":"stale"')
      expect(board.accept(quoteOf({ at: now, state })).won).to.equal(true)
      expect(board.get('BTC-USD')?.price.state).to.equal(state)
    }
  })

  it('calls a price that is old when it arrives stale at once', () => {
    const board = new PriceBoard({ now: () => NOW })
    board.accept(quoteOf({ at: NOW - 300_001 }))
    expect(board.get('BTC-USD')?.price.state).to.equal('stale')
    expect(board.sweep()).to.deep.equal([])
  })

  it('tells a price in the words of the protocol', () => {
    const board = new PriceBoard({ now: () => NOW })
    board.accept(quoteOf({ price: '0.0000000123', at: NOW + 0.7 }))
    const mark = board.get('BTC-USD')
    const expected = {
      symbol: 'BTC-USD',
      amount: '0.0000000123',
      currency: 'USD',
      at: '2026-01-01T12:00:00.000Z',
      source: 'coinbase',
      state: 'live',
    }
    expect(mark?.price).to.deep.equal(expected)
    expect(JSON.parse(mark?.json ?? '')).to.deep.equal(expected)
    expect(mark?.amount).to.equal(12_300_000_000n)
    expect([...board.marks()]).to.deep.equal([mark])
  })
})
