import { expect } from 'chai'
import { createClient, type HartaClient, HartaError } from '../../client-sdk/src/index.js'
import { retryAfterMs } from '../../client-sdk/src/retry.js'
import { demo, refuse, TestGateway } from '../support/test-gateway.js'

describe('requests of the client', () => {
  let gateway: TestGateway
  let harta: HartaClient

  beforeEach(async () => {
    gateway = await new TestGateway().start()
    harta = createClient({ url: gateway.url, timeoutMs: 2_000, random: () => 0 })
  })
  afterEach(async () => {
    harta.close()
    await gateway.stop()
  })

  const keys = (): unknown[] =>
    gateway.seen.filter(({ path }) => path === '/v1/assets').map(({ headers }) => headers['idempotency-key'])
  const refused = async (work: Promise<unknown>): Promise<HartaError> => {
    try {
      await work
    } catch (error) {
      expect(error).to.be.instanceOf(HartaError)
      return error as HartaError
    }
    throw new Error('nothing was refused')
  }

  it('signs in, sends the token and signs out', async () => {
    const seen: (string | undefined)[] = []
    harta.auth.onChange((user) => seen.push(user?.email))
    const user = await harta.auth.login(demo)
    expect(user.email).to.equal(demo.email)
    expect((await harta.me.get()).name).to.equal('Sari')
    expect(gateway.seen.at(-1)?.headers.authorization).to.equal('Bearer access-1')
    await harta.auth.logout()
    expect(harta.auth.user).to.equal(null)
    expect((await refused(harta.me.get())).code).to.equal('signed-out')
    expect(seen).to.deep.equal([demo.email, undefined])
  })

  it('turns a problem into a HartaError', async () => {
    const error = await refused(harta.auth.login({ email: demo.email, password: 'wrong' }))
    const { code, status, detail, requestId } = error
    expect({ code, status, requestId }).to.deep.equal({
      code: 'wrong-credentials',
      status: 401,
      requestId: 'request-1',
    })
    expect(detail).to.equal('The test server says wrong-credentials.')
  })

  it('hands on which fields were wrong', async () => {
    await harta.auth.login(demo)
    const errors = [{ pointer: '/quantity', detail: 'is no decimal' }]
    const { status, body } = refuse(400, 'invalid')
    gateway.instead.set('POST /v1/assets', [{ status, body: { ...(body as object), errors } }])
    expect((await refused(harta.assets.create({ type: 'CASH' }))).errors).to.deep.equal(errors)
  })

  it('names an answer that is not Harta’s', async () => {
    await harta.auth.login(demo)
    gateway.instead.set('GET /v1/me', [{ status: 502, headers: { 'content-type': 'text/html' } }])
    expect((await refused(harta.me.get())).code).to.equal('protocol')
  })

  it('sends a POST again with the same key after a lost answer', async () => {
    await harta.auth.login(demo)
    gateway.instead.set('POST /v1/assets', ['drop', 'drop'])
    const created = await harta.assets.create({ type: 'CASH', name: 'Purse', unitPrice: '1' })
    expect(created.name).to.equal('Purse')
    expect(keys()).to.have.length(3)
    expect(new Set(keys()).size).to.equal(1)
    await harta.assets.create({ type: 'CASH', name: 'Purse', unitPrice: '1' })
    expect(new Set(keys()).size).to.equal(2)
  })

  it('keeps the key when the token had to be renewed in between', async () => {
    await harta.auth.login(demo)
    gateway.expireTokens()
    await harta.assets.create({ type: 'CASH', name: 'Purse', unitPrice: '1' })
    expect(keys()).to.have.length(2)
    expect(new Set(keys()).size).to.equal(1)
  })

  it('does not repeat a sign-in whose answer was lost', async () => {
    gateway.instead.set('POST /v1/auth/login', ['drop'])
    expect((await refused(harta.auth.login(demo))).code).to.equal('network')
    expect(gateway.seen).to.have.length(1)
  })

  it('does not repeat a PATCH whose answer was lost', async () => {
    await harta.auth.login(demo)
    gateway.instead.set('PATCH /v1/me', ['drop'])
    expect((await refused(harta.me.update({ name: 'Dewi' }))).code).to.equal('network')
  })

  it('waits as long as the server asks after 429 and 503', async () => {
    await harta.auth.login(demo)
    gateway.instead.set('GET /v1/me', [
      refuse(429, 'limited', { 'retry-after': '1' }),
      refuse(503, 'unavailable'),
    ])
    const start = Date.now()
    await harta.me.get()
    expect(Date.now() - start).to.be.within(990, 3_000)
  })

  it('hands a long wait on instead of waiting', async () => {
    await harta.auth.login(demo)
    gateway.instead.set('GET /v1/me', [refuse(429, 'limited', { 'retry-after': '600' })])
    const error = await refused(harta.me.get())
    expect([error.code, error.retryAfterMs]).to.deep.equal(['limited', 600_000])
  })

  it('reads Retry-After as seconds and as a date', () => {
    const now = Date.parse('2026-01-01T00:00:00Z')
    expect(retryAfterMs('2', now)).to.equal(2_000)
    expect(retryAfterMs('Thu, 01 Jan 2026 00:00:05 GMT', now)).to.equal(5_000)
    expect(retryAfterMs('Wed, 31 Dec 2025 00:00:00 GMT', now)).to.equal(0)
    expect(retryAfterMs('soon', now)).to.equal(null)
    expect(retryAfterMs(null, now)).to.equal(null)
  })

  it('takes a 404 on a repeated DELETE as done', async () => {
    await harta.auth.login(demo)
    gateway.instead.set('DELETE /v1/assets/gone', ['drop'])
    await harta.assets.remove('gone')
    expect((await refused(harta.assets.remove('gone'))).status).to.equal(404)
  })

  it('gives up on a silent server', async () => {
    const hasty = createClient({
      url: gateway.url,
      timeoutMs: 50,
      retries: 0,
      fetch: (_, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
        }),
    })
    expect((await refused(hasty.auth.login(demo))).code).to.equal('timeout')
    hasty.close()
  })

  it('waits longer for what is large', async () => {
    await harta.auth.login(demo)
    const storage = {
      get: () => JSON.stringify(harta.auth.store.getSnapshot()),
      set: () => {},
      remove: () => {},
    }
    const late: typeof fetch = async (address, init) => {
      await new Promise((resolve) => setTimeout(resolve, 60))
      init?.signal?.throwIfAborted()
      return fetch(address, init)
    }
    const hasty = createClient({ url: gateway.url, storage, timeoutMs: 50, retries: 0, fetch: late })
    gateway.instead.set('GET /v1/me/export', [{ status: 200, body: { format: 'harta' } }])
    expect((await refused(hasty.me.get())).code).to.equal('timeout')
    expect(await hasty.me.export()).to.deep.equal({ format: 'harta' })
    hasty.close()
  })

  it('lists assets over all pages', async () => {
    await harta.auth.login(demo)
    for (const name of ['a', 'b', 'c', 'd', 'e']) await harta.assets.create({ type: 'CASH', name })
    const names: string[] = []
    for await (const asset of harta.assets.list()) names.push(asset.name)
    expect(names).to.deep.equal(['a', 'b', 'c', 'd', 'e'])
  })

  it('names the version that was seen with an asset, and none with a bare id', async () => {
    await harta.auth.login(demo)
    const created = await harta.assets.create({ type: 'CASH', name: 'a' })
    const changed = await harta.assets.update(created, { name: 'b' })
    expect(gateway.seen.at(-1)?.headers['if-match']).to.equal(`"${created.id}.1"`)
    await harta.assets.update(changed.id, { name: 'c' })
    expect(gateway.seen.at(-1)?.headers['if-match']).to.equal(undefined)
    await harta.assets.activities(created.id).create({ type: 'BUY', date: '2026-01-02', quantity: '3' })
    expect(gateway.seen.at(-1)?.path).to.equal(`/v1/assets/${created.id}/activities`)
    await harta.assets.remove(changed)
    expect(gateway.portfolio.positions.size).to.equal(0)
  })
})
