import { expect } from 'chai'
import fc from 'fast-check'
import { parseAmount, writeAmount } from '../../client-sdk/dashboard/amount.js'
import {
  compareDecimals,
  formatAge,
  formatMoney,
  formatPercent,
  formatPrice,
  formatQuantity,
  shareOf,
  sumDecimals,
} from '../../client-sdk/src/widgets/format.js'
import { formatFixed } from '../../src/lib/decimal.js'

const decimal = fc.bigInt(-(10n ** 36n), 10n ** 36n).map((value) => formatFixed(value))

describe('figures for people', () => {
  it('keep every digit of amounts that binary fractions cannot hold', () => {
    expect(formatMoney('9007199254740993.01', 'USD', 'en')).to.equal('$9,007,199,254,740,993.01')
    expect(formatQuantity('12345678901234567.12345678', 'en')).to.equal('12,345,678,901,234,567.12345678')
  })

  it('follow the language and the currency', () => {
    expect(formatMoney('1234567.5', 'IDR', 'id')).to.match(/^Rp\s?1\.234\.568$/u)
    expect(formatMoney('1.5', 'USDT', 'en')).to.equal('1.5 USDT')
    expect(formatMoney('1.5', 'USD', 'en', { signed: true })).to.equal('+$1.50')
    expect(formatMoney('-1.5', 'USD', 'en')).to.equal('-$1.50')
    expect(formatMoney('0', 'USD', 'en', { signed: true })).to.equal('$0.00')
    expect(formatPercent('1.2345', 'en', { signed: true })).to.equal('+1.23%')
  })

  it('show a dash for what is unknown, never zero', () => {
    expect(formatMoney(null, 'USD', 'en')).to.equal('–')
    expect(formatAge('not an instant', 0, 'en')).to.equal('–')
  })

  it('show small prices with digits enough to see them', () => {
    expect(formatPrice('0.0000000123', 'USD', 'en')).to.equal('$0.0000000123')
    expect(formatPrice('64012.5', 'USD', 'en')).to.equal('$64,012.50')
    expect(formatPrice('9450', 'IDR', 'id')).to.match(/^Rp\s?9\.450$/u)
  })

  it('tell the age in few letters', () => {
    const now = Date.parse('2026-01-02T00:00:00Z')
    const ages = [
      '2026-01-01T23:59:58Z',
      '2026-01-01T23:59:20Z',
      '2026-01-01T21:00:00Z',
      '2025-12-30T00:00:00Z',
    ]
    expect(ages.map((at) => formatAge(at, now, 'en'))).to.deep.equal(['now', '40s ago', '3h ago', '3d ago'])
  })

  it('compare and add exactly', () => {
    expect(compareDecimals('0.1', '0.10')).to.equal(0)
    expect(compareDecimals('-0.000000000000000001', '0')).to.equal(-1)
    fc.assert(
      fc.property(fc.array(decimal), (texts) => {
        const scaled = (text: string): bigint => {
          const [whole = '', fraction = ''] = text.replace('-', '').split('.')
          return BigInt(whole + fraction.padEnd(18, '0')) * (text.startsWith('-') ? -1n : 1n)
        }
        const sum = texts.reduce((so, text) => so + scaled(text), 0n)
        expect(compareDecimals(sumDecimals(texts), formatFixed(sum))).to.equal(0)
      }),
    )
  })

  it('give shares that round half up, and none of nothing', () => {
    expect(shareOf('1', '3')).to.equal('33.3')
    expect(shareOf('0.0005', '1')).to.equal('0.1')
    expect(shareOf('5', '5')).to.equal('100.0')
    expect(shareOf('1', '0')).to.equal(null)
    expect(shareOf('-1', '10')).to.equal(null)
  })
})

describe('amounts as people type them', () => {
  const cases: readonly (readonly [string, 'en' | 'id', string | null])[] = [
    ['0.5', 'en', '0.5'],
    ['0,5', 'en', '0.5'],
    ['1,000', 'en', '1000'],
    ['1.000', 'id', '1000'],
    ['1.000', 'en', '1.000'],
    ['1,000', 'id', '1.000'],
    ['0.125', 'id', '0.125'],
    ['1,234,567.89', 'id', '1234567.89'],
    ['1.234.567,89', 'en', '1234567.89'],
    ['1.234.567', 'en', '1234567'],
    ['12 500', 'en', '12500'],
    ['.5', 'en', '0.5'],
    ['007', 'en', '7'],
    ['5.', 'en', '5'],
    ['1.2.3', 'en', null],
    ['12,34,567.8', 'en', null],
    ['1e5', 'en', null],
    ['-1', 'en', null],
    ['', 'en', null],
    ['abc', 'en', null],
  ]
  for (const [typed, language, expected] of cases) {
    it(`read ${JSON.stringify(typed)} in ${language} as ${expected ?? 'no number'}`, () => {
      expect(parseAmount(typed, language)).to.equal(expected)
    })
  }

  it('are read as they were written into a field, in both languages', () => {
    const units = fc.bigInt({ min: 0n, max: 10n ** 24n })
    fc.assert(
      fc.property(
        units,
        fc.integer({ min: 0, max: 8 }),
        fc.constantFrom('en', 'id'),
        (amount, scale, language) => {
          const digits = amount.toString().padStart(scale + 1, '0')
          const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
          expect(parseAmount(writeAmount(text, language), language)).to.equal(text)
        },
      ),
    )
  })
})
