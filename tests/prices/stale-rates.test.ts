import { expect } from 'chai'
import { parseFixed } from '../../src/lib/decimal.js'
import { RateBook } from '../../src/prices/rate-book.js'

describe('a rate whose own pair is not told any more', () => {
  const prices = new Map([
    ['USDT-IDR', parseFixed('15000')],
    ['USDT-USD', parseFixed('1')],
    ['USD-IDR', parseFixed('16500')],
  ])
  const stale = new Set<string>()
  const book = new RateBook({ live: (symbol) => prices.get(symbol), isStale: (symbol) => stale.has(symbol) })
  const rate = () => book.get('USDT', 'IDR')?.text
  beforeEach(() => {
    stale.clear()
    for (const symbol of prices.keys()) book.moved(symbol)
  })

  it('is the pair itself while that is fresh', () => {
    expect(rate()).to.equal('15000')
  })

  it('is found over fresh pairs instead', () => {
    rate()
    stale.add('USDT-IDR')
    expect(book.moved('USDT-IDR')).to.deep.equal(['USDT>IDR'])
    expect(rate()).to.equal('16500')
  })

  it('is the last that was known when nothing is fresh', () => {
    rate()
    for (const symbol of prices.keys()) stale.add(symbol)
    expect(book.moved('USDT-IDR')).to.deep.equal(['USDT>IDR'])
    expect(book.get('USDT', 'IDR')).to.include({ text: '15000', isStale: true })
  })

  it('goes back to its pair when that is told again', () => {
    rate()
    stale.add('USDT-IDR')
    book.moved('USDT-IDR')
    stale.clear()
    book.moved('USDT-IDR')
    expect(book.get('USDT', 'IDR')).to.include({ text: '15000', isStale: false })
  })
})
