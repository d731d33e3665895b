import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type {
  NotificationPage,
  NotificationSettings,
  PushSubscription,
} from '../../src/protocol/notifications.js'
import type { Page } from '../../src/protocol/resources.js'
import { DATABASE_START_MS } from '../http/door.js'
import { type Person, register, send } from '../support/people.js'
import { startTestServer, type TestServer } from '../support/server.js'
import { openBrowser, openPost, openPushService, type Post, type PushService } from './stage.js'

describe('browsers to be woken, trials and the end of e-mails', function () {
  this.timeout(60_000)
  let post: Post
  let service: PushService
  let server: TestServer
  before(async function () {
    this.timeout(DATABASE_START_MS)
    post = await openPost()
    service = await openPushService()
    server = await startTestServer({
      part: 'web',
      smtpUrl: post.url,
      config: { publicUrl: 'https://harta.example', webhookNetworks: ['127.0.0.0/8'] },
    })
  })
  after(async () => {
    await server?.stop()
    await service?.close()
    await post?.close()
  })

  const browser = openBrowser()
  const told = (more: object = {}) => ({
    endpoint: `${service.url}/${randomUUID()}`,
    keys: browser.keys,
    ...more,
  })
  const subscribe = (person: Person, body: object) =>
    person.ask<PushSubscription>('POST', '/v1/push/subscriptions', body)
  const confirmed = async (person: Person): Promise<Person> => {
    const data = { confirmedEmail: person.session.user.email }
    await server.db.asSystem((tx) => tx.user.update({ where: { id: person.userId }, data }))
    return person
  }
  const trial = (person: Person, channel: string) =>
    person.ask<{ sent: number; failed: string[] }>('POST', '/v1/notifications/try', { channel })
  const link = async (person: Person): Promise<string> => {
    await trial(person, 'email')
    const mail = post.mails.find(({ to }) => JSON.stringify(to).includes(person.session.user.email))
    const [, path = ''] = /https:\/\/harta\.example(\/v1\/\S+)/.exec(mail?.text ?? '') ?? []
    return path
  }

  it('keeps a browser once, by its endpoint, and lets go of it', async () => {
    const ani = await register(server.url)
    const { body: key } = await ani.ask<{ publicKey: string }>('GET', '/v1/push/key')
    expect(Buffer.from(key.publicKey, 'base64url').length).to.equal(65)
    const wanted = { ...told(), expirationTime: null }
    const made = await subscribe(ani, wanted)
    expect([made.status, made.headers.get('location')]).to.deep.equal([
      201,
      `/v1/push/subscriptions/${made.body.id}`,
    ])
    expect(made.body).to.include({ endpoint: wanted.endpoint, userAgent: 'node', lastUsedAt: null })
    expect((await subscribe(ani, { ...wanted, keys: openBrowser().keys })).body.id).to.equal(made.body.id)
    await subscribe(ani, told())
    const list = await ani.ask<Page<PushSubscription>>('GET', '/v1/push/subscriptions')
    expect(list.body.data.length).to.equal(2)
    const path = `/v1/push/subscriptions/${made.body.id}`
    expect((await ani.ask('GET', path)).body).to.deep.equal(made.body)
    expect((await ani.ask('DELETE', path)).status).to.equal(204)
    expect([(await ani.ask('DELETE', path)).status, (await ani.ask('GET', path)).status]).to.deep.equal([
      404, 404,
    ])
  })

  it('takes a browser from whoever used it before, and no more than twenty', async () => {
    const [ani, budi] = [await register(server.url), await register(server.url)]
    const { body: hers } = await subscribe(ani, told())
    const { endpoint } = hers
    // Who knows the address alone is not that browser.
    await subscribe(budi, { endpoint, keys: openBrowser().keys })
    expect((await ani.ask('GET', `/v1/push/subscriptions/${hers.id}`)).status).to.equal(200)
    await subscribe(budi, { endpoint, keys: browser.keys })
    expect((await ani.ask('GET', `/v1/push/subscriptions/${hers.id}`)).status).to.equal(404)
    const all = await Promise.all(Array.from({ length: 20 }, () => subscribe(budi, told())))
    const refused = all.filter(({ status }) => status !== 201)
    expect(refused.map(({ body }) => (body as unknown as { code: string }).code)).to.deep.equal([
      'too-many-subscriptions',
    ])
    expect((await subscribe(budi, { endpoint, keys: browser.keys })).status).to.equal(201)
  })

  it('refuses keys that no browser has, and endpoints that are not for strangers', async () => {
    const ani = await register(server.url)
    const { p256dh, auth } = browser.keys
    const off = Buffer.from(p256dh, 'base64url').fill(7, 1).toString('base64url')
    const wrong = [
      told({ keys: { p256dh: 'AAAA', auth } }),
      told({ keys: { p256dh: off, auth } }),
      told({ keys: { p256dh, auth: `${auth}AA` } }),
      told({ keys: { p256dh, auth: '!'.repeat(22) } }),
      ...[
        'http://push.example/x',
        'https://10.0.0.1/x',
        'https://[::ffff:10.0.0.1]/x',
        'ftp://push.example',
        'x',
      ]
        .concat('https://user:pass@push.example/x', `https://push.example/${'x'.repeat(2_000)}`)
        .map((endpoint) => told({ endpoint })),
    ]
    for (const body of wrong) expect((await subscribe(ani, body)).status, JSON.stringify(body)).to.equal(422)
    expect((await subscribe(ani, told({ endpoint: 'https://push.example/x' }))).status).to.equal(201)
  })

  it('sends a test by one way at once and says what became of it, a few times an hour', async () => {
    const ani = await confirmed(await register(server.url, { locale: 'id' }))
    expect((await trial(ani, 'push')).body).to.deep.equal({ sent: 0, failed: ['No browser has subscribed.'] })
    await subscribe(ani, told())
    await subscribe(ani, told())
    service.statuses = [500]
    const pushed = await trial(ani, 'push')
    expect(pushed.body).to.deep.equal({ sent: 1, failed: ['the push service answered 500'] })
    expect(browser.decrypt(service.pushed.at(-1)?.body ?? Buffer.alloc(0))).to.include({
      ...{ kind: 'test', title: 'Ini percobaan', url: 'https://harta.example/#alerts' },
    })
    expect((await trial(ani, 'email')).body).to.deep.equal({ sent: 1, failed: [] })
    expect(post.mails.at(-1)?.subject).to.equal('Ini percobaan')
    post.replies = [{ at: 'recipient', code: 550 }]
    expect((await trial(ani, 'email')).body.failed.join()).to.include('550')
    expect((await trial(ani, 'fax')).status).to.equal(422)
    await trial(ani, 'email')
    expect((await trial(ani, 'email')).status).to.equal(429)
    const inbox = await ani.ask<NotificationPage>('GET', '/v1/notifications?kind=test')
    expect(inbox.body.data.length).to.equal(5)
  })

  it('stops e-mails for whoever has the link of one: by a button, never by looking', async () => {
    const ani = await confirmed(await register(server.url))
    const settings = () => ani.ask<NotificationSettings>('GET', '/v1/notifications/settings')
    expect((await ani.ask('PATCH', '/v1/notifications/settings', { email: true })).status).to.equal(200)
    const path = await link(ani)
    const page = await send<string>(server.url, 'GET', path, undefined, { 'Accept-Language': 'id' })
    expect(page.headers.get('content-type')).to.equal('text/html; charset=utf-8')
    expect(page.body).to.include('<form method="post" action="?token=').and.include('Hentikan surel')
    expect((await settings()).body.email).to.equal(true)
    // As a program for e-mail does it (RFC 8058).
    const form = { method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) }
    const stopped = await fetch(server.url + path, form)
    expect([stopped.status, await stopped.text()].join())
      .to.include('200,')
      .and.include('Done.')
    const after = (await settings()).body
    expect(after).to.include({ email: false, push: true, version: 2 })
    expect((await fetch(server.url + path, form)).status).to.equal(200)
    expect((await settings()).body.version).to.equal(2)
    const forged = path.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    expect((await send(server.url, 'POST', forged)).body.code).to.equal('invalid-token')
    const hostile = await send<string>(
      server.url,
      'GET',
      '/v1/notifications/unsubscribe?token=%22%3E%3Cscript%3E',
    )
    expect(hostile.body).not.to.include('<script>')
    expect(hostile.headers.get('content-security-policy')).to.include("default-src 'none'")
  })
})
