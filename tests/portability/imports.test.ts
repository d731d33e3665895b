import { expect } from 'chai'
import type { Simulator } from '../../src/feeds/simulator/simulator.js'
import { dateIn } from '../../src/lib/calendar.js'
import { events } from '../../src/protocol/events.js'
import type { Category, Flow } from '../../src/protocol/flows.js'
import type { Import, NewImport } from '../../src/protocol/imports.js'
import type { Activity, Asset, Page } from '../../src/protocol/resources.js'
import { listen, type Person, register } from '../support/people.js'
import { openExchange, startTestServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

describe('imports', function () {
  this.timeout(60_000)
  let exchange: Simulator
  let server: TestServer
  let person: Person
  before(async () => {
    exchange = await openExchange({ 'BTC-USD': '64000', 'ETH-USD': '3000' })
    server = await startTestServer({ feedUrls: { coinbase: exchange.url } })
  })
  beforeEach(async () => {
    person = await register(server.url)
  })
  after(async () => {
    await server?.stop()
    await exchange?.close()
  })

  const preview = async (file: NewImport, who = person): Promise<Import> => {
    const answer = await who.ask<Import>('POST', '/v1/imports', file)
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201)
    return answer.body
  }
  const csv = (content: string, more: Partial<NewImport> = {}) => preview({ format: 'csv', content, ...more })
  const read = async (id: string, who = person) => (await who.ask<Import>('GET', `/v1/imports/${id}`)).body
  const write = async (id: string, who = person): Promise<Import> => {
    const answer = await who.ask<Import>('POST', `/v1/imports/${id}/confirm`)
    expect(answer.status, JSON.stringify(answer.body)).to.equal(202)
    await until('the end of the import', async () => (await read(id, who)).state !== 'running', 30_000)
    return read(id, who)
  }
  const list = async <T>(path: string, who = person) => {
    const answer = await who.ask<Page<T>>('GET', `${path}?limit=100`)
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200)
    return answer.body.data
  }
  const download = async (query: string, who = person) => {
    const response = await fetch(`${server.url}/v1/me/export${query}`, {
      headers: { Authorization: `Bearer ${who.token}` },
    })
    expect(response.status).to.equal(200)
    expect(response.headers.get('content-disposition')).to.match(/^attachment/)
    return response.text()
  }

  describe('of a CSV file', () => {
    it('are read first, and written when they are confirmed, once, told over the socket', async () => {
      const line = await listen(server.url, person.token)
      const content = [
        'Tanggal;Keterangan;Kategori;Jumlah (Rp)',
        '31/01/2024;"Gaji; Januari";Gaji;15.000.000',
        '05/02/2024;"Makan\nsiang";Makan;-45.500,50',
        '06/02/2024;Salah;Makan;banyak',
        '30/02/2024;Salah;Makan;-1.000',
        '01/01/2199;Nanti;Makan;-1.000',
        '',
      ].join('\r\n')
      const seen = await csv(`\uFEFF${content}`, { fileName: 'mutasi.csv', options: { currency: 'IDR' } })
      expect(seen).to.include({ state: 'previewed', total: 2, done: 0, fileName: 'mutasi.csv', error: null })
      expect(seen.csv).to.deep.include({
        ...{ kind: 'flows', delimiter: ';', dateFormat: 'DD/MM/YYYY', decimal: ',' },
        mapping: { date: 'Tanggal', note: 'Keterangan', category: 'Kategori', amount: 'Jumlah (Rp)' },
      })
      expect(seen.counts).to.deep.equal({ incomes: 1, expenses: 1, categories: 2 })
      expect(seen.problems.map(({ row, field }) => [row, field])).to.deep.equal([
        [5, 'amount'],
        [6, 'date'],
        [7, 'date'],
      ])
      expect(await list('/v1/expenses')).to.deep.equal([])
      expect(await list<Category>('/v1/categories')).to.have.lengthOf(22)

      const done = await write(seen.id)
      expect(done).to.include({ state: 'done', total: 2, done: 2, error: null })
      const [expense] = await list<Flow>('/v1/expenses')
      expect(expense).to.include({
        amount: '45500.50',
        currency: 'IDR',
        date: '2024-02-05',
        note: 'Makan\nsiang',
      })
      expect(await list<Flow>('/v1/incomes')).to.have.lengthOf(1)
      expect((await list<Category>('/v1/categories')).map(({ name }) => name)).to.include.members([
        'Makan',
        'Gaji',
      ])
      const told = line.heard.filter(({ event }) => event === events.importProgress)
      expect(told.at(-1)?.data).to.deep.equal({ id: seen.id, state: 'done', done: 2, total: 2 })
      line.close()

      const again = await person.ask('POST', `/v1/imports/${seen.id}/confirm`)
      expect([again.status, again.body.code]).to.deep.equal([409, 'import-not-previewed'])
      const twice = await csv(content, { options: { currency: 'IDR' } })
      expect([twice.total, twice.duplicates]).to.deep.equal([0, [2, 4]])
      expect(
        (await person.ask('POST', `/v1/imports/${twice.id}/confirm`, undefined, { 'If-Match': '"x.1"' }))
          .status,
      ).to.equal(412)
      expect(await write(twice.id)).to.include({ state: 'done', done: 0 })
      expect(await list<Flow>('/v1/incomes')).to.have.lengthOf(1)
      expect((await person.ask('DELETE', `/v1/imports/${seen.id}`)).status).to.equal(204)
      expect((await list<Import>('/v1/imports')).map(({ id }) => id)).to.deep.equal([twice.id])
    })

    it('write activities by the rules: newest first turned round, what was never held passed over', async () => {
      const content = [
        'Date,Side,Ticker,Qty,Price,Fee',
        '2024-03-03,sell,BTC/USD,5,70000,1',
        '2024-03-02,sell,BTC/USD,0.5,65000,1',
        '2024-03-01,buy,BTC/USD,"1","60,000.00",10',
        '2024-02-01,gift,BTC/USD,1,1,1',
      ].join('\n')
      const seen = await csv(content)
      expect(seen.csv?.kind).to.equal('activities')
      expect(seen.counts).to.deep.equal({ assets: 1, activities: 3 })
      expect(seen.problems).to.deep.equal([
        { row: 5, field: 'type', detail: '“gift” is no kind of activity that is known' },
      ])
      const done = await write(seen.id)
      expect(done).to.include({ state: 'done', total: 2, done: 2 })
      expect(done.problems.map(({ row, field }) => [row, field])).to.deep.equal([
        [5, 'type'],
        [2, 'quantity'],
      ])
      const [asset] = await list<Asset>('/v1/assets')
      expect(asset).to.include({ type: 'CRYPTO', symbol: 'BTC-USD', quantity: '0.5', cost: '30005.00' })

      const stopping = await csv(`${content}\n2024-03-09,buy,BTC/USD,1,1,1`, {
        options: { stopOnProblem: true },
      })
      expect([stopping.duplicates, stopping.total]).to.deep.equal([[3, 4], 2])
      expect(await write(stopping.id)).to.include({ state: 'failed', done: 0 })
      expect(await list<Activity>('/v1/activities')).to.have.lengthOf(2)
    })

    it('take the account that is told, and columns that are mapped', async () => {
      const account = await person.own({ type: 'CASH', name: 'Wallet', quantity: '100', date: '2024-01-01' })
      const content = 'wann,wieviel,was\n2024-02-01,-10.25,Tea\n2024-02-02,-4.75,Cake\n'
      const lost = await csv(content)
      expect([lost.total, lost.problems.map(({ field }) => field)]).to.deep.equal([0, ['date']])
      const mapping = { date: 'wann', amount: 'wieviel', note: 'was' }
      const seen = await csv(content, { kind: 'expenses', mapping, assetId: account.id })
      expect(await write(seen.id)).to.include({ state: 'done', done: 2 })
      expect((await person.ask<Asset>('GET', `/v1/assets/${account.id}`)).body.quantity).to.equal('85')
      for (const [wrong, pointer] of [
        [{ mapping: { date: 'nowhere' } }, '/mapping/date'],
        [{ mapping: { shoe: 'wann' } }, '/mapping/shoe'],
        [{ mapping, assetId: '0190a7c0-0000-7000-8000-000000000000' }, '/assetId'],
      ] as const) {
        const answer = await person.ask('POST', '/v1/imports', { format: 'csv', content, ...wrong })
        expect([answer.status, answer.body.errors?.[0]?.pointer]).to.deep.equal([422, pointer])
      }
    })

    it('say what is wrong with hostile files', async () => {
      for (const [content, detail] of [
        ['', 'the file is empty'],
        ['a'.repeat(300_000), 'has more than 100000 characters'],
        [`a${',b'.repeat(40_000)}\n1`, 'has more than 200 columns'],
        ['date,amount\n2024-01-01,"5\n2024', 'opens a quotation mark'],
        ['date,amount\n2024-01-01,=1+1', 'is no number'],
        ['date,amount\n2024-01-01,1,2,3', 'has 4 cells under 2 columns'],
        [`date,amount\n2024-01-01,1e30`, 'is no number'],
      ] as const) {
        const seen = await csv(content)
        expect(seen.total, content.slice(0, 50)).to.equal(0)
        expect(seen.problems.at(-1)?.detail, content.slice(0, 50)).to.include(detail)
      }
      const header = await csv('date,amount\n')
      expect([header.total, header.problems]).to.deep.equal([0, []])
      expect(await write(header.id)).to.include({ state: 'done', done: 0 })
      expect((await person.ask('POST', '/v1/imports', { format: 'csv', content: 'a\0b' })).status).to.equal(
        422,
      )
      const large = await csv(`date,amount,note\n${`2024-01-01,1,${'x'.repeat(700)}\n`.repeat(3_000)}`)
      expect(large.total).to.equal(3_000)
      const other = await person.ask('POST', '/v1/categories', {
        kind: 'INCOME',
        name: 'x'.repeat(1_100_000),
      })
      expect(other.status).to.equal(413)
    })
  })

  it('belong to their owner alone', async () => {
    const { id } = await csv('date,amount\n2024-01-01,5\n')
    const other = await register(server.url)
    for (const [method, path] of [
      ['GET', `/v1/imports/${id}`],
      ['POST', `/v1/imports/${id}/confirm`],
      ['DELETE', `/v1/imports/${id}`],
    ] as const)
      expect((await other.ask(method, path)).status).to.equal(404)
    expect(await list('/v1/imports', other)).to.deep.equal([])
    const same = await preview({ format: 'csv', content: 'date,amount\n2024-01-01,5\n' }, other)
    expect(same.duplicates).to.deep.equal([])
  })

  it('take a Ghostfolio export over', async () => {
    const act = (type: string, symbol: string, more: object = {}) => ({
      ...{ accountId: 'broker', comment: null, fee: 0, quantity: 1, unitPrice: 10, currency: 'USD' },
      ...{ dataSource: 'YAHOO', date: '2024-01-10T00:00:00.000Z', tags: [], symbol, type, ...more },
    })
    const content = JSON.stringify({
      meta: { date: '2024-06-01T08:00:00.000Z', version: '2.100.0' },
      accounts: [
        {
          ...{ id: 'broker', name: 'Broker', currency: 'USD', balance: 500.25, comment: null },
          balances: [{ date: '2024-01-01T00:00:00.000Z', value: 2000 }],
        },
      ],
      assetProfiles: [
        { symbol: 'house', dataSource: 'MANUAL', name: 'House', currency: 'USD', marketData: [] },
      ],
      platforms: [],
      activities: [
        act('BUY', 'BTCUSD', { quantity: 0.5, unitPrice: 42000, fee: 1.5, comment: 'first' }),
        act('SELL', 'BTCUSD', { quantity: 0.1, unitPrice: 50000, date: '2024-02-01T00:00:00.000Z' }),
        act('BUY', 'MSFT', { quantity: 2, unitPrice: 298.58 }),
        act('DIVIDEND', 'MSFT', { quantity: 2, unitPrice: 0.62 }),
        act('FEE', 'opening-fee', { dataSource: 'MANUAL', quantity: 0, unitPrice: 0, fee: 49 }),
        act('BUY', 'house', { dataSource: 'MANUAL', accountId: null, unitPrice: 500000 }),
        act('LIABILITY', 'loan', { dataSource: 'MANUAL', unitPrice: 7000 }),
        act('SELL', 'TSLA', { unitPrice: 200 }),
        act('BUY', 'unheard-of-coin', { dataSource: 'COINGECKO' }),
        act('BUY', 'MSFT', { date: '2199-01-01T00:00:00.000Z' }),
      ],
    })
    const seen = await preview({ format: 'ghostfolio', content })
    expect(seen.counts).to.deep.equal({ assets: 6, activities: 10, prices: 1 })
    expect(seen.problems.map(({ row, field }) => [row, field])).to.deep.equal([
      [9, 'symbol'],
      [10, 'date'],
    ])
    expect(await write(seen.id)).to.deep.include({ state: 'done', problems: seen.problems })
    const assets = await list<Asset>('/v1/assets')
    const facts = assets.map(({ type, symbol, name, quantity, pricing }) => [
      type,
      symbol,
      name,
      quantity,
      pricing,
    ])
    expect(facts.reverse()).to.deep.equal([
      ['CRYPTO', 'BTC-USD', 'BTCUSD · Broker', '0.4', 'MARKET'],
      ['STOCK', 'MSFT', 'MSFT · Broker', '2', 'MARKET'],
      ['CASH', null, 'Broker', '500.25', 'MANUAL'],
      ['REAL', null, 'House', '1', 'MANUAL'],
      ['LIABILITY', null, 'loan · Broker', '7000', 'MANUAL'],
      ['STOCK', 'TSLA', 'TSLA · Broker', '-1', 'MARKET'],
    ])
    expect((await preview({ format: 'ghostfolio', content })).total).to.equal(0)
    const strange = await preview({ format: 'ghostfolio', content: '[1]' })
    expect(strange.problems[0]?.detail).to.include('no export of Ghostfolio')
  })

  describe('of what was exported', () => {
    /** Somebody with something of everything. */
    const makeRich = async (): Promise<Person> => {
      const ani = await register(server.url, { baseCurrency: 'USD', timeZone: 'Asia/Jakarta', name: 'Ani' })
      await ani.ask('PATCH', '/v1/me', { monthStartDay: 5 })
      const told = { webhook: false, quietHours: { from: '22:30', to: '06:00' } }
      expect((await ani.ask('PATCH', '/v1/notifications/settings', told)).status).to.equal(200)
      const make = async <T extends { id: string }>(path: string, body: object): Promise<T> => {
        const answer = await ani.ask<T>('POST', path, body)
        expect(answer.status, JSON.stringify(answer.body)).to.equal(201)
        return answer.body
      }
      const date = '2024-01-02'
      const bank = await ani.own({ type: 'CASH', name: '=Bank', quantity: '10000', date })
      const euros = await ani.own({ type: 'CASH', name: 'Euros', currency: 'EUR', quantity: '50', date })
      await ani.own({ type: 'LIABILITY', name: 'Loan', quantity: '700', date })
      const house = await ani.own({ type: 'REAL', name: 'House', unitCost: '1000', unitPrice: '1500', date })
      await make(`/v1/assets/${house.id}/prices`, { date: '2024-02-01', unitPrice: '1200' })
      const coin = await ani.own({
        type: 'CRYPTO',
        symbol: 'BTC-USD',
        quantity: '1',
        unitCost: '20000',
        date,
      })
      const vault = await ani.own({ type: 'CRYPTO', symbol: 'BTC-USD', name: 'Vault', shortAllowed: true })
      const act = (id: string, body: object) =>
        make(`/v1/assets/${id}/activities`, { date: '2024-01-05', ...body })
      await act(coin.id, {
        type: 'BUY',
        quantity: '0.1',
        unitPrice: '30000',
        fee: '2.5',
        accountId: bank.id,
        note: '-2+3',
      })
      await act(coin.id, { type: 'TRANSFER_OUT', quantity: '0.4', toAssetId: vault.id, toQuantity: '0.399' })
      await act(coin.id, { type: 'SPLIT', ratio: '3:2' })
      await act(coin.id, { type: 'DIVIDEND', amount: '9', currency: 'EUR', rate: '1.1', accountId: bank.id })
      await act(vault.id, { type: 'SELL', quantity: '0.2', unitPrice: '40000', tax: '7' })
      await act(bank.id, { type: 'TRANSFER_OUT', amount: '110', toAssetId: euros.id, rate: '0.9' })
      await act(bank.id, { type: 'ADJUSTMENT', amount: '7000' })
      const food = await make<Category>('/v1/categories', { kind: 'EXPENSE', name: 'Food' })
      await make('/v1/expenses', {
        amount: '12.5',
        date,
        categoryId: food.id,
        assetId: bank.id,
        note: '@tea',
        tags: ['a', 'b'],
      })
      await make('/v1/expenses', { amount: '-2', date, categoryId: food.id, note: 'refund' })
      await make('/v1/incomes', { amount: '3000', date: '2024-01-20', assetId: bank.id })
      const budget = await make('/v1/budgets', { categoryId: food.id, amount: '100' })
      await make('/v1/budgets', { categoryId: food.id, amount: '90', month: '2024-01' })
      await make('/v1/recurring', {
        kind: 'EXPENSE',
        amount: '5',
        frequency: 'MONTHLY',
        startsOn: '2100-01-31',
        assetId: bank.id,
      })
      const goal = await make('/v1/goals', {
        name: 'Trip',
        target: '100',
        basis: 'CONTRIBUTIONS',
        deadline: '2100-01-01',
      })
      await make(`/v1/goals/${goal.id}/contributions`, { amount: '60', date: '2024-01-09' })
      const home = await make('/v1/goals', {
        name: 'Home',
        target: '90000',
        basis: 'ASSETS',
        assetIds: [house.id, coin.id],
      })
      const expiresAt = '2100-01-01T00:00:00.000Z'
      const price = { kind: 'PRICE', symbol: 'BTC-USD', note: '=Now' }
      await make('/v1/alerts', {
        ...price,
        condition: 'below',
        threshold: '60000',
        repeat: 'rearm',
        expiresAt,
      })
      await make('/v1/alerts', {
        ...price,
        per: 'ETH-USD',
        condition: 'moves',
        percent: '5',
        windowMinutes: 60,
      })
      const total = await make('/v1/alerts', { kind: 'PORTFOLIO', condition: 'above', threshold: '1000.5' })
      await ani.ask('PATCH', `/v1/alerts/${total.id}`, { state: 'paused', channels: ['email'] })
      const share = { kind: 'PORTFOLIO', condition: 'share', percent: '40', assetId: house.id }
      await make('/v1/alerts', { ...share, minIntervalSeconds: 60, hysteresis: '2.5' })
      await make('/v1/alerts', { kind: 'GOAL', goalId: home.id, events: ['reached'] })
      await make('/v1/expenses', {
        amount: '70',
        date: dateIn('Asia/Jakarta', Date.now()),
        categoryId: food.id,
      })
      await make('/v1/alerts', { kind: 'BUDGET', budgetId: budget.id, percents: [60, 90] })
      await until('prices', async () =>
        (await ani.portfolio()).coverage.unpriced.every(({ reason }) => reason === 'no-rate'),
      )
      return ani
    }

    let made: Promise<Person> | null = null
    const rich = (): Promise<Person> => {
      made ??= makeRich()
      return made
    }

    const FIGURES = [
      '/v1/portfolio',
      '/v1/portfolio/performance',
      '/v1/portfolio/history?interval=1d&from=2024-01-01&to=2024-02-01',
      '/v1/portfolio/allocation?by=asset',
      '/v1/insights/cashflow?from=2024-01-01&to=2024-03-01',
      '/v1/insights/health',
      ...['assets', 'activities', 'incomes', 'expenses', 'goals', 'budgets', 'recurring', 'categories'].map(
        (name) => `/v1/${name}?limit=100`,
      ),
      '/v1/alerts?limit=100',
      '/v1/notifications/settings',
    ]
    const figures = async (who: Person) => {
      const seen: Record<string, unknown> = {}
      for (const path of FIGURES) {
        const { status, body } = await who.ask<unknown>('GET', path)
        expect(status, path).to.equal(200)
        seen[path] = withoutIds(body)
      }
      return seen
    }

    it('give a new account the same figures', async () => {
      const ani = await rich()
      const content = await download('', ani)
      const budi = await register(server.url)
      const seen = await preview({ format: 'harta', content, fileName: 'harta.json' }, budi)
      expect(seen.problems).to.deep.equal([])
      expect(seen.counts).to.include({ activities: 18, goals: 2, contributions: 1, categories: 1, assets: 6 })
      expect(seen.counts).to.include({ alerts: 6, budgets: 2 })
      expect(JSON.parse(content).alerts.at(-1).told[0], 'passed already').to.match(/^\d{4}-\d\d:60$/)
      const done = await write(seen.id, budi)
      expect(done).to.deep.include({ state: 'done', problems: [], done: seen.total })
      const [hers, his] = [await figures(ani), await figures(budi)]
      for (const path of FIGURES) expect(his[path], path).to.deep.equal(hers[path])
      expect(comparable(JSON.parse(await download('', budi)))).to.deep.equal(comparable(JSON.parse(content)))

      const refused = await budi.ask('POST', '/v1/imports', { format: 'harta', content })
      expect([refused.status, refused.body.code]).to.deep.equal([409, 'account-not-empty'])
    })

    it('are refused row by row where something in them cannot be', async () => {
      const file = JSON.parse(await download('', await rich()))
      file.activities[0].assetId = 'elsewhere'
      file.activities[2].rate = '5'
      file.activities.at(-1).cause = { kind: 'activity', id: file.activities.at(-1).id }
      file.goals[0].target = '-1'
      file.assets[0].type = 'BOND'
      file.alerts[0].threshold = '0'
      file.alerts[1].symbol = 'NOWHERE.XX'
      file.alerts[2].currency = null
      // As in files of before there were alerts, or ways of being told.
      for (const one of [...file.goals, ...file.budgets]) delete one.id
      delete file.notificationSettings
      const seen = await preview({ format: 'harta', content: JSON.stringify(file) })
      expect(seen.problems.map(({ field }) => field)).to.include.members([
        ...['assets.type', 'activities.assetId', 'activities.cause', 'goals.target', 'alerts.threshold'],
        ...['alerts.symbol', 'alerts.currency', 'alerts.goalId', 'alerts.budgetId'],
      ])
      expect(seen.problems.map(({ field }) => field)).not.to.include('notificationSettings')
      const night = { email: false, push: true, webhook: true, quietHours: { from: '22:00', to: '22:00' } }
      const never = await preview({
        format: 'harta',
        content: JSON.stringify({ ...file, notificationSettings: night }),
      })
      expect(never.problems[0]?.field).to.equal('notificationSettings.quietHours')
      expect(seen.counts).to.include({ goals: 1, budgets: 2, alerts: 1 })
      expect(await write(seen.id)).to.include({ state: 'done' })
      expect((await person.ask('GET', '/v1/portfolio/performance')).status).to.equal(200)
    })

    it('go out as CSV without formulas, and come in again', async () => {
      const ani = await rich()
      const budi = await register(server.url)
      const files = await Promise.all(
        (['activities', 'incomes', 'expenses'] as const).map((kind) =>
          download(`?format=csv&kind=${kind}`, ani),
        ),
      )
      const [activities = '', , expenses = ''] = files
      expect(activities).to.include("'=Bank").and.to.include("'-2+3")
      expect(expenses).to.include("'@tea").and.to.include(',-2,USD')
      for (const content of files) {
        const seen = await preview({ format: 'csv', content }, budi)
        expect(seen.problems, content).to.deep.equal([])
        expect(await write(seen.id, budi)).to.deep.include({ state: 'done', problems: [] })
      }
      const held = async (who: Person) =>
        (await list<Asset>('/v1/assets', who))
          .map(({ name, quantity, cost, type }) => [name, quantity, cost, type])
          .sort()
      expect(await held(budi)).to.deep.equal(await held(ani))
      expect(await download('?format=csv&kind=expenses', budi)).to.equal(expenses)
      expect(await download('?format=csv&kind=activities', budi)).to.equal(activities)
    })
  })
})

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/
const MOVING = [
  'at',
  'epoch',
  'seq',
  'createdAt',
  'updatedAt',
  'version',
  'nextCursor',
  'exportedAt',
  'id',
  'state',
]

/** Without what is new in another account, or with each answer. */
function withoutIds(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) => {
    if (MOVING.includes(key) || (typeof inner === 'string' && UUID.test(inner))) return null
    return inner
  })
}

/** A complete export with its ids counted, and in no order of ids. */
function comparable(file: Record<string, unknown>): unknown {
  const { profile, ...rest } = withoutIds(file) as Record<string, unknown>
  const sorted = Object.entries(rest).map(([name, items]) => [
    name,
    Array.isArray(items) && name !== 'activities' ? items.map((item) => JSON.stringify(item)).sort() : items,
  ])
  return [profile, sorted]
}
