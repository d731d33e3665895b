import { expect } from 'chai'
import { assets } from '../../src/assets/service.js'
import type { Database } from '../../src/database/database.js'
import { instrumentStore } from '../../src/instruments/store.js'
import { parseFixed } from '../../src/lib/decimal.js'
import { DatedMarkets } from '../../src/prices/dated-market.js'
import { DayStarts } from '../../src/prices/day-starts.js'
import { priceStore } from '../../src/prices/store.js'
import { portfolioLoader } from '../../src/valuation/load.js'
import { addUser, openTestDatabase } from '../support/database.js'
import { FakeClock } from '../support/exchange-clock.js'

/** An hour after midnight in Jakarta, where it is the 10th of March 2026; in London it is the 9th. */
const NIGHT = Date.UTC(2026, 2, 9, 18)

describe('a portfolio that is loaded', function () {
  this.timeout(120_000)
  let db: Database
  const clock = new FakeClock(NIGHT)
  const dated = new DatedMarkets({
    now: () => clock.now(),
    live: { price: () => undefined, rate: () => null },
  }).load
  before(async () => {
    db = await openTestDatabase('embedded')
  })
  after(() => db?.close())

  async function owner(): Promise<string> {
    const userId = await addUser(db, { baseCurrency: 'IDR' })
    await db.asSystem((tx) => tx.user.update({ where: { id: userId }, data: { timeZone: 'Asia/Jakarta' } }))
    return userId
  }
  const owned = () => assets({ db, clock, priceOf: async () => undefined, dated, changed: () => {} })
  const load = (userId: string) =>
    portfolioLoader({ db, dayStarts: new DayStarts({ db, pairs: () => [] }), clock })(userId)

  it('knows the rate at midnight though this process has heard no price of it yet', async () => {
    const userId = await owner()
    const close = parseFixed('16000')
    const minute = {
      interval: '1m' as const,
      open: close,
      high: close,
      low: close,
      close,
      source: 'coinbase',
      state: 'live',
    }
    await db.asSystem(async (tx) => {
      await instrumentStore.ensurePairs(tx, ['USD-IDR'])
      await priceStore.upsertCandles(tx, [{ symbol: 'USD-IDR', at: Date.UTC(2026, 2, 9, 16, 59), ...minute }])
    })
    await owned().create(userId, {
      type: 'CASH',
      name: 'Dollars',
      currency: 'USD',
      quantity: '10',
      date: '2026-03-01',
    })
    const loaded = await load(userId)
    expect(loaded?.positions[0]?.day.start).to.equal(160_000n * 10n ** 54n)
  })

  it('takes the day’s first price of a share in the currency that its source told, not in its owner’s', async () => {
    const userId = await owner()
    const share = { type: 'STOCK', symbol: 'FOO.IL', currency: 'EUR', quantity: '3', unitCost: '1' } as const
    await owned().create(userId, { ...share, date: '2026-03-01' })
    const close = parseFixed('100')
    const day = { interval: '1d' as const, open: close, high: close, low: close, close, source: 'csv' }
    await db.asSystem(async (tx) => {
      await instrumentStore.learned(tx, 'FOO.IL', { source: 'csv', currency: 'ILS' })
      const at = Date.UTC(2026, 2, 8)
      await priceStore.upsertCandles(tx, [{ ...day, symbol: 'FOO.IL', at, state: 'closed' }])
      const fix = { date: '2026-03-08', source: 'ecb' }
      await priceStore.saveRates(tx, [
        { ...fix, base: 'EUR', quote: 'IDR', rate: '20000' },
        { ...fix, base: 'EUR', quote: 'ILS', rate: '4' },
      ])
    })
    const loaded = await load(userId)
    expect(loaded?.positions[0]?.day.start).to.equal(3n * 100n * 5_000n * 10n ** 54n)
  })

  it('gives a price by hand the instant at which its date begins where the user is', async () => {
    const userId = await owner()
    const flat = { type: 'REAL', name: 'Flat', currency: 'IDR', unitCost: '1', unitPrice: '2' } as const
    await owned().create(userId, flat)
    await owned().create(userId, { type: 'CASH', name: 'Wallet', currency: 'IDR', quantity: '5' })
    const loaded = await load(userId)
    const instants = loaded?.positions.map(({ fixedPrice }) => fixedPrice?.price.at)
    expect(instants).to.deep.equal(['2026-03-09T17:00:00.000Z', '2026-03-09T17:00:00.000Z'])
  })
})
