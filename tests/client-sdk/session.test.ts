import { expect } from 'chai'
import { createClient, type HartaClient } from '../../client-sdk/src/index.js'
import { demo, refuse, TestGateway } from '../support/test-gateway.js'
import { until } from '../support/until.js'

describe('the session of the client', () => {
  let gateway: TestGateway
  const clients: HartaClient[] = []

  beforeEach(async () => {
    gateway = await new TestGateway().start()
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close()
    await gateway.stop()
  })

  const client = (more: Parameters<typeof createClient>[0] = {}): HartaClient => {
    const made = createClient({ url: gateway.url, random: () => 0, ...more })
    clients.push(made)
    return made
  }
  const renewals = (): number => gateway.seen.filter(({ path }) => path === '/v1/auth/refresh').length

  /** A storage that pages share, as localStorage is. */
  function shared(delayMs = 0): { get(): Promise<string | null>; set(text: string): void; remove(): void } {
    let held: string | null = null
    return {
      get: () => new Promise((resolve) => setTimeout(() => resolve(held), delayMs)),
      set: (text) => {
        held = text
      },
      remove: () => {
        held = null
      },
    }
  }

  it('renews an ended token once for many requests at a time', async () => {
    const harta = client()
    await harta.auth.login(demo)
    gateway.expireTokens()
    await Promise.all([harta.me.get(), harta.portfolio.get(), harta.me.get(), harta.prices.get(['A'])])
    expect(renewals()).to.equal(1)
  })

  it('renews a token before it ends', async () => {
    const storage = shared()
    gateway.tokenLifeMs = 10_000
    await client({ storage }).auth.login(demo)
    const old = JSON.parse((await storage.get()) ?? '') as { gotAt: number }
    storage.set(JSON.stringify({ ...old, gotAt: old.gotAt - 60_000 }))
    const harta = client({ storage })
    await harta.me.get()
    expect(gateway.seen.map(({ path }) => path)).to.deep.equal([
      '/v1/auth/login',
      '/v1/auth/refresh',
      '/v1/me',
    ])
  })

  it('signs out when the refresh token is refused, and stays signed in when nobody answers', async () => {
    const harta = client({ retries: 0 })
    await harta.auth.login(demo)
    gateway.expireTokens()
    gateway.instead.set('POST /v1/auth/refresh', ['drop', refuse(503, 'unavailable')])
    await harta.me.get().catch(() => undefined)
    await harta.me.get().catch(() => undefined)
    expect(harta.auth.user?.email).to.equal(demo.email)
    gateway.revoke()
    await harta.me.get().catch(() => undefined)
    expect(harta.auth.user).to.equal(null)
  })

  it('comes back from the storage', async () => {
    const storage = shared()
    await client({ storage }).auth.login(demo)
    const later = client({ storage })
    await later.auth.ready
    expect(later.auth.user?.email).to.equal(demo.email)
    expect((await later.me.get()).email).to.equal(demo.email)
    await later.auth.logout()
    expect(await storage.get()).to.equal(null)
  })

  it('starts signed out from a storage that holds rubbish or throws', async () => {
    const reported: unknown[] = []
    const bad = client({ storage: { ...shared(), get: () => '{"accessToken":1' } })
    const worse = client({
      onError: (error) => reported.push(error),
      storage: {
        ...shared(),
        get: () => {
          throw new Error('forbidden')
        },
      },
    })
    await Promise.all([bad.auth.ready, worse.auth.ready])
    expect([bad.auth.user, worse.auth.user]).to.deep.equal([null, null])
    expect(reported).to.have.length(1)
  })

  it('takes the tokens that another page has renewed instead of spending the old one', async () => {
    const storage = shared(5)
    const one = client({ storage })
    await one.auth.login(demo)
    const two = client({ storage })
    await two.auth.ready
    gateway.expireTokens()
    await one.me.get()
    await two.me.get()
    expect(renewals()).to.equal(1)
    expect(two.auth.user?.email).to.equal(demo.email)
  })

  it('does not bring a session back that was ended while it was renewed', async () => {
    const harta = client()
    await harta.auth.login(demo)
    const renewing = harta.auth.refresh().catch((error: { code: string }) => error.code)
    await harta.auth.logout()
    expect(await renewing).to.equal('signed-out')
    expect(harta.auth.user).to.equal(null)
  })

  it('goes on with its subscribers when one of them throws', async () => {
    const reported: unknown[] = []
    const seen: (string | undefined)[] = []
    const harta = client({ onError: (error) => reported.push(error) })
    harta.auth.onChange(() => {
      throw new Error('mine')
    })
    harta.auth.onChange((user) => seen.push(user?.id))
    await harta.auth.login(demo)
    await until('the change is told', () => seen.length === 1)
    expect(reported.map(String)).to.deep.equal(['Error: mine'])
  })
})
