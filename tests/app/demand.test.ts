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

  it('is the same from one look to the next when more is watched than can be heard', async () => {
    const clock = new FakeClock()
    const now = () => clock.now()
    const wire = createMemoryWire({ now, coordination: createMemoryCoordination({ now }) })
    const names = Array.from({ length: 1_500 }, (_, each) => `C${each}-USD`)
    let told: readonly string[] = names
    const watches = { ...wire, demanded: async () => told }
    const wanted: Demand[] = []
    const want = (demand: Demand) => wanted.push(demand)
    const looks = async (count: number) => {
      clock.advance(5_000)
      await until('it is looked up', () => wanted.length === count)
    }
    const life = new Lifetime()
    try {
      await startDemandWatch(life, { db, wire: watches, clock, log: readableLog().log, want })
      const first = [...(wanted[0]?.symbols ?? [])]
      expect(first).to.have.length(1_000)
      told = names.toReversed()
      await looks(2)
      expect(wanted[1]?.symbols).to.have.all.keys(first)
      told = told.filter((name) => name !== first[0])
      await looks(3)
      expect(first.filter((name) => !wanted[2]?.symbols.has(name))).to.deep.equal([first[0]])
      expect(wanted[2]?.symbols.size).to.equal(1_000)
    } finally {
      await life.close()
      await wire.close()
    }
  })
})
