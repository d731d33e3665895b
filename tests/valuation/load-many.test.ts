import { expect } from 'chai'
import fc from 'fast-check'
import { type Assets, assets } from '../../src/assets/service.js'
import type { Database } from '../../src/database/database.js'
import { instrumentStore } from '../../src/instruments/store.js'
import { parseFixed } from '../../src/lib/decimal.js'
import { DatedMarkets } from '../../src/prices/dated-market.js'
import { DayStarts } from '../../src/prices/day-starts.js'
import { priceStore } from '../../src/prices/store.js'
import { portfolioLoader, portfoliosLoader } from '../../src/valuation/load.js'
import { addUser, databaseKinds, openTestDatabase } from '../support/database.js'
import { FakeClock } from '../support/exchange-clock.js'

/** Noon in Jakarta of the 10th of March 2026; in Los Angeles it is the 9th, on Kiritimati the 10th. */
const NOON = Date.UTC(2026, 2, 10, 5)
const ZONES = ['Asia/Jakarta', 'America/Los_Angeles', 'Pacific/Kiritimati', 'UTC'] as const
const DATES = ['2026-03-01', '2026-03-08', '2026-03-09', '2026-03-10'] as const
const clock = new FakeClock(NOON)
const dated = new DatedMarkets({ now: () => NOON, live: { price: () => undefined, rate: () => null } }).load

type Act = (owned: Assets, userId: string) => Promise<unknown>
const when = fc.constantFrom(...DATES)
const quantity = fc.integer({ min: 1, max: 9 }).map(String)
const coin = fc.constantFrom('BTC-USD', 'SOL-USD')
const currency = fc.constantFrom('USD', 'IDR', 'EUR')

/** What somebody does; whatever the rules refuse he has not done. */
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.tuple(coin, quantity, when).map(
    ([symbol, bought, date]): Act =>
      (owned, userId) =>
        owned.create(userId, { type: 'CRYPTO', symbol, quantity: bought, unitCost: '50', date }),
  ),
  fc.tuple(fc.constantFrom('CASH' as const, 'LIABILITY' as const), currency, quantity, when).map(
    ([type, of, amount, date]): Act =>
      (owned, userId) =>
        owned.create(userId, { type, currency: of, quantity: amount, date }),
  ),
  fc.tuple(currency, quantity, when).map(
    ([of, unitPrice, date]): Act =>
      async (owned, userId) => {
        const flat = { type: 'REAL', name: 'Flat, "old"', currency: of, unitCost: '5', date } as const
        const { id } = await owned.create(userId, flat)
        await owned.recordPrices(
          userId,
          id,
          DATES.map((day) => ({ date: day, unitPrice })),
        )
      },
  ),
  fc.tuple(fc.constantFrom('BUY', 'SELL', 'SPLIT', 'TRANSFER_OUT', 'DEPOSIT'), fc.nat(9), quantity, when).map(
    ([type, nth, amount, date]): Act =>
      async (owned, userId) => {
        const { data } = await owned.list(userId, { limit: 20 })
        const [one, other] = [data[nth % data.length], data[(nth + 1) % data.length]]
        if (!one || !other) return
        const how = {
          BUY: { type: 'BUY', quantity: amount, unitPrice: '70' },
          SELL: { type: 'SELL', quantity: amount, unitPrice: '80' },
          SPLIT: { type: 'SPLIT', ratio: `${amount}:1` },
          TRANSFER_OUT: { type: 'TRANSFER_OUT', quantity: '1', toAssetId: other.id },
          DEPOSIT: { type: 'DEPOSIT', amount },
        } as const
        await owned.addActivity(userId, one.id, { ...how[type as keyof typeof how], date })
      },
  ),
)

for (const kind of databaseKinds()) {
  describe(`portfolios that are loaded together (${kind})`, function () {
    this.timeout(60_000)
    let db: Database
    let one: ReturnType<typeof portfolioLoader>
    let many: ReturnType<typeof portfoliosLoader>
    let owned: Assets
    before(async () => {
      db = await openTestDatabase(kind)
      const loading = { db, dayStarts: new DayStarts({ db, pairs: () => [] }), clock }
      one = portfolioLoader(loading)
      many = portfoliosLoader(loading)
      owned = assets({ db, clock, priceOf: async () => undefined, dated, changed: () => {} })
      const close = parseFixed('100')
      const day = { interval: '1d' as const, open: close, high: close, low: close, close, source: 'coinbase' }
      await db.asSystem(async (tx) => {
        await instrumentStore.ensurePairs(tx, ['BTC-USD', 'SOL-USD'])
        await priceStore.upsertCandles(tx, [
          { ...day, symbol: 'BTC-USD', at: Date.UTC(2026, 2, 8), state: 'closed' },
        ])
        const fix = { quote: 'USD', source: 'ecb' }
        await priceStore.saveRates(
          tx,
          DATES.flatMap((date) => [{ ...fix, base: 'EUR', date, rate: '1.1' }]),
        )
      })
    })
    after(() => db?.close())

    async function person(timeZone: string = ZONES[0], baseCurrency = 'IDR'): Promise<string> {
      const userId = await addUser(db, { baseCurrency })
      await db.asSystem((tx) => tx.user.update({ where: { id: userId }, data: { timeZone } }))
      return userId
    }
    const coins = (userId: string, date = '2026-03-10') =>
      owned.create(userId, { type: 'CRYPTO', symbol: 'BTC-USD', quantity: '2', unitCost: '50', date })

    it('are what each of them is alone, and nobody’s who was not named', async () => {
      const people = fc.array(
        fc.record({
          zone: fc.constantFrom(...ZONES),
          base: currency,
          acts: fc.array(act, { maxLength: 6 }),
          isNamed: fc.boolean(),
        }),
        { minLength: 3, maxLength: 5 },
      )
      await fc.assert(
        fc.asyncProperty(people, async (all) => {
          const named: string[] = []
          for (const { zone, base, acts, isNamed } of all) {
            const userId = await person(zone, base)
            for (const does of acts) await does(owned, userId).catch(refused)
            if (isNamed) named.push(userId)
          }
          const found = await many(named)
          expect([...found.keys()].sort()).to.deep.equal([...named].sort())
          for (const userId of named) expect(found.get(userId)).to.deep.equal(await one(userId))
        }),
        { numRuns: 2 },
      )
    })

    it('are those of whoever is still there', async () => {
      const [here, gone] = [await person(), await person()]
      for (const userId of [here, gone]) await coins(userId)
      await db.asSystem((tx) => tx.user.delete({ where: { id: gone } }))
      const found = await many([gone, here])
      expect([...found.keys()]).to.deep.equal([here])
    })

    it('leave out nobody for whom the portfolio of another cannot be counted', async () => {
      const [fine, lost, broken] = [await person(), await person('Atlantis/Capital'), await person()]
      await coins(fine)
      const { id } = await coins(broken)
      await db.asUser(broken, (tx) =>
        tx.activity.updateMany({ where: { assetId: id }, data: { currency: 'EUR', rate: null } }),
      )
      const found = await many([lost, broken, fine])
      expect(found.get(fine)).to.have.property('currency', 'IDR')
      expect(found.get(lost)).to.be.instanceOf(RangeError)
      expect(found.get(broken))
        .to.be.instanceOf(Error)
        .with.property('message')
        .that.matches(/no rate/)
      expect(await one(broken).catch((error: unknown) => error)).to.be.instanceOf(Error)
    })
  })
}

/** What the rules say no to. */
function refused(error: unknown): void {
  if (!(error instanceof Error && 'fault' in error)) throw error
}
