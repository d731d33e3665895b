import { expect } from 'chai'
import fc from 'fast-check'
import { dueDates, firstDue, nextDue, type Schedule } from '../../src/cashflow/schedule.js'

const monthly: Schedule = {
  frequency: 'MONTHLY',
  every: 1,
  dueOn: 'DATE',
  startsOn: '2024-01-31',
  endsOn: null,
}

const date = fc
  .integer({ min: 0, max: 40_000 })
  .map((days) => new Date(Date.UTC(1990, 0, 1 + days)).toISOString().slice(0, 10))
const schedule = fc
  .record({
    frequency: fc.constantFrom('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'),
    every: fc.integer({ min: 1, max: 30 }),
    dueOn: fc.constantFrom('DATE', 'LAST_DAY', 'LAST_WEEKDAY'),
    startsOn: date,
    endsOn: fc.option(date, { nil: null }),
  })
  .filter(
    ({ frequency, dueOn }) => dueOn === 'DATE' || frequency === 'MONTHLY' || frequency === 'YEARLY',
  ) as fc.Arbitrary<Schedule>

/** What the words of the rule say, from the parts of a date alone. */
function fits({ frequency, every, dueOn, startsOn, endsOn }: Schedule, day: string): boolean {
  if (day < startsOn || (endsOn !== null && day > endsOn)) return false
  const at = new Date(`${day}T00:00:00Z`)
  const start = new Date(`${startsOn}T00:00:00Z`)
  const days = (at.getTime() - start.getTime()) / 86_400_000
  if (frequency === 'DAILY') return days % every === 0
  if (frequency === 'WEEKLY') return days % (7 * every) === 0
  const months = (at.getUTCFullYear() - start.getUTCFullYear()) * 12 + at.getUTCMonth() - start.getUTCMonth()
  if (months % (frequency === 'YEARLY' ? 12 * every : every) !== 0) return false
  const last = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0))
  if (dueOn === 'DATE') return at.getUTCDate() === Math.min(start.getUTCDate(), last.getUTCDate())
  if (dueOn === 'LAST_WEEKDAY')
    while ([0, 6].includes(last.getUTCDay())) last.setUTCDate(last.getUTCDate() - 1)
  return at.getUTCDate() === last.getUTCDate()
}

describe('a schedule', () => {
  it('falls on the last day of shorter months and comes back to its own day', () => {
    expect(dueDates(monthly, '2024-01-01', '2024-06-30', 100)).to.deep.equal([
      '2024-01-31',
      '2024-02-29',
      '2024-03-31',
      '2024-04-30',
      '2024-05-31',
      '2024-06-30',
    ])
    const leap: Schedule = { ...monthly, frequency: 'YEARLY', startsOn: '2024-02-29' }
    expect(dueDates(leap, '2024-01-01', '2028-12-31', 100)).to.deep.equal([
      '2024-02-29',
      '2025-02-28',
      '2026-02-28',
      '2027-02-28',
      '2028-02-29',
    ])
  })

  it('knows the last day and the last weekday of a month', () => {
    const last: Schedule = { ...monthly, dueOn: 'LAST_DAY', startsOn: '2026-02-10' }
    expect(dueDates(last, '2026-02-01', '2026-04-30', 9)).to.deep.equal([
      '2026-02-28',
      '2026-03-31',
      '2026-04-30',
    ])
    // 31 January 2026 is a Saturday, 28 February one too; a month whose last weekday is over is passed over.
    const weekday: Schedule = { ...monthly, dueOn: 'LAST_WEEKDAY', startsOn: '2026-01-31' }
    expect(dueDates(weekday, '2026-01-01', '2026-04-30', 9)).to.deep.equal([
      '2026-02-27',
      '2026-03-31',
      '2026-04-30',
    ])
  })

  it('is due on all dates that its words name and on no others, wherever one starts to look', () => {
    fc.assert(
      fc.property(schedule, date, fc.integer({ min: 0, max: 400 }), (rule, from, span) => {
        const days = Array.from({ length: span }, (_, index) =>
          new Date(Date.parse(`${from}T00:00:00Z`) + index * 86_400_000).toISOString().slice(0, 10),
        )
        const found = span === 0 ? [] : dueDates(rule, from, days.at(-1) ?? from, 1_000)
        expect(found).to.deep.equal(days.filter((day) => fits(rule, day)))
      }),
      { numRuns: 150 },
    )
  })

  it('has one next date after any date, the first that is later', () => {
    fc.assert(
      fc.property(schedule, date, (rule, after) => {
        const next = nextDue(rule, after)
        expect(next === null ? rule.endsOn !== null : next > after && fits(rule, next)).to.equal(true)
        if (next !== null) expect(firstDue(rule, next)).to.equal(next)
      }),
      { numRuns: 300 },
    )
  })
})
