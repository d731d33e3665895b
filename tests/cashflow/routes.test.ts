import { expect } from 'chai'
import type { Budget, Category, Flow, RecurringRule } from '../../src/protocol/flows.js'
import type { Asset, Page, Problem } from '../../src/protocol/resources.js'
import { type Answer, type Person, register } from '../support/people.js'
import { startTestServer, type TestServer } from '../support/server.js'

const MISSING = '0190a7c0-0000-7000-8000-000000000000'

describe('cash flow over HTTP', function () {
  this.timeout(60_000)
  let server: TestServer
  let person: Person
  before(async () => {
    server = await startTestServer()
    person = await register(server.url)
  })
  after(() => server?.stop())

  async function made<T>(path: string, body: object, who = person): Promise<T> {
    const answer = await who.ask<T>('POST', `/v1/${path}`, body)
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201)
    return answer.body
  }
  const read = async <T>(path: string) => (await person.ask<T>('GET', `/v1/${path}`)).body
  const listed = async <T>(path: string) => (await read<Page<T>>(path)).data
  const pointers = ({ status, body }: Answer<Problem>) => [
    status,
    ...(body.errors ?? []).map(({ pointer }) => pointer),
  ]
  const categoryOf = async (kind: string, who = person): Promise<Category> => {
    const { body } = await who.ask<Page<Category>>('GET', `/v1/categories?kind=${kind}`)
    return body.data[0] as Category
  }

  describe('of incomes and expenses', () => {
    it('is made, read, changed in the version that was seen, and removed', async () => {
      for (const [path, kind] of [
        ['incomes', 'INCOME'],
        ['expenses', 'EXPENSE'],
      ] as const) {
        const { id: categoryId } = await categoryOf(kind)
        const input = { amount: '12.5', date: '2026-02-28', categoryId, note: 'a', tags: [' x ', 'y', 'x'] }
        const key = { 'Idempotency-Key': `once-${path}` }
        const created = await person.ask<Flow>('POST', `/v1/${path}`, input, key)
        const again = await person.ask<Flow>('POST', `/v1/${path}`, input, key)
        expect([created.status, again.body]).to.deep.equal([201, created.body])
        const { id } = created.body
        expect(created.body).to.deep.include({
          amount: '12.50',
          currency: 'USD',
          date: '2026-02-28',
          categoryId,
          assetId: null,
          ruleId: null,
          note: 'a',
          tags: ['x', 'y'],
        })
        expect(created.headers.get('location')).to.equal(`/v1/${path}/${id}`)
        const seen = created.headers.get('etag') ?? ''
        expect(await read(`${path}/${id}`)).to.deep.equal(created.body)
        const match = { 'If-Match': seen }
        const change = { amount: '1000000', currency: 'IDR', note: null, categoryId: null }
        const changed = await person.ask<Flow>('PATCH', `/v1/${path}/${id}`, change, match)
        expect(changed.body).to.include({ ...change, amount: '1000000.00', version: 2, date: '2026-02-28' })
        expect((await person.ask('PATCH', `/v1/${path}/${id}`, { amount: '1' }, match)).status).to.equal(412)
        expect((await person.ask('DELETE', `/v1/${path}/${id}`, undefined, match)).status).to.equal(412)
        expect((await person.ask('DELETE', `/v1/${path}/${id}`)).status).to.equal(204)
        expect((await person.ask('GET', `/v1/${path}/${id}`)).status).to.equal(404)
      }
    })

    it('is listed with the newest date first, page by page, and by what is looked for', async () => {
      const own = await register(server.url)
      const category = await categoryOf('EXPENSE', own)
      const entries = [
        { date: '2026-03-02', note: '100% rye', tags: ['food'] },
        { date: '2026-03-01', note: 'Bus', categoryId: category.id },
        { date: '2026-03-03', note: 'bread and RYE', tags: ['food', 'home'] },
        { date: '2026-03-02', note: null },
        { date: '2026-03-02', note: 'rice_' },
      ]
      for (const entry of entries) await made('expenses', { amount: '1', ...entry }, own)
      const notes = async (query: string) => {
        const { body } = await own.ask<Page<Flow>>('GET', `/v1/expenses?${query}`)
        return body.data.map(({ note }) => note)
      }
      const all = ['bread and RYE', 'rice_', null, '100% rye', 'Bus']
      expect(await notes('')).to.deep.equal(all)
      const turned: (string | null)[] = []
      for (let cursor: string | null = ''; cursor !== null; ) {
        const query: string = cursor === '' ? '' : `&cursor=${cursor}`
        const { body } = await own.ask<Page<Flow>>('GET', `/v1/expenses?limit=2${query}`)
        turned.push(...body.data.map(({ note }) => note))
        cursor = body.nextCursor
      }
      expect(turned).to.deep.equal(all)
      expect(await notes('from=2026-03-02&to=2026-03-02')).to.deep.equal(['rice_', null, '100% rye'])
      expect(await notes(`categoryId=${category.id}`)).to.deep.equal(['Bus'])
      expect(await notes('tag=food')).to.deep.equal(['bread and RYE', '100% rye'])
      expect(await notes('query=rye')).to.deep.equal(['bread and RYE', '100% rye'])
      expect(await notes('query=0%25')).to.deep.equal(['100% rye'])
      expect(await notes('query=e_')).to.deep.equal(['rice_'])
      expect(pointers(await own.ask('GET', '/v1/expenses?from=2026-03-02&to=2026-03-01'))).to.deep.equal([
        422,
        '/to',
      ])
      expect(pointers(await own.ask('GET', '/v1/expenses?cursor=e30'))).to.deep.equal([422, '/cursor'])
    })

    it('is refused with a pointer to each mistake, and takes what is of others for nothing', async () => {
      const other = await register(server.url)
      const [income, theirs] = [await categoryOf('INCOME'), await categoryOf('EXPENSE', other)]
      const account = await other.own({ type: 'CASH', quantity: '5' })
      const coin = await person.own({ type: 'CRYPTO', symbol: 'BTC-USD', quantity: '1', unitCost: '1' })
      const mistakes: readonly [object, string][] = [
        [{ amount: '0.00' }, '/amount'],
        [{ amount: 5 }, '/amount'],
        [{ amount: '1e3' }, '/amount'],
        [{ date: '2999-01-01' }, '/date'],
        [{ date: '2026-02-29' }, '/date'],
        [{ currency: 'XXX' }, '/currency'],
        [{ categoryId: income.id }, '/categoryId'],
        [{ categoryId: theirs.id }, '/categoryId'],
        [{ categoryId: MISSING }, '/categoryId'],
        [{ assetId: account.id }, '/assetId'],
        [{ assetId: MISSING }, '/assetId'],
        [{ assetId: coin.id }, '/assetId'],
        [{ tags: Array.from({ length: 21 }, (_, index) => `t${index}`) }, '/tags'],
        [{ tags: ['x'.repeat(51)] }, '/tags/0'],
        [{ ruleId: MISSING }, '/ruleId'],
      ]
      const whole = { amount: '1', date: '2026-01-01' }
      const { id } = await made<Flow>('expenses', whole)
      for (const [part, pointer] of mistakes) {
        for (const [method, path, body] of [
          ['POST', '/v1/expenses', { ...whole, ...part }],
          ['PATCH', `/v1/expenses/${id}`, part],
        ] as const) {
          const about = `${method} ${JSON.stringify(part)}`
          expect(pointers(await person.ask(method, path, body)).slice(0, 2), about).to.deep.equal([
            422,
            pointer,
          ])
        }
      }
      expect(pointers(await person.ask('POST', '/v1/incomes', { ...whole, amount: '-1' }))).to.deep.equal([
        422,
        '/amount',
      ])
      expect(await read<Flow>(`expenses/${id}`)).to.include({ amount: '1.00', version: 1 })
      for (const [method, body] of [['GET'], ['PATCH', { amount: '2' }], ['DELETE']] as const) {
        for (const path of ['expenses', 'incomes']) {
          const answer = await other.ask(method, `/v1/${path}/${id}`, body)
          expect(answer.status, `${method} ${path}`).to.equal(404)
        }
      }
    })

    it('moves the balance of the account that it names, with every change of it', async () => {
      const own = await register(server.url)
      const date = '2026-01-15'
      const cash = await own.own({ type: 'CASH', quantity: '100', date: '2026-01-01' })
      const card = await own.own({ type: 'LIABILITY', quantity: '10', date: '2026-01-01' })
      const balances = async () => {
        const { body } = await own.ask<Page<Asset>>('GET', '/v1/assets')
        return [cash, card].map(({ id }) => body.data.find((asset) => asset.id === id)?.quantity)
      }
      const bread = await made<Flow>('expenses', { amount: '30', date, assetId: cash.id }, own)
      await made('incomes', { amount: '5', date, assetId: cash.id }, own)
      expect(await balances()).to.deep.equal(['75', '10'])
      const change = async (body: object) =>
        expect((await own.ask('PATCH', `/v1/expenses/${bread.id}`, body)).status).to.equal(200)
      await change({ amount: '-30' })
      expect(await balances()).to.deep.equal(['135', '10'])
      await change({ amount: '20', assetId: card.id })
      expect(await balances()).to.deep.equal(['105', '30'])
      await change({ assetId: null })
      expect(await balances()).to.deep.equal(['105', '10'])
      await change({ assetId: cash.id })
      expect(await balances()).to.deep.equal(['85', '10'])
      await own.ask('DELETE', `/v1/expenses/${bread.id}`)
      expect(await balances()).to.deep.equal(['105', '10'])
    })
  })

  describe('of categories', () => {
    it('begins with a set in the language of the user', async () => {
      const names = async (locale: string) => {
        const own = await register(server.url, { locale })
        const { body } = await own.ask<Page<Category>>('GET', '/v1/categories?limit=100')
        return body.data.map(({ kind, name }) => `${kind} ${name}`)
      }
      const [english, indonesian] = [await names('en-US'), await names('id-ID')]
      expect([english.length, indonesian.length]).to.deep.equal([22, 22])
      expect(english).to.include.members(['INCOME Salary', 'EXPENSE Groceries'])
      expect(indonesian).to.include.members(['INCOME Gaji', 'EXPENSE Belanja harian'])
    })

    it('has each name of a kind once; what is removed leaves its entries and takes its budgets along', async () => {
      const pets = { kind: 'EXPENSE', name: 'Pets' }
      const { id } = await made<Category>('categories', pets)
      await made('categories', { ...pets, kind: 'INCOME' })
      const second = await person.ask('POST', '/v1/categories', pets)
      expect([second.status, second.body.code]).to.deep.equal([409, 'category-exists'])
      const clash = await person.ask('PATCH', `/v1/categories/${id}`, { name: 'Groceries' })
      expect([clash.status, clash.body.code]).to.deep.equal([409, 'category-exists'])
      expect(pointers(await person.ask('PATCH', `/v1/categories/${id}`, { kind: 'INCOME' }))).to.include(422)
      const renamed = await person.ask<Category>('PATCH', `/v1/categories/${id}`, { name: 'Animals' })
      expect(renamed.body).to.deep.equal({ ...pets, id, name: 'Animals', version: 2 })
      const food = await made<Flow>('expenses', { amount: '5', date: '2026-01-01', categoryId: id })
      const budget = await made<Budget>('budgets', { categoryId: id, amount: '50' })
      const stale = { 'If-Match': `"${id}.1"` }
      expect((await person.ask('DELETE', `/v1/categories/${id}`, undefined, stale)).status).to.equal(412)
      expect((await person.ask('DELETE', `/v1/categories/${id}`)).status).to.equal(204)
      expect(await read<Flow>(`expenses/${food.id}`)).to.include({ categoryId: null, version: 2 })
      expect((await person.ask('GET', `/v1/budgets/${budget.id}`)).status).to.equal(404)
      expect((await person.ask('GET', `/v1/categories/${id}`)).status).to.equal(404)
    })
  })

  describe('of budgets', () => {
    it('tells what was spent of each in a month, refunds taken off', async () => {
      const own = await register(server.url)
      await own.ask('PATCH', '/v1/me', { monthStartDay: 25 })
      const food = await made<Category>('categories', { kind: 'EXPENSE', name: 'Food' }, own)
      const fun = await made<Category>('categories', { kind: 'EXPENSE', name: 'Fun' }, own)
      const spend = (amount: string, date: string, { id }: Category, more = {}) =>
        made('expenses', { amount, date, categoryId: id, ...more }, own)
      const general = await made<Budget>('budgets', { categoryId: food.id, amount: '200' }, own)
      const special = { categoryId: food.id, amount: '80', month: '2026-03' }
      const march = await made<Budget>('budgets', special, own)
      const rupiah = await made<Budget>('budgets', { categoryId: fun.id, amount: '9', currency: 'IDR' }, own)
      for (const body of [special, { categoryId: food.id, amount: '1' }]) {
        const { status, body: said } = await own.ask('POST', '/v1/budgets', body)
        expect([status, said.code]).to.deep.equal([409, 'budget-exists'])
      }
      await spend('50', '2026-02-24', food)
      await spend('60.005', '2026-02-25', food)
      await spend('10', '2026-03-24', food)
      await spend('-20', '2026-03-10', food)
      await spend('100', '2026-03-25', food)
      await spend('1', '2026-03-25', fun, { currency: 'EUR' })
      const figures = async (month: string) => {
        const { body } = await own.ask<Page<Budget>>('GET', `/v1/budgets?month=${month}`)
        return body.data.map(({ id, spent, remaining, ratio }) => [id, spent, remaining, ratio])
      }
      // Without a rate nobody knows what a euro is of nine rupiah.
      const unknown = [rupiah.id, null, null, null]
      const untouched = [rupiah.id, '0.00', '9.00', '0']
      expect(await figures('2026-01')).to.deep.equal([untouched, [general.id, '50.00', '150.00', '0.25']])
      expect(await figures('2026-02')).to.deep.equal([untouched, [general.id, '50.00', '150.00', '0.250025']])
      expect(await figures('2026-03')).to.deep.equal([unknown, [march.id, '100.00', '-20.00', '1.25']])
      const one = await own.ask<Budget>('GET', `/v1/budgets/${general.id}?month=2026-03`)
      expect(one.body).to.include({ month: null, amount: '200.00', spent: '100.00' })
      const match = { 'If-Match': one.headers.get('etag') ?? '' }
      const path = `/v1/budgets/${march.id}`
      expect((await own.ask('PATCH', path, { amount: '400' }, match)).status).to.equal(412)
      expect((await own.ask<Budget>('PATCH', path, { amount: '400' })).body).to.include({ ratio: '0.25' })
      expect((await own.ask('PATCH', path, { month: null })).status).to.equal(409)
      expect((await own.ask('DELETE', path)).status).to.equal(204)
      expect((await figures('2026-03'))[1]).to.deep.equal([general.id, '100.00', '100.00', '0.5'])
    })

    it('refuses what nobody can spend', async () => {
      const { id: income } = await categoryOf('INCOME')
      const { id: categoryId } = await categoryOf('EXPENSE')
      const mistakes: readonly [object, string][] = [
        [{ categoryId: income, amount: '1' }, '/categoryId'],
        [{ categoryId: MISSING, amount: '1' }, '/categoryId'],
        [{ categoryId, amount: '0' }, '/amount'],
        [{ categoryId, amount: '1', month: '2026-13' }, '/month'],
      ]
      for (const [body, pointer] of mistakes)
        expect(pointers(await person.ask('POST', '/v1/budgets', body))).to.deep.equal([422, pointer])
      expect(pointers(await person.ask('GET', '/v1/budgets?month=2026-1'))).to.deep.equal([422, '/month'])
    })
  })

  describe('of what comes again', () => {
    const salary = { kind: 'INCOME', amount: '3000', frequency: 'MONTHLY', startsOn: '2199-01-31' }

    it('is kept with its next date, paused, changed and removed', async () => {
      const rule = await made<RecurringRule>('recurring', { ...salary, name: 'Salary', dueOn: 'LAST_DAY' })
      expect(rule).to.deep.include({
        amount: '3000.00',
        currency: 'USD',
        every: 1,
        endsOn: null,
        nextDueOn: '2199-01-31',
        paused: false,
        tags: [],
      })
      const path = `/v1/recurring/${rule.id}`
      const paused = await person.ask<RecurringRule>('PATCH', path, { paused: true, startsOn: '2199-02-01' })
      expect(paused.body).to.include({ paused: true, nextDueOn: '2199-02-28', version: 2 })
      expect((await listed<RecurringRule>('recurring')).map(({ id }) => id)).to.deep.equal([rule.id])
      expect((await person.ask('DELETE', path, undefined, { 'If-Match': `"${rule.id}.1"` })).status).to.equal(
        412,
      )
      expect((await person.ask('DELETE', path)).status).to.equal(204)
      expect((await person.ask('GET', path)).status).to.equal(404)
    })

    it('is refused where it says what no calendar or account has', async () => {
      const { id: expense } = await categoryOf('EXPENSE')
      const mistakes: readonly [object, string][] = [
        [{ amount: '-1' }, '/amount'],
        [{ every: 0 }, '/every'],
        [{ every: 1.5 }, '/every'],
        [{ frequency: 'WEEKLY', dueOn: 'LAST_DAY' }, '/dueOn'],
        [{ endsOn: '2199-01-30' }, '/endsOn'],
        [{ frequency: 'DAILY', startsOn: '1999-01-01' }, '/startsOn'],
        [{ categoryId: expense }, '/categoryId'],
        [{ assetId: MISSING }, '/assetId'],
      ]
      for (const [part, pointer] of mistakes) {
        const answer = await person.ask('POST', '/v1/recurring', { ...salary, ...part })
        expect(pointers(answer), JSON.stringify(part)).to.deep.equal([422, pointer])
      }
      expect(await listed('recurring')).to.deep.equal([])
    })
  })
})
