import { expect } from 'chai'
import fc from 'fast-check'
import { PriceBoard } from '../../src/prices/board.js'
import type { Quote } from '../../src/prices/tick.js'
import { quoteOf } from './quotes.js'

const NOW = Date.UTC(2026, 0, 1, 12)

describe('the price board', () => {
  const open = () => new PriceBoard({ now: () => NOW })

  it('ends at the highest version of each symbol, in whatever order and however often they arrive', () => {
    const quote = fc.record({
      symbol: fc.constantFrom('BTC-USD', 'ETH-USD'),
      version: fc.nat(40),
      price: fc.bigInt(1n, 10n ** 12n).map(String),
      // Its own time says nothing about which stands: a source that takes over may be behind.
      at: fc.integer({ min: NOW - 20_000, max: NOW }),
    })
    const distinct = fc.uniqueArray(quote, {
      maxLength: 30,
      selector: ({ symbol, version }) => `${symbol} ${version}`,
    })
    const delivery = distinct.chain((quotes) =>
      fc.tuple(
        fc.constant(quotes.map(quoteOf)),
        fc.shuffledSubarray([...quotes, ...quotes], { minLength: quotes.length * 2 }),
      ),
    )
    fc.assert(
      fc.property(delivery, ([quotes, arrivals]) => {
        const board = open()
        for (const arrival of arrivals) {
          const before = board.get(arrival.symbol)?.quote.version ?? -1
          expect(board.take(quoteOf(arrival)) !== null).to.equal(arrival.version > before)
        }
        for (const symbol of ['BTC-USD', 'ETH-USD']) {
          const [highest] = quotes
            .filter((one) => one.symbol === symbol)
            .sort((a, b) => b.version - a.version)
          expect(board.get(symbol)?.quote).to.deep.equal(highest)
        }
      }),
    )
  })

  it('is not changed by what cannot be a quote', () => {
    const board = open()
    const good = quoteOf()
    expect(board.take(good)?.quote).to.equal(good)
    const bad: readonly Partial<Quote>[] = [
      ...[
        '0',
        '0.000000000000000000',
        '-0',
        '-1',
        'NaN',
        'Infinity',
        '1e9',
        '',
        ' 1',
        `1${'0'.repeat(20)}`,
      ].map((price) => ({ price })),
      ...[Number.NaN, Number.POSITIVE_INFINITY, -1, -1e300, 8.64e15 + 1].map((at) => ({ at })),
      { freshUntil: Number.NaN },
      { freshUntil: Number.POSITIVE_INFINITY },
      { version: 2 ** 53 },
      { version: 2.5 },
      { version: Number.NaN },
    ]
    for (const more of bad) {
      const quote = quoteOf({ freshUntil: NOW, version: 2, ...more })
      expect(board.take(quote), JSON.stringify(more)).to.equal(null)
      expect(board.adopt(quote), JSON.stringify(more)).to.equal(null)
      expect(board.get('BTC-USD')?.quote).to.equal(good)
    }
    expect(board.take(quoteOf({ version: 2 }))).not.to.equal(null)
  })

  it('adopts what another worker has written, although a higher version stands here', () => {
    const board = open()
    board.take(quoteOf({ price: '9', version: 9 }))
    expect(board.adopt(quoteOf({ price: '8', version: 8 }))?.price.amount).to.equal('8')
    expect(board.get('BTC-USD')?.quote.version).to.equal(8)
  })

  it('calls a price stale once its time is over, once, and live again with the next quote', () => {
    let now = NOW
    const board = new PriceBoard({ now: () => now })
    board.take(quoteOf({ at: NOW, freshUntil: NOW + 7_000, state: 'delayed' }))
    now = NOW + 7_000
    expect(board.sweep()).to.deep.equal([])
    expect(board.get('BTC-USD')?.price.state).to.equal('delayed')
    now += 1
    expect(board.sweep()).to.deep.equal(['BTC-USD'])
    expect(board.sweep()).to.deep.equal([])
    expect(board.get('BTC-USD')?.price.state).to.equal('stale')
    expect(board.get('BTC-USD')?.json).to.contain('"state":"stale"')
    expect(board.take(quoteOf({ at: NOW, freshUntil: now, version: 2 }))?.price.state).to.equal('live')
    now += 1
    expect(board.take(quoteOf({ at: NOW, freshUntil: NOW, version: 3 }))?.price.state).to.equal('stale')
    expect(board.sweep()).to.deep.equal([])
  })

  it('tells a price in the words of the protocol', () => {
    const board = open()
    const mark = board.take(quoteOf({ price: '0.0000000123', at: NOW + 0.7 }))
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
    expect(board.get('BTC-USD')).to.equal(mark)
  })
})
