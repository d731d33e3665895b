import { expect } from 'chai'
import fc from 'fast-check'
import { figuresOf, milestonesAt, type Standing, turnOf } from '../../src/goals/progress.js'
import { addDays } from '../../src/lib/calendar.js'
import { ONE, parseFixed } from '../../src/lib/decimal.js'

/** At the scale of progress.ts. */
const exact = (text: string): bigint => parseFixed(text) * ONE ** 3n
const of = (given: {
  readonly target: string
  readonly current: string | null
  readonly pace?: string | null
  readonly deadline?: string
  readonly today?: string
  readonly currency?: string
}): ReturnType<typeof figuresOf> => {
  const standing: Standing = {
    target: parseFixed(given.target),
    current: given.current === null ? null : exact(given.current),
    pace: given.pace === undefined || given.pace === null ? null : exact(given.pace),
    deadline: given.deadline ?? null,
    today: given.today ?? '2026-01-15',
    currency: given.currency ?? 'USD',
  }
  return figuresOf(standing)
}

describe('the figures of a goal', () => {
  it('tell how far it has come, as a fraction of up to ten digits', () => {
    const rows: readonly [target: string, current: string, figures: Record<string, string>][] = [
      ['1000', '0', { current: '0.00', progress: '0', remaining: '1000.00' }],
      ['1000', '250', { current: '250.00', progress: '0.25', remaining: '750.00' }],
      ['3', '2', { current: '2.00', progress: '0.6666666667', remaining: '1.00' }],
      ['1000', '1500', { current: '1500.00', progress: '1.5', remaining: '0.00' }],
      ['1000', '-20', { current: '-20.00', progress: '-0.02', remaining: '1020.00' }],
      ['1000', '999.996', { current: '1000.00', progress: '0.999996', remaining: '0.00' }],
    ]
    for (const [target, current, figures] of rows)
      expect(of({ target, current }), `${current} of ${target}`).to.include(figures)
  })

  it('are in the minor units of its currency', () => {
    const told = of({ target: '3', current: '1', currency: 'BTC', pace: '1', deadline: '2026-03-15' })
    expect(told).to.include({ current: '1.00000000', requiredPerMonth: '1.00000000' })
    expect(told.actualPerMonth).to.equal('0.33333333')
    expect(of({ target: '100000', current: '2.5', currency: 'JPY' }).current).to.equal('2')
  })

  it('are null where what was put aside is not known, but for the pace', () => {
    expect(of({ target: '10', current: null, pace: '3', deadline: '2027-01-01' })).to.deep.equal({
      current: null,
      progress: null,
      remaining: null,
      requiredPerMonth: null,
      actualPerMonth: '1.00',
      projectedDate: null,
    })
  })

  it('are null where they are too large to be told', () => {
    const told = of({ target: '0.000000000000000001', current: '1000' })
    expect(told).to.include({ current: '1000.00', progress: null })
  })

  it('tell what has to come in each month until the deadline', () => {
    const rows: readonly [today: string, deadline: string, required: string | null][] = [
      ['2026-01-15', '2027-01-15', '100.00'],
      ['2026-01-15', '2026-03-15', '600.00'],
      // Two months, and 7 of the 31 days to the 15th of April.
      ['2026-01-15', '2026-03-22', '539.13'],
      // The 31st of January and a month is the 28th of February.
      ['2026-01-31', '2026-02-28', '1200.00'],
      ['2026-01-15', '2026-02-14', '1200.00'],
      ['2026-01-15', '2026-01-16', '1200.00'],
      ['2026-01-15', '2026-01-15', '1200.00'],
      ['2026-01-15', '2025-06-01', '1200.00'],
    ]
    for (const [today, deadline, required] of rows) {
      const told = of({ target: '2000', current: '800', today, deadline })
      expect(told.requiredPerMonth, `${today} to ${deadline}`).to.equal(required)
    }
    expect(of({ target: '2000', current: '800' }).requiredPerMonth).to.equal(null)
    expect(of({ target: '800', current: '800', deadline: '2026-06-01' }).requiredPerMonth).to.equal(null)
  })

  it('tell when it is reached at the pace of three months', () => {
    const rows: readonly [
      current: string,
      pace: string | null,
      actual: string | null,
      date: string | null,
    ][] = [
      ['800', '300', '100.00', '2027-01-15'],
      ['800', '450', '150.00', '2026-09-15'],
      // One month, and the first part of the 28 days to the 15th of March.
      ['1899', '300', '100.00', '2026-02-16'],
      ['800', '0', '0.00', null],
      ['800', '-30', '-10.00', null],
      ['800', null, null, null],
      // 1,200 months are a hundred years; then it is out of sight.
      ['800', '3', '1.00', '2126-01-15'],
      ['799.99', '3', '1.00', null],
      ['2000', '300', '100.00', null],
    ]
    for (const [current, pace, actualPerMonth, projectedDate] of rows) {
      const told = of({ target: '2000', current, pace })
      expect(told, `${current} at ${pace}`).to.include({ actualPerMonth, projectedDate })
    }
  })

  it('lead to the deadline when what has to come in does', () => {
    const cents = fc.integer({ min: 1, max: 10_000_000 }).map((count) => (count / 100).toFixed(2))
    const day = fc.integer({ min: 0, max: 20_000 }).map((days) => addDays('2020-01-01', days))
    fc.assert(
      fc.property(cents, day, fc.integer({ min: 31, max: 10_000 }), (target, today, days) => {
        const deadline = addDays(today, days)
        const { requiredPerMonth } = of({ target, current: '0', today, deadline })
        const pace = parseFixed(requiredPerMonth ?? '0') * 3n * ONE ** 3n
        // Rounded down, a payment leaves a few cents to the day after.
        const generous = pace + exact('0.03')
        const told = figuresOf({
          target: parseFixed(target),
          currency: 'USD',
          deadline,
          today,
          current: 0n,
          pace: generous,
        })
        expect(told.projectedDate !== null && told.projectedDate <= deadline).to.equal(true)
      }),
    )
  })
})

describe('milestones', () => {
  it('are behind what was put aside, to the last digit', () => {
    const target = parseFixed('400')
    const rows: readonly [string, readonly number[]][] = [
      ['-400', []],
      ['99.999999999999999999', []],
      ['100', [25]],
      ['200', [25, 50]],
      ['399.999999999999999999', [25, 50, 75]],
      ['400', [25, 50, 75, 100]],
      ['9000', [25, 50, 75, 100]],
    ]
    for (const [current, percents] of rows)
      expect(milestonesAt(exact(current), target), current).to.deep.equal(percents)
  })

  it('are followed by a fall only below 95 % of the target, and by a recovery only at the target', () => {
    const target = parseFixed('100')
    const [fresh, reached, fallen] = [
      { target, reached: false, fallen: false },
      { target, reached: true, fallen: false },
      { target, reached: true, fallen: true },
    ]
    const turns = (current: string) => [fresh, reached, fallen].map((state) => turnOf(exact(current), state))
    expect(turns('100')).to.deep.equal(['reached', null, 'recovered'])
    expect(turns('99.99')).to.deep.equal([null, null, null])
    expect(turns('95')).to.deep.equal([null, null, null])
    expect(turns('94.999999999999999999')).to.deep.equal([null, 'fellBack', null])
  })
})
