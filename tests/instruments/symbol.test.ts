import { expect } from 'chai'
import { readListing } from '../../src/instruments/listing.js'
import { isSymbol, parsePair } from '../../src/instruments/symbol.js'
import { AppError } from '../../src/lib/errors.js'

describe('symbols', () => {
  it('of pairs name base and quote', () => {
    expect(parsePair('BTC-USD')).to.deep.equal({ base: 'BTC', quote: 'USD' })
    expect(parsePair('1INCH-USDT')).to.deep.equal({ base: '1INCH', quote: 'USDT' })
    for (const text of [
      'BTC',
      'BTC-',
      '-USD',
      'btc-usd',
      'BTC-USD-EUR',
      'BTC/USD',
      'BTC-US',
      'BTC-USDTTT',
      ' BTC-USD',
      'BTC-USD\n',
      '',
    ]) {
      expect(parsePair(text), JSON.stringify(text)).to.equal(null)
    }
  })

  it('are written in capitals, digits and a few signs', () => {
    for (const text of ['BBCA.JK', 'AAPL', '^JKSE', 'BRK-B', 'BTC-USD', '0700.HK'])
      expect(isSymbol(text), text).to.equal(true)
    for (const text of ['', '.JK', 'aapl', 'A B', 'A'.repeat(25), 'A\n', "A'", '../A']) {
      expect(isSymbol(text), JSON.stringify(text)).to.equal(false)
    }
  })
})

describe('listings', () => {
  it('tell the currency in which an exchange quotes', () => {
    const currencies = {
      AAPL: 'USD',
      'BBCA.JK': 'IDR',
      'VOD.L': 'GBX',
      'NPN.JO': 'ZAc',
      'SAP.DE': 'EUR',
      '7203.T': 'JPY',
    }
    for (const [symbol, currency] of Object.entries(currencies)) {
      expect(readListing('STOCK', symbol, undefined)).to.include({ symbol, currency, kind: 'STOCK' })
    }
    expect(readListing('STOCK', 'BBCA.JK', 'IDR')).to.include({ mic: 'XIDX' })
    expect(readListing('CRYPTO', 'BTC-USDT', undefined)).to.deep.equal({
      symbol: 'BTC-USDT',
      kind: 'CRYPTO',
      name: 'BTC',
      currency: 'USDT',
      mic: null,
    })
  })

  it('of exchanges that are not known need their currency told', () => {
    expect(readListing('STOCK', 'XYZ.ZZ', 'EUR')).to.include({ currency: 'EUR', mic: null })
    expect(() => readListing('STOCK', 'XYZ.ZZ', undefined))
      .to.throw(AppError)
      .with.property('code', 'unknown-symbol')
  })

  it('refuse another currency than their own, and what is none', () => {
    expect(() => readListing('STOCK', 'VOD.L', 'GBP'))
      .to.throw(AppError)
      .with.property('code', 'currency-mismatch')
    expect(() => readListing('CRYPTO', 'BTC-USD', 'EUR'))
      .to.throw(AppError)
      .with.property('code', 'currency-mismatch')
    for (const symbol of ['BTC', 'BTC-XXX', 'USD-USD', 'BBCA.JK']) {
      expect(() => readListing('CRYPTO', symbol, undefined), symbol)
        .to.throw(AppError)
        .with.property('code', 'unknown-symbol')
    }
  })
})
