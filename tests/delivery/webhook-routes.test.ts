import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { Webhook as Verifier } from 'standardwebhooks'
import type { Webhook, WebhookDelivery, WebhookWithSecret } from '../../src/protocol/notifications.js'
import type { Page } from '../../src/protocol/resources.js'
import { type Person, register } from '../support/people.js'
import { startTestServer, type TestServer } from '../support/server.js'

const PATH = '/v1/webhooks'
const TOKEN = '123456:abcdefghijklmnopqrstuvwxyz'

describe('/v1/webhooks', () => {
  let server: TestServer
  let receiver: Server
  let url: string
  let status = 200
  const received: { headers: Record<string, string>; body: string }[] = []
  before(async () => {
    server = await startTestServer()
    receiver = createServer((request, response) => {
      let body = ''
      request.on('data', (part) => {
        body += part
      })
      request.on('end', () => {
        received.push({ headers: request.headers as Record<string, string>, body })
        response.writeHead(status).end('noted')
      })
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
  })
  after(async () => {
    receiver.close()
    await server.stop()
  })

  async function make(person: Person, body: object): Promise<WebhookWithSecret> {
    const answer = await person.ask<WebhookWithSecret>('POST', PATH, body)
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201)
    return answer.body
  }

  it('tells a secret when it is made and never again', async () => {
    const ani = await register(server.url)
    const made = await make(ani, { url: `${url}#part`, name: 'Mine', events: ['alert:fired', 'alert:fired'] })
    const { secret, ...webhook } = made
    expect(Buffer.from(secret?.replace(/^whsec_/, '') ?? '', 'base64').length).to.equal(32)
    expect(webhook).to.deep.include({
      format: 'standard',
      url,
      name: 'Mine',
      events: ['alert:fired'],
      version: 1,
    })
    const { body: read, headers } = await ani.ask<Webhook>('GET', `${PATH}/${made.id}`)
    expect([read, headers.get('etag')]).to.deep.equal([webhook, `"${made.id}.1"`])
    const rotated = await ani.ask<{ secret: string }>('POST', `${PATH}/${made.id}/rotate`)
    expect(rotated.body.secret)
      .to.match(/^whsec_/)
      .and.not.to.equal(secret)
    const chat = await make(ani, { format: 'telegram', token: TOKEN, chatId: '@harta_news' })
    expect([chat.secret, chat.url, chat.chatId]).to.deep.equal([
      null,
      'https://api.telegram.org',
      '@harta_news',
    ])
    expect((await ani.ask('POST', `${PATH}/${chat.id}/rotate`)).status).to.equal(409)
    const { body: page } = await ani.ask<Page<Webhook>>('GET', PATH)
    expect(page.data.map(({ id }) => id)).to.deep.equal([chat.id, made.id])
    expect(JSON.stringify(page)).not.to.match(/whsec_|abcdefghij/)
  })

  it('has its secret nowhere in the database as it is, also where a request may be repeated', async () => {
    const ani = await register(server.url)
    const once = (path: string, body?: object) =>
      ani.ask<WebhookWithSecret>('POST', path, body, { 'Idempotency-Key': path })
    const made = await once(PATH, { url })
    const path = `${PATH}/${made.body.id}/rotate`
    const rotated = await once(path)
    const [row] = await server.db.asSystem(
      (tx) => tx.$queryRaw<{ all: string }[]>`
        SELECT string_agg(to_jsonb(k)::text || encode(answer, 'escape'), '') AS all FROM idempotency_keys AS k`,
    )
    expect(row?.all).to.include(path)
    for (const answer of [made, rotated]) {
      const secret = answer.body.secret ?? ''
      expect(secret).to.match(/^whsec_/)
      expect(row?.all).not.to.include(secret.slice('whsec_'.length))
    }
    expect((await once(PATH, { url })).body).to.deep.equal(made.body)
    expect((await once(path)).body).to.deep.equal(rotated.body)
  })

  it('is changed, switched off and removed under its tag', async () => {
    const ani = await register(server.url)
    const { id } = await make(ani, { url })
    const stale = await ani.ask('PATCH', `${PATH}/${id}`, { name: 'New' }, { 'If-Match': '"x"' })
    expect(stale.status).to.equal(412)
    const off = await ani.ask<Webhook>('PATCH', `${PATH}/${id}`, { name: 'New', disabled: true })
    expect(off.body).to.deep.include({ name: 'New', disabledReason: 'by-hand', version: 2 })
    expect(off.body.disabledAt).to.be.a('string')
    const on = await ani.ask<Webhook>('PATCH', `${PATH}/${id}`, { disabled: false, events: ['test'] })
    expect(on.body).to.deep.include({ disabledAt: null, disabledReason: null, events: ['test'] })
    expect((await ani.ask('DELETE', `${PATH}/${id}`)).status).to.equal(204)
    expect((await ani.ask('GET', `${PATH}/${id}`)).status).to.equal(404)
  })

  it('points at what it cannot take', async () => {
    const ani = await register(server.url)
    const cases = [
      [{ url: 'http://10.0.0.1/' }, '/url'],
      [{ url: 'http://[::ffff:127.0.0.1]/' }, '/url'],
      [{ url: 'https://user:password@example.org/' }, '/url'],
      [{ url: 'https://example.org:22/' }, '/url'],
      [{ url: 'ftp://example.org/' }, '/url'],
      [{ url: 'nonsense' }, '/url'],
      [{ format: 'ntfy', url: 'http://169.254.169.254/topic' }, '/url'],
      [{ format: 'ntfy', url: 'https://ntfy.example/' }, '/url'],
      [{ format: 'ntfy', url, token: 'a b' }, '/token'],
      [{ format: 'telegram', token: 'a/../b', chatId: '1' }, '/token'],
      [{ format: 'telegram', token: TOKEN, chatId: 'nobody' }, '/chatId'],
      [{ format: 'telegram', token: TOKEN, chatId: '1', url }, '/url'],
      [{ format: 'pigeon', url }, '/format'],
      [{ url, events: ['alert:nothing'] }, '/events/0'],
      [{}, '/url'],
    ] as const
    for (const [body, pointer] of cases) {
      const answer = await ani.ask('POST', PATH, body)
      const pointers = answer.body.errors?.map((error) => error.pointer)
      expect([answer.status, pointers], JSON.stringify(body)).to.deep.equal([422, [pointer]])
    }
    const { id } = await make(ani, { url })
    const moved = await ani.ask('PATCH', `${PATH}/${id}`, { url: 'http://localhost.:80/../' })
    expect(moved.status).to.equal(200)
    expect((await ani.ask('PATCH', `${PATH}/${id}`, { url: 'http://[::1]/' })).status).to.equal(422)
    for (let count = 1; count < 10; count += 1) await make(ani, { url })
    expect((await ani.ask('POST', PATH, { url })).body.code).to.equal('too-many-webhooks')
  })

  it('sends a test now, shows how it went, and sends what was sent once more', async () => {
    const ani = await register(server.url, { locale: 'id-ID' })
    const { id, secret } = await make(ani, { url })
    status = 500
    const failed = await ani.ask<WebhookDelivery>('POST', `${PATH}/${id}/test`)
    expect([failed.status, failed.body.state]).to.deep.equal([201, 'failed'])
    expect(failed.body).to.deep.include({
      event: 'test',
      attempts: 1,
      responseCode: 500,
      responseBody: 'noted',
    })
    status = 200
    const sent = await ani.ask<WebhookDelivery>('POST', `${PATH}/${id}/test`)
    expect(sent.body).to.deep.include({ state: 'delivered', error: null, nextAttemptAt: null })
    const last = received.at(-1)
    expect(new Verifier(secret ?? '').verify(last?.body ?? '', last?.headers ?? {}))
      .to.have.nested.property('data.title')
      .that.equals('Ini percobaan')
    expect(last?.headers['webhook-id']).to.equal(sent.body.eventId)

    const list = await ani.ask<Page<WebhookDelivery>>('GET', `${PATH}/${id}/deliveries?limit=1`)
    expect(list.body.data).to.deep.equal([sent.body])
    const rest = `${PATH}/${id}/deliveries?cursor=${list.body.nextCursor}`
    expect((await ani.ask<Page<WebhookDelivery>>('GET', rest)).body.data).to.deep.equal([failed.body])
    const some = await ani.ask<Page<WebhookDelivery>>('GET', `${PATH}/${id}/deliveries?state=failed`)
    expect(some.body.data).to.deep.equal([failed.body])
    const one = `${PATH}/${id}/deliveries/${failed.body.id}`
    expect((await ani.ask('GET', one)).body).to.deep.equal(failed.body)
    expect((await ani.ask('GET', `${PATH}/${id}/deliveries?state=lost`)).status).to.equal(422)

    await ani.ask('PATCH', `${PATH}/${id}`, { disabled: true })
    expect((await ani.ask('POST', `${one}/replay`)).body.code).to.equal('webhook-switched-off')
    await ani.ask('PATCH', `${PATH}/${id}`, { disabled: false })
    const again = await ani.ask<WebhookDelivery>('POST', `${one}/replay`)
    expect([again.status, again.body.eventId]).to.deep.equal([202, failed.body.eventId])
    expect(again.body).to.deep.include({ state: 'pending', attempts: 0, error: null })
  })
})
