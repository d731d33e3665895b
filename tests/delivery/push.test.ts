import { createPublicKey, randomUUID, verify } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { expect } from 'chai'
import type { Database } from '../../src/database/database.js'
import { createGuardedRequest } from '../../src/delivery/guarded-request.js'
import { Outbox } from '../../src/delivery/outbox.js'
import { FIRST, outboxStore, tidyOutbox } from '../../src/delivery/outbox-store.js'
import { createPusher, vapidKeys } from '../../src/delivery/push.js'
import { addUser, databaseKinds, openTestDatabase } from '../support/database.js'
import { readableLog } from '../support/server.js'
import { until } from '../support/until.js'
import {
  openBrowser,
  openPushService,
  outboxOf,
  type PushService,
  standingClock,
  tellLater,
} from './stage.js'

const START = Date.UTC(2026, 4, 20, 9)

for (const kind of databaseKinds()) {
  describe(`Web Push from the outbox, ${kind}`, function () {
    this.timeout(60_000)
    const clock = standingClock(START)
    const { log } = readableLog()
    const browser = openBrowser()
    let db: Database
    let service: PushService
    let publicKey: string
    let open: () => Outbox
    const opened: Outbox[] = []
    before(async () => {
      db = await openTestDatabase(kind)
      service = await openPushService()
      const keys = await vapidKeys(db)
      publicKey = keys.publicKey
      const guarded = createGuardedRequest({ allowedNetworks: ['127.0.0.0/8'] })
      const push = createPusher({ keys, mailFrom: 'Harta <a@harta.example>', publicUrl: null, guarded })
      open = () => {
        const outbox = new Outbox({ db, ways: { email: null, push }, clock, log })
        opened.push(outbox)
        return outbox.start()
      }
    })
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((outbox) => outbox.stop()))
      service.pushed.length = 0
      service.statuses = []
      clock.at = START
    })
    after(async () => {
      await service?.close()
      await db?.close()
    })

    const subscribe = async (userId: string): Promise<string> => {
      const endpoint = `${service.url}/${randomUUID()}`
      const { id } = await db.asSystem((tx) =>
        tx.pushSubscription.create({ data: { userId, endpoint, ...browser.keys } }),
      )
      return id
    }
    const isOver = async (userId: string): Promise<boolean> =>
      (await outboxOf(db, userId)).every(({ doneAt }) => doneAt !== null)

    it('brings what is told to that browser alone, signed by the key that it subscribed to', async () => {
      const userId = await addUser(db)
      const target = await subscribe(userId)
      const body = 'Rp '.repeat(2_000)
      const id = await tellLater(db, userId, { topic: 'push', target, due: START, body })
      open()
      await until('it is pushed', () => isOver(userId))
      const [pushed] = service.pushed
      const headers: IncomingHttpHeaders = pushed?.headers ?? {}
      expect(headers).to.include({ ttl: '86400', urgency: 'high', 'content-encoding': 'aes128gcm' })
      expect(headers.topic).to.match(/^[\w-]{22}$/)
      const told = browser.decrypt(pushed?.body ?? Buffer.alloc(0))
      expect(told).to.include({ id, kind: 'alert:fired', title: 'BTC-USD rose to $70,000', url: '/#alerts' })
      expect(told.at).to.equal('2026-05-20T09:00:00.000Z')
      expect(told.body?.endsWith('…')).to.equal(true)
      expect(Buffer.byteLength(JSON.stringify(told))).to.be.within(2_500, 3_072)
      const [, token = '', shown] = /^vapid t=([^,]+), k=(.+)$/.exec(headers.authorization ?? '') ?? []
      expect(shown).to.equal(publicKey)
      const [head = '', claims = '', signature = ''] = token.split('.')
      const point = Buffer.from(publicKey, 'base64url')
      const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'))
      const jwk = { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' }
      const vapid = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const
      const signed = Buffer.from(`${head}.${claims}`)
      expect(verify('sha256', signed, vapid, Buffer.from(signature, 'base64url'))).to.equal(true)
      const { aud, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString())
      expect([aud, sub]).to.deep.equal([service.url, 'mailto:a@harta.example'])
      expect((await vapidKeys(db)).publicKey).to.equal(publicKey)
      const used = await db.asSystem((tx) => tx.pushSubscription.findUniqueOrThrow({ where: { id: target } }))
      expect(used.lastUsedAt?.getTime()).to.equal(START)
    })

    it('forgets a browser that is gone, and what waits for it', async () => {
      const userId = await addUser(db)
      const [gone, there] = [await subscribe(userId), await subscribe(userId)]
      await tellLater(db, userId, { topic: 'push', target: gone, due: START })
      await tellLater(db, userId, { topic: 'push', target: gone, due: START + 1 })
      service.statuses = [410]
      const outbox = open()
      await until('the first is over', async () => service.pushed.length === 1 && (await left()).length === 1)
      clock.at += 1
      outbox.wake()
      await until('the other one, too', () => isOver(userId))
      expect(service.pushed.length).to.equal(1)
      expect((await outboxOf(db, userId)).every(({ error }) => error !== null)).to.equal(true)
      async function left(): Promise<readonly string[]> {
        const rows = await db.asSystem((tx) => tx.pushSubscription.findMany({ where: { userId } }))
        expect(rows.map(({ id }) => id)).to.include(there)
        return rows.map(({ id }) => id)
      }
    })

    it('sends each once, by however many at once, and again with the same topic what failed', async () => {
      const users = await Promise.all(Array.from({ length: 3 }, () => addUser(db)))
      const targets = await Promise.all(users.map(subscribe))
      for (const [index, userId] of users.entries()) {
        for (let count = 0; count < 7; count += 1)
          await tellLater(db, userId, { topic: 'push', target: targets[index] ?? '', due: START })
      }
      service.statuses = [503]
      const outboxes = [open(), open()]
      await until('all but one are sent', () => service.pushed.length === 21)
      const failed = async () =>
        (await Promise.all(users.map((userId) => outboxOf(db, userId)))).flat().filter((row) => !row.doneAt)
      await until('it is noted down', async () => {
        const rows = await failed()
        return rows.length === 1 && rows[0]?.attempts === 1
      })
      clock.at += 5_000
      for (const outbox of outboxes) outbox.wake()
      await until('that one, too', async () => (await failed()).length === 0)
      const topics = service.pushed.map(({ headers }) => headers.topic)
      expect([topics.length, new Set(topics).size]).to.deep.equal([22, 21])
    })

    it('lets users take turns, and gives what a process has left behind to the next', async () => {
      const [many, one] = [await addUser(db), await addUser(db)]
      const [first, second] = [await subscribe(many), await subscribe(one)]
      for (let count = 0; count < 10; count += 1)
        await tellLater(db, many, { topic: 'push', target: first, due: START })
      await tellLater(db, one, { topic: 'push', target: second, due: START + 1 })
      clock.at = START + 2
      const claim = { topic: 'push', most: 3, now: clock.at, until: clock.at + 60_000, after: FIRST } as const
      const { parcels } = await db.asSystem((tx) => outboxStore.claim(tx, claim))
      expect(parcels.map(({ to }) => to.userId).sort()).to.deep.equal([many, many, one].sort())
      open()
      await until('the others are sent', () => service.pushed.length === 8)
      expect(await isOver(one)).to.equal(false)
      clock.at += 60_000
      open()
      await until('what was claimed, too', async () => (await isOver(one)) && (await isOver(many)))
      expect(new Set(service.pushed.map(({ headers }) => headers.topic)).size).to.equal(11)
    })

    it('finds the one message of a user in the midst of very many of another', async () => {
      await db.asSystem((tx) => tx.outboxEntry.deleteMany())
      const [many, one] = [await addUser(db), await addUser(db)]
      const write = (userId: string, count: number, held: boolean) =>
        db.asSystem(
          (tx) => tx.$executeRaw`
            WITH told AS (
              INSERT INTO notifications (id, user_id, kind, title, body)
              SELECT gen_random_uuid(), ${userId}::uuid, 'alert:fired', 'Up', 'It rose.' FROM generate_series(1, ${count}::int)
              RETURNING id)
            INSERT INTO outbox (user_id, notification_id, topic, available_at, held)
            SELECT ${userId}::uuid, id, 'push',
              ${new Date(START)}::timestamptz + row_number() OVER () * interval '1 s' * 1000 / ${count}::int, ${held}
            FROM told`,
        )
      await write(many, 300, false)
      await write(many, 1_100, true)
      await write(one, 1, false)
      await db.asSystem((tx) =>
        tx.outboxEntry.updateMany({
          where: { userId: one },
          data: { availableAt: new Date(START + 500_500) },
        }),
      )
      const [now, until] = [START + 1_000_000, START + 1_060_000]
      const claim = { topic: 'push', most: 2, now, until, after: FIRST } as const
      const first = await db.asSystem((tx) => outboxStore.claim(tx, claim))
      expect(new Set(first.parcels.map(({ to }) => to.userId))).to.deep.equal(new Set([many, one]))
      // What was held back is one, of so many at most.
      expect(first.parcels.map(({ rows }) => rows.length).sort()).to.deep.equal([1, 1_000])
      await db.asSystem((tx) => tx.outboxEntry.deleteMany())
    })

    it('is kept for a week when it is over, and ends where there is no such way', async () => {
      const userId = await addUser(db)
      await tellLater(db, userId, { topic: 'email', due: START })
      open()
      await until('it is over', () => isOver(userId))
      expect((await outboxOf(db, userId))[0]?.error).to.include('no such way')
      const tidy = (at: number) => db.asSystem((tx) => tidyOutbox(tx, at))
      await tidy(START + 7 * 86_400_000)
      expect((await outboxOf(db, userId)).length).to.equal(1)
      await tidy(START + 7 * 86_400_000 + 1)
      expect(await outboxOf(db, userId)).to.deep.equal([])
    })
  })
}
