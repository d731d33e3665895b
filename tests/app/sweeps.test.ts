import { expect } from 'chai'
import { startSweeps } from '../../src/app/sweeps.js'
import type { Database } from '../../src/database/database.js'
import type { Gateway } from '../../src/gateway/gateway.js'
import { Lifetime } from '../../src/lib/lifetime.js'
import { LiveValuations } from '../../src/valuation/live.js'
import { addUser, openTestDatabase } from '../support/database.js'
import { FakeClock } from '../support/exchange-clock.js'
import { readableLog } from '../support/server.js'
import { until } from '../support/until.js'
import { portfolioOf, TestMarket } from '../valuation/portfolios.js'

const PEOPLE = 60

describe('the sweep', function () {
  this.timeout(120_000)
  let db: Database
  before(async () => {
    db = await openTestDatabase('embedded')
  })
  after(() => db?.close())

  it('loads the portfolios whose day has ended a few at a time, so that requests find the database free', async () => {
    const clock = new FakeClock()
    const { log } = readableLog()
    const midnight = clock.now() + 5_000
    let loading = 0
    let most = 0
    let loads = 0
    const load = async () => {
      loading += 1
      loads += 1
      most = Math.max(most, loading)
      await new Promise((resolve) => setImmediate(resolve))
      loading -= 1
      return portfolioOf([], { version: 0, dayEndsAt: loads > PEOPLE ? midnight * 2 : midnight })
    }
    const tell = { update: () => {}, snapshot: () => {} }
    const life = new Lifetime()
    const live = life.add(
      new LiveValuations({ load, market: () => new TestMarket(), tell, clock, log, windowMs: 100 }),
      (open) => open.stop(),
    )
    try {
      for (let person = 0; person < PEOPLE; person += 1) await live.watch(await addUser(db))
      most = 0
      const gateway = { sessions: () => [], end: () => {} } as unknown as Gateway
      startSweeps(life, { db, live, gateway, clock, log })
      clock.advance(10_000)
      await until('all are loaded again', () => loads === 2 * PEOPLE)
      expect(most).to.be.within(1, 8)
    } finally {
      await life.close()
    }
  })

  it('does not wait for a portfolio that is never loaded to the end', async () => {
    const clock = new FakeClock()
    const { log } = readableLog()
    const midnight = clock.now() + 5_000
    const people = await Promise.all(Array.from({ length: 5 }, () => addUser(db)))
    const begun = new Set<string>()
    let watching = true
    const load = async (userId: string) => {
      if (!watching) begun.add(userId)
      if (!watching && userId === people[0]) await new Promise(() => {})
      return portfolioOf([], { version: 0, dayEndsAt: midnight })
    }
    const tell = { update: () => {}, snapshot: () => {} }
    const life = new Lifetime()
    const live = life.add(
      new LiveValuations({ load, market: () => new TestMarket(), tell, clock, log, windowMs: 100 }),
      (open) => open.stop(),
    )
    try {
      for (const person of people) await live.watch(person)
      watching = false
      const gateway = { sessions: () => [], end: () => {} } as unknown as Gateway
      startSweeps(life, { db, live, gateway, clock, log })
      clock.advance(10_000)
      await until('the sweep has begun', () => begun.has(people[0] ?? ''))
      await until('the last one has its turn', () => {
        clock.advance(500)
        return begun.size === people.length
      })
    } finally {
      await life.close()
    }
    expect(clock.pending, 'timers left behind').to.equal(0)
  })
})
