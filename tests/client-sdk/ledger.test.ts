import { expect } from 'chai'
import {
  type Asset,
  createClient,
  type Flow,
  type HartaClient,
  HartaError,
  type NewFlow,
} from '../../client-sdk/src/index.js'
import { PASSWORD } from '../support/people.js'
import { startTestServer, type TestServer } from '../support/server.js'

const EMAIL = 'sari@example.org'

describe('what the client keeps at a server', () => {
  let server: TestServer
  let harta: HartaClient
  /** How many answers to a POST get lost on their way; the server has done the work by then. */
  let lost = 0
  let posts: (string | null)[] = []

  before(async () => {
    server = await startTestServer()
    harta = createClient({ url: server.url, random: () => 0, fetch: lossy })
    lost = 1
    await harta.auth.register({ email: EMAIL, password: PASSWORD, baseCurrency: 'USD' })
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
    const that = { from: '2026-03-02', to: '2026-03-02', type: 'DEPOSIT' } as const
    expect(await all(harta.assets.activities(held.id).list(that))).to.deep.equal([made])
    expect(await all(harta.activities.list({ ...that, assetId: held.id }))).to.deep.equal([made])
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

  it('stays signed in under a new password, and signs out elsewhere', async () => {
    const elsewhere = createClient({ url: server.url })
    const newPassword = `${PASSWORD}, changed`
    await harta.me.changePassword({ currentPassword: PASSWORD, newPassword })
    await elsewhere.auth.login({ email: EMAIL, password: newPassword })
    const sessions = await all(harta.me.sessions.list({ pageSize: 1 }))
    expect(sessions.map(({ current }) => current).sort()).to.deep.equal([false, true])
    for (const { id, current } of sessions) if (!current) await harta.me.sessions.remove(id)
    expect(await statusOf(elsewhere.me.get())).to.equal(401)
    expect((await harta.me.get()).email).to.equal(EMAIL)
    elsewhere.close()
  })

  it('walks what was spent as the contract shows, filtered by the server', async () => {
    const food = await harta.categories.create({ kind: 'EXPENSE', name: 'Street food' })
    const spend = (amount: string, more: Partial<NewFlow> = {}): Promise<Flow> =>
      harta.expenses.create({ amount, date: '2026-03-02', ...more })
    for (const amount of ['1', '2', '3']) await spend(amount)
    await spend('4', { categoryId: food.id })
    const amounts: string[] = []
    for await (const expense of harta.expenses.list()) amounts.push(expense.amount)
    expect(amounts).to.deep.equal(['4.00', '3.00', '2.00', '1.00'])
    const [lunch, ...others] = await all(harta.expenses.list({ categoryId: food.id, pageSize: 1 }))
    expect([lunch?.amount, others.length]).to.deep.equal(['4.00', 0])
    if (lunch) expect((await harta.expenses.update(lunch, { note: 'with Dewi' })).note).to.equal('with Dewi')
  })

  it('tells the figures of what was owned, earned and spent', async () => {
    await harta.incomes.create({ amount: '100', date: '2026-03-01' })
    const cashflow = await harta.insights.cashflow({ month: '2026-03' })
    expect([cashflow.income, cashflow.expense]).to.deep.equal(['100.00', '10.00'])
    expect((await harta.insights.health()).currency).to.equal('USD')
    const history = await harta.portfolio.history({ interval: '1d', from: '2026-03-01', to: '2026-03-03' })
    expect([history.currency, history.points.length > 0]).to.deep.equal(['USD', true])
    expect((await harta.portfolio.performance({ method: 'average' })).method).to.equal('average')
    expect((await harta.portfolio.allocation({ by: 'currency' })).parts[0]?.key).to.equal('USD')
  })

  it('keeps goals, budgets and rules', async () => {
    const goal = await harta.goals.create({ name: 'House', target: '1000', basis: 'CONTRIBUTIONS' })
    await harta.goals.contributions(goal.id).create({ amount: '250', date: '2026-03-01' })
    expect((await harta.goals.get(goal.id)).progress).to.match(/^0\.250*$/)
    const [category] = await all(harta.categories.list({ kind: 'EXPENSE', pageSize: 1 }))
    const budget = await harta.budgets.create({ categoryId: category?.id ?? '', amount: '50' })
    expect((await all(harta.budgets.list({ month: '2026-03' }))).map(({ id }) => id)).to.deep.equal([
      budget.id,
    ])
    const rent = { kind: 'EXPENSE', amount: '9', frequency: 'MONTHLY', startsOn: '2199-01-31' } as const
    const rule = await harta.recurring.create(rent)
    await harta.recurring.remove(await harta.recurring.update(rule, { paused: true }))
    expect(await all(harta.recurring.list())).to.deep.equal([])
  })

  it('keeps alerts, and where they are sent to', async () => {
    const { alerts, webhooks } = harta
    const asked = { kind: 'PORTFOLIO', condition: 'above', threshold: '1000000' } as const
    const alert = await alerts.create(asked)
    expect([alert.state, alert.alreadyTrue]).to.deep.equal(['armed', false])
    const paused = await alerts.update(alert, { state: 'paused' })
    expect(await all(alerts.list({ kind: 'PORTFOLIO', state: 'paused' }))).to.deep.equal([paused])
    expect(await statusOf(alerts.remove(alert))).to.equal(412)
    await alerts.remove(paused)
    const hook = await webhooks.create({ url: server.url, events: ['alert:fired'] })
    expect((await webhooks.rotate(hook.id)).secret)
      .to.match(/^whsec_/)
      .and.not.equal(hook.secret)
    const sent = await webhooks.test(hook.id)
    const deliveries = webhooks.deliveries(hook.id)
    expect((await all(deliveries.list())).map(({ id }) => id)).to.deep.equal([sent.id])
    expect((await deliveries.replay(sent.id)).eventId).to.equal(sent.eventId)
    const off = await webhooks.update(await webhooks.get(hook.id), { disabled: true })
    expect(off.disabledAt).to.be.a('string')
    await webhooks.remove(off)
    expect(await all(webhooks.list())).to.deep.equal([])
  })
})
