import { expect } from 'chai'
import * as accountStore from '../../src/accounts/store.js'
import { activityStore } from '../../src/assets/activity-store.js'
import { holdingsOf } from '../../src/assets/holdings.js'
import { assetPriceStore } from '../../src/assets/price-store.js'
import { assetStore } from '../../src/assets/store.js'
import { budgetStore } from '../../src/cashflow/budget-store.js'
import { categoryStore } from '../../src/cashflow/category-store.js'
import { flowStore } from '../../src/cashflow/flow-store.js'
import { profileStore } from '../../src/cashflow/profile-store.js'
import { ruleStore } from '../../src/cashflow/rule-store.js'
import type { Database, Tx } from '../../src/database/database.js'
import { goalStore } from '../../src/goals/store.js'
import { addUser, databaseKinds, openTestDatabase } from '../support/database.js'
import { fillEveryTable, insertRow, ownedTables, type Row } from '../support/every-table.js'

const page = { limit: 10 }
/** Before everything that was written has ended. */
const now = 0

/** What stores read of a user, with the id of one row by its table. */
type Read = (tx: Tx, userId: string, id: (table: string) => string) => Promise<unknown>
const READS: Readonly<Record<string, Read>> = {
  'accounts findById': (tx, userId) => accountStore.findById(tx, userId),
  'accounts findLive': (tx, userId, id) => accountStore.findLive(tx, userId, id('sessions'), now),
  'accounts listLive': (tx, userId, id) => accountStore.listLive(tx, userId, id('sessions'), now, page),
  'asset find': (tx, userId, id) => assetStore.find(tx, userId, id('assets')),
  'asset lock': (tx, userId, id) => assetStore.lock(tx, userId, id('assets')),
  'asset list': (tx, userId) => assetStore.list(tx, userId, page),
  'asset count': (tx, userId) => assetStore.count(tx, userId),
  'asset profile': (tx, userId) => assetStore.profile(tx, userId),
  'asset versions': (tx, userId) => assetStore.versions(tx, [userId]),
  holdings: (tx, userId) => holdingsOf(tx, [userId], now),
  'activity find': (tx, userId, id) => activityStore.find(tx, userId, id('assets'), id('activities')),
  'asset prices': (tx, userId, id) =>
    assetPriceStore.list(tx, userId, id('assets'), { limit: 10, before: null }),
  'income find': (tx, userId, id) => flowStore.find(tx, userId, 'INCOME', id('incomes')),
  'expense list': (tx, userId) => flowStore.list(tx, userId, 'EXPENSE', page),
  'expense account': (tx, userId, id) => flowStore.isAccount(tx, userId, id('assets')),
  'category find': (tx, userId, id) => categoryStore.find(tx, userId, id('categories')),
  'category list': (tx, userId) => categoryStore.list(tx, userId, page),
  'budget find': (tx, userId, id) => budgetStore.find(tx, userId, id('budgets')),
  'rule find': (tx, userId, id) => ruleStore.find(tx, userId, id('recurring_rules')),
  'rule list': (tx, userId) => ruleStore.list(tx, userId, page),
  'profile read': (tx, userId) => profileStore.read(tx, userId),
  'goal byIds': (tx, userId, id) => goalStore.byIds(tx, userId, [id('goals')]),
  'goal list': (tx, userId) => goalStore.list(tx, userId, page),
  'goal assetsAmong': (tx, userId, id) => goalStore.assetsAmong(tx, userId, [id('assets')]),
  'contribution find': (tx, userId, id) =>
    goalStore.contribution(tx, userId, id('goals'), id('goal_contributions')),
}

/** What stores take away from a user, or change. */
const WRITES: Readonly<Record<string, Read>> = {
  'accounts endSessions': (tx, userId) => accountStore.endSessions(tx, { userId }, now),
  'accounts replaceHash': (tx, userId) => accountStore.replaceHash(tx, userId, 'none', 'known'),
  'accounts deleteUser': (tx, userId) => accountStore.deleteUser(tx, userId, 'none'),
  'asset remove': (tx, userId, id) => assetStore.remove(tx, userId, id('assets')),
  'activity remove': (tx, userId, id) => activityStore.remove(tx, userId, id('activities')),
  'income remove': (tx, userId, id) => flowStore.remove(tx, userId, 'INCOME', id('incomes')),
  'category rename': (tx, userId, id) => categoryStore.rename(tx, userId, id('categories'), 'his'),
  'category remove': (tx, userId, id) => categoryStore.remove(tx, userId, id('categories')),
  'budget remove': (tx, userId, id) => budgetStore.remove(tx, userId, id('budgets')),
  'rule remove': (tx, userId, id) => ruleStore.remove(tx, userId, id('recurring_rules')),
  'goal change': (tx, userId, id) => goalStore.change(tx, userId, id('goals')),
  'goal remove': (tx, userId, id) => goalStore.remove(tx, userId, id('goals')),
  'contribution remove': (tx, userId, id) =>
    goalStore.removeContribution(tx, userId, id('goal_contributions')),
}

/** Whether an answer tells of something. */
function isTelling(answer: unknown): boolean {
  if (answer instanceof Map || answer instanceof Set) return answer.size > 0
  if (Array.isArray(answer)) return answer.length > 0
  if (typeof answer === 'object' && answer !== null && 'data' in answer) return isTelling(answer.data)
  return Boolean(answer)
}

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

    // The same rows and policies as on the other one, so that once is enough.
    if (kind !== databaseKinds()[0]) return
    describe('of the owner, in a transaction of another user,', () => {
      const id = (table: string) => String(rows.get(table)?.id)

      it('the stores find nothing', async () => {
        const telling = (userId: string) =>
          database.asUser(userId, async (tx) => {
            const names: string[] = []
            for (const [name, read] of Object.entries(READS)) {
              if (isTelling(await read(tx, ada, id))) names.push(name)
            }
            return names
          })
        expect(await telling(ada)).to.deep.equal(Object.keys(READS))
        expect(await telling(bob)).to.deep.equal([])
      })

      it('the stores change and remove nothing', async () => {
        const kept = (tx: Tx) => rowsOf(tx, ada, [...rows.keys()])
        const before = await database.asSystem(kept)
        for (const write of Object.values(WRITES)) {
          await database.asUser(bob, (tx) => write(tx, ada, id)).catch(() => {})
        }
        expect(await database.asSystem(kept)).to.equal(before)
        for (const [name, write] of Object.entries(WRITES)) {
          const own = database.asUser(ada, async (tx) => {
            await write(tx, ada, id)
            expect(await kept(tx), name).not.to.equal(before)
            throw new Undone()
          })
          expect(await own.catch((error: unknown) => error), name).to.be.instanceOf(Undone)
        }
      })
    })
  })
}

/** Ends a transaction without a trace. */
class Undone extends Error {}

/** All rows of this user, as one text. */
async function rowsOf(tx: Tx, userId: string, tables: readonly string[]): Promise<string> {
  const selects = tables.map(
    (table) => `SELECT '${table}' AS name, to_jsonb(t) AS row FROM "${table}" t WHERE user_id = $1::uuid`,
  )
  const [found] = await tx.$queryRawUnsafe<{ text: string }[]>(
    `SELECT string_agg(name || row::text, E'\n' ORDER BY name) AS text
       FROM (SELECT 'users' AS name, to_jsonb(t) AS row FROM users t WHERE id = $1::uuid
             UNION ALL ${selects.join(' UNION ALL ')}) AS all_rows`,
    userId,
  )
  return found?.text ?? ''
}
