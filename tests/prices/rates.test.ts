import { expect } from 'chai'
import { formatFixed, parseFixed } from '../../src/lib/decimal.js'
import { findRate } from '../../src/prices/rates.js'

function rateFrom(pairs: Readonly<Record<string, string>>, from: string, to: string) {
  const found = findRate(from, to, (base, quote) => {
    const text = pairs[`${base}-${quote}`]
    return text === undefined ? null : parseFixed(text)
  })
  return found && { rate: formatFixed(found.rate), via: found.via }
}

describe('exchange rates', () => {
  it('are one for the currency itself, whatever is known', () => {
    expect(rateFrom({}, 'USD', 'USD')).to.deep.equal({ rate: '1', via: [] })
  })

  it('are null when no path leads there, never one', () => {
    expect(rateFrom({}, 'USD', 'IDR')).to.equal(null)
    expect(rateFrom({ 'EUR-USD': '1.1' }, 'USD', 'IDR')).to.equal(null)
    expect(rateFrom({ 'USD-IDR': '0' }, 'USD', 'IDR')).to.equal(null)
    expect(rateFrom({ 'USD-IDR': '-1' }, 'USD', 'IDR')).to.equal(null)
    expect(rateFrom({ 'BTC-USD': '64000' }, 'USDT', 'USD')).to.equal(null)
  })

  it('are taken as they stand, then as the inverse', () => {
    const both = { 'USD-IDR': '16000', 'IDR-USD': '0.00007' }
    expect(rateFrom(both, 'USD', 'IDR')).to.deep.equal({ rate: '16000', via: ['USD-IDR'] })
    expect(rateFrom(both, 'IDR', 'USD')).to.deep.equal({ rate: '0.00007', via: ['IDR-USD'] })
    expect(rateFrom({ 'USD-IDR': '16000' }, 'IDR', 'USD')).to.deep.equal({
      rate: '0.0000625',
      via: ['USD-IDR'],
    })
    expect(rateFrom({ 'EUR-USD': '3' }, 'USD', 'EUR')?.rate).to.equal('0.333333333333333333')
  })

  it('are chained over a hub, and over two', () => {
    const pairs = { 'EUR-USD': '1.1', 'USD-IDR': '16000', 'BTC-USDT': '64000', 'USDT-USD': '0.999' }
    expect(rateFrom(pairs, 'EUR', 'IDR')).to.deep.equal({ rate: '17600', via: ['EUR-USD', 'USD-IDR'] })
    expect(rateFrom(pairs, 'BTC', 'USD')).to.deep.equal({ rate: '63936', via: ['BTC-USDT', 'USDT-USD'] })
    expect(rateFrom(pairs, 'BTC', 'IDR')).to.deep.equal({
      rate: '1022976000',
      via: ['BTC-USDT', 'USDT-USD', 'USD-IDR'],
    })
    // Each leg is rounded by itself: 1 / 1.1 to 0.909090909090909091 first.
    expect(rateFrom(pairs, 'BTC', 'EUR')?.rate).to.equal('58123.636363636363642176')
  })

  it('do not take a stablecoin for its fiat', () => {
    const pairs = { 'USDT-USD': '0.98', 'USD-IDR': '16000' }
    expect(rateFrom(pairs, 'USDT', 'IDR')).to.deep.equal({ rate: '15680', via: ['USDT-USD', 'USD-IDR'] })
    expect(rateFrom({ 'USD-IDR': '16000' }, 'USDT', 'IDR')).to.equal(null)
  })

  it('make pence of pounds, alone and on the way', () => {
    expect(rateFrom({}, 'GBX', 'GBP')).to.deep.equal({ rate: '0.01', via: [] })
    expect(rateFrom({}, 'GBP', 'GBX')).to.deep.equal({ rate: '100', via: [] })
    const pairs = { 'GBP-USD': '1.25', 'USD-IDR': '16000' }
    expect(rateFrom(pairs, 'GBX', 'USD')).to.deep.equal({ rate: '0.0125', via: ['GBP-USD'] })
    expect(rateFrom(pairs, 'GBX', 'IDR')).to.deep.equal({ rate: '200', via: ['GBP-USD', 'USD-IDR'] })
    expect(rateFrom(pairs, 'USD', 'GBX')?.rate).to.equal('80')
    expect(rateFrom({ 'USD-ZAR': '18' }, 'ZAc', 'USD')?.rate).to.equal('0.000555555555555556')
    expect(rateFrom({}, 'GBX', 'USD')).to.equal(null)
  })
})
