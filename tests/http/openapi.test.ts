import Router from '@koa/router'
import { Validator } from '@seriousme/openapi-schema-validator'
import { expect } from 'chai'
import { z } from 'zod'
import { guard } from '../../src/http/guard.js'
import { idempotency } from '../../src/http/idempotency.js'
import { type Published, published, type SeenAnswer } from '../support/document.js'
import { register, send } from '../support/people.js'
import { startTestServer, type TestServer } from '../support/server.js'
import { capturedLog, DATABASE_START_MS, openDoor } from './door.js'

/** Of a route that makes nothing: it may be repeated as it is. */
const REPEATABLE = [
  ...['/v1/auth/login', '/v1/auth/refresh', '/v1/auth/logout'],
  ...['/v1/notifications/confirm', '/v1/notifications/unsubscribe'],
]

describe('the published interface', function () {
  this.timeout(60_000)
  let server: TestServer
  let api: Published
  before(async function () {
    this.timeout(DATABASE_START_MS)
    server = await startTestServer()
    api = await published(server.url)
  })
  after(() => server?.stop())

  const operations = () =>
    Object.entries(api.document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
    )

  it('is a valid document of OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate({ ...structuredClone(api.document) })
    expect(errors ?? []).to.deep.equal([])
    expect(valid).to.equal(true)
    expect(api.document.openapi).to.match(/^3\.1\./)
  })

  it('tells of every route that the program has', () => {
    expect(server.lines.filter((line) => line.includes('openapi') && line.includes('missing'))).to.deep.equal(
      [],
    )
    const told = operations().map(({ path, method }) => `${method} ${path}`)
    expect(told).to.include.members(['get /livez', 'patch /v1/assets/{id}', 'get /docs', 'get /'])
  })

  it('has a name of its own, and words, for every operation', () => {
    const ids = operations().map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).to.equal(ids.length)
    for (const { path, method, operation } of operations()) {
      expect(operation.summary, `${method} ${path}`).to.match(/^[A-Z]/)
    }
  })

  it('names every parameter of every path', () => {
    for (const { path, method, operation } of operations()) {
      const named = (operation.parameters ?? []).flatMap((item) =>
        'in' in item && item.in === 'path' ? [item.name] : [],
      )
      expect(named, `${method} ${path}`).to.have.members(
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      )
    }
  })

  it('takes an Idempotency-Key wherever something is made', () => {
    const once = { $ref: '#/components/parameters/IdempotencyKey' }
    for (const { path, operation } of operations().filter(({ method }) => method === 'post')) {
      if (REPEATABLE.includes(path)) continue
      expect(operation.parameters ?? [], path).to.deep.include(once)
    }
  })

  it('knows the shape of every body, in and out', () => {
    for (const { path, method, operation } of operations()) {
      const about = `${method} ${path}`
      const bodies = [operation.requestBody, ...Object.values(operation.responses)]
      for (const body of bodies) {
        const content = body && 'content' in body ? body.content : {}
        for (const { schema } of Object.values(content ?? {})) {
          expect(
            Object.keys(schema).filter((key) => key !== 'description'),
            about,
          ).not.to.deep.equal([])
        }
      }
    }
  })

  it('is what answers are held against in all tests', async () => {
    const person = await register(server.url)
    const asset = await person.own({ type: 'CASH', quantity: '5' })
    const seen = (body: unknown, more: Partial<SeenAnswer> = {}): SeenAnswer => ({
      status: 200,
      headers: new Headers({ 'Content-Type': 'application/json; charset=utf-8', ETag: '"1"' }),
      text: JSON.stringify(body),
      ...more,
    })
    const path = `/v1/assets/${asset.id}`
    const check = (answer: SeenAnswer, method = 'GET', at = path) => api.check(method, at, answer)
    check(seen(asset))
    expect(() => check(seen({ ...asset, secret: 1 }))).to.throw(/additional properties/)
    expect(() => check(seen({ ...asset, quantity: 5 }))).to.throw(/must be string/)
    expect(() => check(seen({ id: asset.id }))).to.throw(/required property/)
    expect(() => check(seen(asset, { status: 202 }))).to.throw(/knows no such answer/)
    expect(() => check(seen(asset, { headers: new Headers() }))).to.throw(/without ETag/)
    expect(() =>
      check(seen('x', { headers: new Headers({ ETag: '"1"', 'Content-Type': 'text/html' }) })),
    ).to.throw(/text\/html/)
    expect(() => check(seen(asset), 'GET', '/v1/nowhere')).to.throw(/no such route/)
    expect(() => check(seen(asset, { status: 204 }), 'DELETE')).to.throw(/without a body/)
  })

  it('is shown by a page that loads everything from here and runs no script of its own text', async () => {
    const page = await fetch(`${server.url}/docs`)
    expect(page.headers.get('content-security-policy')).to.contain("script-src 'self';")
    const html = await page.text()
    expect(html).not.to.match(/<script(?![^>]* src=)|<style| style=| on\w+=/)
    const files = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path ?? '')
    expect(files).to.have.length(3)
    for (const path of files) {
      const file = await fetch(server.url + path)
      expect([file.status, (await file.text()).length > 100], path).to.deep.equal([200, true])
    }
    expect((await send(server.url, 'GET', '/docs/package.json')).status).to.equal(404)
  })
})

describe('the description of routes', () => {
  it('comes of their schemas: what is sent as it is sent, what is answered as it is answered', async () => {
    const item = z.object({ id: z.string(), note: z.string().default('') }).meta({ id: 'Item' })
    const body = z.strictObject({ item, when: z.string().transform(Number) })
    const { log } = capturedLog()
    const store = {
      claim: () => Promise.reject(new Error()),
      answer: async () => {},
      release: async () => {},
    }
    const door = await openDoor((router) => {
      router.post(
        '/v1/things/:id',
        idempotency({ store, log }),
        guard(
          { params: z.strictObject({ id: z.string() }), body, answer: item, etag: () => '"1"', status: 201 },
          async () => ({ id: '' }),
        ),
      )
    })
    const { document } = await published(door.url)
    await door.close()
    const operation = document.paths['/v1/things/{id}']?.post
    expect(operation?.operationId).to.equal('postThingsById')
    expect(operation?.summary).to.equal('Add to one of the things')
    expect(operation?.requestBody?.content['application/json']?.schema).to.deep.include({
      properties: { item: { $ref: '#/components/schemas/Item' }, when: { type: 'string' } },
      required: ['item', 'when'],
    })
    expect(operation?.responses[201]).to.deep.include({
      content: { 'application/json': { schema: { $ref: '#/components/schemas/ItemOutput' } } },
    })
    const { Item, ItemOutput } = document.components.schemas as Record<string, { required: string[] }>
    expect([Item?.required, ItemOutput?.required]).to.deep.equal([['id'], ['id', 'note']])
    expect(Object.keys(operation?.responses ?? {}).map(Number)).to.include.members([401, 404, 409, 422, 429])
  })

  it('warns of a route that stands behind no guard and is described nowhere', async () => {
    const nested = new Router({ prefix: '/v1/hidden' })
    nested.delete('/:id', () => {})
    const door = await openDoor((router) => router.use(nested.routes()))
    await door.close()
    const warning = door.lines.find((line) => line.includes('missing'))
    expect(warning).to.contain('DELETE /v1/hidden/:id')
  })
})
