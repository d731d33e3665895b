import { expect } from 'chai'
import type { Database } from '../../src/database/database.js'
import { addUser, databaseKinds, openTestDatabase } from '../support/database.js'
import { fillEveryTable, insertRow, ownedTables, type Row } from '../support/every-table.js'

/** What a user writes once and never changes. */
const LASTING = ['audit_entries']

for (const kind of databaseKinds()) {
  describe(`without any filter, ${kind}`, () => {
    let database: Database
    let ada: string
    let bob: string
    let rows: ReadonlyMap<string, Row>
    before(async function () {
      this.timeout(60_000)
      database = await openTestDatabase(kind)
      ada = await addUser(database)
      bob = await addUser(database)
      rows = await database.asSystem((tx) => fillEveryTable(tx, ada))
    })
    after(() => database?.close())

    const count = (userId: string) =>
      database.asUser(userId, async (tx) => {
        const counts: Record<string, number> = {}
        for (const table of rows.keys()) {
          const [found] = await tx.$queryRawUnsafe<{ n: number }[]>(
            `SELECT count(*)::int AS n FROM "${table}"`,
          )
          counts[table] = found?.n ?? -1
        }
        return counts
      })
    const each = (n: number) => Object.fromEntries([...rows.keys()].map((table) => [table, n]))

    it('a user sees his own rows of every table, and none of anybody else', async () => {
      expect(rows.size).to.be.greaterThan(25)
      expect(await count(ada)).to.deep.equal(each(1))
      expect(await count(bob)).to.deep.equal(each(0))
    })

    it('changes and deletes nothing of anybody else, in any table', async () => {
      const touched = await database.asUser(bob, async (tx) => {
        const counts: Record<string, readonly number[]> = {}
        for (const table of rows.keys()) {
          if (LASTING.includes(table)) continue
          counts[table] = [
            await tx.$executeRawUnsafe(`UPDATE "${table}" SET user_id = user_id`),
            await tx.$executeRawUnsafe(`UPDATE "${table}" SET user_id = '${bob}'`),
            await tx.$executeRawUnsafe(`DELETE FROM "${table}"`),
          ]
        }
        return counts
      })
      expect(Object.entries(touched).filter(([, counts]) => counts.some((n) => n !== 0))).to.deep.equal([])
      expect(await count(ada)).to.deep.equal(each(1))
    })

    it('adds nothing to what belongs to anybody else, in any table', async () => {
      const admitted: string[] = []
      for (const table of await database.asSystem(ownedTables)) {
        const written = await database
          .asUser(bob, (tx) => insertRow(tx, table, { ...rows.get(table), user_id: ada }))
          .then(
            () => 'written',
            (error: Error) => error.message,
          )
        if (!/row-level security/.test(written)) admitted.push(`${table}: ${written}`)
      }
      expect(admitted).to.deep.equal([])
    })
  })
}
