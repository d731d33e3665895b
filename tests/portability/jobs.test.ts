import { expect } from 'chai'
import { activityBatch } from '../../src/assets/batch.js'
import type { Database } from '../../src/database/database.js'
import { ImportJobs } from '../../src/portability/jobs.js'
import { imports } from '../../src/portability/service.js'
import { importStore } from '../../src/portability/store.js'
import type { ImportProgress } from '../../src/protocol/imports.js'
import { addUser, databaseKinds, openTestDatabase } from '../support/database.js'
import { FakeClock } from '../support/exchange-clock.js'
import { readableLog } from '../support/server.js'
import { until } from '../support/until.js'

describe('an import that is being written', function () {
  this.timeout(60_000)
  let db: Database
  before(async () => {
    db = await openTestDatabase(databaseKinds().at(-1) ?? 'embedded')
  })
  after(() => db?.close())

  it('goes on behind the last batch of a process that died: nothing is lost or done twice', async () => {
    const clock = new FakeClock()
    const { log } = readableLog()
    const told: ImportProgress[] = []
    const dated = async () => ({ rate: () => null, close: () => null })
    const open = () =>
      new ImportJobs({
        ...{ db, clock, log, changed: () => {}, enterAll: activityBatch({ dated, clock }) },
        tell: (_, progress) => told.push(progress),
      })
    const userId = await addUser(db)
    const service = imports({ db, clock, confirmed: () => {} })
    const rows = Array.from({ length: 430 }, (_, index) => {
      const day = String((index % 28) + 1).padStart(2, '0')
      return index % 43 === 42
        ? `2024-02-${day},sell,BTC-USD,1000,7`
        : `2024-01-${day},buy,BTC-USD,1,${index + 1}`
    })
    const content = ['date,type,symbol,quantity,price', ...rows].join('\n')
    const { id, total } = await service.create(userId, { format: 'csv', content })
    expect(total).to.equal(430)
    await service.confirm(userId, id, () => {})

    const claimed = await db.asSystem((tx) => importStore.claim(tx, clock.now(), clock.now() + 60_000))
    if (!claimed) throw new Error('it could not be claimed')
    const dead = open()
    const first = await dead.writeBatch(claimed)
    expect(first?.report.next).to.equal(200)

    const next = open().start()
    await next.stop()
    expect((await service.get(userId, id)).done, 'while the claim holds').to.equal(199)
    clock.advance(120_000)
    const other = open().start()
    await until('the end', async () => (await service.get(userId, id)).state !== 'running', 30_000)
    await other.stop()

    const done = await service.get(userId, id)
    expect(done).to.include({ state: 'done', done: 420, total: 420 })
    expect(done.problems).to.have.lengthOf(10)
    expect(told.at(-1)).to.deep.equal({ id, state: 'done', done: 420, total: 420 })
    const [asset] = await db.asUser(userId, (tx) => tx.asset.findMany({ where: { userId } }))
    expect(asset?.quantity.toFixed()).to.equal('420')
    expect(await db.asUser(userId, (tx) => tx.activity.count({ where: { userId } }))).to.equal(420)

    // The dead one, if it lives after all, has lost its claim.
    let refused: unknown = null
    await dead.writeBatch(first ?? claimed).catch((error: unknown) => {
      refused = error
    })
    expect(refused).to.be.instanceOf(Error)
    expect(await db.asUser(userId, (tx) => tx.activity.count({ where: { userId } }))).to.equal(420)
  })
})
