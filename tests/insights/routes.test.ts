import { expect } from 'chai'
import { assets } from '../../src/assets/service.js'
import type { Database } from '../../src/database/database.js'
import { fromDateText } from '../../src/database/values.js'
import { doorState } from '../../src/http/context.js'
import { insightRoutes } from '../../src/insights/routes.js'
import { cashflowInsight, healthInsight, type PastNetWorth } from '../../src/insights/service.js'
import { dateIn } from '../../src/lib/calendar.js'
import type { Clock } from '../../src/lib/clock.js'
import { parseFixed } from '../../src/lib/decimal.js'
import { DatedMarkets } from '../../src/prices/dated-market.js'
import { DayStarts } from '../../src/prices/day-starts.js'
import { priceStore } from '../../src/prices/store.js'
import type { Cashflow, Health } from '../../src/protocol/insights.js'
import type { Problem, Valuation } from '../../src/protocol/resources.js'
import { portfolioLoader } from '../../src/valuation/load.js'
import { WatchedPortfolio } from '../../src/valuation/watched.js'
import { type Door, openDoor } from '../http/door.js'
import { countStatements } from '../support/count-statements.js'
import { addUser, openTestDatabase } from '../support/database.js'
import { TestMarket } from '../valuation/portfolios.js'

const NOW = Date.UTC(2026, 5, 10, 12)

interface Profile {
  readonly baseCurrency?: string
  readonly timeZone?: string
  readonly monthStartDay?: number
}

describe('insights', function () {
  this.timeout(60_000)
  let db: Database
  let door: Door
  let userId = ''
  let now = NOW
  let netWorthBefore: PastNetWorth | null = null
  let statements = 0
  const past: string[] = []
  const market = new TestMarket()
  const clock: Clock = { now: () => now, after: () => () => {}, every: () => () => {} }

  before(async () => {
    db = await openTestDatabase('embedded')
    const counted: Database = {
      ...db,
      asUser: (id, work) => db.asUser(id, (tx) => work(countStatements(tx, () => statements++))),
    }
    await db.asSystem((tx) =>
      priceStore.saveRates(tx, [
        { base: 'EUR', quote: 'USD', date: '2026-05-01', rate: '1.25', source: 'ecb' },
        { base: 'EUR', quote: 'USD', date: '2026-05-04', rate: '1.6', source: 'ecb' },
      ]),
    )
    const rate = (from: string, to: string) => (`${from}${to}` === 'USDEUR' ? parseFixed('0.5') : null)
    const dated = new DatedMarkets({ now: () => now, live: { price: () => undefined, rate } }).load
    const valuation = async (id: string): Promise<Valuation> => {
      const load = portfolioLoader({ db, dayStarts: new DayStarts({ db, pairs: () => [] }), clock })
      const loaded = await load(id)
      if (!loaded) throw new Error('no such user')
      return JSON.parse(new WatchedPortfolio({ epoch: 'e', loaded, market, at: now }).snapshot()) as Valuation
    }
    const netWorthOn = async (_: string, date: string) => {
      past.push(date)
      return netWorthBefore
    }
    const routes = insightRoutes({
      cashflow: cashflowInsight({ db: counted, dated, clock }),
      health: healthInsight({ db: counted, dated, clock, valuation, netWorthOn }),
      signedIn: async (ctx, next) => {
        doorState(ctx).actor = { userId, sessionId: 's', role: 'USER', expiresAt: NOW }
        await next()
      },
    })
    market.rates.set('EUR', '1')
    door = await openDoor((router) => router.use(routes.routes()))
  })
  beforeEach(() => {
    now = NOW
    netWorthBefore = null
    market.marks.clear()
  })
  after(async () => {
    await door?.close()
    await db?.close()
  })

  const become = async ({ baseCurrency = 'EUR', ...profile }: Profile = {}): Promise<void> => {
    userId = await addUser(db, { baseCurrency })
    await db.asSystem((tx) => tx.user.update({ where: { id: userId }, data: profile }))
  }
  /** `INCOME 2026-03-05 100 EUR`, of a category by its name as the last word. */
  const enter = (...lines: string[]): Promise<void> =>
    db.asUser(userId, async (tx) => {
      for (const line of lines) {
        const [kind, date = '', amount = '', currency = '', name] = line.split(' ')
        const named = { userId, kind: kind as 'INCOME' | 'EXPENSE', name: name ?? '' }
        const category = name === undefined ? null : await tx.category.create({ data: named })
        const data = { userId, date: fromDateText(date), amount, currency, categoryId: category?.id ?? null }
        await (kind === 'INCOME' ? tx.income.create({ data }) : tx.expense.create({ data }))
      }
    })
  const get = async <T>(path: string): Promise<{ status: number; body: T & Problem }> => {
    const response = await fetch(`${door.url}/v1/insights${path}`)
    return { status: response.status, body: (await response.json()) as T & Problem }
  }
  const flowOf = async (query = ''): Promise<Cashflow> => {
    const { status, body } = await get<Cashflow>(`/cashflow${query}`)
    expect(status, JSON.stringify(body)).to.equal(200)
    return body
  }

  it('tell the month under way, or the one that is asked for, or a range', async () => {
    await become()
    await enter(
      'INCOME 2026-05-31 1000 EUR Salary',
      'INCOME 2026-06-01 100 EUR',
      'EXPENSE 2026-06-30 40 EUR Food',
      'EXPENSE 2026-07-01 1 EUR',
    )
    const june = await flowOf()
    expect(june).to.deep.include({
      from: '2026-06-01',
      to: '2026-06-30',
      currency: 'EUR',
      income: '100.00',
      expense: '40.00',
      netSaving: '60.00',
      savingRate: '0.6',
      expenseRatio: '0.4',
      reason: null,
      complete: false,
      comparedMonths: ['2026-05'],
    })
    expect(june.categories.map(({ name, kind, amount }) => [name, kind, amount])).to.deep.equal([
      [null, 'INCOME', '100.00'],
      ['Food', 'EXPENSE', '40.00'],
    ])
    expect(await flowOf('?month=2026-06')).to.deep.equal(june)
    expect(await flowOf('?month=2026-05')).to.deep.include({ income: '1000.00', complete: true })
    const range = await flowOf('?from=2026-05-31&to=2026-06-01')
    expect([range.income, range.expense, range.months.length]).to.deep.equal(['1100.00', '0.00', 2])
    userId = await addUser(db)
    expect(await flowOf()).to.deep.include({ income: '0.00', reason: 'no-income', categories: [] })
  })

  it('know which day it is where the user lives, half an hour after his midnight', async () => {
    const places: readonly [zone: string, now: number, month: string][] = [
      ['Asia/Jakarta', Date.UTC(2026, 2, 31, 17, 30), '2026-04'],
      ['Pacific/Honolulu', Date.UTC(2026, 3, 1, 10, 30), '2026-04'],
      ['Pacific/Honolulu', Date.UTC(2026, 3, 1, 9, 30), '2026-03'],
      // Berlin is two hours before UTC in summer, one in winter.
      ['Europe/Berlin', Date.UTC(2026, 2, 31, 22, 30), '2026-04'],
      ['Europe/Berlin', Date.UTC(2026, 9, 31, 22, 30), '2026-10'],
      ['Europe/Berlin', Date.UTC(2026, 9, 31, 23, 30), '2026-11'],
    ]
    const zoneOfServer = process.env.TZ
    try {
      for (const [index, [timeZone, at, month]] of places.entries()) {
        process.env.TZ = ['America/Los_Angeles', 'Pacific/Kiritimati'][index % 2]
        now = at
        await become({ timeZone })
        await enter(`EXPENSE ${dateIn(timeZone, at)} 5 EUR`)
        const { months } = await flowOf()
        expect(
          months.map(({ month, expense }) => [month, expense]),
          timeZone,
        ).to.deep.equal([[month, '5.00']])
      }
    } finally {
      if (zoneOfServer === undefined) delete process.env.TZ
      else process.env.TZ = zoneOfServer
    }
  })

  it('follow months that begin on payday', async () => {
    await become({ monthStartDay: 25 })
    await enter('INCOME 2026-05-24 1 EUR', 'INCOME 2026-05-25 10 EUR', 'INCOME 2026-06-24 100 EUR')
    const running = { from: '2026-05-25', to: '2026-06-24', income: '110.00', complete: false }
    expect(await flowOf()).to.deep.include(running)
    expect(await flowOf('?month=2026-05')).to.deep.include(running)
  })

  it('convert other money at the rate of the day, today at the one of now, and name what has no rate', async () => {
    await become()
    await enter(
      'INCOME 2026-05-01 100 USD',
      'INCOME 2026-05-03 100 USD',
      'INCOME 2026-05-04 100 USD',
      'INCOME 2026-05-05 1 EUR',
      'EXPENSE 2026-06-03 5 GBP',
    )
    expect((await flowOf('?month=2026-05')).income).to.equal('223.50')
    expect(await flowOf('?from=2026-05-01&to=2026-06-30')).to.deep.include({
      income: '223.50',
      expense: null,
      netSaving: null,
      reason: 'no-rate',
      unconverted: [{ currency: 'GBP', date: '2026-06-03', entries: 1 }],
    })
    // In Honolulu it still is the fourth of May.
    now = Date.UTC(2026, 4, 5, 9)
    await become({ timeZone: 'Pacific/Honolulu' })
    await enter('INCOME 2026-05-03 100 USD', 'INCOME 2026-05-04 100 USD')
    expect((await flowOf()).income).to.equal('130.00')
  })

  it('ask the database as often for ten years as for a month', async () => {
    await become()
    const counts: number[] = []
    for (const years of [0, 10]) {
      await enter(
        ...Array.from({ length: years }, (_, year) => `INCOME ${2016 + year}-07-01 10 EUR C${year}`),
      )
      for (const query of ['', '?from=2016-06-11&to=2026-06-10']) {
        statements = 0
        const { months } = await flowOf(query)
        counts.push(statements)
        expect(months.length).to.equal(query === '' ? 1 : 121)
      }
    }
    expect(counts).to.deep.equal([4, 4, 4, 4])
  })

  it('refuse a question that is no range', async () => {
    await become()
    const mistakes: readonly [string, string][] = [
      ['month=2026-13', '/month'],
      ['month=2026-6', '/month'],
      ['month=2026-06&month=2026-05', '/month'],
      ['month=2026-06&from=2026-06-01', '/from'],
      ['month=2026-06&to=2026-06-01', '/to'],
      ['from=2026-06-01', '/to'],
      ['to=2026-06-01', '/from'],
      ['from=2026-06-02&to=2026-06-01', '/to'],
      ['from=2026-02-29&to=2026-06-01', '/from'],
      ['from=2016-06-10&to=2026-06-10', '/to'],
      ['from=1899-06-10&to=1900-06-10', '/from'],
      ['year=2026', '/year'],
    ]
    for (const [query, pointer] of mistakes) {
      const { status, body } = await get(`/cashflow?${query}`)
      expect([status, body.errors?.[0]?.pointer], query).to.deep.equal([422, pointer])
    }
    for (const query of [
      '?from=1900-01-01&to=1900-01-01',
      '?from=2190-01-01&to=2199-12-31',
      '?month=2199-12',
    ])
      await flowOf(query)
    await flowOf('?from=2016-02-29&to=2026-02-28')
  })

  it('score what is owned, owed, earned and spent', async () => {
    await become()
    const noRates = async () => ({ rate: () => null, close: () => null })
    const owned = assets({ db, clock, priceOf: async () => undefined, dated: noRates, changed: () => {} })
    await owned.create(userId, { type: 'CASH', name: 'Account', currency: 'EUR', quantity: '6000' })
    await owned.create(userId, { type: 'REAL', name: 'Flat', currency: 'EUR', unitPrice: '94000' })
    await owned.create(userId, { type: 'LIABILITY', name: 'Loan', currency: 'EUR', quantity: '50000' })
    const months = ['2025-12', '2026-01', '2026-02', '2026-03', '2026-04', '2026-05']
    await enter(
      'INCOME 2025-06-20 15000 EUR',
      ...months.flatMap((month) => [`INCOME ${month}-01 2500 EUR`, `EXPENSE ${month}-02 2000 EUR`]),
      'EXPENSE 2026-06-01 9999 EUR',
    )
    netWorthBefore = { value: '47000.00', complete: true }
    past.length = 0
    statements = 0
    const { status, body } = await get<Health>('/health')
    expect([status, past, statements]).to.deep.equal([200, ['2025-06-10'], 3])
    // (60 x 25 + 80 x 25 + 50 x 20 + 75 x 15 + 100 x 15) / 100
    expect(body).to.deep.include({ currency: 'EUR', score: '71.25', measuredWeight: 100, reason: null })
    const year = { from: '2025-06-11', to: '2026-06-10' }
    const half = { from: '2025-12-01', to: '2026-05-31' }
    expect(body.parts.map(({ name, value, score, period }) => [name, value, score, period])).to.deep.equal([
      ['emergencyFund', '3', '60', half],
      ['savingRate', '0.2', '80', half],
      ['debtToAssets', '0.5', '50', null],
      ['netWorthTrend', '0.1', '75', year],
      ['diversification', '1', '100', null],
    ])
    expect(body.advice.map(({ part }) => part)).to.deep.equal([
      'emergencyFund',
      'debtToAssets',
      'savingRate',
      'netWorthTrend',
    ])
    netWorthBefore = { value: '47000.00', complete: false }
    const partial = (await get<Health>('/health')).body
    expect([partial.measuredWeight, partial.parts[3]?.missing]).to.deep.equal([85, 'prices'])
  })

  it('score nobody of whom nothing is known, and say what is missing', async () => {
    await become()
    const { status, body } = await get<Health>('/health')
    expect(status).to.equal(200)
    expect(body).to.deep.include({
      score: null,
      measuredWeight: 0,
      reason: 'too-little-measured',
      advice: [],
    })
    expect(body.parts.map(({ missing }) => missing)).to.deep.equal([
      'cash-account',
      'complete-month',
      'assets',
      'net-worth-history',
      'investments',
    ])
  })

  it('see the figures of nobody else', async () => {
    await become()
    await enter('INCOME 2026-06-01 100 EUR')
    await become()
    expect((await flowOf()).income).to.equal('0.00')
  })
})
