import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import type { Simulator } from '../../src/feeds/simulator/simulator.js'
import { createRedisNotices } from '../../src/notifications/notices-redis.js'
import { connectRedis } from '../../src/prices/connect-redis.js'
import { commands, events } from '../../src/protocol/events.js'
import type { Notification } from '../../src/protocol/notifications.js'
import type { Valuation } from '../../src/protocol/resources.js'
import { createServerDatabase, needsServer, serverAvailable } from '../support/database.js'
import { announced } from '../support/notifications.js'
import { type Line, listen, type Person, personOf, register } from '../support/people.js'
import { needsRedis, type RedisServer, redisAvailable, startRedis } from '../support/redis.js'
import { openExchange, readableLog, startTestServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

describe(`two web processes and a worker (${needsRedis}; ${needsServer})`, function () {
  this.timeout(60_000)
  let redis: RedisServer
  let database: { url: string; drop(): Promise<void> }
  let exchange: Simulator
  let nodes: TestServer[]
  let person: Person
  let lines: Line[]
  let shared: { databaseUrl: string; redisUrl: string; jwtSecret: string }
  const crashes: unknown[] = []
  const crashed = (reason: unknown): void => void crashes.push(reason)

  before(async function () {
    if (!redisAvailable() || !serverAvailable()) this.skip()
    process.on('unhandledRejection', crashed)
    redis = await startRedis()
    database = await createServerDatabase()
    exchange = await openExchange({ 'BTC-USD': '64000', 'ETH-USD': '3300' })
    shared = {
      databaseUrl: database.url,
      redisUrl: redis.url,
      jwtSecret: randomBytes(32).toString('hex'),
    }
    nodes = []
    nodes.push(await startTestServer({ ...shared, part: 'worker', feedUrls: { coinbase: exchange.url } }))
    for (let node = 0; node < 2; node += 1) nodes.push(await startTestServer({ ...shared, part: 'web' }))
  })
  beforeEach(async () => {
    lines = []
    person = await register(url(0))
    await person.own({ type: 'CRYPTO', symbol: 'BTC-USD', quantity: '2', unitCost: '50000' })
    for (const node of [0, 1]) lines.push(await listen(url(node), person.token))
    await until('both value at the price', () => lines.every((line) => line.state().total === total))
  })
  afterEach(() => {
    for (const line of lines) line.close()
  })
  after(async () => {
    for (const node of nodes?.reverse() ?? []) await node.stop()
    await exchange?.close()
    await database?.drop()
    await redis?.stop()
    process.removeListener('unhandledRejection', crashed)
  })

  let total = '128000.00'
  const url = (node: number) => nodes[node + 1]?.url ?? ''
  const line = (node: number): Line => lines[node] as Line
  const at = (node: number) => personOf(url(node), person.session)
  /** What a node says of the portfolio, without the stream that it says it in. */
  const told = ({ epoch, seq, at: _, ...valuation }: Valuation) => valuation
  const isTold = (one: Line, id: string): boolean =>
    one.heard.some(({ event, data }) => event === events.notification && (data as Notification).id === id)
  function setPrice(price: number): void {
    total = `${price * 2}.00`
    exchange.set('BTC-USD', String(price))
  }

  it('value the same, each in a stream of its own', async () => {
    setPrice(65_000)
    await until('both moved', () => lines.every((one) => one.state().total === total))
    expect(told(line(0).state())).to.deep.equal(told(line(1).state()))
    expect(line(0).state().epoch).not.to.equal(line(1).state().epoch)
    for (const node of [0, 1]) expect(await at(node).portfolio()).to.deep.equal(line(node).state())
  })

  it('tell each other of holdings that changed', async () => {
    const { id } = await at(0).own({ type: 'CRYPTO', symbol: 'ETH-USD', quantity: '1', unitCost: '1' })
    await until('the other node tells it', () => line(1).state().holdings.length === 2)
    await until('with its price', () => line(1).state().coverage.priced === 2)
    expect((await at(1).portfolio()).holdings.map(({ assetId }) => assetId)).to.include(id)
    await at(1).ask('DELETE', `/v1/assets/${id}`)
    await until('the first node tells it', () => line(0).state().holdings.length === 1)
  })

  it('tell each other of a base currency that changed', async () => {
    await person.own({ type: 'CASH', currency: 'EUR', quantity: '10' })
    await at(0).ask('PATCH', '/v1/me', { baseCurrency: 'EUR' })
    expect((await at(0).portfolio()).currency).to.equal('EUR')
    expect((await at(1).portfolio()).currency).to.equal('EUR')
    await until('both tell it', () => lines.every((one) => one.state().currency === 'EUR'))
  })

  it('tell a user on both what a worker wrote, and on both what was seen on one', async () => {
    const { log } = readableLog()
    const connect = (name: string, waits: boolean) => connectRedis(redis.url, log, name, waits)
    const worker = createRedisNotices({ connect, log })
    try {
      const told = await announced((nodes[0] as TestServer).db, person.userId)
      await worker.publish([told])
      const { id } = told.notification
      await until('both are told', () => lines.every((one) => isTold(one, id)))
      await line(0).command(commands.seen, { ids: [id] })
      const isSeen = (one: Line) => one.heard.some(({ event }) => event === events.seen)
      await until('both are told that it is seen', () => lines.every(isSeen))
    } finally {
      await worker.close()
    }
  })

  it('end a session on both at once', async () => {
    const other = await listen(url(1), (await register(url(1))).token)
    await at(0).ask('POST', '/v1/auth/logout')
    await until('both are closed', () => lines.every((one) => !one.socket.connected))
    expect(other.socket.connected).to.equal(true)
    expect((await at(1).ask('GET', '/v1/assets')).status).to.equal(401)
    other.close()
  })

  it('end sockets of a removed user on both', async () => {
    await at(1).ask('DELETE', '/v1/me', { password: 'correct horse battery' })
    await until('both are closed', () => lines.every((one) => !one.socket.connected))
  })

  it('go on by themselves after Redis was killed and came back, whatever happened meanwhile', async () => {
    const ended = await register(url(0))
    const endedLine = await listen(url(0), ended.token)
    const endedElsewhere = await listen(url(1), ended.token)
    await redis.kill()
    const told = await announced((nodes[0] as TestServer).db, person.userId)
    const made = await at(0).own({ type: 'CASH', quantity: '5' })
    await until('the own node tells it', () => line(0).state().holdings.length === 2)
    expect((await at(1).portfolio()).holdings).to.have.lengthOf(2)
    const logout = await ended.ask('POST', '/v1/auth/logout')
    expect(logout.status).to.equal(204)
    await until('the own node closes it without Redis', () => !endedLine.socket.connected)
    // Long enough for commands that wait for Redis to give up.
    await until('a command would have timed out', waited(2_500))
    await redis.restart()
    setPrice(66_000)
    const worth = `${66_000 * 2 + 5}.00`
    await until('prices flow again', () => lines.every((one) => one.state().total === worth), 15_000)
    await until('the session ends there too', () => !endedElsewhere.socket.connected, 15_000)
    const { id } = told.notification
    await until('what was told meanwhile is found', () => lines.every((one) => isTold(one, id)), 10_000)
    const later = await at(1).own({ type: 'CASH', quantity: '5' })
    await until('facts travel again', () =>
      lines.every((one) => {
        const shown = one.state().holdings.map(({ assetId }) => assetId)
        return shown.includes(made.id) && shown.includes(later.id)
      }),
    )
    for (const node of [0, 1]) {
      const { status } = await at(node).ask('GET', '/readyz')
      expect(status).to.equal(200)
    }
    expect(crashes).to.deep.equal([])
  })

  it('stop in order while Redis is away', async () => {
    const third = await startTestServer({ ...shared, part: 'web' })
    const leaving = await listen(third.url, person.token)
    await redis.kill()
    await third.stop()
    await until('its sockets are closed', () => !leaving.socket.connected)
    await redis.restart()
    await until(
      'the others are ready',
      async () => (await at(0).ask('GET', '/readyz')).status === 200,
      15_000,
    )
    expect(crashes).to.deep.equal([])
  })
})

function waited(ms: number): () => boolean {
  const end = Date.now() + ms
  return () => Date.now() > end
}
