import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { createAsk, retryAfter } from '../../src/feeds/ask.js'
import { RudeHttp } from '../support/rude-http.js'

const NOW = Date.UTC(2026, 8, 2)

describe('asking over HTTP', () => {
  let server: RudeHttp
  const ask = createAsk({ now: () => NOW })

  beforeEach(async () => {
    server = await RudeHttp.open()
  })
  afterEach(() => server.close())

  it('gives what came with its type, and says what was said', async () => {
    server.answer = (response) => response.setHeader('content-type', 'text/csv').end('a,b')
    const answer = await ask({ url: `${server.url}/x?y=1`, method: 'POST', headers: { 'X-Key': 'k' } })
    expect(answer).to.deep.equal({ kind: 'answer', body: Buffer.from('a,b'), contentType: 'text/csv' })
    const [request] = server.requests
    expect([request?.method, request?.url, request?.headers['x-key']]).to.deep.equal(['POST', '/x?y=1', 'k'])
    expect(request?.headers['user-agent']).to.match(/^harta/)
  })

  it('follows redirects', async () => {
    server.answer = (response, { pathname }) =>
      pathname === '/old' ? response.writeHead(301, { location: '/new' }).end() : response.end('here')
    const answer = await ask({ url: `${server.url}/old` })
    expect(answer).to.include({ kind: 'answer' })
    expect(server.asked).to.deep.equal(['/old', '/new'])
  })

  it('tells a refusal with its status, its wish and its reason', async () => {
    server.answer = (response) => response.writeHead(429, { 'retry-after': '7' }).end('slower')
    expect(await ask({ url: server.url })).to.deep.equal({
      kind: 'refused',
      status: 429,
      retryAfterMs: 7_000,
      body: Buffer.from('slower'),
    })
  })

  it('waits no longer than it was told', async () => {
    server.answer = () => {}
    const impatient = createAsk({ now: () => NOW, timeoutMs: 30 })
    expect(await impatient({ url: server.url })).to.deep.equal({ kind: 'failed', reason: 'timeout' })
  })

  it('waits no longer for the rest of a body either', async () => {
    server.answer = (response) => response.write('{"half":')
    const impatient = createAsk({ now: () => NOW, timeoutMs: 60 })
    expect(await impatient({ url: server.url })).to.deep.equal({ kind: 'failed', reason: 'timeout' })
  })

  it('takes half a body for none', async () => {
    server.answer = (response) => {
      response.setHeader('content-length', '100').write('{"half":')
      setImmediate(() => response.destroy())
    }
    expect(await ask({ url: server.url })).to.deep.equal({ kind: 'failed', reason: 'unreachable' })
  })

  it('stops reading a body that is far too large, also one that came small and grows', async () => {
    const megabyte = gzipSync(Buffer.alloc(1024 * 1024))
    const bomb = Buffer.concat(Array<Buffer>(33).fill(megabyte))
    server.answer = (response) => response.setHeader('content-encoding', 'gzip').end(bomb)
    expect(await ask({ url: server.url })).to.deep.equal({ kind: 'failed', reason: 'too-large' })
  })

  it('says that nobody is there, or that the address is none', async () => {
    const { url } = server
    await server.close()
    expect(await ask({ url })).to.deep.equal({ kind: 'failed', reason: 'unreachable' })
    expect(await ask({ url: 'not an address' })).to.deep.equal({ kind: 'failed', reason: 'unreachable' })
    server = await RudeHttp.open()
  })
})

describe('a Retry-After header', () => {
  it('holds seconds or a date, and is never in the past', () => {
    expect(retryAfter('120', NOW)).to.equal(120_000)
    expect(retryAfter(new Date(NOW + 5_000).toUTCString(), NOW)).to.equal(5_000)
    expect(retryAfter(new Date(NOW - 5_000).toUTCString(), NOW)).to.equal(0)
  })

  it('says nothing when it is missing or no time', () => {
    expect(retryAfter(undefined, NOW)).to.equal(null)
    expect(retryAfter('soon', NOW)).to.equal(null)
  })
})
