import { expect } from 'chai'
import type { Simulator } from '../../src/feeds/simulator/simulator.js'
import type { Contribution, Goal } from '../../src/protocol/goals.js'
import type { Allocation } from '../../src/protocol/insights.js'
import type { Page } from '../../src/protocol/resources.js'
import { type Person, register } from '../support/people.js'
import { openExchange, startTestServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

const MISSING = '0190a7c0-0000-7000-8000-000000000000'

describe('goals over HTTP', function () {
  this.timeout(60_000)
  let exchange: Simulator
  let server: TestServer
  let person: Person
  before(async () => {
    exchange = await openExchange({ 'BTC-USD': '40000', 'USDT-USD': '0.8' })
    server = await startTestServer({ feedUrls: { coinbase: exchange.url } })
  })
  beforeEach(async () => {
    person = await register(server.url)
  })
  after(async () => {
    await server?.stop()
    await exchange?.close()
  })

  const make = async (goal: Record<string, unknown>): Promise<Goal> => {
    const { status, body } = await person.ask<Goal>('POST', '/v1/goals', { name: 'Boat', ...goal })
    expect(status, JSON.stringify(body)).to.equal(201)
    return body
  }
  const read = async (id: string) => (await person.ask<Goal>('GET', `/v1/goals/${id}`)).body
  const give = (id: string, contribution: unknown, headers: Record<string, string> = {}) =>
    person.ask<Contribution>('POST', `/v1/goals/${id}/contributions`, contribution, headers)
  const behind = ({ milestones }: Goal) =>
    milestones.flatMap(({ percent, reachedAt }) => (reachedAt === null ? [] : [percent]))

  it('are made, read, changed and removed', async () => {
    const made = await person.ask<Goal>('POST', '/v1/goals', {
      name: '  Boat ',
      target: '1200.5',
      basis: 'CONTRIBUTIONS',
      deadline: '2199-12-31',
    })
    expect(made.status).to.equal(201)
    const { id } = made.body
    expect(made.headers.get('location')).to.equal(`/v1/goals/${id}`)
    expect(made.body).to.deep.include({
      name: 'Boat',
      target: '1200.5',
      currency: 'USD',
      basis: 'CONTRIBUTIONS',
      deadline: '2199-12-31',
      assetIds: [],
      current: '0.00',
      progress: '0',
      remaining: '1200.50',
      actualPerMonth: null,
      projectedDate: null,
      milestones: [25, 50, 75, 100].map((percent) => ({ percent, reachedAt: null })),
      reachedAt: null,
      fellBackAt: null,
      version: 1,
    })
    const seen = { 'If-Match': made.headers.get('etag') ?? '' }
    const changed = await person.ask<Goal>('PATCH', `/v1/goals/${id}`, { deadline: null }, seen)
    expect(changed.body).to.include({ deadline: null, requiredPerMonth: null, version: 2, name: 'Boat' })
    for (const [method, body] of [
      ['PATCH', { name: 'Ship' }],
      ['DELETE', undefined],
    ] as const)
      expect((await person.ask(method, `/v1/goals/${id}`, body, seen)).status, method).to.equal(412)
    await make({ target: '1', basis: 'NET_WORTH' })
    const page = (await person.ask<Page<Goal>>('GET', '/v1/goals?limit=1')).body
    expect(page.data).to.have.lengthOf(1)
    const rest = (await person.ask<Page<Goal>>('GET', `/v1/goals?cursor=${page.nextCursor}`)).body
    expect(rest).to.deep.equal({ data: [await read(id)], nextCursor: null })
    expect((await person.ask('DELETE', `/v1/goals/${id}`)).status).to.equal(204)
    expect((await person.ask('GET', `/v1/goals/${id}`)).status).to.equal(404)
  })

  it('grow by what is contributed, and are marked by it', async () => {
    const { id } = await make({ target: '100', basis: 'CONTRIBUTIONS' })
    const today = new Date().toISOString().slice(0, 10)
    const given = await give(id, { amount: '80', note: 'first' })
    expect(given.body).to.deep.include({
      amount: '80',
      currency: 'USD',
      date: today,
      note: 'first',
      version: 1,
    })
    const path = given.headers.get('location') ?? ''
    expect((await person.ask('GET', path)).body).to.deep.equal(given.body)
    expect(await read(id)).to.include({ current: '80.00', progress: '0.8', version: 2 })
    const seen = { 'If-Match': given.headers.get('etag') ?? '' }
    const change = { amount: '-10', note: null, date: '2020-02-29' }
    const changed = await person.ask<Contribution>('PATCH', path, change, seen)
    expect(changed.body).to.deep.include({ ...change, currency: 'USD', version: 2 })
    expect((await person.ask('DELETE', path, undefined, seen)).status).to.equal(412)
    const goal = await read(id)
    expect(goal).to.include({ current: '-10.00', progress: '-0.1', remaining: '110.00', version: 3 })
    expect(behind(goal), 'a milestone stays').to.deep.equal([25, 50, 75])
    expect((await person.ask('DELETE', path)).status).to.equal(204)
    const list = (await person.ask<Page<Contribution>>('GET', `/v1/goals/${id}/contributions`)).body
    expect(list).to.deep.equal({ data: [], nextCursor: null })
    const once = { 'Idempotency-Key': 'once' }
    const twice = [await give(id, { amount: '5' }, once), await give(id, { amount: '5' }, once)]
    expect(twice.map(({ status }) => status)).to.deep.equal([201, 201])
    expect((await read(id)).current).to.equal('5.00')
    const many = await Promise.all(Array.from({ length: 8 }, () => give(id, { amount: '12' })))
    expect(many.map(({ status }) => status)).to.deep.equal(Array.from({ length: 8 }, () => 201))
    const full = await read(id)
    expect(full).to.include({ current: '101.00', progress: '1.01', remaining: '0.00' })
    expect(behind(full)).to.deep.equal([25, 50, 75, 100])
    expect(full.reachedAt).to.be.a('string')
  })

  it('move with the market, in another currency than the base too', async () => {
    person = await register(server.url, { baseCurrency: 'USDT' })
    const coin = await person.own({ type: 'CRYPTO', symbol: 'BTC-USD', quantity: '0.5', unitCost: '10000' })
    await person.own({ type: 'CASH', currency: 'USD', quantity: '1000' })
    await person.own({ type: 'LIABILITY', currency: 'USDT', quantity: '1250' })
    const linked = await make({ target: '21000', currency: 'USD', basis: 'ASSETS', assetIds: [coin.id] })
    const net = await make({ target: '100000', basis: 'NET_WORTH' })
    await until('prices', async () => (await read(net.id)).current === '25000.000000')
    expect(net).to.include({ currency: 'USDT', basis: 'NET_WORTH' })
    const before = await person.ask<Goal>('GET', `/v1/goals/${linked.id}`)
    expect(before.body).to.include({ current: '20000.00', progress: '0.9523809524', reachedAt: null })

    exchange.set('BTC-USD', '44000')
    const seen = { 'If-None-Match': before.headers.get('etag') ?? '' }
    await until('the move', async () => (await read(linked.id)).current === '22000.00')
    const after = await person.ask<Goal>('GET', `/v1/goals/${linked.id}`, undefined, seen)
    expect(after.status, 'what moves is told, whatever the client has').to.equal(200)
    expect(behind(after.body)).to.deep.equal([25, 50, 75, 100])
    expect(await read(net.id)).to.include({ current: '27500.000000', progress: '0.275' })

    exchange.set('BTC-USD', '39000')
    await until('the fall', async () => (await read(linked.id)).fellBackAt !== null)
    expect(await read(linked.id)).to.include({ current: '19500.00', remaining: '1500.00' })
    expect((await read(linked.id)).reachedAt).to.equal(after.body.reachedAt)

    const { body } = await person.ask<Allocation>('GET', '/v1/portfolio/allocation')
    expect(body.parts).to.deep.equal([
      { key: 'CRYPTO', name: 'Crypto', value: '24375.000000', share: '0.9512' },
      { key: 'CASH', name: 'Cash', value: '1250.000000', share: '0.0488' },
      { key: 'LIABILITY', name: 'Liabilities', value: '-1250.000000', share: null },
    ])
    expect([body.total, body.currency, body.by]).to.deep.equal(['24375.000000', 'USDT', 'type'])
    expect((await person.ask('GET', '/v1/portfolio/allocation?by=colour')).status).to.equal(422)

    await person.ask('DELETE', `/v1/assets/${coin.id}`)
    expect(await read(linked.id)).to.deep.include({ assetIds: [], current: '0.00' })
    const renamed = await person.ask<Goal>('PATCH', `/v1/goals/${linked.id}`, { name: 'Ship' })
    expect([renamed.status, renamed.body.name]).to.deep.equal([200, 'Ship'])
  })

  it('take on other assets, and let go of them with their basis', async () => {
    const one = await person.own({ type: 'CASH', quantity: '30' })
    const other = await person.own({ type: 'CASH', quantity: '12' })
    const { id } = await make({ target: '60', basis: 'ASSETS', assetIds: [one.id, one.id] })
    const patch = async (change: unknown) => (await person.ask<Goal>('PATCH', `/v1/goals/${id}`, change)).body
    expect(await read(id)).to.deep.include({ assetIds: [one.id], current: '30.00' })
    expect(await patch({ assetIds: [other.id] })).to.deep.include({ assetIds: [other.id], current: '12.00' })
    expect(behind(await read(id)), 'of this asset nothing was reached').to.deep.equal([])
    expect(await patch({ basis: 'NET_WORTH' })).to.deep.include({ assetIds: [], current: '42.00' })
    expect(behind(await read(id))).to.deep.equal([25, 50])
    expect((await person.ask('PATCH', `/v1/goals/${id}`, { basis: 'ASSETS' })).status).to.equal(422)
  })

  it('refuse what does not fit, and assets of others exactly like those that do not exist', async () => {
    const theirs = await (await register(server.url)).own({ type: 'CASH', quantity: '1' })
    const own = await person.own({ type: 'CASH', quantity: '1' })
    const goal = { name: 'Boat', target: '10', basis: 'CONTRIBUTIONS' }
    const linked = { ...goal, basis: 'ASSETS' }
    const { id } = await make({ ...linked, assetIds: [own.id] })
    const path = `/v1/goals/${id}`
    const mistakes: readonly [method: string, path: string, body: unknown, pointer: string][] = [
      ['POST', '/v1/goals', { ...goal, target: '0' }, '/target'],
      ['POST', '/v1/goals', { ...goal, target: 10 }, '/target'],
      ['POST', '/v1/goals', { ...goal, target: '1e9' }, '/target'],
      ['POST', '/v1/goals', { ...goal, name: ' ' }, '/name'],
      ['POST', '/v1/goals', { ...goal, currency: 'XXX' }, '/currency'],
      ['POST', '/v1/goals', { ...goal, basis: 'HOPE' }, '/basis'],
      ['POST', '/v1/goals', { ...goal, deadline: '2026-02-30' }, '/deadline'],
      ['POST', '/v1/goals', { ...goal, assetIds: [own.id] }, '/assetIds'],
      ['POST', '/v1/goals', { ...goal, assetIds: ['1'] }, '/assetIds/0'],
      ['POST', '/v1/goals', linked, '/assetIds'],
      ['POST', '/v1/goals', { ...linked, assetIds: [] }, '/assetIds'],
      ['POST', '/v1/goals', { ...linked, assetIds: [own.id, theirs.id] }, '/assetIds/1'],
      ['POST', '/v1/goals', { ...linked, assetIds: [own.id, MISSING] }, '/assetIds/1'],
      ['PATCH', path, { assetIds: [theirs.id] }, '/assetIds/0'],
      ['PATCH', path, { assetIds: [] }, '/assetIds'],
      ['PATCH', path, {}, ''],
      ['PATCH', path, { name: 'Ship', current: '5' }, '/current'],
      ['POST', `${path}/contributions`, { amount: '0.00' }, '/amount'],
      ['POST', `${path}/contributions`, { amount: 'NaN' }, '/amount'],
      ['POST', `${path}/contributions`, { amount: '1', date: '2199-01-01' }, '/date'],
      ['POST', `${path}/contributions`, { amount: '1', date: '1899-01-01' }, '/date'],
      ['POST', `${path}/contributions`, {}, '/amount'],
    ]
    const told: Record<string, unknown> = {}
    for (const [method, address, body, pointer] of mistakes) {
      const answer = await person.ask(method, address, body)
      const about = `${method} ${address} ${JSON.stringify(body)}`
      expect([answer.status, answer.body.errors?.map((error) => error.pointer)], about).to.deep.equal([
        422,
        [pointer],
      ])
      const same = about.replace(theirs.id, MISSING)
      told[same] ??= answer.body.errors
      expect(told[same], about).to.deep.equal(answer.body.errors)
    }
    expect(await read(id)).to.deep.include({ assetIds: [own.id], version: 1 })
    expect((await person.ask<Page<Goal>>('GET', '/v1/goals')).body.data).to.have.lengthOf(1)
  })
})
