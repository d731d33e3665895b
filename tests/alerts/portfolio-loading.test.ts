import { expect } from 'chai'
import { type Loadable, Loading } from '../../src/alerts/portfolio-loading.js'
import { assets } from '../../src/assets/service.js'
import type { Database } from '../../src/database/database.js'
import { DatedMarkets } from '../../src/prices/dated-market.js'
import { DayStarts } from '../../src/prices/day-starts.js'
import { type LoadedPortfolios, portfoliosLoader } from '../../src/valuation/load.js'
import { addUser, openTestDatabase } from '../support/database.js'
import { FakeClock } from '../support/exchange-clock.js'
import { readableLog } from '../support/server.js'
import { until } from '../support/until.js'

const NOON = Date.UTC(2026, 2, 10, 5)

describe('the portfolios that a worker keeps', function () {
  this.timeout(60_000)
  let db: Database
  let clock: FakeClock
  let loading: Loading<Loadable>
  /** Users of each batch that was asked for. */
  let asked: string[][]
  /** Versions, by user, in the order in which they were taken. */
  let taken: Map<string, (number | null)[]>
  let meanwhile: (found: LoadedPortfolios) => unknown
  before(async () => {
    db = await openTestDatabase('embedded')
  })
  after(() => db?.close())
  beforeEach(() => {
    clock = new FakeClock(NOON)
    asked = []
    taken = new Map()
    meanwhile = () => {}
    const read = portfoliosLoader({ db, dayStarts: new DayStarts({ db, pairs: () => [] }), clock })
    loading = new Loading<Loadable>({
      async load(userIds) {
        asked.push([...userIds])
        const found = await read(userIds)
        await meanwhile(found)
        return found
      },
      loaded: ({ userId }, loaded) =>
        taken.set(userId, [...(taken.get(userId) ?? []), loaded?.version ?? null]),
      clock,
      log: readableLog().log,
    })
  })
  afterEach(() => loading.stop())

  const dated = new DatedMarkets({ now: () => NOON, live: { price: () => undefined, rate: () => null } }).load
  const owned = () => assets({ db, clock, priceOf: async () => undefined, dated, changed: () => {} })
  const holderOf = (userId: string): Loadable => ({ userId, version: 0, loaded: null })
  async function holders(count: number): Promise<readonly Loadable[]> {
    const [row] = await db.asSystem(
      (tx) => tx.$queryRaw<{ ids: string }[]>`
        WITH made AS (
          INSERT INTO users (id, email, password_hash)
          SELECT gen_random_uuid(), gen_random_uuid() || '@example.org', '-' FROM generate_series(1, ${count}::int)
          RETURNING id)
        SELECT string_agg(id::text, ' ') AS ids FROM made`,
    )
    return (row?.ids.split(' ') ?? []).map(holderOf)
  }

  it('are read together, whoever has gone as well', async () => {
    const all = [...(await holders(30)), holderOf('0190a7c0-0000-7000-8000-000000000000')]
    for (const holder of all) loading.changed(holder)
    await until('all are there', () => taken.size === 31)
    expect(asked.map(({ length }) => length)).to.deep.equal([31])
    expect(taken.get('0190a7c0-0000-7000-8000-000000000000')).to.deep.equal([null])
  })

  it('are read again when they have changed while they were read', async () => {
    const holder = holderOf(await addUser(db))
    meanwhile = async () => {
      meanwhile = () => {}
      await owned().create(holder.userId, { type: 'CASH', quantity: '5' })
      holder.version = 1
      loading.changed(holder)
    }
    loading.changed(holder)
    await until('it is there', () => taken.size === 1)
    expect(taken.get(holder.userId)).to.deep.equal([1])
  })

  it('are read without the one with which nothing can be read, until he can be', async () => {
    const all = await holders(24)
    const broken = holderOf(await addUser(db))
    const { id: assetId } = await owned().create(broken.userId, { type: 'CASH', quantity: '5' })
    const { userId } = broken
    const state = { base: 'USD', fifo: '', average: '2026-03-01,many' }
    await db.asSystem((tx) =>
      tx.assetCheckpoint.create({
        data: { userId, assetId, date: new Date('2026-03-01'), entries: 1, state },
      }),
    )
    for (const holder of [...all.slice(0, 12), broken, ...all.slice(12)]) loading.changed(holder)
    await until('the others are there', () => {
      loading.run()
      return taken.size === 24
    })
    expect(taken.has(userId)).to.equal(false)
    // Whoever changes is not kept waiting by him either.
    const [next] = await holders(1)
    if (next) loading.changed(next)
    await until('the next one is there', () => taken.size === 25)
    await db.asSystem((tx) => tx.assetCheckpoint.deleteMany({ where: { userId } }))
    await until('he is there', () => {
      loading.run()
      return taken.has(userId)
    })
    expect(Math.min(...asked.filter((ids) => ids.includes(userId)).map(({ length }) => length))).to.equal(1)
  })

  it('leave others time between them where only the day is over, but not where somebody has changed', async () => {
    const all = await holders(250)
    // Each batch takes longer than it may.
    meanwhile = () => clock.advance(80)
    for (const holder of all) loading.dayOver(holder)
    await until('the first are there', () => taken.size === 100)
    const [changed] = await holders(1)
    if (changed) loading.changed(changed)
    await until('he who has changed is there', () => taken.size === 101)
    expect(asked.map(({ length }) => length)).to.deep.equal([100, 1])
    await clock.run(() => taken.size === 251, 80)
    expect(Math.max(...asked.slice(1).map(({ length }) => length))).to.be.at.most(50)
  })
})
