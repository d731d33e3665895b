import { expect } from 'chai'
import { activityRoutes, assetRoutes } from '../../src/assets/routes.js'
import { assets } from '../../src/assets/service.js'
import type { Database } from '../../src/database/database.js'
import { doorState } from '../../src/http/context.js'
import { portfolioInsightRoutes } from '../../src/insights/portfolio-routes.js'
import {
  historyInsight,
  netWorthOn,
  performanceInsight,
  worthsOn,
} from '../../src/insights/portfolio-service.js'
import type { Clock } from '../../src/lib/clock.js'
import { formatFixed, parseFixed } from '../../src/lib/decimal.js'
import { DatedMarkets } from '../../src/prices/dated-market.js'
import { priceStore } from '../../src/prices/store.js'
import type { AssetPerformance, NetWorthHistory, Performance } from '../../src/protocol/insights.js'
import type { Activity, Asset, NewActivity, NewAsset, Problem } from '../../src/protocol/resources.js'
import { type Door, openDoor } from '../http/door.js'
import { countStatements } from '../support/count-statements.js'
import { addUser, openTestDatabase } from '../support/database.js'

const NOW = '2026-06-10T12:00:00Z'

describe('a portfolio, looked back upon', function () {
  this.timeout(60_000)
  let db: Database
  let door: Door
  let userId = ''
  let now = Date.parse(NOW)
  let statements = 0
  const live = new Map<string, string>()
  const clock: Clock = { now: () => now, after: () => () => {}, every: () => () => {} }
  let past: Parameters<typeof performanceInsight>[0]

  before(async () => {
    db = await openTestDatabase('embedded')
    const markets = new DatedMarkets({
      now: () => now,
      live: {
        price: (symbol) => {
          const amount = live.get(symbol)
          return amount === undefined ? undefined : { amount: parseFixed(amount), currency: 'USD' }
        },
        rate: () => null,
      },
    })
    const { load: dated } = markets
    const counted: Database = {
      ...db,
      asUser: (id, work) => db.asUser(id, (tx) => work(countStatements(tx, () => statements++))),
    }
    past = { db: counted, dated, clock }
    const owned = assets({ db, clock, dated, priceOf: async () => undefined, changed: () => {} })
    const pass = async (_: unknown, next: () => Promise<unknown>): Promise<void> => void (await next())
    const signedIn: typeof pass = async (ctx, next) => {
      doorState(ctx as never).actor = { userId, sessionId: 's', role: 'USER', expiresAt: now }
      await next()
    }
    const rooms = [
      assetRoutes(owned, { signedIn, once: pass }),
      activityRoutes(owned, { signedIn }),
      portfolioInsightRoutes({
        performance: performanceInsight(past),
        history: historyInsight(past),
        signedIn,
      }),
    ]
    door = await openDoor((router) => {
      for (const room of rooms) router.use(room.routes())
    })
  })
  beforeEach(() => {
    now = Date.parse(NOW)
    live.clear()
  })
  after(async () => {
    await door?.close()
    await db?.close()
  })

  const become = async (baseCurrency = 'CHF', timeZone = 'UTC'): Promise<void> => {
    userId = await addUser(db, { baseCurrency })
    await db.asSystem((tx) => tx.user.update({ where: { id: userId }, data: { timeZone } }))
  }
  async function ask<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    const response = await fetch(door.url + path, {
      method,
      headers: { 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as T }
  }
  async function make<T>(path: string, body: unknown): Promise<T> {
    const made = await ask<T>('POST', path, body)
    expect(made.status, JSON.stringify(made.body)).to.be.oneOf([200, 201])
    return made.body
  }
  async function get<T>(path: string): Promise<T> {
    const got = await ask<T>('GET', path)
    expect(got.status, JSON.stringify(got.body)).to.equal(200)
    return got.body
  }
  /** A share, or what is told, that is priced by hand. */
  const own = async (more: Partial<NewAsset> = {}): Promise<string> => {
    const asset: NewAsset = { type: 'STOCK', name: 'Share', currency: 'CHF', pricing: 'MANUAL', ...more }
    return (await make<Asset>('/v1/assets', asset)).id
  }
  const account = (currency: string, type: 'CASH' | 'LIABILITY' = 'CASH'): Promise<string> =>
    make<Asset>('/v1/assets', { type, name: 'Account', currency }).then(({ id }) => id)
  const act = (assetId: string, activity: NewActivity): Promise<Activity> =>
    make<Activity>(`/v1/assets/${assetId}/activities`, activity)
  /** `BUY 2021-11-22 2 142.9 1.55`: units at a price and with a fee; of others than trades the amount. */
  const enter = async (assetId: string, lines: readonly string[], more: Partial<NewActivity> = {}) => {
    for (const line of lines) {
      const [type = '', date = '', first = '', unitPrice, fee = '0'] = line.split(' ')
      const kind = { type: type as Activity['type'], date, ...more }
      if (type === 'SPLIT') await act(assetId, { ...kind, ratio: first })
      else if (unitPrice === undefined) await act(assetId, { ...kind, amount: first })
      else await act(assetId, { ...kind, quantity: first, unitPrice, fee })
    }
  }
  const price = (assetId: string, prices: Readonly<Record<string, string>>): Promise<unknown> =>
    make(
      `/v1/assets/${assetId}/prices`,
      Object.entries(prices).map(([date, unitPrice]) => ({ date, unitPrice })),
    )
  const rates = (pair: string, byDate: Readonly<Record<string, string>>): Promise<void> => {
    const [base = '', quote = ''] = pair.split('-')
    const fixes = Object.entries(byDate).map(([date, rate]) => ({ base, quote, date, rate, source: 'test' }))
    return db.asSystem((tx) => priceStore.saveRates(tx, fixes))
  }
  const candles = async (symbol: string, interval: '1m' | '1h' | '1d', closes: Record<string, string>) => {
    await db.asSystem(async (tx) => {
      const values = { symbol, kind: 'CRYPTO', name: symbol, currency: 'USD' }
      await tx.instrument.upsert({ where: { symbol }, create: values, update: {} })
      const rows = Object.entries(closes).map(([at, close]) => {
        const amount = parseFixed(close)
        const prices = { open: amount, high: amount, low: amount, close: amount }
        return { symbol, interval, at: Date.parse(at), ...prices, source: 'test', state: 'delayed' }
      })
      await priceStore.upsertCandles(tx, rows)
    })
  }
  const performance = (query = ''): Promise<Performance> => get(`/v1/portfolio/performance${query}`)
  const history = (query = ''): Promise<NetWorthHistory> => get(`/v1/portfolio/history${query}`)
  const only = ({ assets: rows }: Performance): AssetPerformance => {
    expect(rows).to.have.length(1)
    return rows[0] as AssetPerformance
  }

  /** Figures that the tests of Ghostfolio's calculator publish (apps/api/src/app/portfolio/calculator/roai). */
  describe('gives the figures of Ghostfolio', () => {
    interface Known {
      readonly name: string
      readonly lines: readonly string[]
      readonly prices?: Readonly<Record<string, string>>
      readonly to: string
      readonly figures: Partial<Performance>
      readonly averagePrice: string | null
    }
    const KNOWN: readonly Known[] = [
      {
        name: 'BALN.SW bought and sold',
        lines: ['BUY 2021-11-22 2 142.9 1.55', 'SELL 2021-11-30 2 136.6 1.65'],
        to: '2021-12-18',
        figures: {
          from: '2021-11-22',
          endValue: '0.00',
          netFlows: '12.60',
          grossPerformance: '-12.60',
          fees: '3.20',
          netPerformance: '-15.80',
          realised: '-15.80',
          unrealised: '0.00',
          investment: '0.00',
          roai: '-0.055283415',
        },
        averagePrice: null,
      },
      {
        name: 'BALN.SW bought',
        lines: ['BUY 2021-11-30 2 136.6 1.55'],
        prices: { '2021-12-18': '148.9' },
        to: '2021-12-18',
        figures: {
          endValue: '297.80',
          grossPerformance: '24.60',
          netPerformance: '23.05',
          investment: '273.20',
          cost: '274.75',
          roai: '0.0843704246',
        },
        averagePrice: '137.375',
      },
      {
        name: 'BALN.SW bought twice',
        lines: ['BUY 2021-11-22 2 142.9 1.55', 'BUY 2021-11-30 2 136.6 1.65'],
        prices: { '2021-12-18': '148.9' },
        to: '2021-12-18',
        figures: {
          endValue: '595.60',
          grossPerformance: '36.60',
          netPerformance: '33.40',
          investment: '559.00',
          roai: '0.0703249004',
        },
        averagePrice: '140.55',
      },
      {
        name: 'NOVN.SW sold in part',
        lines: ['BUY 2022-03-07 2 75.8 0', 'SELL 2022-04-08 1 85.73 4.25'],
        prices: { '2022-04-11': '87.8' },
        to: '2022-04-11',
        figures: {
          endValue: '87.80',
          grossPerformance: '21.93',
          netPerformance: '17.68',
          investment: '75.80',
          roai: '0.1218446028',
        },
        averagePrice: '75.8',
      },
      {
        name: 'NOVN.SW bought and sold',
        lines: ['BUY 2022-03-07 2 75.8 0', 'SELL 2022-04-08 2 85.73 0'],
        to: '2022-04-11',
        figures: {
          endValue: '0.00',
          grossPerformance: '19.86',
          netPerformance: '19.86',
          roai: '0.1310026385',
        },
        averagePrice: null,
      },
      {
        name: 'JNUG bought and sold and bought and sold',
        lines: [
          'BUY 2025-12-11 9 209.45 1',
          'SELL 2025-12-18 9 210 1',
          'BUY 2025-12-18 10 204.11 1',
          'SELL 2025-12-28 10 208.01 1',
        ],
        to: '2025-12-28',
        figures: { grossPerformance: '43.95', netPerformance: '39.95', fees: '4.00', roai: '0.0202089784' },
        averagePrice: null,
      },
      {
        name: 'NVDA split ten for one between',
        lines: ['BUY 2024-06-03 1 1200 0', 'SPLIT 2024-06-10 10:1', 'SELL 2024-06-14 10 125 0'],
        to: '2024-06-14',
        figures: { grossPerformance: '50.00', netPerformance: '50.00', roai: '0.0416666667' },
        averagePrice: null,
      },
      {
        name: 'MSFT with a dividend',
        lines: ['BUY 2021-09-16 1 298.58 19', 'DIVIDEND 2021-11-16 0.62'],
        prices: { '2023-07-10': '331.83' },
        to: '2023-07-10',
        // There dividends are apart from the net performance, which is 14.25.
        figures: { grossPerformance: '33.25', fees: '19.00', dividends: '0.62', netPerformance: '14.87' },
        averagePrice: '317.58',
      },
      {
        name: 'BTCUSD bought',
        lines: ['BUY 2021-12-12 1 44558.42 4.46'],
        prices: { '2021-12-12': '50098.3', '2022-01-14': '43099.7' },
        to: '2022-01-14',
        figures: {
          endValue: '43099.70',
          grossPerformance: '-1458.72',
          netPerformance: '-1463.18',
          roai: '-0.0328373403',
        },
        averagePrice: '44562.88',
      },
    ]
    for (const { name, lines, prices, to, figures, averagePrice } of KNOWN) {
      it(`for ${name}`, async () => {
        await become()
        const id = await own()
        await enter(id, lines)
        if (prices) await price(id, prices)
        const told = await performance(`?to=${to}`)
        expect(told).to.deep.include({ ...figures, to, currency: 'CHF', currencyGain: '0.00' })
        expect(only(told).averagePrice).to.equal(averagePrice)
      })
    }

    it('for GOOGL, whose currency lost while its price gained', async () => {
      await become('CHF')
      await rates('USD-CHF', { '2023-01-03': '0.9238', '2023-07-10': '0.8854' })
      const id = await own({ currency: 'USD' })
      await enter(id, ['BUY 2023-01-03 1 89.12 1'])
      await price(id, { '2023-07-10': '116.45' })
      expect(await performance('?to=2023-07-10')).to.deep.include({
        endValue: '103.10',
        netFlows: '82.33',
        grossPerformance: '20.77',
        fees: '0.92',
        netPerformance: '19.85',
        investment: '82.33',
        roai: '0.2411296201',
        // (116.45 - 90.12) x 0.9238, and what is left of 19.851974.
        priceGain: '24.32',
        currencyGain: '-4.47',
      })
    })
  })

  it('knows what was before the window, what moved in it, and what it was worth at both ends', async () => {
    await become()
    const id = await own()
    await enter(id, [
      'BUY 2024-01-10 10 100 5',
      'SELL 2024-03-01 4 120 2',
      'DIVIDEND 2024-03-05 6',
      'BUY 2024-03-31 2 130 1',
    ])
    await price(id, { '2024-01-10': '100', '2024-02-29': '110', '2024-03-31': '130', '2024-04-02': '90' })
    const march = await performance('?from=2024-03-01&to=2024-03-31')
    expect(march).to.deep.include({
      startValue: '1100.00',
      endValue: '1040.00',
      netFlows: '-220.00',
      grossPerformance: '160.00',
      fees: '3.00',
      tradeFees: '3.00',
      dividends: '6.00',
      netPerformance: '163.00',
      // 478 for what had cost 402, and 1040 for what had cost 603 + 261; 1100 had cost 1005.
      realised: '76.00',
      unrealised: '176.00',
      unrealisedBefore: '95.00',
      cost: '864.00',
      investment: '860.00',
    })
    const april = await performance('?from=2024-04-01&to=2024-04-30')
    expect(april).to.deep.include({
      startValue: '1040.00',
      endValue: '720.00',
      netFlows: '0.00',
      twr: '-0.3076923077',
    })
    expect(april.maxDrawdown).to.equal('-0.3076923077')
    const before = await performance('?from=2023-01-01&to=2023-12-31')
    expect(before).to.deep.include({
      startValue: '0.00',
      endValue: '0.00',
      netPerformance: '0.00',
      twr: null,
      xirr: null,
    })
    expect(before.reasons).to.deep.include({ twr: 'nothing-invested', xirr: 'no-sign-change' })
    expect(before.assets).to.deep.equal([])
    const average = await performance('?to=2024-03-31&method=average')
    expect(average.method).to.equal('average')
    expect(average.cost).to.equal('864.00')
    now = Date.parse('2024-03-20T00:00:00Z')
    expect(await performance('?to=2030-01-01')).to.deep.include({ to: '2024-03-20', endValue: '660.00' })
  })

  it('counts what an account pays as inside, and its interest as performance', async () => {
    await become('CHF')
    const [cash, id] = [await account('CHF'), await own()]
    await enter(cash, ['DEPOSIT 2024-01-01 1000'])
    await act(id, {
      type: 'BUY',
      date: '2024-01-02',
      quantity: '5',
      unitPrice: '100',
      fee: '10',
      accountId: cash,
    })
    await enter(cash, ['INTEREST 2024-01-03 20', 'FEE 2024-01-03 4'])
    await price(id, { '2024-01-02': '100', '2024-01-03': '110' })
    const told = await performance('?to=2024-01-03')
    expect(told).to.deep.include({
      endValue: '1056.00',
      grossPerformance: '50.00',
      fees: '14.00',
      tradeFees: '10.00',
      interest: '20.00',
      netPerformance: '56.00',
      twr: '0.056',
    })
    // What the share cost stays inside: paid from outside it would be a deposit of 510.
    expect(told.xirr).to.not.equal(null)
    const alone = await performance(`?to=2024-01-03&assetId=${id}`)
    expect(alone).to.deep.include({ endValue: '550.00', netPerformance: '40.00', twr: '0.0784313725' })
    expect(only(alone).assetId).to.equal(id)
  })

  it('leaves out what has no price or no rate, names it, and never takes 0 for it', async () => {
    await become('CHF')
    const [priced, unpriced, foreign] = [
      await own(),
      await own({ name: 'Picture' }),
      await own({ currency: 'SEK' }),
    ]
    await enter(priced, ['BUY 2024-01-02 1 100 0'])
    await enter(unpriced, ['BUY 2024-01-02 1 70 0'])
    await enter(foreign, ['BUY 2024-01-02 1 70 0'])
    await price(priced, { '2024-01-02': '100', '2024-02-01': '120' })
    await price(foreign, { '2024-01-02': '70' })
    const told = await performance('?to=2024-02-01')
    expect(told).to.deep.include({
      endValue: '120.00',
      netFlows: '100.00',
      netPerformance: '20.00',
      twr: '0.2',
    })
    expect(told.coverage).to.deep.equal({
      holdings: 3,
      priced: 1,
      stale: 0,
      unpriced: [
        { assetId: unpriced, reason: 'no-price' },
        { assetId: foreign, reason: 'no-rate' },
      ],
    })
    const row = told.assets.find(({ assetId }) => assetId === unpriced)
    expect(row).to.deep.include({
      endValue: null,
      grossPerformance: null,
      netFlows: '70.00',
      unrealised: null,
    })
    const alone = await performance(`?to=2024-02-01&assetId=${unpriced}`)
    expect(alone).to.deep.include({ endValue: null, netPerformance: null, twr: null, xirr: null, roai: null })
    expect(alone.reasons).to.deep.include({ endValue: 'no-price', twr: 'no-price', roai: 'no-price' })
  })

  it('takes transferred units at what they were worth that day, and moves none by itself', async () => {
    await become('CHF')
    const [first, second] = [await own(), await own()]
    await act(first, { type: 'TRANSFER_IN', date: '2024-01-02', quantity: '10', amount: '500' })
    await price(first, { '2024-01-02': '80', '2024-01-05': '88' })
    await price(second, { '2024-01-05': '88' })
    // Worth 800 as they came in, though they had cost 500.
    expect(await performance('?to=2024-01-04')).to.deep.include({ twr: '0', grossPerformance: '300.00' })
    await act(first, { type: 'TRANSFER_OUT', date: '2024-01-05', quantity: '4', toAssetId: second })
    const told = await performance('?from=2024-01-03&to=2024-01-05')
    expect(told).to.deep.include({
      netFlows: '0.00',
      grossPerformance: '80.00',
      realised: '0.00',
      twr: '0.1',
    })
  })

  it('refuses what makes no sense', async () => {
    await become()
    const refused = async (path: string) => {
      const { status, body } = await ask<Problem>('GET', `/v1/portfolio${path}`)
      return [status, body.errors?.[0]?.pointer]
    }
    expect(await refused('/performance?from=2024-02-30')).to.deep.equal([422, '/from'])
    expect(await refused('/performance?from=2024-02-02&to=2024-02-01')).to.deep.equal([422, '/to'])
    expect(await refused('/performance?from=2199-01-01')).to.deep.equal([422, '/from'])
    expect(await refused('/performance?method=lifo')).to.deep.equal([422, '/method'])
    expect(await refused('/history?interval=1w')).to.deep.equal([422, '/interval'])
    expect(await refused('/history?from=yesterday')).to.deep.equal([422, '/from'])
    const foreign = await own()
    await become()
    expect(await refused(`/performance?assetId=${foreign}`)).to.deep.equal([404, undefined])
    expect(await performance()).to.deep.include({
      from: '2026-06-10',
      to: '2026-06-10',
      endValue: '0.00',
      assets: [],
    })
    expect((await history()).points).to.deep.equal([])
  })

  describe('as net worth over time', () => {
    it("is told at the end of each of the user's days, by what was known of then", async () => {
      await become('CHF', 'Asia/Jakarta')
      const id = await own()
      await enter(id, ['BUY 2026-06-05 2 100 0', 'BUY 2026-06-08 1 110 1'])
      await price(id, { '2026-06-05': '100', '2026-06-07': '120' })
      const { points, interval, currency } = await history()
      expect([interval, currency]).to.deep.equal(['1d', 'CHF'])
      expect(points.map(({ at, value, contribution }) => [at, value, contribution])).to.deep.equal([
        ['2026-06-05T16:59:59.999Z', '200.00', '200.00'],
        ['2026-06-06T16:59:59.999Z', '200.00', '200.00'],
        ['2026-06-07T16:59:59.999Z', '240.00', '200.00'],
        ['2026-06-08T16:59:59.999Z', '360.00', '311.00'],
        ['2026-06-09T16:59:59.999Z', '360.00', '311.00'],
      ])
      expect(points[0]?.coverage).to.deep.equal({ holdings: 1, priced: 1, stale: 0 })
      // What is entered late shows where it belongs.
      await enter(id, ['BUY 2026-06-06 1 90 0'])
      const later = await history('?from=2026-06-06&to=2026-06-07')
      expect(later.points.map(({ value }) => value)).to.deep.equal(['300.00', '360.00'])
    })

    it('leaves days out on which something lost its price', async () => {
      await become('USD')
      const id = await own({ symbol: 'OLD-USD', type: 'CRYPTO', pricing: 'MARKET', currency: 'USD' })
      await candles('OLD-USD', '1d', { '2026-05-01T00:00:00Z': '10', '2026-05-12T00:00:00Z': '14' })
      await enter(id, ['BUY 2026-05-01 3 10 0'])
      const { points } = await history('?to=2026-05-13')
      expect(points.map(({ at, value }) => [at.slice(0, 10), value])).to.deep.equal([
        ...[1, 2, 3, 4, 5, 6, 7, 8].map((day) => [`2026-05-0${day}`, '30.00']),
        ['2026-05-12', '42.00'],
        ['2026-05-13', '42.00'],
      ])
      expect(points.map(({ coverage }) => coverage.stale).join('')).to.equal('0011111100')
    })

    it('goes by minutes and hours as far as their candles are kept', async () => {
      await become('USD')
      const id = await own({ symbol: 'NEW-USD', type: 'CRYPTO', pricing: 'MARKET', currency: 'USD' })
      await candles('NEW-USD', '1h', { '2026-06-10T09:00:00Z': '20', '2026-06-10T11:00:00Z': '22' })
      await candles('NEW-USD', '1m', { '2026-06-10T11:57:00Z': '30', '2026-06-10T11:59:00Z': '31' })
      await candles('NEW-USD', '1d', { '2026-06-08T00:00:00Z': '15' })
      await enter(id, ['BUY 2026-06-08 2 10 0'])
      await act(id, { type: 'BUY', date: '2026-06-10', quantity: '1', unitPrice: '20' })
      const entered = Date.parse('2026-06-10T11:58:30Z')
      await db.asUser(userId, (tx) =>
        tx.activity.updateMany({
          where: { userId, date: new Date('2026-06-10') },
          data: { createdAt: new Date(entered) },
        }),
      )
      const hours = await history('?interval=1h&from=2026-06-10')
      expect(hours.points.map(({ at, value }) => [at.slice(11, 16), value])).to.deep.equal([
        ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((hour) => [`0${hour}:59`, '30.00']),
        ['09:59', '40.00'],
        ['10:59', '40.00'],
        ['11:59', '66.00'],
      ])
      const minutes = await history('?interval=1m&from=2026-06-10T11:56:00Z&to=2026-06-10T12:30:00Z')
      expect(minutes.points.map(({ at, value }) => [at.slice(11, 16), value])).to.deep.equal([
        ['11:56', '30.00'],
        ['11:57', '60.00'],
        ['11:58', '90.00'],
        ['11:59', '93.00'],
      ])
      expect((await history('?interval=1h')).points.length).to.equal(2 * 24 + 12)
    })

    it('goes by hours in every zone that we know, whether the database knows it or not', async () => {
      await become('USD', 'US/Pacific-New')
      const id = await own({ currency: 'USD' })
      await enter(id, ['BUY 2026-06-08 2 10 0'])
      await price(id, { '2026-06-08': '10' })
      expect((await history('?interval=1h&from=2026-06-10')).points.length).to.be.above(0)
    })

    it('is known by assets and as a sum, for goals and for the health score', async () => {
      await become('CHF')
      const [id, unpriced] = [await own(), await own({ name: 'Picture' })]
      await enter(id, ['BUY 2024-01-02 2 100.005 0'])
      await price(id, { '2024-01-02': '100.005' })
      const [worths, worth] = [worthsOn(past), netWorthOn(past)]
      expect(await worth(userId, '2024-01-01')).to.equal(null)
      expect(await worths(userId, '2024-01-01')).to.equal(null)
      expect(await worth(userId, '2024-01-02')).to.deep.equal({ value: '200.01', complete: true })
      await enter(unpriced, ['BUY 2024-01-03 1 70 0'])
      expect(await worth(userId, '2024-01-03')).to.deep.equal({ value: '200.01', complete: false })
      const found = await worths(userId, '2024-01-03')
      expect([...(found ?? [])].map(([asset, value]) => [asset, value && formatFixed(value)])).to.deep.equal([
        [id, '200.01'],
        [unpriced, null],
      ])
    })
  })

  it('asks as few questions of many assets as of one', async () => {
    await become('CHF')
    await rates('USD-CHF', { '2026-06-01': '0.9' })
    const count = async (): Promise<number> => {
      statements = 0
      await performance()
      return statements
    }
    const grow = async (): Promise<void> => {
      const id = await own({ currency: 'USD', symbol: 'MANY-USD', type: 'CRYPTO', pricing: 'MARKET' })
      await enter(id, ['BUY 2026-06-08 1 10 0'])
    }
    await grow()
    await count()
    const one = await count()
    for (let more = 0; more < 4; more += 1) await grow()
    expect(await count()).to.be.at.most(one)
  })
})
