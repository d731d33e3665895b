import { expect } from 'chai'
import { type Assets, assets } from '../../src/assets/service.js'
import type { Database } from '../../src/database/database.js'
import { instrumentStore } from '../../src/instruments/store.js'
import { parseFixed } from '../../src/lib/decimal.js'
import { DatedMarkets } from '../../src/prices/dated-market.js'
import { DayStarts } from '../../src/prices/day-starts.js'
import { priceStore } from '../../src/prices/store.js'
import type { Valuation } from '../../src/protocol/resources.js'
import { LiveValuations } from '../../src/valuation/live.js'
import { portfolioLoader } from '../../src/valuation/load.js'
import { currentValuation, findOutdated } from '../../src/valuation/service.js'
import { addUser, openTestDatabase } from '../support/database.js'
import { FakeClock } from '../support/exchange-clock.js'
import { readableLog } from '../support/server.js'
import { TestMarket } from './portfolios.js'

/** Noon in Jakarta of the 10th of March 2026. */
const NOON = Date.UTC(2026, 2, 10, 5)
const MIDNIGHT = Date.UTC(2026, 2, 9, 17)

describe('a portfolio as it is stored', function () {
  this.timeout(60_000)
  let db: Database
  let clock: FakeClock
  let market: TestMarket
  let userId: string
  let owned: Assets
  let load: ReturnType<typeof portfolioLoader>
  let live: LiveValuations
  let current: (userId: string) => Promise<Valuation>
  const snapshots: Valuation[] = []
  const dated = new DatedMarkets({ now: () => NOON, live: { price: () => undefined, rate: () => null } }).load

  before(async () => {
    db = await openTestDatabase('embedded')
    await db.asSystem(async (tx) => {
      for (const [symbol, currency] of [
        ['BTC-USD', 'USD'],
        ['USD-IDR', 'IDR'],
      ] as const) {
        await instrumentStore.ensure(tx, { symbol, kind: 'CRYPTO', name: symbol, currency, mic: null })
      }
      const minute = (symbol: string, at: number, price: string) => {
        const close = parseFixed(price)
        const interval = '1m' as const
        return {
          symbol,
          interval,
          at,
          open: close,
          high: close,
          low: close,
          close,
          source: 'coinbase',
          state: 'live',
        }
      }
      await priceStore.upsertCandles(tx, [
        minute('BTC-USD', MIDNIGHT - 60_000, '100'),
        minute('BTC-USD', MIDNIGHT, '777'),
        minute('USD-IDR', MIDNIGHT - 120_000, '16000'),
      ])
    })
  })
  beforeEach(async () => {
    clock = new FakeClock(NOON)
    market = new TestMarket()
    market.set('BTC-USD', '120')
    userId = await addUser(db)
    await db.asSystem((tx) => tx.user.update({ where: { id: userId }, data: { timeZone: 'Asia/Jakarta' } }))
    owned = assets({
      db,
      clock,
      priceOf: async () => undefined,
      dated,
      changed: (user) => void live.changed(user),
    })
    const dayStarts = new DayStarts({ db, pairs: () => ['USD-IDR'] })
    load = portfolioLoader({ db, dayStarts, clock })
    snapshots.length = 0
    const tell = {
      update: () => {},
      snapshot: (_: string, text: string) => snapshots.push(JSON.parse(text) as Valuation),
    }
    live = new LiveValuations({
      load,
      market: () => market,
      tell,
      clock,
      log: readableLog().log,
      windowMs: 100,
    })
    const ask = currentValuation({ db, live, load, market: () => market, clock })
    current = async (user) => JSON.parse(await ask(user)) as Valuation
  })
  afterEach(() => live.stop())
  after(() => db?.close())

  const own = (input: Parameters<Assets['create']>[1]) => owned.create(userId, input)
  const act = (id: string, activity: Parameters<Assets['addActivity']>[2]) =>
    owned.addActivity(userId, id, activity)
  const buy = (id: string, date: string, quantity: string, unitPrice: string, fee = '0') =>
    act(id, { type: 'BUY', date, quantity, unitPrice, fee })

  it('changes today against the last price before midnight in the zone of the user', async () => {
    await own({ type: 'CRYPTO', symbol: 'BTC-USD', quantity: '2', unitCost: '50', date: '2026-03-01' })
    const { total, dayChange, holdings } = await current(userId)
    expect(total).to.equal('240.00')
    expect(dayChange).to.deep.equal({ amount: '40.00', percent: '20.0000' })
    expect(holdings[0]?.dayChange).to.deep.equal(dayChange)
  })

  it('takes what was bought and sold today out of the change, fees aside', async () => {
    const { id } = await own({
      type: 'CRYPTO',
      symbol: 'BTC-USD',
      quantity: '2',
      unitCost: '50',
      date: '2026-03-01',
    })
    await buy(id, '2026-03-10', '1', '110', '5')
    await act(id, { type: 'SELL', date: '2026-03-10', quantity: '0.5', unitPrice: '130' })
    // 2.5 x 120 - 2 x 100 - (110 - 65)
    expect((await current(userId)).dayChange).to.deep.equal({ amount: '55.00', percent: '22.4490' })
  })

  it('changes what is new today against what it cost', async () => {
    await own({ type: 'CRYPTO', symbol: 'BTC-USD', quantity: '2', unitCost: '90' })
    expect((await current(userId)).dayChange).to.deep.equal({ amount: '60.00', percent: '33.3333' })
  })

  it('moves accounts by their currency alone, never by what is paid in', async () => {
    const cash = await own({ type: 'CASH', currency: 'IDR', quantity: '1600000', date: '2026-03-01' })
    await act(cash.id, { type: 'DEPOSIT', date: '2026-03-10', amount: '1600000' })
    await own({ type: 'LIABILITY', currency: 'IDR', quantity: '160000', date: '2026-03-01' })
    market.rates.set('IDR', '0.0000625')
    expect((await current(userId)).dayChange).to.deep.equal({ amount: '0.00', percent: '0.0000' })
    market.rates.set('IDR', '0.0000640')
    const { total, dayChange } = await current(userId)
    expect(total).to.equal('194.56')
    expect(dayChange?.amount).to.equal('2.16')
  })

  it('costs what was paid at the rates of the purchases, and at today’s where they are not known', async () => {
    market.rates.set('IDR', '0.0000625')
    const flat = { type: 'REAL', currency: 'IDR', unitPrice: '1600000', date: '2026-03-01' } as const
    const { id } = await own({ ...flat, name: 'Flat', quantity: '0' })
    await act(id, { type: 'BUY', date: '2026-03-01', quantity: '1', unitPrice: '1600000', rate: '0.00005' })
    await own({ ...flat, name: 'House', quantity: '1', date: '2020-03-01' })
    const { cost, gain, holdings } = await current(userId)
    expect(holdings.map((holding) => [holding.cost, holding.gain])).to.deep.equal([
      ['80.00', '20.00'],
      ['100.00', '0.00'],
    ])
    expect([cost, gain]).to.deep.equal(['180.00', '20.00'])
    market.rates.set('IDR', '0.00001')
    expect((await current(userId)).cost).to.equal('96.00')
  })

  it('neither gains nor loses by what is transferred or split today', async () => {
    const coins = { type: 'CRYPTO', symbol: 'BTC-USD', date: '2026-03-01' } as const
    const from = await own({ ...coins, quantity: '4', unitCost: '50' })
    const to = await own({ ...coins, quantity: '1', unitCost: '50' })
    await act(from.id, { type: 'TRANSFER_OUT', date: '2026-03-10', quantity: '3', toAssetId: to.id })
    await act(to.id, { type: 'TRANSFER_IN', date: '2026-03-10', quantity: '2', amount: '1' })
    // Each of the seven has risen from 100 to 120.
    const { dayChange, holdings } = await current(userId)
    expect(holdings.map((holding) => holding.dayChange?.amount)).to.deep.equal(['20.00', '120.00'])
    expect(dayChange).to.deep.equal({ amount: '140.00', percent: '20.0000' })
    await act(to.id, { type: 'SPLIT', date: '2026-03-10', ratio: '2:1' })
    market.set('BTC-USD', '60')
    expect((await current(userId)).holdings[1]?.dayChange?.amount).to.equal('120.00')
  })

  it('has no change of day where the start of it is not known', async () => {
    await own({ type: 'CRYPTO', symbol: 'SOL-USD', quantity: '1', unitCost: '1', date: '2026-03-01' })
    market.set('SOL-USD', '5')
    expect((await current(userId)).dayChange).to.equal(null)
  })

  it('is valued by the newest price by hand, against the one before today', async () => {
    const flat = await own({
      type: 'REAL',
      name: 'Flat',
      unitCost: '900',
      unitPrice: '1050',
      date: '2026-03-01',
    })
    // The price given with the asset is today's, however long ago it was bought.
    expect((await current(userId)).holdings[0]).to.deep.include({ value: '1050.00', dayChange: null })
    await owned.recordPrices(userId, flat.id, { date: '2026-03-01', unitPrice: '1000' })
    await owned.change(userId, flat.id, { unitPrice: '1100' }, () => {})
    const { holdings, dayChange } = await current(userId)
    expect(holdings[0]).to.deep.include({ value: '1100.00', cost: '900.00', gain: '200.00' })
    expect(holdings[0]?.price).to.deep.include({
      amount: '1100',
      state: 'manual',
      at: '2026-03-09T17:00:00.000Z',
    })
    expect(dayChange?.amount).to.equal('100.00')
    const plain = await own({ type: 'REAL', name: 'Painting', unitCost: '5' })
    const { coverage } = await current(userId)
    expect(coverage.unpriced).to.deep.equal([{ assetId: plain.id, reason: 'no-price' }])
  })

  it('begins a new day at midnight in the zone of the user', async () => {
    await own({ type: 'CRYPTO', symbol: 'BTC-USD', quantity: '1', unitCost: '50', date: '2026-03-01' })
    const watch = await live.watch(userId)
    expect(await findOutdated(db, live, clock.now())).to.deep.equal([])
    const end = watch?.portfolio().loaded.dayEndsAt ?? 0
    expect(new Date(end).toISOString()).to.equal('2026-03-10T17:00:00.000Z')
    clock.advance(end - clock.now() - 1)
    expect(await findOutdated(db, live, clock.now())).to.deep.equal([])
    clock.advance(1)
    expect(await findOutdated(db, live, clock.now())).to.deep.equal([userId])
    await live.changed(userId)
    expect(snapshots.at(-1)?.dayChange).to.deep.equal({ amount: '-657.00', percent: '-84.5560' })
    expect(await findOutdated(db, live, clock.now())).to.deep.equal([])
  })

  it('is found outdated when it was changed behind the back of this process', async () => {
    const asset = await own({ type: 'CASH', quantity: '1' })
    const watch = await live.watch(userId)
    const elsewhere = assets({ db, clock, priceOf: async () => undefined, dated, changed: () => {} })
    await elsewhere.addActivity(userId, asset.id, { type: 'DEPOSIT', date: '2026-03-10', amount: '1' })
    expect(await findOutdated(db, live, clock.now())).to.deep.equal([userId])
    expect((await current(userId)).total).to.equal('2.00')
    expect(snapshots).to.have.lengthOf(1)
    expect((await current(userId)).epoch).to.equal(watch?.portfolio().epoch)
  })

  it('of nobody is nothing', async () => {
    expect(await load('0190a7c0-0000-7000-8000-000000000000')).to.equal(null)
    const failure = await current('0190a7c0-0000-7000-8000-000000000000').catch((error: unknown) => error)
    expect(failure).to.have.property('code', 'unauthenticated')
  })
})
