import { expect } from 'chai'
import fc from 'fast-check'
import {
  isComplete,
  lastMonthBefore,
  monthOf,
  monthsBetween,
  rangeOf,
  shiftMonth,
} from '../../src/insights/months.js'
import { addDays, dateIn } from '../../src/lib/calendar.js'

const startDay = fc.integer({ min: 1, max: 28 })
const date = fc
  .integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2199, 11, 31) })
  .map((at) => new Date(at).toISOString().slice(0, 10))

describe('financial months', () => {
  it('are named by the calendar month in which they begin', () => {
    const days: readonly [string, number, string][] = [
      ['2026-03-24', 25, '2026-02'],
      ['2026-03-25', 25, '2026-03'],
      ['2026-04-24', 25, '2026-03'],
      ['2026-04-25', 25, '2026-04'],
      ['2026-01-01', 25, '2025-12'],
      ['2026-01-01', 1, '2026-01'],
      ['2026-01-31', 1, '2026-01'],
      ['2024-02-29', 28, '2024-02'],
      ['2024-02-27', 28, '2024-01'],
      ['1900-01-01', 2, '1899-12'],
    ]
    for (const [day, start, month] of days) expect(monthOf(day, start), day).to.equal(month)
    expect(rangeOf('2026-03', 25)).to.deep.equal({ from: '2026-03-25', next: '2026-04-25' })
    expect(rangeOf('2026-12', 1)).to.deep.equal({ from: '2026-12-01', next: '2027-01-01' })
    expect(rangeOf('2199-12', 28)).to.deep.equal({ from: '2199-12-28', next: '2200-01-28' })
  })

  it('have their leap day', () => {
    const days = ({ from, next }: { from: string; next: string }) =>
      (Date.parse(next) - Date.parse(from)) / 86_400_000
    expect([2023, 2024, 2100, 2000].map((year) => days(rangeOf(`${year}-02`, 1)))).to.deep.equal([
      28, 29, 28, 29,
    ])
    expect([2023, 2024].map((year) => days(rangeOf(`${year}-02`, 28)))).to.deep.equal([28, 29])
  })

  it('part the calendar: each date lies in one month, and the next month begins where one ends', () => {
    fc.assert(
      fc.property(date, startDay, (day, start) => {
        const month = monthOf(day, start)
        const { from, next } = rangeOf(month, start)
        expect(from <= day && day < next).to.equal(true)
        expect(rangeOf(shiftMonth(month, 1), start).from).to.equal(next)
        expect(monthOf(addDays(from, -1), start)).to.equal(shiftMonth(month, -1))
        expect(monthOf(addDays(next, -1), start)).to.equal(month)
        expect(monthOf(next, start)).to.equal(shiftMonth(month, 1))
      }),
      { numRuns: 200 },
    )
  })

  it('are counted with the first and the last, in order', () => {
    expect(monthsBetween('2025-11', '2026-02')).to.deep.equal(['2025-11', '2025-12', '2026-01', '2026-02'])
    expect(monthsBetween('2026-02', '2026-02')).to.deep.equal(['2026-02'])
    expect(monthsBetween('2026-02', '2026-01')).to.deep.equal([])
    fc.assert(
      fc.property(date, fc.integer({ min: 0, max: 150 }), (day, count) => {
        const first = monthOf(day, 1)
        const months = monthsBetween(first, shiftMonth(first, count))
        expect(months).to.have.lengthOf(count + 1)
        expect([...new Set(months)].sort()).to.deep.equal(months)
      }),
    )
  })

  it('are complete when their last day is over where the user lives', () => {
    expect(isComplete('2026-03', 1, '2026-03-31')).to.equal(false)
    expect(isComplete('2026-03', 1, '2026-04-01')).to.equal(true)
    expect(isComplete('2026-03', 25, '2026-04-24')).to.equal(false)
    expect(isComplete('2026-03', 25, '2026-04-25')).to.equal(true)
    const at = Date.UTC(2026, 2, 31, 17, 30)
    const over = (zone: string) => isComplete('2026-03', 1, dateIn(zone, at))
    expect(['Asia/Jakarta', 'UTC', 'Pacific/Honolulu'].map(over)).to.deep.equal([true, false, false])
    fc.assert(
      fc.property(date, startDay, (day, start) => {
        const last = lastMonthBefore(day, start)
        expect(isComplete(last, start, day)).to.equal(true)
        expect(isComplete(shiftMonth(last, 1), start, day)).to.equal(false)
      }),
    )
  })
})
