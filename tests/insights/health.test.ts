import { expect } from 'chai'
import fc from 'fast-check'
import type { FlowSum } from '../../src/cashflow/flow-store.js'
import { type HealthFacts, health } from '../../src/insights/health.js'
import { flowFacts, ownedFacts, yearUntil } from '../../src/insights/health-facts.js'
import { parseFixed } from '../../src/lib/decimal.js'
import type { FlowKind } from '../../src/protocol/flows.js'
import type { HealthPartName } from '../../src/protocol/insights.js'
import type { Holding, Valuation } from '../../src/protocol/resources.js'

const UNKNOWN: HealthFacts = {
  currency: 'EUR',
  liquid: 'cash-account',
  incomePerMonth: 'complete-month',
  expensePerMonth: 'complete-month',
  months: null,
  assets: 'prices',
  debts: 'prices',
  netWorthNow: 'prices',
  netWorthBefore: 'net-worth-history',
  incomeOfYear: 'income-history',
  year: null,
  largestRisky: 'prices',
  investable: 'prices',
}

const amounts = <K extends keyof HealthFacts>(texts: Readonly<Record<K, string>>) =>
  Object.fromEntries(Object.entries<string>(texts).map(([name, text]) => [name, parseFixed(text)]))

const of = (more: object): ReturnType<typeof health> => health({ ...UNKNOWN, ...more })
const part = (name: HealthPartName, more: object) => {
  const found = of(more).parts.find((one) => one.name === name)
  if (!found) throw new Error(`no part ${name}`)
  return found
}

/** Points by value, at the corners of the curve, between them and beyond. */
type Curve = readonly (readonly [value: string, points: string])[]

describe('the points of a part', () => {
  const holds = (name: HealthPartName, curve: Curve, facts: (value: string) => object) => {
    for (const [value, points] of curve) {
      const { score, missing, value: told } = part(name, facts(value))
      expect([told, score, missing], value).to.deep.equal([value, points, null])
    }
  }

  it('are of months of expenses that are put aside', () => {
    const curve: Curve = [
      ['0', '0'],
      ['1.5', '30'],
      ['3', '60'],
      ['4.5', '80'],
      ['6', '100'],
      ['60', '100'],
    ]
    holds('emergencyFund', curve, (value) =>
      amounts({ liquid: String(Number(value) * 200), expensePerMonth: '200' }),
    )
  })

  it('are of the saving rate', () => {
    const curve: Curve = [
      ['-0.5', '0'],
      ['0', '0'],
      ['0.05', '25'],
      ['0.1', '50'],
      ['0.15', '65'],
      ['0.2', '80'],
      ['0.25', '90'],
      ['0.3', '100'],
      ['1', '100'],
    ]
    holds('savingRate', curve, (value) =>
      amounts({ incomePerMonth: '1000', expensePerMonth: String(1000 - Number(value) * 1000) }),
    )
  })

  it('are of debts to assets', () => {
    const curve: Curve = [
      ['0', '100'],
      ['0.1', '92.5'],
      ['0.2', '85'],
      ['0.35', '67.5'],
      ['0.5', '50'],
      ['0.75', '25'],
      ['1', '0'],
      ['3', '0'],
    ]
    holds('debtToAssets', curve, (value) => amounts({ debts: String(Number(value) * 1000), assets: '1000' }))
    expect(part('debtToAssets', amounts({ debts: '1', assets: '0' }))).to.deep.include({
      value: null,
      score: '0',
      missing: null,
    })
    expect(part('debtToAssets', amounts({ debts: '0', assets: '0' }))).to.deep.include({
      value: null,
      score: null,
      missing: 'assets',
    })
  })

  it('are of how net worth went, against income', () => {
    const curve: Curve = [
      ['-5', '0'],
      ['-0.2', '0'],
      ['-0.1', '25'],
      ['0', '50'],
      ['0.1', '75'],
      ['0.2', '100'],
      ['0.9', '100'],
    ]
    holds('netWorthTrend', curve, (value) =>
      amounts({
        netWorthBefore: '-500',
        netWorthNow: String(-500 + Number(value) * 1000),
        incomeOfYear: '1000',
      }),
    )
  })

  it('are of what is not in the largest holding', () => {
    const curve: Curve = [
      ['0', '0'],
      ['0.25', '30'],
      ['0.5', '60'],
      ['0.65', '80'],
      ['0.8', '100'],
      ['1', '100'],
    ]
    holds('diversification', curve, (value) =>
      amounts({ investable: '1000', largestRisky: String(1000 - Number(value) * 1000) }),
    )
  })
})

describe('the health score', () => {
  const everything = amounts({
    liquid: '6000', // 3 months: 60
    incomePerMonth: '2500', // 0.2: 80
    expensePerMonth: '2000',
    assets: '100000', // 0.5: 50
    debts: '50000',
    netWorthNow: '50000', // 0.1: 75
    netWorthBefore: '47000',
    incomeOfYear: '30000',
    largestRisky: '30000', // 0.25: 30
    investable: '40000',
  })

  it('adds up what each part contributes', () => {
    const { score, measuredWeight, reason, parts } = of(everything)
    expect([score, measuredWeight, reason]).to.deep.equal(['60.75', 100, null])
    expect(
      parts.map(({ name, weight, score, contribution }) => [name, weight, score, contribution]),
    ).to.deep.equal([
      ['emergencyFund', 25, '60', '15'],
      ['savingRate', 25, '80', '20'],
      ['debtToAssets', 20, '50', '10'],
      ['netWorthTrend', 15, '75', '11.25'],
      ['diversification', 15, '30', '4.5'],
    ])
    expect(parts[1]).to.deep.include({ numerator: '500.00', denominator: '2500.00', value: '0.2' })
  })

  it('gives the weight of what is not measured to the others, and says what is missing', () => {
    const { score, measuredWeight, parts } = of({ ...everything, netWorthBefore: 'net-worth-history' })
    // (60 x 25 + 80 x 25 + 50 x 20 + 30 x 15) / 85
    expect([score, measuredWeight]).to.deep.equal(['58.24', 85])
    expect(parts[3]).to.deep.equal({
      name: 'netWorthTrend',
      weight: 15,
      value: null,
      numerator: null,
      denominator: null,
      period: null,
      score: null,
      contribution: null,
      missing: 'net-worth-history',
    })
  })

  it('is null below half of the weight, but the parts are told', () => {
    const flows = amounts({ liquid: '6000', incomePerMonth: '2500', expensePerMonth: '2000' })
    expect(of(flows)).to.deep.include({ score: '70', measuredWeight: 50, reason: null })
    const less = of({ ...everything, ...UNKNOWN, ...amounts({ assets: '4', debts: '1' }) })
    expect(less).to.deep.include({
      score: null,
      measuredWeight: 20,
      reason: 'too-little-measured',
      advice: [],
    })
    expect(less.parts[2]).to.deep.include({ value: '0.25', score: '79.17', contribution: null })
    expect(of({})).to.deep.include({ score: null, measuredWeight: 0, reason: 'too-little-measured' })
  })

  it('says what would raise it most, and how much it takes', () => {
    const { advice } = of(everything)
    expect(
      advice.map(({ part, gain, value, target, amount }) => [part, gain, value, target, amount]),
    ).to.deep.equal([
      ['diversification', '10.5', '0.25', '0.8', '22000.00'],
      ['emergencyFund', '10', '3', '6', '6000.00'],
      ['debtToAssets', '10', '0.5', '0', '50000.00'],
      ['savingRate', '5', '0.2', '0.3', '250.00'],
      ['netWorthTrend', '3.75', '0.1', '0.2', '3000.00'],
    ])
    expect(advice.map(({ text }) => text)).to.include.members([
      'Put aside 3 more months of expenses: 6000.00 EUR in accounts.',
      'Save 250.00 EUR more each month, which makes it 30 % of what comes in.',
      'Pay off debts of 50000.00 EUR.',
    ])
    const nearly = of({ ...everything, ...amounts({ liquid: '7800.01', expensePerMonth: '2000' }) }).advice
    expect(nearly.find(({ part }) => part === 'emergencyFund')?.text).to.equal(
      'Put aside 2.1 more months of expenses: 4199.99 EUR in accounts.',
    )
  })

  it('has a part at 100 points when its advice is followed', () => {
    const amount = fc.integer({ min: 1, max: 10_000_000 }).map((cents) => BigInt(cents) * 10n ** 16n)
    fc.assert(
      fc.property(fc.tuple(amount, amount, amount, amount), ([liquid, income, expense, investable]) => {
        const facts = {
          ...UNKNOWN,
          liquid,
          incomePerMonth: income,
          expensePerMonth: expense,
          investable: investable + liquid,
          largestRisky: investable,
        }
        const { score, advice, parts } = health(facts)
        const sum = parts.reduce((all, { contribution }) => all + Number(contribution ?? 0), 0)
        expect(sum).to.be.closeTo(Number(score), 0.02)
        const followed = {
          emergencyFund: 'liquid',
          savingRate: 'expensePerMonth',
          diversification: 'largestRisky',
        }
        for (const one of advice) {
          const name = followed[one.part as keyof typeof followed] as 'liquid'
          const change = parseFixed(one.amount) * (one.part === 'emergencyFund' ? 1n : -1n)
          const after = health({ ...facts, [name]: facts[name] + change })
          expect(after.parts.find(({ name }) => name === one.part)?.score, one.part).to.equal('100')
        }
      }),
    )
  })
})

describe('what the score is reckoned from', () => {
  const holding = (type: Holding['type'], value: string | null, more: Partial<Holding> = {}): Holding => ({
    assetId: `${type} ${value}`,
    type,
    name: type,
    symbol: null,
    quantity: '1',
    price: null,
    rate: null,
    value,
    cost: null,
    gain: null,
    dayChange: null,
    ...more,
  })
  const valued = (holdings: readonly Holding[], reason: 'no-price' | 'no-rate' = 'no-price'): Valuation => ({
    epoch: 'e',
    seq: 1,
    at: '2026-06-10T00:00:00.000Z',
    currency: 'EUR',
    total: '0',
    cost: '0',
    gain: '0',
    dayChange: null,
    coverage: {
      holdings: holdings.length,
      priced: 0,
      stale: 0,
      unpriced: holdings.filter(({ value }) => value === null).map(({ assetId }) => ({ assetId, reason })),
    },
    holdings,
  })

  it('takes accounts that are overdrawn for debts, and the same coin in two places for one holding', () => {
    const facts = ownedFacts(
      valued([
        holding('CASH', '1000.00'),
        holding('CASH', '-50.50'),
        holding('LIABILITY', '-5000.00'),
        holding('REAL', '90000.00'),
        holding('CRYPTO', '300.00', { symbol: 'BTC-USD' }),
        holding('CRYPTO', '200.00', { symbol: 'BTC-USD' }),
        holding('STOCK', '400.00', { symbol: 'BBCA.JK' }),
      ]),
    )
    expect(facts).to.deep.equal(
      amounts({
        liquid: '1000',
        assets: '91900',
        debts: '5050.5',
        netWorthNow: '86849.5',
        largestRisky: '500',
        investable: '1900',
      }),
    )
  })

  it('does not know what a holding without a price or a rate is part of', () => {
    const cash = holding('CASH', '10.00')
    const coin = holding('CRYPTO', null)
    expect(ownedFacts(valued([cash, coin]))).to.deep.equal({
      liquid: parseFixed('10'),
      assets: 'prices',
      debts: 'prices',
      netWorthNow: 'prices',
      largestRisky: 'prices',
      investable: 'prices',
    })
    expect(ownedFacts(valued([holding('CASH', null)], 'no-rate'))).to.include({
      liquid: 'rates',
      assets: 'rates',
    })
    expect(ownedFacts(valued([cash, { ...coin, quantity: '0' }]))).to.deep.include({
      assets: parseFixed('10'),
    })
    expect(ownedFacts(valued([])).liquid).to.equal('cash-account')
  })

  const sum = (date: string, kind: FlowKind, amount: number, currency = 'EUR'): FlowSum => {
    return { date, kind, amount: parseFixed(String(amount)), currency, categoryId: null, entries: 1 }
  }
  const flows = (sums: readonly FlowSum[], today = '2026-06-10', startDay = 1) =>
    flowFacts({
      currency: 'EUR',
      startDay,
      today,
      firstEntry: sums.map(({ date }) => date).sort()[0] ?? null,
      sums,
      rates: { rate: () => null },
    })

  it('takes the mean of six complete months, or of as many as there are since the first entry', () => {
    const old = ['2025-06-30', '2025-11-30'].map((date) => sum(date, 'INCOME', 1))
    const long = flows([...old, sum('2025-12-01', 'INCOME', 600), sum('2026-06-01', 'EXPENSE', 9)])
    expect(long).to.deep.include(amounts({ incomePerMonth: '100', expensePerMonth: '0' }))
    expect(long.months).to.deep.equal({ from: '2025-12-01', to: '2026-05-31' })
    const young = flows([sum('2026-04-30', 'INCOME', 600), sum('2026-05-31', 'EXPENSE', 10)])
    expect(young).to.deep.include(amounts({ incomePerMonth: '300', expensePerMonth: '5' }))
    const payday = flows([sum('2026-04-24', 'INCOME', 600)], '2026-05-24', 25)
    expect(payday.months).to.deep.equal({ from: '2026-03-25', to: '2026-04-24' })
    expect(flows([sum('2026-06-01', 'INCOME', 600)])).to.include({
      incomePerMonth: 'complete-month',
      expensePerMonth: 'complete-month',
      incomeOfYear: 'income-history',
    })
    expect(flows([sum('2026-05-01', 'INCOME', 600), sum('2026-05-01', 'EXPENSE', 1, 'USD')])).to.deep.include(
      {
        incomePerMonth: parseFixed('600'),
        expensePerMonth: 'rates',
      },
    )
  })

  it('takes the income of twelve months, where books were kept in all of them', () => {
    expect(yearUntil('2026-06-10')).to.deep.equal({ from: '2025-06-11', next: '2026-06-11' })
    expect(yearUntil('2024-02-29')).to.deep.equal({ from: '2023-03-01', next: '2024-03-01' })
    const year = flows([
      sum('2025-06-10', 'INCOME', 1000),
      sum('2025-06-11', 'INCOME', 1),
      sum('2026-06-10', 'INCOME', 2),
      sum('2026-06-11', 'INCOME', 1000),
    ])
    expect([year.incomeOfYear, year.year]).to.deep.equal([
      parseFixed('3'),
      { from: '2025-06-11', to: '2026-06-10' },
    ])
    expect(flows([sum('2025-07-10', 'INCOME', 1)]).incomeOfYear).to.equal(parseFixed('1'))
    expect(flows([sum('2025-07-11', 'INCOME', 1)]).incomeOfYear).to.equal('income-history')
    expect(flows([sum('2025-07-01', 'INCOME', 1, 'USD')]).incomeOfYear).to.equal('rates')
  })
})
