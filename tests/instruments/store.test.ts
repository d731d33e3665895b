import { expect } from 'chai'
import type { Database } from '../../src/database/database.js'
import { readListing } from '../../src/instruments/listing.js'
import { instrumentStore } from '../../src/instruments/store.js'
import { parseFixed } from '../../src/lib/decimal.js'
import { priceStore } from '../../src/prices/store.js'
import { addUser, openTestDatabase } from '../support/database.js'

describe('the instruments that a user may look up', function () {
  this.timeout(120_000)
  let db: Database
  let owner: string
  let other: string
  before(async () => {
    db = await openTestDatabase('embedded')
    owner = await addUser(db)
    other = await addUser(db)
    await db.asUser(owner, async (tx) => {
      for (const symbol of ['RARE-USD', 'RARER-USD']) {
        const { id, currency } = await instrumentStore.ensure(tx, readListing('CRYPTO', symbol, undefined))
        const row = { userId: owner, instrumentId: id, currency, symbol, name: symbol }
        await tx.asset.create({ data: { ...row, type: 'CRYPTO', pricing: 'MARKET' } })
      }
    })
    const price = parseFixed('5')
    const candle = {
      symbol: 'RARER-USD',
      interval: '1m' as const,
      at: 60_000,
      open: price,
      high: price,
      low: price,
      close: price,
    }
    await db.asSystem((tx) => priceStore.upsertCandles(tx, [{ ...candle, source: 'kraken', state: 'live' }]))
  })
  after(() => db?.close())

  const symbols = (userId: string) =>
    db.asUser(userId, async (tx) =>
      (await instrumentStore.search(tx, 'rare', 10)).map(({ symbol }) => symbol),
    )
  const found = (userId: string, symbol: string) =>
    db.asUser(userId, async (tx) => (await instrumentStore.find(tx, symbol)) !== null)

  it('are the own ones and those that an exchange has priced', async () => {
    expect(await symbols(owner)).to.deep.equal(['RARE-USD', 'RARER-USD'])
    expect(await found(owner, 'RARE-USD')).to.equal(true)
    expect(await found(other, 'RARER-USD')).to.equal(true)
  })

  it('tell nobody what another user alone has named', async () => {
    expect(await symbols(other)).to.deep.equal(['RARER-USD'])
    expect(await found(other, 'RARE-USD')).to.equal(false)
  })
})
