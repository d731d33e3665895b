import { expect } from 'chai'
import { type Day, returnsOf } from '../../src/insights/returns.js'

/** `110 +9 -0`: the value at the end of a day, what came in and what went out; `?` for a value that is not known. */
const daysOf = (...lines: string[]): readonly Day[] =>
  lines.map((line, day) => {
    const [value = '', deposits = '0', withdrawals = '0'] = line.split(' ')
    return {
      day,
      value: value === '?' ? null : BigInt(value),
      deposits: BigInt(deposits),
      withdrawals: BigInt(withdrawals),
    }
  })

describe('time-weighted rates', () => {
  it('are products of days, with deposits from the start and withdrawals until the end of theirs', () => {
    // 120 / 100 x (90 + 30) / 120 x 150 / (90 + 10)
    const told = returnsOf(100n, daysOf('120', '90 0 30', '150 10'))
    expect(told).to.deep.include({ twr: '0.8', maxDrawdown: '0', twrAnnualised: null })
    expect(told.reasons).to.deep.equal({ twrAnnualised: 'shorter-than-a-year' })
    expect(returnsOf(0n, daysOf('110 100', '0 0 121')).twr).to.equal('0.21')
  })

  it('take days of which the value is not known together with the next one that is', () => {
    expect(returnsOf(100n, daysOf('?', '? 50', '165')).twr).to.equal('0.1')
    expect(returnsOf(100n, daysOf('110', '?')).twr).to.equal('0.1')
  })

  it('fall from their running peak, and no deposit hides it', () => {
    expect(returnsOf(100n, daysOf('150', '75', '175 100', '350')).maxDrawdown).to.equal('-0.5')
  })

  it('are told for a year only where it is one', () => {
    const year = daysOf(...Array.from({ length: 730 }, (_, day) => String(day < 729 ? 100 : 121)))
    expect(returnsOf(100n, year).twrAnnualised).to.equal('0.1')
    expect(returnsOf(100n, year.slice(0, 364)).reasons).to.include({ twrAnnualised: 'shorter-than-a-year' })
    expect(returnsOf(100n, year.slice(0, 365)).twrAnnualised).to.equal('0')
  })

  it('vary by the sample deviation of daily logarithmic returns', () => {
    // ln 1.1 and ln 0.9 differ from their mean by 0.1003353477; times the root of 2 x 365.
    expect(Number(returnsOf(100n, daysOf('110', '99')).volatility)).to.be.closeTo(2.7109118, 1e-6)
    expect(returnsOf(100n, daysOf('110')).reasons).to.include({ volatility: 'too-few-days' })
    expect(returnsOf(100n, daysOf('0', '0')).twr).to.equal('-1')
  })

  it('contribute nothing while nothing is invested, and do not exist of what is below zero', () => {
    expect(returnsOf(0n, daysOf('0', '100 100', '110', '0 0 110', '0')).twr).to.equal('0.1')
    expect(returnsOf(0n, daysOf('0', '0')).reasons.twr).to.equal('nothing-invested')
    expect(returnsOf(-5n, daysOf('-6')).reasons.twr).to.equal('not-positive')
    expect(returnsOf(5n, daysOf('-6')).reasons.maxDrawdown).to.equal('not-positive')
  })
})
