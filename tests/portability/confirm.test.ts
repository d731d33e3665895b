import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import type { Database, Tx } from '../../src/database/database.js'
import { systemClock } from '../../src/lib/clock.js'
import { imports } from '../../src/portability/service.js'
import { addUser, databaseKinds, openTestDatabase } from '../support/database.js'

/** A database in which a while passes after imports have been counted. */
function slowToCount(db: Database): Database {
  const slow = (table: Tx['import']) =>
    new Proxy(table, {
      get: (target, name) =>
        name === 'count'
          ? async (ask: object) => {
              const count = await target.count(ask)
              await wait(100)
              return count
            }
          : Reflect.get(target, name),
    })
  const slowed = (tx: Tx) =>
    new Proxy(tx, { get: (of, name) => (name === 'import' ? slow(of.import) : Reflect.get(of, name)) })
  return { ...db, asUser: (userId, work) => db.asUser(userId, (tx) => work(slowed(tx))) }
}

describe('imports that are confirmed at once', function () {
  this.timeout(60_000)

  it('are begun one at a time', async () => {
    const db = await openTestDatabase(databaseKinds().at(-1) ?? 'embedded')
    try {
      const service = imports({ db: slowToCount(db), clock: systemClock, confirmed: () => {} })
      const userId = await addUser(db)
      const previews = []
      for (let day = 1; day <= 3; day += 1) {
        const content = `date,amount\n2026-01-0${day},-5`
        previews.push(await service.create(userId, { format: 'csv', content }))
      }
      const confirmed = await Promise.allSettled(
        previews.map(({ id }) => service.confirm(userId, id, () => {})),
      )
      const begun = confirmed.filter(({ status }) => status === 'fulfilled')
      expect(begun).to.have.lengthOf(1)
    } finally {
      await db.close()
    }
  })
})
