import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { z } from 'zod'
import type { Database } from '../../src/database/database.js'
import { createSecrets } from '../../src/delivery/secrets.js'
import { doorState } from '../../src/http/context.js'
import { guard } from '../../src/http/guard.js'
import { idempotency } from '../../src/http/idempotency.js'
import { idempotencyStore, markingDatabase } from '../../src/http/store.js'
import { AppError } from '../../src/lib/errors.js'
import { addUser, databaseKinds, openTestDatabase } from '../support/database.js'
import { until } from '../support/until.js'
import { capturedLog, DATABASE_START_MS, type Door, openDoor, problemOf, sendJson } from './door.js'

const MINUTE_MS = 60_000
const category = z.object({
  name: z.string().min(1),
  fate: z.enum(['fail', 'refuse', 'wait', 'limit']).optional(),
})

for (const kind of databaseKinds()) {
  describe(`POSTs with an Idempotency-Key, on a database that is ${kind}`, () => {
    let db: Database
    let door: Door
    let user: string
    let shift = 0
    /** What waiting requests wait for. */
    let go: () => void = () => {}
    let waiting = 0

    before(async function () {
      this.timeout(DATABASE_START_MS)
      db = await openTestDatabase(kind)
      const clock = { now: () => Date.now() + shift, after: () => () => {}, every: () => () => {} }
      const marking = markingDatabase(db)
      const { log } = capturedLog()
      door = await openDoor((router) => {
        router.post(
          '/categories',
          async (ctx, next) => {
            const userId = ctx.get('X-User')
            doorState(ctx).actor = { userId, sessionId: userId, role: 'USER', expiresAt: 0 }
            await next()
          },
          idempotency({ store: idempotencyStore({ db, sealing: createSecrets(db), clock }), log }),
          guard(
            { body: category, answer: z.object({ id: z.string() }), status: 201 },
            async ({ actor, body, ctx }) => {
              if (body.fate === 'wait') {
                const gate = new Promise<void>((resolve) => {
                  go = resolve
                })
                waiting += 1
                await gate
              }
              if (body.fate === 'limit') throw new AppError('limited', 'rate-limited', 'Too many.')
              const made = await marking.asUser(actor.userId, async (tx) => {
                const data = {
                  userId: actor.userId,
                  name: `${body.name} ${randomUUID()}`,
                  kind: 'EXPENSE' as const,
                }
                const row = await tx.category.create({ data })
                if (body.fate === 'refuse') throw new AppError('conflict', 'refused', 'No.')
                return row
              })
              if (body.fate === 'fail') throw new Error('after the commit')
              ctx.set('Location', `/categories/${made.id}`)
              return { id: made.id }
            },
          ),
        )
      })
    })
    after(async () => {
      await door.close()
      await db.close()
    })
    beforeEach(async () => {
      user = await addUser(db)
      shift = 0
      waiting = 0
    })

    const post = (key: string, body: unknown, as = user) =>
      sendJson(`${door.url}/categories`, body, { headers: { 'Idempotency-Key': key, 'X-User': as } })
    const count = (of = user) => db.asUser(of, (tx) => tx.category.count())
    const codeOf = async (response: Response) => (await problemOf(response)).code

    it('happen once and are answered the same twice', async () => {
      const first = await post('k1', { name: 'food' })
      expect(first.status).to.equal(201)
      expect(first.headers.get('idempotency-replayed')).to.equal(null)
      const again = await post('k1', { name: 'food' })
      expect(again.status).to.equal(201)
      expect(again.headers.get('idempotency-replayed')).to.equal('true')
      expect(again.headers.get('location')).to.equal(first.headers.get('location'))
      expect(again.headers.get('content-type')).to.equal(first.headers.get('content-type'))
      expect(await again.text()).to.equal(await first.text())
      expect(await count()).to.equal(1)
    })

    it('happen each time without a key, with another key, and for another user', async () => {
      const other = await addUser(db)
      await sendJson(`${door.url}/categories`, { name: 'a' }, { headers: { 'X-User': user } })
      await sendJson(`${door.url}/categories`, { name: 'b' }, { headers: { 'X-User': user } })
      await post('one', { name: 'c' })
      await post('two', { name: 'd' })
      await post('one', { name: 'c' }, other)
      expect([await count(), await count(other)]).to.deep.equal([4, 1])
    })

    it('are refused when the key stands for another request or is none', async () => {
      await post('k2', { name: 'food' })
      const reused = await post('k2', { name: 'rent' })
      expect(reused.status).to.equal(422)
      expect(await codeOf(reused)).to.equal('idempotency-key-reused')
      for (const key of ['a b', 'x'.repeat(256), 'ä'])
        expect((await post(key, { name: 'x' })).status, key).to.equal(422)
      expect(await count()).to.equal(1)
    })

    it('happen once when they come at the same time', async () => {
      const answers = await Promise.all(Array.from({ length: 6 }, () => post('k3', { name: 'food' })))
      for (const answer of answers) expect(answer.status).to.be.oneOf([201, 409])
      expect(answers.some((answer) => answer.status === 201)).to.equal(true)
      expect(await count()).to.equal(1)
    })

    it('are told to come again while the first one is under way', async () => {
      const first = post('k4', { name: 'food', fate: 'wait' })
      await until('the first one waits', () => waiting === 1)
      const second = await post('k4', { name: 'food', fate: 'wait' })
      expect(second.status).to.equal(409)
      expect(second.headers.get('retry-after')).to.equal('1')
      expect(await codeOf(second)).to.equal('idempotency-key-in-use')
      go()
      expect((await first).status).to.equal(201)
      expect(await count()).to.equal(1)
    })

    it('keep a refusal as the answer', async () => {
      const first = await post('k5', { name: '' })
      expect(first.status).to.equal(422)
      const again = await post('k5', { name: '' })
      expect(again.headers.get('idempotency-replayed')).to.equal('true')
      expect(await again.text()).to.equal(await first.text())
      expect((await post('k6', { name: 'x', fate: 'refuse' })).status).to.equal(409)
      expect(await codeOf(await post('k6', { name: 'x', fate: 'refuse' }))).to.equal('refused')
      expect(await count()).to.equal(0)
    })

    it('keep no answer that tells to try again', async () => {
      for (let round = 0; round < 2; round += 1) {
        const limited = await post('k7', { name: 'x', fate: 'limit' })
        expect(limited.status).to.equal(429)
        expect(limited.headers.get('idempotency-replayed')).to.equal(null)
      }
    })

    it('are not done again after a failure behind the commit', async () => {
      expect((await post('k8', { name: 'food', fate: 'fail' })).status).to.equal(500)
      expect(await codeOf(await post('k8', { name: 'food', fate: 'fail' }))).to.equal(
        'idempotency-key-in-use',
      )
      shift = 2 * MINUTE_MS
      const later = await post('k8', { name: 'food', fate: 'fail' })
      expect(later.status).to.equal(409)
      expect(await codeOf(later)).to.equal('idempotency-answer-lost')
      expect(await count()).to.equal(1)
    })

    it('are done by the next one when the first has died before its commit', async () => {
      const slow = post('k9', { name: 'food', fate: 'wait' })
      await until('the first one waits', () => waiting === 1)
      const finishSlow = go
      shift = 2 * MINUTE_MS
      const next = post('k9', { name: 'food', fate: 'wait' })
      await until('the next one waits', () => waiting === 2)
      go()
      expect((await next).status).to.equal(201)
      // It was not dead but slow: what it does now is undone.
      finishSlow()
      expect(await codeOf(await slow)).to.equal('idempotency-key-in-use')
      expect(await count()).to.equal(1)
      const replayed = await post('k9', { name: 'food', fate: 'wait' })
      expect(replayed.headers.get('idempotency-replayed')).to.equal('true')
    })

    it('keep answers so that the table does not tell them, and nobody has that of another', async () => {
      const other = await addUser(db)
      const { id } = (await (await post('k11', { name: 'food' })).json()) as { id: string }
      await post('k11', { name: 'food' }, other)
      const [row] = await db.asSystem(
        (tx) => tx.$queryRaw<{ all: string }[]>`
          SELECT string_agg(to_jsonb(k)::text || encode(answer, 'escape'), '') AS all
          FROM idempotency_keys AS k WHERE user_id = ${user}::uuid`,
      )
      expect(row?.all).to.include('k11').and.not.include(id)
      await db.asSystem(
        (tx) => tx.$executeRaw`
          UPDATE idempotency_keys SET answer =
            (SELECT answer FROM idempotency_keys WHERE user_id = ${user}::uuid AND key = 'k11')
          WHERE user_id = ${other}::uuid AND key = 'k11'`,
      )
      expect((await post('k11', { name: 'food' }, other)).status).to.equal(500)
      await db.asSystem((tx) =>
        tx.idempotencyKey.updateMany({ where: { userId: user }, data: { answer: null } }),
      )
      expect(await codeOf(await post('k11', { name: 'food' }))).to.equal('idempotency-answer-lost')
      expect(await count()).to.equal(1)
    })

    it('are forgotten after a day', async () => {
      await post('k10', { name: 'food' })
      shift = 24 * 60 * MINUTE_MS - 1000
      expect((await post('k10', { name: 'food' })).headers.get('idempotency-replayed')).to.equal('true')
      shift += 2000
      const anew = await post('k10', { name: 'again' })
      expect(anew.status).to.equal(201)
      expect(await count()).to.equal(2)
    })
  })
}
