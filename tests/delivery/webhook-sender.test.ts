import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { Webhook as Verifier } from 'standardwebhooks'
import type { Database } from '../../src/database/database.js'
import { createGuardedRequest } from '../../src/delivery/guarded-request.js'
import { createSecrets } from '../../src/delivery/secrets.js'
import { START, tidyDeliveries, webhookQueue } from '../../src/delivery/webhook-queue.js'
import type { NewWebhookInput } from '../../src/delivery/webhook-schema.js'
import { WebhookSender } from '../../src/delivery/webhook-sender.js'
import { webhooks } from '../../src/delivery/webhook-service.js'
import { createLog } from '../../src/lib/log.js'
import { createAnnounce } from '../../src/notifications/announce.js'
import type { Told } from '../../src/notifications/news.js'
import { addUser, databaseKinds, openTestDatabase } from '../support/database.js'
import { FakeClock } from '../support/exchange-clock.js'
import { until } from '../support/until.js'

const HOUR_MS = 3_600_000
const log = createLog('silent')

interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}
type Answer = (response: ServerResponse, received: Received) => void

/** A receiver on loopback; by path it answers as it is told, else with 204. */
async function openReceiver() {
  const received: Received[] = []
  const answers = new Map<string, Answer>()
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { url: path = '', headers } = request
      const one = { path, headers, body: Buffer.concat(parts).toString() }
      received.push(one)
      const answer = answers.get(path)
      if (answer) answer(response, one)
      else response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    answers,
    at: (path: string) => received.filter((one) => one.path === path),
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

for (const kind of databaseKinds()) {
  describe(`webhook sender (${kind})`, () => {
    let db: Database
    let receiver: Awaited<ReturnType<typeof openReceiver>>
    let clock: FakeClock
    let told: Told[]
    let running: WebhookSender[]
    let paths = 0
    before(async () => {
      db = await openTestDatabase(kind)
      receiver = await openReceiver()
    })
    beforeEach(() => {
      clock = new FakeClock(Date.now())
      told = []
      running = []
    })
    afterEach(() => Promise.all(running.map((sender) => sender.stop())))
    after(async () => {
      await receiver.close()
      await db.close()
    })

    const request = createGuardedRequest({ allowedNetworks: ['127.0.0.0/8'], timeoutMs: 30_000 })
    const service = () => webhooks({ db, clock, request, secrets: createSecrets(db) })

    function startSender(through: Database = db): WebhookSender {
      const sender = new WebhookSender({
        ...{ db: through, request, secrets: createSecrets(db), clock, log, random: () => 0.5 },
        announce: createAnnounce({ emailConfigured: false, clock }),
        tell: (some) => told.push(...some),
      }).start()
      running.push(sender)
      return sender
    }

    /** A webhook of a new user, or of one that is named, at a path of its own. */
    async function hook(input: Partial<NewWebhookInput> = {}, owner?: string) {
      const userId = owner ?? (await addUser(db))
      paths += 1
      const path = `/${paths}`
      const asked = { format: 'standard', url: receiver.url + path, ...input } as NewWebhookInput
      return { userId, path, ...(await service().create(userId, asked)) }
    }

    async function announce(userId: string, count = 1, title = 'BTC-USD fell'): Promise<readonly string[]> {
      const news = Array.from({ length: count }, (_, index) => ({
        ...{
          userId,
          kind: 'alert:fired' as const,
          key: `${title} ${clock.now()} ${index}`,
          at: clock.now(),
        },
        words: () => ({ title: `${title} ${index}`, body: 'Below your mark.' }),
        ...{ data: { index }, channels: null },
      }))
      const written = await db.asSystem((tx) => createAnnounce({ emailConfigured: false, clock })(tx, news))
      return written.map(({ notification }) => notification.id)
    }

    const rows = (webhookId: string) =>
      db.asSystem((tx) => tx.webhookDelivery.findMany({ where: { webhookId }, orderBy: { id: 'asc' } }))
    const states = async (webhookId: string) => (await rows(webhookId)).map(({ state }) => state)
    const settled = (webhookId: string) =>
      until('all are settled', async () =>
        (await rows(webhookId)).every(({ claimedUntil }) => claimedUntil === null),
      )

    it('signs what it sends, with both secrets for a day after they were changed', async () => {
      const { userId, id, path, secret } = await hook()
      const [first = ''] = await announce(userId)
      const sender = startSender()
      await until('the first', () => receiver.at(path).length === 1)
      const { secret: newer } = await service().rotate(userId, id)
      await announce(userId, 1, 'ETH-USD fell')
      clock.advance(1_000)
      await until('the second', () => receiver.at(path).length === 2)
      const [one, two] = receiver.at(path) as [Received, Received]
      const event = new Verifier(secret ?? '').verify(one.body, one.headers as Record<string, string>)
      expect(event).to.deep.include({ type: 'alert:fired' })
      expect(event).to.have.nested.include({
        'data.id': first,
        'data.title': 'BTC-USD fell 0',
        'data.data.index': 0,
      })
      expect([one.headers['webhook-id'], one.headers['content-type']]).to.deep.equal([
        first,
        'application/json',
      ])
      expect(one.headers['user-agent']).to.match(/^Harta\/\d/)
      expect(one.headers['webhook-signature']).to.equal(byHand(one, secret ?? ''))
      for (const known of [secret ?? '', newer]) new Verifier(known).verify(two.body, two.headers as never)
      expect(two.headers['webhook-signature']).to.equal(`${byHand(two, newer)} ${byHand(two, secret ?? '')}`)

      await sender.stop()
      clock.advance(24 * HOUR_MS)
      await announce(userId, 1, 'XRP-USD fell')
      startSender()
      await until('the third', () => receiver.at(path).length === 3)
      const three = receiver.at(path)[2] as Received
      expect(three.headers['webhook-signature']).to.equal(byHand(three, newer))
    })

    it('tries again with the same id, for longer and longer, and writes down how it went', async () => {
      const { userId, id, path } = await hook()
      const [eventId] = await announce(userId)
      const answers: Answer[] = [
        (response) => response.writeHead(500).end('not now'),
        (response) => response.writeHead(429, { 'Retry-After': '600' }).end(),
        (response) => response.writeHead(302, { Location: '/' }).end(),
        (response) => response.socket?.destroy(),
      ]
      receiver.answers.set(path, (response, one) =>
        (answers.shift() ?? ((last) => last.writeHead(200).end('thanks')))(response, one),
      )
      startSender()
      const expected = [
        [5, 500, 'not now', 'status'],
        [600, 429, '', 'status'],
        [120, 302, null, 'redirect'],
        [600, null, null, 'connection'],
      ] as const
      for (const [index, [delay, code, body, error]] of expected.entries()) {
        await until(`attempt ${index + 1}`, () => receiver.at(path).length === index + 1)
        await settled(id)
        const [row] = await rows(id)
        expect(row).to.deep.include({ state: 'pending', attempts: index + 1, responseCode: code, error })
        expect(row?.responseBody).to.equal(body)
        expect(row?.nextAttemptAt.getTime()).to.equal(clock.now() + delay * 1_000)
        clock.advance(delay * 1_000 - 1_000)
        clock.advance(1_000)
      }
      await until('the last attempt', async () => (await states(id))[0] === 'delivered')
      expect((await rows(id))[0]).to.deep.include({
        attempts: 5,
        responseCode: 200,
        responseBody: 'thanks',
        error: null,
      })
      expect(receiver.at(path).map(({ headers }) => headers['webhook-id'])).to.deep.equal(
        Array(5).fill(eventId),
      )
      const webhook = await db.asSystem((tx) => tx.webhook.findUniqueOrThrow({ where: { id } }))
      expect([webhook.failures, webhook.failingSince]).to.deep.equal([0, null])
    })

    it('gives up after a day, switches off what then still fails, and says so once', async () => {
      const { userId, id, path } = await hook()
      const beside = await hook({}, userId)
      receiver.answers.set(path, (response) => response.writeHead(503).end())
      const start = clock.now()
      await announce(userId)
      startSender()
      for (let attempts = 1; attempts <= 11; attempts += 1) {
        await until(`attempt ${attempts}`, () => receiver.at(path).length === attempts)
        await settled(id)
        const [row] = await rows(id)
        if (row?.state === 'pending') clock.stall(row.nextAttemptAt.getTime() - clock.now())
      }
      expect(clock.now() - start).to.be.within(23 * HOUR_MS, 24 * HOUR_MS)
      expect(await states(id)).to.deep.equal(['failed'])
      expect((await service().get(userId, id)).disabledAt).to.equal(null)
      clock.stall(HOUR_MS)
      await announce(userId, 3)
      clock.advance(1_000)
      await until('it is off', async () => (await service().get(userId, id)).disabledAt !== null)
      await until('nothing waits', async () => (await states(id)).every((state) => state === 'failed'))
      expect(await service().get(userId, id)).to.deep.include({ disabledReason: 'failing', version: 2 })
      await until('it is told', () => told.length > 0)
      expect(told.map(({ notification: { kind, data } }) => [kind, data])).to.deep.equal([
        ['webhook:disabled', { webhookId: id }],
      ])
      await until('the other one is told of it', () => receiver.at(beside.path).length === 5)
      expect(receiver.at(beside.path).some(({ body }) => body.includes('"webhook:disabled"'))).to.equal(true)

      // Switched on again, it may fail for a day again.
      receiver.answers.delete(path)
      await service().change(userId, id, { disabled: false }, () => {})
      const [first] = await rows(id)
      await service().replay(userId, id, first?.id ?? '')
      clock.advance(1_000)
      await until('the replay', async () => (await states(id))[0] === 'delivered')
      expect(receiver.at(path).at(-1)?.headers['webhook-id']).to.equal(first?.eventId)
    })

    it('switches off at once who says that he is gone', async () => {
      const { userId, id, path } = await hook()
      receiver.answers.set(path, (response) => response.writeHead(410).end())
      await announce(userId, 1)
      startSender()
      await until('it is told', () => told.length === 1)
      expect(await service().get(userId, id)).to.deep.include({ disabledReason: 'gone' })
      expect(await states(id)).to.deep.equal(['failed'])
      const kinds = await db.asUser(userId, (tx) => tx.notification.findMany({ select: { kind: true } }))
      expect(kinds.map(({ kind }) => kind).sort()).to.deep.equal(['alert:fired', 'webhook:disabled'])
    })

    it('sends each once, although two send at the same time', async () => {
      const hooks = await Promise.all([hook(), hook(), hook()])
      const ids = (await Promise.all(hooks.map(({ userId }) => announce(userId, 6)))).flat()
      startSender()
      startSender()
      const sent = () =>
        hooks.flatMap(({ path }) => receiver.at(path).map(({ headers }) => headers['webhook-id']))
      await until('all are sent', () => sent().length >= ids.length, 15_000)
      await Promise.all(running.map((sender) => sender.stop()))
      expect(sent().sort()).to.deep.equal([...ids].sort())
      for (const { id } of hooks) expect(new Set(await states(id))).to.deep.equal(new Set(['delivered']))
    })

    it('sends again, with the same id, what a sender sent before it died', async () => {
      const { userId, id, path } = await hook()
      const [eventId] = await announce(userId)
      let isCut = false
      receiver.answers.set(path, (response) => {
        isCut = true
        response.writeHead(200).end()
      })
      const asSystem: Database['asSystem'] = (work) =>
        isCut ? Promise.reject(new Error('dead')) : db.asSystem(work)
      const dying = startSender({ ...db, asSystem, asUser: db.asUser })
      await until('it is sent', () => receiver.at(path).length === 1)
      await dying.stop()
      startSender()
      clock.advance(29_000)
      expect([await states(id), receiver.at(path).length]).to.deep.equal([['pending'], 1])
      clock.advance(1_000)
      await until('it is delivered', async () => (await states(id))[0] === 'delivered')
      const sent = receiver.at(path).map(({ headers }) => headers['webhook-id'])
      expect(sent).to.deep.equal([eventId, eventId])
    })

    it('lets nobody wait for a receiver that hangs', async () => {
      const hanging = await openReceiver()
      const slow = await hook({ url: `${hanging.url}/slow` })
      const quick = await hook()
      let [open, most] = [0, 0]
      hanging.answers.set('/slow', () => {
        open += 1
        most = Math.max(most, open)
      })
      await announce(slow.userId, 30)
      await announce(quick.userId, 10)
      startSender()
      await until('the others are delivered', async () =>
        (await states(quick.id)).every((state) => state === 'delivered'),
      )
      expect((await rows(slow.id)).every(({ attempts }) => attempts === 0)).to.equal(true)
      expect(most).to.equal(4)
      expect(receiver.at(quick.path).length).to.equal(10)
      await hanging.close()
      await running[0]?.stop()
    })

    it('finds the one delivery of a receiver in the midst of very many of others', async () => {
      await db.asSystem((tx) => tx.webhookDelivery.deleteMany())
      const [full, single] = [await hook(), await hook()]
      const beside = await Promise.all(Array.from({ length: 3 }, () => hook()))
      const minute = 60_000
      const fill = (userId: string, webhookId: string, count: number) =>
        db.asSystem(
          (tx) => tx.$executeRaw`
            INSERT INTO webhook_deliveries (id, user_id, webhook_id, event_id, event, body, next_attempt_at)
            SELECT gen_random_uuid(), ${userId}::uuid, ${webhookId}::uuid, gen_random_uuid(), 'alert:fired', '{}',
              ${new Date(clock.now())}::timestamptz - n * ${minute}::int / ${count}::int * interval '1 ms'
            FROM generate_series(1, ${count}::int) AS n`,
        )
      await fill(full.userId, full.id, 900)
      for (const { userId, id } of beside) await fill(userId, id, 100)
      await announce(single.userId)
      await db.asSystem((tx) =>
        tx.webhookDelivery.updateMany({
          where: { webhookId: single.id },
          data: { nextAttemptAt: new Date(clock.now() - minute / 2) },
        }),
      )
      const now = clock.now()
      const asked = { now, until: now + 1, most: 64, after: START }
      // Of all the others as many are under way as may be.
      const busy = new Map([full, ...beside].map(({ id }) => [id, 4]))
      const underWay = { webhooks: busy, hosts: new Map() }
      const { parcels, after } = await db.asSystem((tx) => webhookQueue.claim(tx, { ...asked, underWay }))
      expect(parcels.map(({ target }) => target.webhookId)).to.deep.equal([single.id])
      // All of them fit into one look.
      expect(after).to.equal(START)
      const idle = { webhooks: new Map(), hosts: new Map() }
      const { parcels: next } = await db.asSystem((tx) =>
        webhookQueue.claim(tx, { ...asked, underWay: idle, until: now + 2 }),
      )
      // Each webhook's first before any's second, and of all at one host eight at once.
      const turns = next.map(({ target }) => target.webhookId)
      expect(turns).to.have.lengthOf(8)
      expect([...busy.keys()].map((id) => turns.filter((one) => one === id).length)).to.deep.equal([
        2, 2, 2, 2,
      ])
      await db.asSystem((tx) =>
        tx.webhookDelivery.deleteMany({ where: { webhookId: { in: [...busy.keys()] } } }),
      )
    })

    it('goes from look to look through all that is due, where that is more than one look takes in', async () => {
      await db.asSystem((tx) => tx.webhookDelivery.deleteMany())
      const [hidden, { userId }] = [await hook(), await hook()]
      // Of all the others as much is under way as may be: 300 stand before the hidden one, 150 behind it.
      const others = await db.asSystem(async (tx) => {
        await tx.$executeRaw`
          INSERT INTO webhooks (id, user_id, url, secret)
          SELECT gen_random_uuid(), ${userId}::uuid, 'https://a.example', '\\x00' FROM generate_series(1, 450)`
        await tx.$executeRaw`
          INSERT INTO webhook_deliveries (id, user_id, webhook_id, event_id, event, body, next_attempt_at)
          SELECT gen_random_uuid(), user_id, id, gen_random_uuid(), 'alert:fired', '{}'::jsonb,
            ${new Date(clock.now() - HOUR_MS)}::timestamptz + row_number() OVER () * interval '1 s'
          FROM webhooks WHERE user_id = ${userId}::uuid AND url = 'https://a.example'
          UNION ALL SELECT gen_random_uuid(), ${hidden.userId}::uuid, ${hidden.id}::uuid, gen_random_uuid(), 'alert:fired',
            '{}', ${new Date(clock.now() - HOUR_MS + 300_500)}::timestamptz`
        return tx.webhook.findMany({ where: { userId }, select: { id: true } })
      })
      const underWay = { webhooks: new Map(others.map(({ id }) => [id, 4])), hosts: new Map() }
      const looks: string[][] = []
      for (let after = START; looks.length < 4; ) {
        const asked = { now: clock.now(), until: clock.now() + HOUR_MS, most: 64, after, underWay }
        const claim = await db.asSystem((tx) => webhookQueue.claim(tx, asked))
        looks.push(claim.parcels.map(({ target }) => target.webhookId))
        after = claim.after
        if (looks.length === 4) expect(after).to.equal(START)
      }
      expect(looks).to.deep.equal([[], [], [hidden.id], []])
      await db.asSystem((tx) => tx.webhook.deleteMany({ where: { userId: { in: [userId, hidden.userId] } } }))
    })

    it('writes to chats in their way, and what was held back in one message', async () => {
      const token = '123456:abcdefghijklmnopqrstuvwxyz'
      const telegram = await hook({ format: 'telegram', token, chatId: '-100200' })
      expect([telegram.url, telegram.secret]).to.deep.equal(['https://api.telegram.org', null])
      await db.asSystem((tx) =>
        tx.webhook.update({ where: { id: telegram.id }, data: { url: receiver.url } }),
      )
      const ntfy = await hook({ format: 'ntfy', token: 'tk_secret' })
      await announce(telegram.userId)
      await announce(ntfy.userId, 1, 'Tabungan naik → 🎯')
      startSender()
      const chat = `/bot${token}/sendMessage`
      await until('both', () => receiver.at(chat).length + receiver.at(ntfy.path).length === 2)
      await settled(ntfy.id)
      const text = 'BTC-USD fell 0\nBelow your mark.'
      expect(JSON.parse(receiver.at(chat)[0]?.body ?? '')).to.deep.equal({ chat_id: '-100200', text })
      const [one] = receiver.at(ntfy.path)
      expect(one?.body).to.equal('Below your mark.')
      expect(one?.headers).to.deep.include({
        authorization: 'Bearer tk_secret',
        priority: 'high',
        tags: 'bell',
      })
      expect(decoded(String(one?.headers.title))).to.equal('Tabungan naik → 🎯 0')

      await db.asUser(ntfy.userId, (tx) =>
        tx.notificationSettings.create({
          data: { userId: ntfy.userId, quietFrom: '00:00', quietTo: '23:59' },
        }),
      )
      clock.stall(midnight(clock.now()) - clock.now() + HOUR_MS)
      await announce(ntfy.userId, 5, 'Price')
      expect(await states(ntfy.id)).to.deep.equal(['delivered', ...Array(5).fill('pending')])
      clock.stall(23 * HOUR_MS)
      await until('they are delivered', async () =>
        (await states(ntfy.id)).every((state) => state === 'delivered'),
      )
      expect(receiver.at(ntfy.path).length).to.equal(2)
      const [, digest] = receiver.at(ntfy.path)
      expect([digest?.headers.title, digest?.body.split('\n').length]).to.deep.equal(['5 notifications', 5])
    })

    it('forgets what was done with a month ago', async () => {
      const { userId, id } = await hook()
      const now = clock.now()
      clock.stall(-31 * 24 * HOUR_MS)
      await announce(userId, 2)
      clock.stall(now - clock.now())
      await announce(userId, 1, 'ETH-USD fell')
      const all = await rows(id)
      const change = (index: number, state: string) =>
        db.asSystem((tx) =>
          tx.webhookDelivery.update({ where: { id: all[index]?.id ?? '' }, data: { state } }),
        )
      await change(0, 'delivered')
      await change(2, 'failed')
      expect(await db.asSystem((tx) => tidyDeliveries(tx, clock.now()))).to.equal(1)
      expect(await states(id)).to.deep.equal(['pending', 'failed'])
    })
  })
}

/** As the specification says, without the package. */
function byHand({ headers, body }: Received, secret: string): string {
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
}

/** RFC 2047 */
function decoded(header: string): string {
  const words = header.split(' ').map((word) => /^=\?UTF-8\?B\?(.+)\?=$/.exec(word)?.[1] ?? expect.fail(word))
  expect(Math.max(...header.split(' ').map(({ length }) => length))).to.be.at.most(75)
  return words.map((word) => Buffer.from(word, 'base64').toString()).join('')
}

function midnight(now: number): number {
  return Math.ceil(now / (24 * HOUR_MS)) * 24 * HOUR_MS
}
