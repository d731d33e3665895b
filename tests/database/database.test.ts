import { expect } from 'chai'
import type { Database, Tx } from '../../src/database/database.js'
import { isDangling, isDuplicate, isMissing } from '../../src/database/failures.js'
import { fromDateText, toDateText, toFixedText } from '../../src/database/values.js'
import type { Prisma } from '../../src/generated/prisma/client.js'
import {
  addUser,
  databaseKinds,
  needsServer,
  openTestDatabase,
  serverAvailable,
} from '../support/database.js'

for (const kind of databaseKinds()) {
  describe(`database, ${kind}`, () => {
    let database: Database
    before(async function () {
      this.timeout(60_000)
      database = await openTestDatabase(kind)
    })
    after(() => database.close())

    describe('isolation', () => {
      it('hides every row of another user from a query that forgot its filter', async () => {
        const [ada, bob] = [await addUser(database), await addUser(database)]
        await database.asUser(ada, (tx) => addAsset(tx, ada))
        expect(await database.asUser(bob, (tx) => tx.asset.findMany())).to.deep.equal([])
        expect(await database.asUser(bob, (tx) => tx.user.findMany())).to.have.lengthOf(1)
        expect(await database.asUser(ada, (tx) => tx.asset.findMany())).to.have.lengthOf(1)
      })

      it('changes and deletes nothing of another user', async () => {
        const [ada, bob] = [await addUser(database), await addUser(database)]
        const asset = await database.asUser(ada, (tx) => addAsset(tx, ada))
        const changed = await database.asUser(bob, (tx) => tx.asset.updateMany({ data: { name: 'mine' } }))
        const gone = await database.asUser(bob, (tx) => tx.asset.deleteMany())
        expect([changed.count, gone.count]).to.deep.equal([0, 0])
        const missing = await failure(
          database.asUser(bob, (tx) => tx.asset.update({ where: { id: asset.id }, data: { name: 'mine' } })),
        )
        expect(isMissing(missing)).to.equal(true)
      })

      it('refuses a row that is written for another user', async () => {
        const [ada, bob] = [await addUser(database), await addUser(database)]
        const error = await failure(database.asUser(bob, (tx) => addAsset(tx, ada)))
        expect(error)
          .to.have.property('message')
          .that.matches(/row-level security/)
        expect(await database.asUser(ada, (tx) => tx.asset.count())).to.equal(0)
      })

      it('refuses a row that is given away to another user', async () => {
        const [ada, bob] = [await addUser(database), await addUser(database)]
        await database.asUser(bob, (tx) => addAsset(tx, bob))
        const error = await failure(
          database.asUser(bob, (tx) => tx.asset.updateMany({ data: { userId: ada } })),
        )
        expect(error)
          .to.have.property('message')
          .that.matches(/row-level security/)
      })

      it('refuses a reference to the asset of another user, even by the system', async () => {
        const [ada, bob] = [await addUser(database), await addUser(database)]
        const asset = await database.asUser(ada, (tx) => addAsset(tx, ada))
        const buy = { userId: bob, assetId: asset.id, type: 'BUY', date: fromDateText('2026-03-01') } as const
        const works: ((tx: Tx) => Promise<unknown>)[] = [
          (tx) => tx.activity.create({ data: { ...buy, currency: 'USD' } }),
          (tx) =>
            tx.income.create({
              data: { userId: bob, assetId: asset.id, amount: '1', currency: 'USD', date: buy.date },
            }),
        ]
        for (const work of works) {
          expect(isDangling(await failure(database.asUser(bob, work)))).to.equal(true)
          expect(isDangling(await failure(database.asSystem(work)))).to.equal(true)
        }
      })

      it('lets nobody make an administrator of himself, or add a user', async () => {
        const bob = await addUser(database)
        const promote = database.asUser(bob, (tx) =>
          tx.user.update({ where: { id: bob }, data: { role: 'ADMIN' } }),
        )
        expect(await failure(promote))
          .to.have.property('message')
          .that.matches(/permission denied/)
        const add = database.asUser(bob, (tx) =>
          tx.user.create({ data: { email: 'c@example.org', passwordHash: '' } }),
        )
        expect(await failure(add))
          .to.have.property('message')
          .that.matches(/permission denied/)
      })

      it('keeps the user of one transaction out of the next', async () => {
        const [ada, bob] = [await addUser(database), await addUser(database)]
        await database.asUser(ada, (tx) => addAsset(tx, ada))
        const counts = await Promise.all(
          Array.from({ length: 40 }, (_, turn) =>
            database.asUser(turn % 2 ? ada : bob, (tx) => tx.asset.count()),
          ),
        )
        expect(counts).to.deep.equal(Array.from({ length: 40 }, (_, turn) => turn % 2))
      })
    })

    describe('a transaction', () => {
      it('leaves nothing of work that failed', async () => {
        const ada = await addUser(database)
        const error = await failure(
          database.asUser(ada, async (tx) => {
            await addAsset(tx, ada)
            throw new RangeError('half-way')
          }),
        )
        expect(error).to.be.instanceOf(RangeError)
        expect(await database.asUser(ada, (tx) => tx.asset.count())).to.equal(0)
      })

      it('does not call a commit done when a failed statement was passed over', async () => {
        const ada = await addUser(database)
        const category = { userId: ada, kind: 'EXPENSE', name: 'food' } as const
        const error = await failure(
          database.asUser(ada, async (tx) => {
            await tx.category.create({ data: category })
            await tx.category.create({ data: category }).catch(() => {})
          }),
        )
        expect(error).to.have.property('name', 'SwallowedFailure')
        expect(await database.asUser(ada, (tx) => tx.category.count())).to.equal(0)
      })

      it('refuses another one inside of itself, and forgets about it afterwards', async () => {
        const ada = await addUser(database)
        const inner = () => database.asUser(ada, (tx) => tx.asset.count())
        expect(await failure(database.asUser(ada, inner)))
          .to.have.property('message')
          .that.matches(/inside of another/)
        expect(await failure(database.asSystem(inner)))
          .to.have.property('message')
          .that.matches(/inside of another/)
        let end = () => {}
        const ended = new Promise<void>((resolve) => {
          end = resolve
        })
        let later = Promise.resolve(-1)
        await database.asUser(ada, async () => {
          later = ended.then(inner)
        })
        end()
        expect(await later).to.equal(0)
      })

      it('tells a duplicate and takes work that avoids one', async () => {
        const ada = await addUser(database)
        const data = { userId: ada, kind: 'INCOME', name: 'salary' } as const
        await database.asUser(ada, (tx) => tx.category.create({ data }))
        expect(
          isDuplicate(await failure(database.asUser(ada, (tx) => tx.category.create({ data })))),
        ).to.equal(true)
        const { count } = await database.asUser(ada, (tx) =>
          tx.category.createMany({ data: [data], skipDuplicates: true }),
        )
        expect(count).to.equal(0)
      })

      it('refuses an id that is none before it reaches the database', async () => {
        expect(await failure(database.asUser("' OR true --", (tx) => tx.asset.count()))).to.be.instanceOf(
          TypeError,
        )
      })
    })

    describe('values', () => {
      for (const text of [
        '90167212325906.127894561247896232',
        '0.0000000123',
        '1000000000000000',
        '-0.000000000000000001',
        '99999999999999999999.999999999999999999',
        '0',
      ]) {
        it(`keeps ${text} to the last digit`, async () => {
          const ada = await addUser(database)
          const { id } = await database.asUser(ada, (tx) => addAsset(tx, ada, { quantity: text }))
          const row = await database.asUser(ada, (tx) => tx.asset.findUniqueOrThrow({ where: { id } }))
          expect(toFixedText(row.quantity)).to.equal(text)
          const raw = await database.asUser(
            ada,
            (tx) =>
              tx.$queryRaw<
                { quantity: Prisma.Decimal }[]
              >`SELECT quantity FROM assets WHERE id = ${id}::uuid`,
          )
          expect(raw.map((found) => toFixedText(found.quantity))).to.deep.equal([text])
        })
      }

      it('keeps instants to the millisecond, dates to the day, bytes, lists and large sequences', async () => {
        const ada = await addUser(database)
        const expiresAt = new Date('2026-10-25T01:30:00.123Z')
        const hash = Uint8Array.from({ length: 32 }, (_, index) => index * 8)
        const session = await database.asSystem((tx) =>
          tx.session.create({ data: { userId: ada, expiresAt } }),
        )
        const token = { hash, userId: ada, sessionId: session.id, expiresAt }
        await database.asSystem((tx) => tx.refreshToken.create({ data: token }))
        const found = await database.asSystem((tx) => tx.refreshToken.findUniqueOrThrow({ where: { hash } }))
        expect(found.expiresAt.toISOString()).to.equal(expiresAt.toISOString())
        expect([...found.hash]).to.deep.equal([...hash])
        const events = ['alert:fired', 'a, "b"']
        const hook = { userId: ada, url: 'https://example.org/', secret: hash, events }
        expect((await database.asUser(ada, (tx) => tx.webhook.create({ data: hook }))).events).to.deep.equal(
          events,
        )
        const asset = await database.asUser(ada, (tx) => addAsset(tx, ada))
        const buy = { userId: ada, assetId: asset.id, type: 'BUY', currency: 'USD' } as const
        const date = fromDateText('2028-02-29')
        const first = await database.asUser(ada, (tx) => tx.activity.create({ data: { ...buy, date } }))
        const second = await database.asUser(ada, (tx) => tx.activity.create({ data: { ...buy, date } }))
        expect(toDateText(first.date)).to.equal('2028-02-29')
        expect(second.sequence > first.sequence).to.equal(true)
      })
    })

    it('takes everything of a user away with the user', async () => {
      const [ada, bob] = [await addUser(database), await addUser(database)]
      for (const id of [ada, bob]) await database.asUser(id, (tx) => fill(tx, id))
      await database.asUser(ada, (tx) => tx.user.delete({ where: { id: ada } }))
      const left = await database.asSystem((tx) =>
        tx.expense.findMany({ where: { userId: { in: [ada, bob] } } }),
      )
      expect(left.map((row) => row.userId)).to.deep.equal([bob])
    })

    it('clears a reference to an asset or category that is deleted, and nothing else', async () => {
      const ada = await addUser(database)
      await database.asUser(ada, (tx) => fill(tx, ada))
      await database.asUser(ada, async (tx) => {
        await tx.asset.deleteMany()
        await tx.category.deleteMany()
      })
      const [expense] = await database.asUser(ada, (tx) => tx.expense.findMany())
      expect(expense).to.include({ userId: ada, assetId: null, categoryId: null })
    })
  })
}

if (!serverAvailable()) {
  describe('database, server', () => {
    it(needsServer, function () {
      this.skip()
    })
  })
}

describe('calendar dates', () => {
  it('refuses a day that no calendar has', () => {
    for (const text of ['2026-02-29', '2026-13-01', '2026-1-1', 'today', '']) {
      expect(() => fromDateText(text), text).to.throw(RangeError)
    }
  })
})

async function addAsset(tx: Tx, userId: string, more: { quantity?: string } = {}) {
  return tx.asset.create({
    data: { userId, type: 'CRYPTO', name: 'bitcoin', currency: 'USD', pricing: 'MARKET', ...more },
  })
}

/** One asset, one category, and an expense that refers to both. */
async function fill(tx: Tx, userId: string): Promise<void> {
  const asset = await addAsset(tx, userId)
  const category = await tx.category.create({ data: { userId, kind: 'EXPENSE', name: 'upkeep' } })
  await tx.expense.create({
    data: {
      userId,
      amount: '1',
      currency: 'USD',
      date: fromDateText('2026-03-01'),
      assetId: asset.id,
      categoryId: category.id,
    },
  })
}

/** What a promise fails with; fails itself when it does not. */
async function failure(promise: Promise<unknown>): Promise<unknown> {
  const result = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in result) return result.error
  throw new Error('this was expected to fail')
}
