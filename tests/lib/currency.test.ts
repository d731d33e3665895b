import { expect } from 'chai'
import { currencyOfHundredth, isCurrency, minorDigits } from '../../src/lib/currency.js'

describe('currencies', () => {
  it('have the minor digits of ISO 4217', () => {
    const digits = { USD: 2, EUR: 2, IDR: 2, JPY: 0, KRW: 0, VND: 0, BHD: 3, KWD: 3, CLF: 4, BTC: 8, USDT: 6 }
    for (const [code, expected] of Object.entries(digits)) expect(minorDigits(code), code).to.equal(expected)
  })

  it('are known by their exact code alone', () => {
    for (const code of ['USD', 'GBX', 'ZAc', 'ILA']) expect(isCurrency(code), code).to.equal(true)
    for (const code of ['usd', 'XXX', '', 'US', 'USDX', 'constructor', '__proto__', 'ZAC']) {
      expect(isCurrency(code), code).to.equal(false)
      expect(() => minorDigits(code), code).to.throw(RangeError)
    }
  })

  it('include the hundredths in which shares are quoted', () => {
    expect(currencyOfHundredth('GBX')).to.equal('GBP')
    expect(currencyOfHundredth('ZAc')).to.equal('ZAR')
    expect(currencyOfHundredth('ILA')).to.equal('ILS')
    expect(currencyOfHundredth('GBP')).to.equal(null)
    expect(currencyOfHundredth('toString')).to.equal(null)
  })
})
