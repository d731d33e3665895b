import { expect } from 'chai'
import type { Activity, Asset, Page, Valuation } from '../../src/protocol/resources.js'
import { type Person, register, send } from '../support/people.js'
import { startTestServer, type TestServer } from '../support/server.js'

const MISSING = '0190a7c0-0000-7000-8000-000000000000'

describe('the assets', function () {
  this.timeout(60_000)
  let server: TestServer
  let person: Person
  before(async () => {
    server = await startTestServer()
    person = await register(server.url)
  })
  after(() => server?.stop())

  it('of somebody else answer exactly like those that do not exist, to every method of every route', async () => {
    const other = await register(server.url)
    const asset = await other.own({ type: 'CRYPTO', symbol: 'BTC-USD', quantity: '1', unitCost: '5' })
    const theirs = (await other.ask<Page<Activity>>('GET', `/v1/assets/${asset.id}/activities`)).body.data[0]
      ?.id
    const own = await person.own({ type: 'CASH', quantity: '1' })
    const deposit = { type: 'DEPOSIT', date: '2024-01-01', amount: '1' }
    const buy = { type: 'BUY', date: '2024-01-01', quantity: '1', unitPrice: '1' }
    const asks: readonly [string, (asset: string, activity: string) => string, unknown?][] = [
      ['GET', (id) => `/v1/assets/${id}`],
      ['PATCH', (id) => `/v1/assets/${id}`, { name: 'Mine now' }],
      ['DELETE', (id) => `/v1/assets/${id}`],
      ['GET', (id) => `/v1/assets/${id}/activities`],
      ['POST', (id) => `/v1/assets/${id}/activities`, buy],
      ['POST', (id) => `/v1/assets/${id}/activities`, deposit],
      ['GET', (id, item) => `/v1/assets/${id}/activities/${item}`],
      ['PATCH', (id, item) => `/v1/assets/${id}/activities/${item}`, { quantity: '9' }],
      ['DELETE', (id, item) => `/v1/assets/${id}/activities/${item}`],
      ['GET', (id) => `/v1/assets/${id}/prices`],
      ['POST', (id) => `/v1/assets/${id}/prices`, { date: '2024-01-01', unitPrice: '1' }],
      ['POST', (id) => `/v1/assets/${id}/prices`, [{ date: '2024-01-01', unitPrice: '1' }]],
      ['GET', (_, item) => `/v1/assets/${own.id}/activities/${item}`],
      ['PATCH', (_, item) => `/v1/assets/${own.id}/activities/${item}`, { amount: '9' }],
      ['DELETE', (_, item) => `/v1/assets/${own.id}/activities/${item}`],
    ]
    for (const [method, path, body] of asks) {
      const foreign = await person.ask(method, path(asset.id, theirs ?? ''), body)
      const unknown = await person.ask(method, path(MISSING, MISSING), body)
      const malformed = await person.ask(method, path('1', '1'), body)
      const about = `${method} ${path('a', 'b')}`
      expect([foreign.status, unknown.status, malformed.status], about).to.deep.equal([404, 404, 404])
      const { requestId, instance, ...said } = foreign.body
      const { requestId: _, instance: __, ...same } = unknown.body
      expect(said, about).to.deep.equal(same)
    }
    const coin = await person.own({ type: 'CRYPTO', symbol: 'BTC-USD', quantity: '1', unitCost: '5' })
    const theirCash = await other.own({ type: 'CASH' })
    for (const [named, activity] of [
      ['/accountId', { ...buy, accountId: theirCash.id }],
      ['/toAssetId', { type: 'TRANSFER_OUT', quantity: '1', toAssetId: asset.id }],
    ] as const) {
      const today = { ...activity, date: new Date().toISOString().slice(0, 10) }
      const { status, body } = await person.ask('POST', `/v1/assets/${coin.id}/activities`, today)
      expect([status, body.errors?.[0]?.pointer]).to.deep.equal([422, named])
    }
    const { body: everything } = await person.ask<Page<Activity>>('GET', '/v1/activities')
    expect(everything.data.map(({ assetId }) => assetId)).to.have.members([own.id, coin.id])
    const { body: none } = await person.ask<Page<Activity>>('GET', `/v1/activities?assetId=${asset.id}`)
    expect(none.data).to.deep.equal([])
    await other.ask('DELETE', `/v1/assets/${theirCash.id}`)
    expect((await other.ask<Asset>('GET', `/v1/assets/${asset.id}`)).body).to.deep.equal(asset)
    expect((await person.ask<Asset>('GET', `/v1/assets/${own.id}`)).body.quantity).to.equal('1')
    const { body } = await other.ask<Valuation>('GET', '/v1/portfolio')
    expect(body.holdings.map(({ assetId }) => assetId)).to.deep.equal([asset.id])
  })

  it('are for those who are signed in', async () => {
    for (const path of [
      '/v1/assets',
      `/v1/assets/${MISSING}`,
      '/v1/portfolio',
      '/v1/prices?symbols=BTC-USD',
      '/v1/instruments?query=b',
    ]) {
      expect((await send(server.url, 'GET', path)).status, path).to.equal(401)
    }
  })
})
