import { expect } from 'chai'
import type { Simulator } from '../../src/feeds/simulator/simulator.js'
import type { Activity, Asset, Page } from '../../src/protocol/resources.js'
import { type Person, register } from '../support/people.js'
import { openExchange, startTestServer, type TestServer } from '../support/server.js'

const MISSING = '0190a7c0-0000-7000-8000-000000000000'

describe('assets over HTTP', function () {
  this.timeout(60_000)
  let exchange: Simulator
  let server: TestServer
  let person: Person
  before(async () => {
    exchange = await openExchange({ 'BTC-USD': '64000', 'ETH-USD': '3300' })
    server = await startTestServer({ feedUrls: { coinbase: exchange.url } })
  })
  beforeEach(async () => {
    person = await register(server.url)
  })
  after(async () => {
    await server?.stop()
    await exchange?.close()
  })

  const act = (assetId: string, activity: unknown, headers: Record<string, string> = {}) =>
    person.ask<Activity & { version: number }>('POST', `/v1/assets/${assetId}/activities`, activity, headers)
  const read = async (id: string) => (await person.ask<Asset>('GET', `/v1/assets/${id}`)).body
  const activities = async (id: string) =>
    (await person.ask<Page<Activity>>('GET', `/v1/assets/${id}/activities`)).body.data

  describe('of every type', () => {
    it('are made with their opening as the first activity, read, changed and removed', async () => {
      const made: readonly [Record<string, string>, Partial<Asset>, Partial<Activity>][] = [
        [
          { type: 'CASH', name: 'Wallet', currency: 'IDR', quantity: '1500000' },
          { symbol: null, currency: 'IDR', quantity: '1500000', pricing: 'MANUAL', cost: '1500000.00' },
          { type: 'DEPOSIT', amount: '1500000', quantity: null, currency: 'IDR' },
        ],
        [
          { type: 'STOCK', symbol: 'BBCA.JK', quantity: '600', unitCost: '7925' },
          { name: 'BBCA.JK', currency: 'IDR', pricing: 'MARKET', cost: '4755000.00', averagePrice: '7925' },
          { type: 'BUY', quantity: '600', unitPrice: '7925', amount: '4755000' },
        ],
        [
          { type: 'CRYPTO', symbol: 'BTC-USD', quantity: '0.5', unitCost: '30000', date: '2024-02-29' },
          { name: 'BTC', currency: 'USD', pricing: 'MARKET', cost: '15000.00', averagePrice: '30000' },
          { type: 'BUY', quantity: '0.5', unitPrice: '30000', amount: '15000', date: '2024-02-29' },
        ],
        [
          { type: 'REAL', name: 'Flat', currency: 'EUR', unitCost: '200000', unitPrice: '250000' },
          { symbol: null, currency: 'EUR', quantity: '1', pricing: 'MANUAL', cost: '200000.00' },
          { type: 'BUY', quantity: '1', unitPrice: '200000' },
        ],
        [
          { type: 'LIABILITY', name: 'Loan', quantity: '5000' },
          { symbol: null, currency: 'USD', quantity: '5000', pricing: 'MANUAL', cost: '5000.00' },
          { type: 'WITHDRAWAL', amount: '5000' },
        ],
      ]
      for (const [input, expected, opening] of made) {
        const answer = await person.ask<Asset>('POST', '/v1/assets', input)
        expect(answer.status, JSON.stringify(answer.body)).to.equal(201)
        const { id } = answer.body
        expect(answer.headers.get('location')).to.equal(`/v1/assets/${id}`)
        expect(answer.headers.get('etag')).to.match(/^"[^"]+"$/)
        expect(answer.body).to.include(expected)
        expect(await read(id)).to.deep.equal(answer.body)
        const list = await activities(id)
        expect(list).to.have.lengthOf(1)
        expect(list[0]).to.include(opening)
        const renamed = await person.ask<Asset>('PATCH', `/v1/assets/${id}`, { name: 'Renamed' })
        expect(renamed.body).to.include({ ...expected, name: 'Renamed' })
        expect(renamed.body.version).to.be.above(answer.body.version)
        expect((await person.ask('DELETE', `/v1/assets/${id}`)).status).to.equal(204)
        expect((await person.ask('GET', `/v1/assets/${id}`)).status).to.equal(404)
        expect((await person.ask('GET', `/v1/assets/${id}/activities`)).status).to.equal(404)
      }
      expect((await person.ask<Page<Asset>>('GET', '/v1/assets')).body.data).to.deep.equal([])
    })

    it('open at the market price when no cost is told, also where nobody asked for it before', async () => {
      const asset = await person.own({ type: 'CRYPTO', symbol: 'BTC-USD', quantity: '2' })
      expect(asset).to.include({ cost: '128000.00', averagePrice: '64000' })
    })

    it('open at nothing when no market tells a price', async () => {
      const asset = await person.own({ type: 'STOCK', symbol: 'BBCA.JK', quantity: '2' })
      expect(asset).to.include({ cost: '0.00', averagePrice: '0' })
    })

    it('are refused with a pointer to each mistake', async () => {
      const crypto = { type: 'CRYPTO', symbol: 'BTC-USD' }
      const mistakes: readonly [Record<string, unknown>, string][] = [
        [{ ...crypto, quantity: 1 }, '/quantity'],
        [{ ...crypto, quantity: '1e3' }, '/quantity'],
        [{ ...crypto, quantity: '-1' }, '/quantity'],
        [{ ...crypto, quantity: '0x10' }, '/quantity'],
        [{ ...crypto, quantity: '１' }, '/quantity'],
        [{ ...crypto, quantity: `1${'0'.repeat(20)}` }, '/quantity'],
        [{ ...crypto, quantity: `0.${'0'.repeat(18)}1` }, '/quantity'],
        [{ ...crypto, unitCost: '-1' }, '/unitCost'],
        [{ ...crypto, unitPrice: '0' }, '/unitPrice'],
        [{ ...crypto, currency: 'EUR' }, '/currency'],
        [{ ...crypto, symbol: 'BTC' }, '/symbol'],
        [{ ...crypto, symbol: 'btc-usd' }, '/symbol'],
        [{ ...crypto, symbol: 'BTC-XXX' }, '/symbol'],
        [{ type: 'CRYPTO' }, '/symbol'],
        [{ type: 'CASH', symbol: 'BTC-USD' }, '/symbol'],
        [{ type: 'CASH', pricing: 'MARKET' }, '/pricing'],
        [{ type: 'CASH', currency: 'XXX' }, '/currency'],
        [{ type: 'BOND' }, '/type'],
        [{}, '/type'],
        [{ ...crypto, date: '2999-01-01' }, '/date'],
        [{ ...crypto, date: '2023-02-29' }, '/date'],
        [{ ...crypto, name: '' }, '/name'],
        [{ ...crypto, name: 'a\u0000b' }, '/name'],
        [{ ...crypto, userId: MISSING }, '/userId'],
        [{ ...crypto, version: 7 }, '/version'],
      ]
      for (const [input, pointer] of mistakes) {
        const { status, headers, body } = await person.ask('POST', '/v1/assets', input)
        expect(status, JSON.stringify(input)).to.equal(422)
        expect(headers.get('content-type')).to.equal('application/problem+json')
        expect(
          body.errors?.map((error) => error.pointer),
          JSON.stringify(input),
        ).to.include(pointer)
      }
      expect((await person.ask<Page<Asset>>('GET', '/v1/assets')).body.data).to.deep.equal([])
    })
  })

  describe('with activities', () => {
    it('count first in, first out, fees of purchases included', async () => {
      const { id } = await person.own({ type: 'CRYPTO', symbol: 'ETH-USD' })
      const steps: readonly [Record<string, string>, Partial<Asset>][] = [
        [
          { type: 'BUY', quantity: '10', unitPrice: '100', fee: '10' },
          { quantity: '10', cost: '1010.00', averagePrice: '101' },
        ],
        [
          { type: 'BUY', quantity: '10', unitPrice: '200', fee: '20' },
          { quantity: '20', cost: '3030.00', averagePrice: '151.5' },
        ],
        [
          { type: 'SELL', quantity: '5', unitPrice: '300', fee: '1' },
          { quantity: '15', cost: '2525.00', averagePrice: '168.333333333333333333' },
        ],
        [
          { type: 'DIVIDEND', amount: '3' },
          { quantity: '15', cost: '2525.00' },
        ],
        [
          { type: 'ADJUSTMENT', quantity: '16' },
          { quantity: '16', cost: '2525.00' },
        ],
        [
          { type: 'SELL', quantity: '16', unitPrice: '1' },
          { quantity: '0', cost: '0.00', averagePrice: null },
        ],
      ]
      for (const [activity, expected] of steps) {
        const answer = await act(id, { date: '2024-05-01', ...activity })
        expect(answer.status, JSON.stringify(answer.body)).to.equal(201)
        expect(await read(id)).to.include(expected)
      }
    })

    it('refuse to give away more than was held on that day, also afterwards', async () => {
      const { id } = await person.own({ type: 'CRYPTO', symbol: 'ETH-USD' })
      const bought = await act(id, { type: 'BUY', date: '2024-05-10', quantity: '2', unitPrice: '100' })
      const before = await read(id)
      const refused = [
        await act(id, { type: 'SELL', date: '2024-05-11', quantity: '2.000000000000000001', unitPrice: '1' }),
        await act(id, { type: 'SELL', date: '2024-05-09', quantity: '1', unitPrice: '1' }),
        await act(id, { type: 'TRANSFER_OUT', date: '2024-05-11', quantity: '3' }),
      ]
      for (const { status, body } of refused)
        expect([status, (body as never as { code: string }).code]).to.deep.equal([422, 'oversold'])
      expect(await read(id)).to.deep.equal(before)
      expect(
        (await act(id, { type: 'SELL', date: '2024-05-11', quantity: '2', unitPrice: '1' })).status,
      ).to.equal(201)
      const path = `/v1/assets/${id}/activities/${bought.body.id}`
      for (const [method, body] of [
        ['DELETE', undefined],
        ['PATCH', { quantity: '1' }],
        ['PATCH', { date: '2024-05-12' }],
      ] as const) {
        const answer = await person.ask(method, path, body)
        expect([answer.status, answer.body.code], method).to.deep.equal([422, 'oversold'])
      }
      expect(await activities(id)).to.have.lengthOf(2)
    })

    it('refuse what does not fit the asset, the calendar or the numbers', async () => {
      const coin = await person.own({ type: 'CRYPTO', symbol: 'BTC-USD', quantity: '1', unitCost: '1' })
      const cash = await person.own({ type: 'CASH', quantity: '10' })
      const date = '2024-05-01'
      const mistakes: readonly [string, Record<string, unknown>, string][] = [
        [coin.id, { type: 'BUY', date, quantity: '1' }, '/unitPrice'],
        [coin.id, { type: 'BUY', date, unitPrice: '1' }, '/quantity'],
        [coin.id, { type: 'BUY', date, quantity: '0', unitPrice: '1' }, '/quantity'],
        [coin.id, { type: 'BUY', date, quantity: '1', unitPrice: '1', amount: '2' }, '/amount'],
        [coin.id, { type: 'BUY', date, quantity: 1, unitPrice: '1' }, '/quantity'],
        [coin.id, { type: 'BUY', date, quantity: '1', unitPrice: 'NaN' }, '/unitPrice'],
        [coin.id, { type: 'BUY', date: '2999-01-01', quantity: '1', unitPrice: '1' }, '/date'],
        [coin.id, { type: 'BUY', date: '2024-02-30', quantity: '1', unitPrice: '1' }, '/date'],
        [coin.id, { type: 'BUY', date, quantity: '1', unitPrice: '1', fee: '-1' }, '/fee'],
        [coin.id, { type: 'DEPOSIT', date, amount: '1' }, '/type'],
        [coin.id, { type: 'DIVIDEND', date }, '/amount'],
        [coin.id, { type: 'GIFT', date }, '/type'],
        [coin.id, { date, quantity: '1' }, '/type'],
        [cash.id, { type: 'BUY', date, quantity: '1', unitPrice: '1' }, '/type'],
        [cash.id, { type: 'DEPOSIT', date }, '/amount'],
        [cash.id, { type: 'DEPOSIT', date, amount: '1', quantity: '1' }, '/quantity'],
      ]
      for (const [id, activity, pointer] of mistakes) {
        const { status, body } = await person.ask('POST', `/v1/assets/${id}/activities`, activity)
        expect(status, JSON.stringify(activity)).to.equal(422)
        expect(
          body.errors?.map((error) => error.pointer),
          JSON.stringify(activity),
        ).to.include(pointer)
      }
      expect(await activities(coin.id)).to.have.lengthOf(1)
    })

    it('take a date of today in the zone of the user, and no later one', async () => {
      const east = await register(server.url, { timeZone: 'Pacific/Kiritimati' })
      const west = await register(server.url, { timeZone: 'Pacific/Pago_Pago' })
      const now = Date.now()
      const dateAt = (hours: number) => new Date(now + hours * 3_600_000).toISOString().slice(0, 10)
      for (const [somebody, hours] of [
        [east, 14],
        [west, -11],
      ] as const) {
        const { id } = await somebody.own({ type: 'CASH' })
        const deposit = (date: string) =>
          somebody.ask('POST', `/v1/assets/${id}/activities`, { type: 'DEPOSIT', date, amount: '1' })
        expect((await deposit(dateAt(hours))).status).to.equal(201)
        expect((await deposit(dateAt(hours + 24))).status).to.equal(422)
      }
    })

    it('of accounts change a balance, of debts what is owed', async () => {
      const cash = await person.own({ type: 'CASH', quantity: '100' })
      const debt = await person.own({ type: 'LIABILITY', quantity: '1000' })
      const date = new Date().toISOString().slice(0, 10)
      const quantity = async (id: string, type: string, amount: string) => {
        expect((await act(id, { type, date, amount })).status, type).to.equal(201)
        return (await read(id)).quantity
      }
      expect(await quantity(cash.id, 'DEPOSIT', '50')).to.equal('150')
      expect(await quantity(cash.id, 'WITHDRAWAL', '170.5')).to.equal('-20.5')
      expect(await quantity(cash.id, 'INTEREST', '0.5')).to.equal('-20')
      expect(await quantity(debt.id, 'DEPOSIT', '200')).to.equal('800')
      expect(await quantity(debt.id, 'INTEREST', '8')).to.equal('808')
      expect(await quantity(debt.id, 'FEE', '2')).to.equal('810')
      expect(await quantity(debt.id, 'ADJUSTMENT', '700')).to.equal('700')
    })

    it('keep the smallest and the largest numbers exactly', async () => {
      const small = await person.own({
        type: 'CRYPTO',
        symbol: 'ETH-USD',
        quantity: '1000000000000000',
        unitCost: '0.0000000123',
      })
      expect(small).to.include({
        quantity: '1000000000000000',
        cost: '12300000.00',
        averagePrice: '0.0000000123',
      })
      const exact = '90167212325906.127894561247896232'
      const cash = await person.own({ type: 'CASH', currency: 'IDR', quantity: exact })
      expect(cash.quantity).to.equal(exact)
      expect((await activities(cash.id))[0]?.amount).to.equal(exact)
      const most = `${'9'.repeat(20)}.${'9'.repeat(18)}`
      expect((await person.own({ type: 'CASH', quantity: most })).quantity).to.equal(most)
      const tooMuch = await person.ask('POST', '/v1/assets', {
        type: 'CRYPTO',
        symbol: 'ETH-USD',
        quantity: '10000000000',
        unitCost: '10000000000',
      })
      expect([tooMuch.status, tooMuch.body.code]).to.deep.equal([422, 'amount-too-large'])
    })

    it('that come at the same time all count', async () => {
      const { id } = await person.own({ type: 'CRYPTO', symbol: 'ETH-USD' })
      const buys = Array.from({ length: 12 }, (_, index) =>
        act(id, { type: 'BUY', date: '2024-05-01', quantity: '1', unitPrice: String(index + 1) }),
      )
      for (const { status } of await Promise.all(buys)) expect(status).to.equal(201)
      expect(await read(id)).to.include({ quantity: '12', cost: '78.00' })
    })
  })

  describe('under concurrency and repetition', () => {
    it('refuse a change of a state that the client has not seen', async () => {
      const made = await person.ask<Asset>('POST', '/v1/assets', { type: 'CASH', quantity: '1' })
      const path = `/v1/assets/${made.body.id}`
      const seen = { 'If-Match': made.headers.get('etag') ?? '' }
      const changed = await person.ask<Asset>('PATCH', path, { name: 'First' }, seen)
      expect(changed.status).to.equal(200)
      for (const [method, body] of [
        ['PATCH', { name: 'Second' }],
        ['DELETE', undefined],
      ] as const) {
        const late = await person.ask(method, path, body, seen)
        expect([late.status, late.body.code]).to.deep.equal([412, 'precondition-failed'])
      }
      expect((await read(made.body.id)).name).to.equal('First')
      const [activity] = await activities(made.body.id)
      const item = `${path}/activities/${activity?.id}`
      const stale = await person.ask('PATCH', item, { amount: '5' }, { 'If-Match': '"no-such"' })
      expect(stale.status).to.equal(412)
      expect((await person.ask('DELETE', item, undefined, { 'If-Match': 'W/"x"' })).status).to.equal(412)
      const fresh = { 'If-Match': changed.headers.get('etag') ?? '' }
      expect((await person.ask('DELETE', path, undefined, fresh)).status).to.equal(204)
    })

    it('do a POST once for one Idempotency-Key, and answer alike', async () => {
      const key = { 'Idempotency-Key': 'open-my-wallet' }
      const input = { type: 'CASH', quantity: '7' }
      const first = await person.ask<Asset>('POST', '/v1/assets', input, key)
      const second = await person.ask<Asset>('POST', '/v1/assets', input, key)
      expect([first.status, second.status]).to.deep.equal([201, 201])
      expect(second.body).to.deep.equal(first.body)
      expect(second.headers.get('idempotency-replayed')).to.equal('true')
      expect(second.headers.get('etag')).to.equal(first.headers.get('etag'))
      const other = await person.ask('POST', '/v1/assets', { type: 'CASH', quantity: '8' }, key)
      expect([other.status, other.body.code]).to.deep.equal([422, 'idempotency-key-reused'])
      const deposit = { type: 'DEPOSIT', date: '2024-01-01', amount: '1' }
      const retries = Array.from({ length: 5 }, () =>
        act(first.body.id, deposit, { 'Idempotency-Key': 'once' }),
      )
      for (const { status } of await Promise.all(retries)) expect(status).to.be.oneOf([201, 409])
      expect((await read(first.body.id)).quantity).to.equal('8')
      expect((await person.ask<Page<Asset>>('GET', '/v1/assets')).body.data).to.have.lengthOf(1)
    })

    it('are listed to the end without holes or repeats, also while others come and go', async () => {
      const made: string[] = []
      for (let turn = 0; turn < 12; turn += 1) made.push((await person.own({ type: 'CASH' })).id)
      const seen: string[] = []
      let cursor: string | null = null
      do {
        const query: string = cursor === null ? '' : `&cursor=${cursor}`
        const page: Page<Asset> = (await person.ask<Page<Asset>>('GET', `/v1/assets?limit=5${query}`)).body
        seen.push(...page.data.map(({ id }) => id))
        cursor = page.nextCursor
        await person.own({ type: 'CASH', name: 'Came later' })
        const gone = seen[0]
        if (seen.length === 5) await person.ask('DELETE', `/v1/assets/${gone}`)
      } while (cursor !== null)
      expect(seen).to.deep.equal([...made].reverse())
      for (const query of ['limit=0', 'limit=101', 'limit=x', 'cursor=x', 'page=2']) {
        expect((await person.ask('GET', `/v1/assets?${query}`)).status, query).to.equal(422)
      }
    })
  })
})
