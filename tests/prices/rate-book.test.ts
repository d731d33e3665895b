import { expect } from 'chai'
import fc from 'fast-check'
import { type Fixed, parseFixed } from '../../src/lib/decimal.js'
import { RateBook, rateKey } from '../../src/prices/rate-book.js'
import { findRate } from '../../src/prices/rates.js'

describe('the rate book', () => {
  function openBook() {
    const prices = new Map<string, Fixed>()
    const book = new RateBook({ live: (symbol) => prices.get(symbol) })
    const move = (symbol: string, price: string): readonly string[] => {
      prices.set(symbol, parseFixed(price))
      return book.moved(symbol)
    }
    return { book, prices, move }
  }

  it('names the rates that moved with a pair, and no others', () => {
    const { book, move } = openBook()
    move('USD-IDR', '16000')
    move('EUR-USD', '1.1')
    for (const [from, to] of [
      ['USD', 'IDR'],
      ['IDR', 'USD'],
      ['EUR', 'IDR'],
      ['EUR', 'USD'],
      ['USD', 'USD'],
    ] as const)
      book.get(from, to)
    expect([...move('USD-IDR', '16500')].sort()).to.deep.equal(['EUR>IDR', 'IDR>USD', 'USD>IDR'])
    expect([...move('EUR-USD', '1.2')].sort()).to.deep.equal(['EUR>IDR', 'EUR>USD'])
    expect(move('EUR-USD', '1.2')).to.deep.equal([])
    expect(book.get('EUR', 'IDR')?.text).to.equal('19800')
  })

  it('keeps an unknown rate null until its pair is heard of, and then names it', () => {
    const { book, move } = openBook()
    expect(book.get('USDT', 'USD')).to.equal(null)
    expect(book.get('USD', 'IDR')).to.equal(null)
    expect(move('USDT-USD', '0.9995')).to.deep.equal([rateKey('USDT', 'USD')])
    expect(book.get('USDT', 'USD')?.text).to.equal('0.9995')
    expect(book.get('USD', 'IDR')).to.equal(null)
  })

  it('is not moved by what is no pair of currencies', () => {
    const { book, move } = openBook()
    book.get('USD', 'IDR')
    expect(move('SOL-USD', '150')).to.deep.equal([])
    expect(move('BBCA.JK', '9000')).to.deep.equal([])
    expect([...book.pairs()]).to.deep.equal([])
  })

  it('puts a live pair before the daily fix of the same pair, and takes new fixes', () => {
    const { book, move } = openBook()
    book.get('EUR', 'USD')
    book.get('GBP', 'USD')
    expect(
      book.setDaily(
        new Map([
          ['EUR-USD', parseFixed('1.05')],
          ['GBP-USD', parseFixed('1.3')],
        ]),
      ),
    ).to.have.members(['EUR>USD', 'GBP>USD'])
    expect(move('EUR-USD', '1.07')).to.deep.equal(['EUR>USD'])
    expect(book.setDaily(new Map([['EUR-USD', parseFixed('1.2')]]))).to.deep.equal(['GBP>USD'])
    expect(book.get('EUR', 'USD')?.text).to.equal('1.07')
    expect(book.get('GBP', 'USD')).to.equal(null)
  })

  it('tells after any sequence of moves what a book that was opened just now would tell, and names every change', () => {
    const currencies = ['USD', 'EUR', 'IDR', 'USDT', 'GBP', 'GBX', 'BTC'] as const
    const pairs = ['EUR-USD', 'USD-IDR', 'USDT-USD', 'GBP-USD', 'BTC-USDT', 'BTC-USD', 'EUR-IDR']
    const step = fc.record({
      symbol: fc.constantFrom(...pairs),
      price: fc.bigInt(1n, 10n ** 22n),
      ask: fc.tuple(fc.constantFrom(...currencies), fc.constantFrom(...currencies)),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const { book, prices } = openBook()
        const asked = new Map<string, Fixed | null>()
        for (const { symbol, price, ask } of steps) {
          const [from, to] = ask
          asked.set(rateKey(from, to), book.get(from, to)?.amount ?? null)
          prices.set(symbol, price)
          const named = new Set(book.moved(symbol))
          for (const [key, before] of asked) {
            const [base = '', quote = ''] = key.split('>')
            const now = findRate(base, quote, (a, b) => prices.get(`${a}-${b}`) ?? null)?.rate ?? null
            expect(book.get(base, quote)?.amount ?? null).to.equal(now)
            expect(named.has(key)).to.equal(now !== before)
            asked.set(key, now)
          }
        }
      }),
    )
  })
})
