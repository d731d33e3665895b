import { expect } from 'chai'
import type { Database } from '../../src/database/database.js'
import type { Clock } from '../../src/lib/clock.js'
import { createAnnounce } from '../../src/notifications/announce.js'
import type { News, Told } from '../../src/notifications/news.js'
import { addUser, databaseKinds, openTestDatabase } from '../support/database.js'

let now = Date.UTC(2026, 4, 20, 9)
const clock: Clock = { now: () => now, after: () => () => {}, every: () => () => {} }
const announce = createAnnounce({ emailConfigured: true, clock })

for (const kind of databaseKinds()) {
  describe(`announcing, ${kind}`, function () {
    this.timeout(60_000)
    let db: Database
    let userId: string
    let keys = 0
    before(async () => {
      db = await openTestDatabase(kind)
    })
    beforeEach(async () => {
      userId = await addUser(db)
      now = Date.UTC(2026, 4, 20, 9)
    })
    after(() => db?.close())

    const newsOf = (more: Partial<News> = {}): News => ({
      userId,
      kind: 'alert:fired',
      key: `key ${++keys}`,
      words: ({ locale, timeZone }) => ({ title: `${locale} ${timeZone}`, body: 'moved' }),
      data: { symbol: 'BTC-USD' },
      channels: null,
      at: now - 1_000,
      ...more,
    })
    const tell = (news: readonly News[]): Promise<readonly Told[]> => db.asSystem((tx) => announce(tx, news))
    const settings = (data: object) =>
      db.asSystem((tx) => tx.notificationSettings.create({ data: { userId, ...data } }))
    const subscribe = async (endpoint: string): Promise<string> => {
      const data = { userId, endpoint, p256dh: 'p', auth: 'a' }
      return (await db.asSystem((tx) => tx.pushSubscription.create({ data }))).id
    }
    const hook = async (more: object = {}): Promise<string> => {
      const data = { userId, url: 'https://example.org', secret: Buffer.from('s'), ...more }
      return (await db.asSystem((tx) => tx.webhook.create({ data }))).id
    }
    const outbox = () =>
      db.asSystem((tx) =>
        tx.outboxEntry.findMany({ where: { userId }, orderBy: [{ topic: 'asc' }, { id: 'asc' }] }),
      )
    const deliveries = () =>
      db.asSystem((tx) => tx.webhookDelivery.findMany({ where: { userId }, orderBy: { id: 'asc' } }))

    it('writes the inbox and a row for each way out, once for each key', async () => {
      await settings({ email: true })
      const subscriptions = [await subscribe('https://one.example'), await subscribe('https://two.example')]
      const hooks = [await hook(), await hook({ format: 'ntfy', events: ['test', 'alert:fired'] })]
      await hook({ events: ['test'] })
      await hook({ disabledAt: new Date(now) })
      const other = await addUser(db)
      await db.asSystem((tx) =>
        tx.user.update({ where: { id: userId }, data: { locale: 'id-ID', timeZone: 'Asia/Jakarta' } }),
      )
      const [mine, others] = [newsOf(), newsOf({ userId: other })]
      const told = await tell([mine, others, { ...mine, data: {} }])
      expect(told.map((one) => one.userId)).to.deep.equal([userId, other])
      const notification = told[0]?.notification
      expect(notification).to.deep.include({
        kind: 'alert:fired',
        at: '2026-05-20T08:59:59.000Z',
        title: 'id-ID Asia/Jakarta',
        body: 'moved',
        data: { symbol: 'BTC-USD' },
        seenAt: null,
      })
      const stored = await db.asUser(userId, (tx) => tx.notification.findMany())
      expect(stored.map((row) => [row.id, row.at.toISOString(), row.key])).to.deep.equal([
        [notification?.id, notification?.at, mine.key],
      ])
      const rows = await outbox()
      expect(rows.map((row) => [row.topic, row.target, row.held, row.notificationId])).to.have.deep.members([
        ['email', '', false, notification?.id],
        ...subscriptions.map((id) => ['push', id, false, notification?.id]),
      ])
      expect(rows.map((row) => row.availableAt.getTime())).to.deep.equal([now, now, now])
      const sent = await deliveries()
      expect(sent.map((row) => row.webhookId)).to.have.members(hooks)
      expect(sent[0]).to.deep.include({ eventId: notification?.id, event: 'alert:fired', state: 'pending' })
      expect(sent[0]?.body).to.deep.equal({
        type: 'alert:fired',
        timestamp: notification?.at,
        data: notification,
      })
      expect(await tell([mine, others])).to.deep.equal([])
      expect([(await outbox()).length, (await deliveries()).length]).to.deep.equal([3, 2])
    })

    it('goes by the ways that were chosen, and by none that leads nowhere', async () => {
      await subscribe('https://one.example')
      await hook()
      const ways = async (more: Partial<News>, by = announce): Promise<readonly string[]> => {
        const [told] = await db.asSystem((tx) => by(tx, [newsOf(more)]))
        const of = told?.notification.id
        return [
          ...(await outbox()).filter((row) => row.notificationId === of).map((row) => row.topic),
          ...(await deliveries()).filter((row) => row.eventId === of).map(() => 'webhook'),
        ]
      }
      expect(await ways({})).to.deep.equal(['push', 'webhook'])
      expect(await ways({ channels: ['email', 'webhook'] })).to.deep.equal(['email', 'webhook'])
      expect(await ways({ channels: [] })).to.deep.equal([])
      await db.asSystem((tx) => tx.user.update({ where: { id: userId }, data: { confirmedEmail: null } }))
      expect(await ways({ channels: ['email', 'webhook'] })).to.deep.equal(['webhook'])
      await db.asSystem((tx) => tx.user.update({ where: { id: userId }, data: { confirmedEmail: 'x@y.z' } }))
      expect(await ways({ channels: ['email', 'webhook'] })).to.deep.equal(['webhook'])
      const without = createAnnounce({ emailConfigured: false, clock })
      expect(await ways({ channels: ['email', 'push'] }, without)).to.deep.equal(['push'])
    })

    it('holds back until quiet hours are over, but nothing that a program reads or that cannot wait', async () => {
      await settings({ email: true, quietFrom: '22:00', quietTo: '07:00' })
      await subscribe('https://one.example')
      const standard = await hook()
      await hook({ format: 'telegram', chatId: '1' })
      await db.asSystem((tx) => tx.user.update({ where: { id: userId }, data: { timeZone: 'Asia/Jakarta' } }))
      now = Date.UTC(2026, 4, 20, 16, 30)
      const morning = Date.UTC(2026, 4, 21)
      await tell([newsOf()])
      const held = await outbox()
      expect(held.map((row) => [row.topic, row.held, row.availableAt.getTime()])).to.deep.equal([
        ['email', true, morning],
        ['push', true, morning],
      ])
      const chats = (await deliveries()).map((row) => [
        row.webhookId === standard,
        row.held,
        row.nextAttemptAt.getTime(),
      ])
      expect(chats).to.have.deep.members([
        [true, false, now],
        [false, true, morning],
      ])
      await tell([newsOf({ kind: 'test' }), newsOf({ kind: 'webhook:disabled' })])
      expect((await outbox()).filter((row) => row.held)).to.have.length(2)
      expect((await deliveries()).filter((row) => row.held)).to.have.length(1)
    })

    it('sends thirty messages an hour by each way, and holds the rest until the next hour', async () => {
      await settings({ email: true })
      await subscribe('https://one.example')
      await subscribe('https://two.example')
      await hook()
      await hook({ format: 'ntfy' })
      now = Date.UTC(2026, 4, 20, 9, 20)
      const many = (count: number) => tell(Array.from({ length: count }, () => newsOf()))
      const waiting = async (): Promise<readonly number[]> => {
        const nextHour = new Date(Date.UTC(2026, 4, 20, 10))
        const rows = (await outbox()).filter((row) => row.held && row.availableAt >= nextHour)
        const chats = (await deliveries()).filter((row) => row.held && row.nextAttemptAt >= nextHour)
        const of = (topic: string) => rows.filter((row) => row.topic === topic).length
        return [of('email'), of('push'), chats.length]
      }
      await many(29)
      expect(await waiting()).to.deep.equal([0, 0, 0])
      await tell([newsOf({ channels: ['email'] }), newsOf()])
      expect(await waiting()).to.deep.equal([1, 0, 0])
      await many(2)
      expect(await waiting()).to.deep.equal([3, 4, 2])
      now = Date.UTC(2026, 4, 20, 10)
      await many(1)
      expect(await waiting()).to.deep.equal([3, 4, 2])
    })

    it('tells, in a transaction of one user, that one alone', async () => {
      const other = await addUser(db)
      await hook()
      const news = [newsOf({ userId: other }), newsOf()]
      const told = await db.asUser(userId, (tx) => announce(tx, news))
      expect(told.map((one) => one.userId)).to.deep.equal([userId])
      expect(await deliveries()).to.have.length(1)
      expect(await db.asSystem((tx) => tx.notification.count({ where: { userId: other } }))).to.equal(0)
    })
  })
}
