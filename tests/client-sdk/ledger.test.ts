import { expect } from 'chai'
import {
  type Activity,
  type Asset,
  createClient,
  type HartaClient,
  HartaError,
} from '../../client-sdk/src/index.js'
import { PASSWORD } from '../support/people.js'
import { startTestServer, type TestServer } from '../support/server.js'

describe('what the client keeps at a server', () => {
  let server: TestServer
  let harta: HartaClient
  /** How many answers to a POST get lost on their way; the server has done the work by then. */
  let lost = 0
  let posts: (string | null)[] = []

  before(async () => {
    server = await startTestServer()
    harta = createClient({ url: server.url, random: () => 0, fetch: lossy })
    await harta.auth.register({ email: 'sari@example.org', password: PASSWORD, baseCurrency: 'USD' })
  })
  after(async () => {
    harta.close()
    await server.stop()
  })

  const lossy: typeof fetch = async (address, init) => {
    const answer = await fetch(address, init)
    if (init?.method !== 'POST') return answer
    posts.push(new Headers(init.headers).get('idempotency-key'))
    if (lost === 0) return answer
    lost -= 1
    throw new TypeError('the connection broke')
  }
  const all = async <T>(list: AsyncIterable<T>): Promise<T[]> => {
    const entries: T[] = []
    for await (const entry of list) entries.push(entry)
    return entries
  }
  const purse = (name: string): Promise<Asset> =>
    harta.assets.create({ type: 'CASH', name, quantity: '10', currency: 'USD' })
  const statusOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof HartaError ? error.status : error),
    )

  it('reads a list over all its pages, each time anew, and one page when asked', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await purse(name)
    const list = harta.assets.list({ pageSize: 2 })
    const names = ['e', 'd', 'c', 'b', 'a']
    expect((await all(list)).map(({ name }) => name)).to.deep.equal(names)
    expect((await all(list)).map(({ name }) => name)).to.deep.equal(names)
    const first = await list.page()
    const second = await list.page(first.nextCursor)
    expect([...first.data, ...second.data].map(({ name }) => name)).to.deep.equal(names.slice(0, 4))
    expect((await list.page(second.nextCursor)).nextCursor).to.equal(null)
  })

  it('makes one of an entry whose first answers were lost', async () => {
    const held = await purse('wallet')
    posts = []
    lost = 2
    const made = await harta.assets
      .activities(held.id)
      .create({ type: 'DEPOSIT', date: '2026-03-02', amount: '5' })
    expect([posts.length, new Set(posts).size]).to.deep.equal([3, 1])
    const activities = await all<Activity>(harta.assets.activities(held.id).list())
    expect(activities.filter(({ type }) => type === 'DEPOSIT').map(({ id }) => id)).to.include(made.id)
    expect((await harta.assets.get(held.id)).quantity).to.equal('15')
  })

  it('makes one of two calls that bear the same key', async () => {
    const entry = { type: 'CASH', name: 'jar', currency: 'USD' } as const
    const [first, again] = [
      await harta.assets.create(entry, { idempotencyKey: 'form-1' }),
      await harta.assets.create(entry, { idempotencyKey: 'form-1' }),
    ]
    expect(again.id).to.equal(first.id)
  })

  it('refuses to change or remove what is no longer as it was seen', async () => {
    await purse('seen')
    const [seen] = await all(harta.assets.list({ pageSize: 1 }))
    if (!seen) throw new Error('nothing is listed')
    const changed = await harta.assets.update(seen, { name: 'renamed' })
    expect([changed.name, changed.version > seen.version]).to.deep.equal(['renamed', true])
    expect(await statusOf(harta.assets.update(seen, { name: 'lost' }))).to.equal(412)
    expect(await statusOf(harta.assets.remove(seen))).to.equal(412)
    expect((await harta.assets.update(seen.id, { name: 'by id' })).name).to.equal('by id')
    await harta.assets.remove(await harta.assets.get(seen.id))
    expect(await statusOf(harta.assets.get(seen.id))).to.equal(404)
  })

  it('keeps what was done with an asset, and its prices', async () => {
    const house = await harta.assets.create({
      type: 'REAL',
      name: 'house',
      unitPrice: '900',
      currency: 'USD',
    })
    const activities = harta.assets.activities(house.id)
    const fee = await activities.create({ type: 'FEE', date: '2026-03-01', amount: '3' })
    const changed = await activities.update(fee, { amount: '4' })
    expect(changed.amount).to.equal('4')
    expect(await statusOf(activities.remove(fee))).to.equal(412)
    await activities.remove(changed)
    const prices = harta.assets.prices(house.id)
    const { data } = await prices.create([
      { date: '2026-01-01', unitPrice: '700' },
      { date: '2026-02-01', unitPrice: '800' },
    ])
    expect(data).to.have.length(2)
    expect((await prices.create({ date: '2026-01-15', unitPrice: '750' })).unitPrice).to.equal('750')
    const days = (await all(prices.list({ pageSize: 2 }))).map(({ date }) => date)
    expect(days.slice(-3)).to.deep.equal(['2026-02-01', '2026-01-15', '2026-01-01'])
  })
})
