import { expect } from 'chai'
import { type Demand, startDemandWatch } from '../../src/app/demand.js'
import type { Database } from '../../src/database/database.js'
import { Lifetime } from '../../src/lib/lifetime.js'
import { createMemoryCoordination } from '../../src/prices/coordination-memory.js'
import { createMemoryWire } from '../../src/prices/wire-memory.js'
import { openTestDatabase } from '../support/database.js'
import { FakeClock } from '../support/exchange-clock.js'
import { readableLog } from '../support/server.js'
import { until } from '../support/until.js'

describe('what is asked for', function () {
  this.timeout(120_000)
  let db: Database
  before(async () => {
    db = await openTestDatabase('embedded')
  })
  after(() => db?.close())

  it('is looked up at once for the first who asks, and once a second however many ask', async () => {
    const clock = new FakeClock()
    const now = () => clock.now()
    const wire = createMemoryWire({ now, coordination: createMemoryCoordination({ now }) })
    const wanted: Demand[] = []
    const life = new Lifetime()
    const { log } = readableLog()
    try {
      await startDemandWatch(life, { db, wire, clock, log, want: (demand) => wanted.push(demand) })
      clock.advance(2_000)
      const settled = wanted.length
      await wire.demand(['AAA-USD'], 60_000)
      clock.advance(60)
      await until('the first is wanted', () => wanted.at(-1)?.symbols.has('AAA-USD') === true)
      for (let time = 0; time < 10; time += 1) {
        await wire.demand([`B${time}-USD`], 60_000)
        clock.advance(60)
        // A look-up that was begun now would be over after this one.
        await db.asSystem((tx) => tx.user.count())
      }
      expect(wanted.length).to.equal(settled + 1)
      clock.advance(1_000)
      await until('the others are wanted', () => wanted.at(-1)?.symbols.has('B9-USD') === true)
      expect(wanted.length).to.equal(settled + 2)
    } finally {
      await life.close()
      await wire.close()
    }
    expect(clock.pending, 'timers left behind').to.equal(0)
  })
})
