import { Agent, request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { z } from 'zod'
import { guard } from '../../src/http/guard.js'
import { type Door, openDoor, problemOf, sendJson } from './door.js'

describe('the street door', () => {
  let door: Door
  before(async () => {
    door = await openDoor(
      (router) => {
        router.get('/things', (ctx) => {
          ctx.body = { fine: true }
        })
        router.get('/{*path}', (_ctx, next) => next())
        router.get('/breaks', () => {
          throw new TypeError('connect to secret-host failed')
        })
        router.get('/where', (ctx) => {
          ctx.body = { address: ctx.state.address }
        })
        const body = z.object({ text: z.string().max(3_000_000) })
        router.post(
          '/v1/echo',
          guard({ open: true, body, answer: body }, async (asked) => asked.body),
        )
      },
      { allowedOrigins: ['https://app.example'], trustedProxies: 1 },
    )
  })
  after(() => door.close())

  it('hands a sane request id back and replaces any other', async () => {
    const kept = await fetch(`${door.url}/things`, { headers: { 'X-Request-Id': 'abc-1.2' } })
    expect(kept.headers.get('x-request-id')).to.equal('abc-1.2')
    const replaced = await fetch(`${door.url}/things`, { headers: { 'X-Request-Id': 'a b"{}' } })
    expect(replaced.headers.get('x-request-id')).to.match(/^[0-9a-f-]{36}$/)
  })

  it('tells nothing of an unexpected error to the client and logs it once', async () => {
    const response = await fetch(`${door.url}/breaks`, { headers: { 'X-Request-Id': 'broken-1' } })
    expect(response.status).to.equal(500)
    const text = await response.clone().text()
    expect(text).not.to.contain('secret-host')
    const problem = await problemOf(response)
    expect(problem).to.include({ code: 'internal', instance: '/breaks', requestId: 'broken-1', status: 500 })
    const logged = door.lines.filter((line) => line.includes('request failed') && line.includes('broken-1'))
    expect(logged).to.have.length(1)
    const { error } = JSON.parse(logged[0] ?? '') as { error: { name: string; frames: string[] } }
    expect(error.name).to.equal('TypeError')
    expect(error.frames[0]).to.contain('app.test.ts')
  })

  it('answers 404 and 405 as problems, the latter with the methods that are answered', async () => {
    const missing = await fetch(`${door.url}/nowhere?x=1`)
    expect(missing.status).to.equal(404)
    expect(await problemOf(missing)).to.include({
      type: 'urn:harta:problem:not-found',
      title: 'Not Found',
      instance: '/nowhere',
    })
    const wrong = await fetch(`${door.url}/things`, { method: 'DELETE' })
    expect(wrong.status).to.equal(405)
    expect(wrong.headers.get('allow')).to.equal('GET, HEAD')
    expect((await problemOf(wrong)).code).to.equal('method-not-allowed')
    const neither = await sendJson(`${door.url}/nowhere`, {})
    expect(neither.status).to.equal(404)
    const options = await fetch(`${door.url}/things`, { method: 'OPTIONS' })
    expect([options.status, options.headers.get('allow')]).to.deep.equal([204, 'GET, HEAD'])
  })

  it('sends security headers whose policy lets a page open a socket to its own host and no other', async () => {
    const response = await fetch(`${door.url}/things`)
    const policy = response.headers.get('content-security-policy') ?? ''
    const host = new URL(door.url).host
    expect(policy).to.contain(`connect-src 'self' ws://${host} wss://${host}`)
    expect(policy).not.to.contain('unsafe')
    expect(policy).not.to.contain('upgrade-insecure-requests')
    expect(response.headers.get('x-content-type-options')).to.equal('nosniff')
    expect(response.headers.get('cache-control')).to.equal('no-store')
  })

  it('lets no header out of a hostile Host', async () => {
    const policy = await new Promise<string>((resolve, reject) => {
      const asked = request(`${door.url}/things`, { headers: { Host: 'x; script-src *' } }, (response) => {
        response.resume()
        resolve(String(response.headers['content-security-policy']))
      })
      asked.on('error', reject).end()
    })
    expect(policy).to.contain("script-src 'self'").and.not.to.contain('script-src *')
  })

  it('answers listed origins only, also in errors and preflights', async () => {
    const preflight = (origin: string) =>
      fetch(`${door.url}/v1/echo`, {
        method: 'OPTIONS',
        headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
      })
    const good = await preflight('https://app.example')
    expect(good.status).to.equal(204)
    expect(good.headers.get('access-control-allow-origin')).to.equal('https://app.example')
    expect(good.headers.get('access-control-allow-headers')).to.contain('Idempotency-Key')
    const bad = await preflight('https://evil.example')
    expect(bad.headers.get('access-control-allow-origin')).to.equal(null)
    const failing = await fetch(`${door.url}/nowhere`, { headers: { Origin: 'https://app.example' } })
    expect(failing.headers.get('access-control-allow-origin')).to.equal('https://app.example')
    expect(failing.headers.get('access-control-expose-headers')).to.contain('Retry-After')
    const plain = await fetch(`${door.url}/things`, { headers: { Origin: 'null' } })
    expect(plain.headers.get('access-control-allow-origin')).to.equal(null)
  })

  it('refuses malformed JSON, other types and other encodings', async () => {
    const malformed = await sendJson(`${door.url}/v1/echo`, '{"text": ')
    expect(malformed.status).to.equal(400)
    expect((await problemOf(malformed)).code).to.equal('malformed-json')
    const scalar = await sendJson(`${door.url}/v1/echo`, '"text"')
    expect(scalar.status).to.equal(400)
    const poisoned = await sendJson(`${door.url}/v1/echo`, '{"text": "a", "__proto__": {"x": 1}}')
    expect(poisoned.status).to.equal(400)
    const form = await fetch(`${door.url}/v1/echo`, {
      method: 'POST',
      body: new URLSearchParams({ text: 'a' }),
    })
    expect(form.status).to.equal(415)
    expect((await problemOf(form)).code).to.equal('unsupported-media-type')
    const encoded = await sendJson(`${door.url}/v1/echo`, '{}', { headers: { 'Content-Encoding': 'zstd' } })
    expect(encoded.status).to.equal(415)
    const notGzip = await sendJson(`${door.url}/v1/echo`, '{}', { headers: { 'Content-Encoding': 'gzip' } })
    expect(notGzip.status).to.equal(400)
  })

  it('refuses a body over the limit, counted after inflation, and goes on serving', async () => {
    const large = JSON.stringify({ text: 'x'.repeat(2_000_000) })
    const plain = await sendJson(`${door.url}/v1/echo`, large)
    expect(plain.status).to.equal(413)
    expect((await problemOf(plain)).code).to.equal('body-too-large')
    const packed = gzipSync(large)
    expect(packed.length).to.be.lessThan(10_000)
    const inflated = await fetch(`${door.url}/v1/echo`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
      body: new Uint8Array(packed),
    })
    expect(inflated.status).to.equal(413)
    const fits = await sendJson(`${door.url}/v1/echo`, { text: 'y'.repeat(1_000_000) })
    expect(fits.status).to.equal(200)
  })

  it('keeps a connection usable whose body it has refused to read', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ask = (method: string, path: string, body: string) =>
      new Promise<{ status: number; port: number }>((resolve, reject) => {
        const asked = request(door.url + path, {
          method,
          agent,
          headers: { 'Content-Type': 'application/json' },
        })
        asked.on('error', reject).on('response', (response) => {
          const port = asked.socket?.localPort ?? 0
          response.resume().on('end', () => resolve({ status: response.statusCode ?? 0, port }))
        })
        // In chunks, so that no length tells beforehand how much is to come.
        for (let at = 0; at < body.length; at += 65_536) asked.write(body.slice(at, at + 65_536))
        asked.end()
      })
    try {
      const refused = await ask('POST', '/v1/echo', JSON.stringify({ text: 'x'.repeat(8_000_000) }))
      expect(refused.status).to.equal(413)
      expect(await ask('GET', '/things', '')).to.deep.equal({ status: 200, port: refused.port })
    } finally {
      agent.destroy()
    }
  })

  it('takes the address from the right of X-Forwarded-For, so that a client cannot forge it', async () => {
    const seen = async (forwarded: string) => {
      const response = await fetch(`${door.url}/where`, { headers: { 'X-Forwarded-For': forwarded } })
      return ((await response.json()) as { address: string }).address
    }
    expect(await seen('203.0.113.9')).to.equal('203.0.113.9')
    expect(await seen('6.6.6.6, 203.0.113.9')).to.equal('203.0.113.9')
    expect(await seen('6.6.6.6, rubbish')).to.equal('127.0.0.1')
  })

  it('logs neither query strings nor bodies nor tokens', async () => {
    await sendJson(
      `${door.url}/v1/echo?token=query-secret`,
      { text: 'body-secret' },
      {
        headers: { Authorization: 'Bearer header-secret' },
      },
    )
    const log = door.lines.join('')
    expect(log).to.contain('/v1/echo')
    expect(log).not.to.match(/query-secret|body-secret|header-secret/)
  })
})
