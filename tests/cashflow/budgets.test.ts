import { expect } from 'chai'
import { budgets } from '../../src/cashflow/budgets.js'
import { categoryStore } from '../../src/cashflow/category-store.js'
import { flowStore } from '../../src/cashflow/flow-store.js'
import type { Database } from '../../src/database/database.js'
import { systemClock } from '../../src/lib/clock.js'
import { DatedMarkets } from '../../src/prices/dated-market.js'
import { priceStore } from '../../src/prices/store.js'
import { addUser, databaseKinds, openTestDatabase } from '../support/database.js'

describe('a budget', function () {
  this.timeout(60_000)
  let db: Database
  before(async () => {
    db = await openTestDatabase(databaseKinds().at(-1) ?? 'embedded')
  })
  after(() => db?.close())

  it('counts each expense at the rate of its own date, and nothing while a rate is missing', async () => {
    const now = () => Date.parse('2026-03-20T12:00:00Z')
    const live = { price: () => undefined, rate: () => null }
    const { load } = new DatedMarkets({ now, live })
    const { create, list } = budgets({ db, clock: { ...systemClock, now }, dated: load })
    const fix = (base: string, date: string, rate: string) => ({
      base,
      quote: 'USD',
      date,
      rate,
      source: 'ecb',
    })
    await db.asSystem((tx) =>
      priceStore.saveRates(tx, [fix('EUR', '2026-03-02', '1.1'), fix('EUR', '2026-03-09', '1.2005')]),
    )
    const userId = await addUser(db)
    const blank = { assetId: null, ruleId: null, note: null, tags: [] }
    const categories = await db.asUser(userId, async (tx) => {
      const food = await categoryStore.insert(tx, userId, { kind: 'EXPENSE', name: 'Food' })
      const fun = await categoryStore.insert(tx, userId, { kind: 'EXPENSE', name: 'Fun' })
      for (const [amount, currency, date, { id: categoryId }] of [
        ['10', 'EUR', '2026-03-03', food],
        ['10.01', 'EUR', '2026-03-10', food],
        ['-3', 'EUR', '2026-03-10', food],
        ['5', 'USD', '2026-03-10', food],
        ['5', 'USD', '2026-03-10', fun],
        ['1', 'CHF', '2026-03-10', fun],
      ] as const)
        await flowStore.insert(tx, userId, 'EXPENSE', { ...blank, amount, currency, date, categoryId })
      return [food, fun]
    })
    for (const { id } of categories) await create(userId, { categoryId: id, amount: '100' })
    const { data } = await list(userId, { limit: 50 })
    expect(data.map(({ spent, remaining, ratio }) => ({ spent, remaining, ratio }))).to.deep.equal([
      { spent: null, remaining: null, ratio: null },
      // 10 x 1.1 + 7.01 x 1.2005 + 5
      { spent: '24.42', remaining: '75.58', ratio: '0.24415505' },
    ])
  })
})
