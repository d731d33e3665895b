import { expect } from 'chai'
import fc from 'fast-check'
import type { FlowSum } from '../../src/cashflow/flow-store.js'
import { type CashflowAsk, cashflow, datesOf } from '../../src/insights/cashflow.js'
import { type DateRange, rangeOf } from '../../src/insights/months.js'
import { addDays } from '../../src/lib/calendar.js'
import { ONE, parseFixed } from '../../src/lib/decimal.js'
import type { FlowKind } from '../../src/protocol/flows.js'

/** `2026-03-05 INCOME 100 EUR salary`; of no category without the last word. */
function flow(line: string): FlowSum {
  const [date = '', kind, amount = '', currency = '', categoryId = null] = line.split(' ')
  return { date, kind: kind as FlowKind, amount: parseFixed(amount), currency, categoryId, entries: 1 }
}

const RATES: Readonly<Record<string, string>> = {
  'USD EUR 2026-03-05': '0.9',
  'USD EUR 2026-03-06': '0.8',
  'EUR USD 2026-03-05': '1.1',
}

function told(lines: readonly string[], more: Partial<CashflowAsk> = {}) {
  const sums = lines.map(flow)
  return cashflow({
    range: rangeOf('2026-03', 1),
    currency: 'EUR',
    startDay: 1,
    today: '2026-04-10',
    firstEntry: sums.map(({ date }) => date).sort()[0] ?? null,
    sums,
    rates: {
      rate: (from, to, date) => {
        const text = RATES[`${from} ${to} ${date}`]
        return text === undefined ? null : parseFixed(text)
      },
    },
    categories: new Map([
      ['food', 'Food'],
      ['rent', 'Rent'],
      ['work', 'Salary'],
    ]),
    ...more,
  })
}

const range = (from: string, to: string): DateRange => ({ from, next: addDays(to, 1) })

describe('cash flow', () => {
  it('is income less expense, in money, with shares of each category', () => {
    const march = told([
      '2026-02-28 INCOME 999 EUR',
      '2026-03-01 INCOME 3000 EUR work',
      '2026-03-05 INCOME 200 EUR',
      '2026-03-02 EXPENSE 1200 EUR rent',
      '2026-03-31 EXPENSE 400.005 EUR food',
      '2026-04-01 EXPENSE 999 EUR',
    ])
    expect(march).to.deep.include({
      from: '2026-03-01',
      to: '2026-03-31',
      currency: 'EUR',
      income: '3200.00',
      expense: '1600.00',
      netSaving: '1600.00',
      savingRate: '0.4999984375',
      expenseRatio: '0.5000015625',
      reason: null,
      complete: true,
      unconverted: [],
    })
    expect(march.categories).to.deep.equal([
      { categoryId: 'work', name: 'Salary', kind: 'INCOME', amount: '3000.00', share: '0.9375' },
      { categoryId: null, name: null, kind: 'INCOME', amount: '200.00', share: '0.0625' },
      { categoryId: 'rent', name: 'Rent', kind: 'EXPENSE', amount: '1200.00', share: '0.7499976563' },
      { categoryId: 'food', name: 'Food', kind: 'EXPENSE', amount: '400.00', share: '0.2500023437' },
    ])
  })

  it('counts a refund in the category that it lowers, even below zero', () => {
    const { expense, savingRate, categories } = told([
      '2026-03-01 INCOME 100 EUR work',
      '2026-03-02 EXPENSE 80 EUR food',
      '2026-03-09 EXPENSE -30 EUR food',
      '2026-03-09 EXPENSE -70 EUR rent',
    ])
    expect([expense, savingRate]).to.deep.equal(['-20.00', '1.2'])
    expect(categories.slice(1).map(({ amount, share }) => [amount, share])).to.deep.equal([
      ['50.00', null],
      ['-70.00', null],
    ])
  })

  it('has no rates without income, and says so', () => {
    for (const lines of [[], ['2026-03-02 EXPENSE 80 EUR'], ['2026-03-02 INCOME -5 EUR']]) {
      const { savingRate, expenseRatio, reason, income, months } = told(lines)
      expect([savingRate, expenseRatio, reason]).to.deep.equal([null, null, 'no-income'])
      expect(income).to.equal(lines[0]?.includes('INCOME') ? '-5.00' : '0.00')
      expect(months[0]).to.deep.include({ savingRate: null, reason: 'no-income' })
    }
  })

  it('converts each entry at the rate of its own date, exactly, and rounds once', () => {
    const both = told(['2026-03-05 INCOME 10 USD work', '2026-03-06 INCOME 10 USD work'])
    expect([both.income, both.categories[0]?.amount]).to.deep.equal(['17.00', '17.00'])
    const parts = told(Array.from({ length: 3 }, () => '2026-03-05 INCOME 0.005 USD'))
    expect(parts.income).to.equal('0.01')
    const halves = ['0.005', '0.015', '0.025'].map(
      (amount) => told([`2026-03-05 INCOME ${amount} EUR`]).income,
    )
    expect(halves).to.deep.equal(['0.00', '0.02', '0.02'])
  })

  it('is written with the digits of each currency', () => {
    const of = (currency: string) =>
      told([`2026-03-05 INCOME 12345.6785 ${currency}`, `2026-03-05 EXPENSE 0.5 ${currency}`], { currency })
    expect(of('JPY')).to.deep.include({ income: '12346', expense: '0', netSaving: '12345' })
    expect(of('IDR')).to.deep.include({ income: '12345.68', expense: '0.50', netSaving: '12345.18' })
    expect(of('BHD')).to.deep.include({ income: '12345.678', expense: '0.500', netSaving: '12345.178' })
    const large = told(['2026-03-05 INCOME 99999999999999999999.99 IDR'], { currency: 'IDR' })
    expect(large.income).to.equal('99999999999999999999.99')
  })

  it('leaves null what a missing rate belongs to, and names the entries', () => {
    const lacking = told([
      '2026-03-01 INCOME 100 EUR work',
      '2026-03-04 EXPENSE 10 GBP food',
      '2026-03-04 EXPENSE 10 GBP rent',
      '2026-03-03 EXPENSE 10 CHF food',
      '2026-03-02 EXPENSE 20 EUR rent',
      '2026-03-02 EXPENSE 5 EUR',
    ])
    expect(lacking).to.deep.include({
      income: '100.00',
      expense: null,
      netSaving: null,
      savingRate: null,
      expenseRatio: null,
      reason: 'no-rate',
      unconverted: [
        { currency: 'CHF', date: '2026-03-03', entries: 1 },
        { currency: 'GBP', date: '2026-03-04', entries: 2 },
      ],
    })
    expect(
      lacking.categories.map(({ categoryId, amount, share }) => [categoryId, amount, share]),
    ).to.deep.equal([
      ['work', '100.00', '1'],
      [null, '5.00', null],
      ['food', null, null],
      ['rent', null, null],
    ])
    expect(lacking.months[0]).to.deep.include({ income: '100.00', expense: null, reason: 'no-rate' })
    expect(lacking.averages).to.deep.equal({
      income: '100.00',
      expense: null,
      netSaving: null,
      reason: 'no-rate',
    })
  })

  it('tells a range month by month, of days of its own alone', () => {
    const { months, complete } = told(
      [
        '2026-02-09 EXPENSE 1000 EUR',
        '2026-02-10 EXPENSE 1 EUR',
        '2026-03-31 INCOME 10 EUR',
        '2026-04-10 INCOME 5 EUR',
        '2026-04-11 INCOME 1000 EUR',
      ],
      { range: range('2026-02-10', '2026-04-10') },
    )
    expect(complete).to.equal(false)
    expect(
      months.map(({ month, from, to, netSaving, complete }) => [month, from, to, netSaving, complete]),
    ).to.deep.equal([
      ['2026-02', '2026-02-10', '2026-02-28', '-1.00', false],
      ['2026-03', '2026-03-01', '2026-03-31', '10.00', true],
      ['2026-04', '2026-04-01', '2026-04-10', '5.00', false],
    ])
  })

  it('follows months that begin on payday', () => {
    const lines = ['2026-03-24 INCOME 1 EUR', '2026-03-25 INCOME 10 EUR', '2026-04-24 INCOME 100 EUR']
    const month = told(lines, { startDay: 25, range: rangeOf('2026-03', 25), today: '2026-04-24' })
    expect(month).to.deep.include({ from: '2026-03-25', to: '2026-04-24', income: '110.00', complete: false })
    expect(month.months.map(({ month, income }) => [month, income])).to.deep.equal([['2026-03', '110.00']])
    const year = told(lines, { startDay: 25, range: range('2026-03-01', '2026-04-30'), today: '2026-05-01' })
    expect(year.months.map(({ month, from, to, income }) => [month, from, to, income])).to.deep.equal([
      ['2026-02', '2026-03-01', '2026-03-24', '1.00'],
      ['2026-03', '2026-03-25', '2026-04-24', '110.00'],
      ['2026-04', '2026-04-25', '2026-04-30', '0.00'],
    ])
  })
})

describe('what is usual', () => {
  const salaries = (amounts: readonly number[]) =>
    amounts.map((amount, index) => `2026-0${index + 1}-15 INCOME ${amount} EUR`)
  const today = '2026-06-10'

  it('is told of the complete months of a range', () => {
    const flow = told([...salaries([100, 200, 400, 500, 900, 7]), '2026-03-01 EXPENSE 100 EUR'], {
      range: range('2026-01-01', '2026-06-30'),
      today,
    })
    expect(flow.comparedMonths).to.deep.equal(['2026-01', '2026-02', '2026-03', '2026-04', '2026-05'])
    expect(flow.averages).to.deep.equal({
      income: '420.00',
      expense: '20.00',
      netSaving: '400.00',
      reason: null,
    })
    expect(flow.medians).to.deep.equal({
      income: '400.00',
      expense: '0.00',
      netSaving: '300.00',
      reason: null,
    })
    expect(flow.trend).to.deep.equal({ income: '400.00', expense: '0.00', netSaving: '400.00', reason: null })
    const four = told(salaries([100, 200, 400, 500, 900]), {
      range: range('2026-01-31', '2026-05-31'),
      today,
    })
    expect(four.comparedMonths).to.deep.equal(['2026-02', '2026-03', '2026-04', '2026-05'])
    expect(four.medians.income).to.equal('450.00')
    const lengths = ['2026-03-01', '2026-04-01', '2026-05-01'].map((from) => {
      const asked = told(salaries([100, 200, 400, 500, 900]), { range: range(from, '2026-05-31'), today })
      return asked.comparedMonths.length
    })
    expect(lengths).to.deep.equal([3, 2, 5])
  })

  it('is told of the twelve months up to the end of a single month, a running one left out', () => {
    const old = ['2025-05-31 INCOME 1 EUR', '2025-06-01 INCOME 12 EUR']
    const running = told([...old, ...salaries([0, 0, 0, 0, 0, 7])], { range: rangeOf('2026-06', 1), today })
    expect(running.comparedMonths).to.have.lengthOf(12)
    expect([running.comparedMonths[0], running.comparedMonths[11]]).to.deep.equal(['2025-06', '2026-05'])
    expect([running.income, running.averages.income, running.complete]).to.deep.equal(['7.00', '1.00', false])
    const past = told([...old, ...salaries([5, 6])], { range: rangeOf('2026-02', 1), today })
    expect(past.comparedMonths.at(-1)).to.equal('2026-02')
    expect(past.trend.income).to.equal('1.00')
    const partly = told([...old, ...salaries([5, 6])], { range: range('2026-02-01', '2026-02-27'), today })
    expect(partly.comparedMonths.at(-1)).to.equal('2026-01')
  })

  it('begins with the month of the first entry, and empty months after it count', () => {
    const young = told(['2026-03-15 INCOME 90 EUR'], { range: rangeOf('2026-05', 1), today })
    expect(young.comparedMonths).to.deep.equal(['2026-03', '2026-04', '2026-05'])
    expect([young.averages.income, young.medians.income]).to.deep.equal(['30.00', '0.00'])
    const new_ = told(['2026-06-01 INCOME 90 EUR'], { range: rangeOf('2026-06', 1), today })
    const none = { income: null, expense: null, netSaving: null, reason: 'no-complete-month' }
    expect([new_.averages, new_.medians, new_.trend]).to.deep.equal([none, none, none])
    const one = told(['2026-05-31 INCOME 90 EUR'], { range: rangeOf('2026-06', 1), today })
    expect([one.averages.income, one.trend]).to.deep.equal(['90.00', none])
  })

  it('rounds a mean once', () => {
    const of = (currency: string) =>
      told([`2026-03-15 INCOME 100 ${currency}`], { currency, range: rangeOf('2026-05', 1), today }).averages
    expect(['JPY', 'EUR', 'BHD'].map((currency) => of(currency).income)).to.deep.equal([
      '33',
      '33.33',
      '33.333',
    ])
  })

  it('needs no entry but those that are asked for', () => {
    const date = fc.integer({ min: 0, max: 3_000 }).map((days) => addDays('2019-01-01', days))
    fc.assert(
      fc.property(
        date,
        fc.integer({ min: 0, max: 800 }),
        date,
        fc.integer({ min: 1, max: 28 }),
        fc.array(date, { maxLength: 40 }),
        (from, days, today, startDay, entries) => {
          const span = { range: range(from, addDays(from, days)), startDay, today }
          const dates = datesOf(span)
          const lines = entries.map((entry, index) => `${entry} INCOME ${index + 1} EUR`)
          const firstEntry = [...entries].sort()[0] ?? null
          const sums = lines.map(flow)
          const asked = sums.filter((sum) => dates.from <= sum.date && sum.date < dates.next)
          const all = told([], { ...span, firstEntry, sums })
          expect(told([], { ...span, firstEntry, sums: asked })).to.deep.equal(all)
          const ofMonths = all.months.reduce((sum, { income }) => sum + parseFixed(income ?? ''), 0n)
          expect(ofMonths).to.equal(parseFixed(all.income ?? ''))
          const own = entries.map((entry, index) =>
            from <= entry && entry < span.range.next ? index + 1 : 0,
          )
          expect(ofMonths).to.equal(BigInt(own.reduce((sum, amount) => sum + amount, 0)) * ONE)
        },
      ),
      { numRuns: 60 },
    )
  })
})
