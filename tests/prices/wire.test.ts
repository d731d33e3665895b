import { expect } from 'chai'
import { Redis } from 'ioredis'
import { systemClock } from '../../src/lib/clock.js'
import { Publisher } from '../../src/prices/publisher.js'
import type { Quote } from '../../src/prices/tick.js'
import type { PriceWire } from '../../src/prices/wire.js'
import { createMemoryWire } from '../../src/prices/wire-memory.js'
import { createRedisWire } from '../../src/prices/wire-redis.js'
import { needsRedis, type RedisServer, redisAvailable, startRedis } from '../support/redis.js'
import { readableLog } from '../support/server.js'
import { until } from '../support/until.js'
import { quoteOf } from './quotes.js'

/** Two ends of one wire: in one process the same object, over Redis two processes' objects. */
interface Ends {
  readonly worker: PriceWire
  readonly web: PriceWire
  close(): Promise<void>
}

function behavesLikeAWire(open: (now: () => number) => Promise<Ends>): void {
  let ends: Ends
  let now: number
  beforeEach(async () => {
    now = Date.UTC(2026, 0, 1)
    ends = await open(() => now)
  })
  afterEach(() => ends.close())

  it('holds the newest quote of each instrument, readable as soon as the write is acknowledged', async () => {
    await ends.worker.write([quoteOf({ price: '1' }), quoteOf({ symbol: 'ETH-USD', price: '2' })])
    await ends.worker.write([quoteOf({ price: '3' })])
    const found = await ends.web.readAll()
    expect(Object.fromEntries(found.map(({ symbol, price }) => [symbol, price]))).to.deep.equal({
      'BTC-USD': '3',
      'ETH-USD': '2',
    })
    expect(found).to.deep.include(quoteOf({ price: '3' }))
  })

  it('writes the cache before it publishes', async () => {
    const found: Promise<readonly Quote[]>[] = []
    await ends.web.subscribe({
      quotes: () => void found.push(ends.web.readAll()),
      lost: () => {},
    })
    for (let turn = 1; turn <= 20; turn += 1) await ends.worker.write([quoteOf({ price: String(turn) })])
    await until('twenty messages', () => found.length === 20)
    const seen = (await Promise.all(found)).map((quotes) => Number(quotes[0]?.price))
    seen.forEach((price, index) => void expect(price).to.be.at.least(index + 1))
  })

  it('tells every subscriber what was written, whole and unchanged, until he leaves', async () => {
    const heard: Quote[][] = [[], []]
    const leave = await ends.web.subscribe({ quotes: (quotes) => heard[0]?.push(...quotes), lost: () => {} })
    await ends.web.subscribe({ quotes: (quotes) => heard[1]?.push(...quotes), lost: () => {} })
    const exact = quoteOf({ price: '0.0000000123', at: Date.UTC(2026, 0, 1) + 0.125, order: null })
    await ends.worker.write([exact])
    await until('both heard it', () => heard.every((quotes) => quotes.length === 1))
    expect(heard).to.deep.equal([[exact], [exact]])
    await leave()
    await ends.worker.write([quoteOf()])
    await until('the second hears on', () => heard[1]?.length === 2)
    expect(heard[0]).to.have.lengthOf(1)
  })

  it('writes nothing when there is nothing to write', async () => {
    await ends.worker.write([])
    expect(await ends.web.readAll()).to.deep.equal([])
  })

  it('carries what is asked for to the workers and forgets it in time', async () => {
    let woken = 0
    const leave = await ends.worker.onDemand(() => {
      woken += 1
    })
    await ends.web.demand(['BTC-USD', 'ETH-USD'], 60_000)
    await until('the worker wakes', () => woken === 1)
    expect([...(await ends.worker.demanded())].sort()).to.deep.equal(['BTC-USD', 'ETH-USD'])
    now += 30_000
    await ends.web.demand(['ETH-USD'], 60_000)
    await until('the worker wakes again', () => woken === 2)
    now += 30_000
    expect(await ends.worker.demanded()).to.deep.equal(['ETH-USD'])
    now += 30_000
    expect(await ends.worker.demanded()).to.deep.equal([])
    await ends.web.demand([], 60_000)
    await until('asking for nothing wakes too', () => woken === 3)
    expect(await ends.worker.demanded()).to.deep.equal([])
    await leave()
    await ends.web.demand(['BTC-USD'], 60_000)
    expect(await ends.worker.demanded()).to.deep.equal(['BTC-USD'])
    expect(woken).to.equal(3)
  })

  it('answers a ping', async () => {
    await ends.web.ping()
  })
}

describe('the wire in one process', () => {
  behavesLikeAWire(async (now) => {
    const wire = createMemoryWire({ now })
    return { worker: wire, web: wire, close: () => wire.close() }
  })
})

describe(`the wire over Redis (${needsRedis})`, function () {
  this.timeout(30_000)
  let redis: RedisServer
  before(async function () {
    if (!redisAvailable()) this.skip()
    redis = await startRedis()
  })
  after(() => redis?.stop())

  const { log } = readableLog()
  const openEnds = async (now: () => number): Promise<Ends> => {
    await redis.run('FLUSHALL')
    const worker = createRedisWire({ url: redis.url, now, log })
    const web = createRedisWire({ url: redis.url, now, log })
    return { worker, web, close: async () => void (await Promise.all([worker.close(), web.close()])) }
  }
  behavesLikeAWire(openEnds)

  describe('in trouble', () => {
    let ends: Ends
    beforeEach(async () => {
      ends = await openEnds(Date.now)
    })
    afterEach(() => ends.close())

    it('says that messages may be lost once its subscription was cut, and hears on', async () => {
      const heard: string[] = []
      let lost = 0
      await ends.web.subscribe({
        quotes: (quotes) => heard.push(...quotes.map(({ price }) => price)),
        lost: () => {
          lost += 1
        },
      })
      await ends.worker.write([quoteOf({ price: '1' })])
      await until('the first', () => heard.length === 1)
      expect(lost).to.equal(0)
      await redis.run('CLIENT', 'KILL', 'TYPE', 'pubsub')
      await ends.worker.write([quoteOf({ price: '2' })])
      await until('the loss is told', () => lost === 1)
      expect((await ends.web.readAll())[0]?.price).to.equal('2')
      // Whoever reads the cache after the loss was told, and listens on, misses nothing.
      await ends.worker.write([quoteOf({ price: '3' })])
      await until('it hears again', () => heard.at(-1) === '3')
    })

    it('refuses a write while Redis is away, and the newest of each instrument arrives when it is back', async () => {
      const heard = new Map<string, string>()
      await ends.web.subscribe({
        quotes: (quotes) => {
          for (const { symbol, price } of quotes) heard.set(symbol, price)
        },
        lost: () => {},
      })
      const publisher = new Publisher({ wire: ends.worker, clock: systemClock, log })
      try {
        publisher.publish(quoteOf({ price: '1' }))
        await until('the first', () => heard.get('BTC-USD') === '1')
        await redis.kill()
        expect(
          await ends.worker.write([quoteOf()]).then(
            () => 'written',
            () => 'refused',
          ),
        ).to.equal('refused')
        expect(
          await ends.web.ping().then(
            () => 'there',
            () => 'away',
          ),
        ).to.equal('away')
        for (let price = 2; price <= 50; price += 1) {
          publisher.publish(quoteOf({ price: String(price) }))
          publisher.publish(quoteOf({ symbol: 'ETH-USD', price: String(price * 10) }))
        }
        await redis.restart()
        await until(
          'the newest is in the cache',
          async () => {
            const cached = await ends.web.readAll().catch(() => [])
            const prices = Object.fromEntries(cached.map(({ symbol, price }) => [symbol, price]))
            return prices['BTC-USD'] === '50' && prices['ETH-USD'] === '500'
          },
          15_000,
        )
        await until('the subscription is back', async () => {
          publisher.publish(quoteOf({ price: '51' }))
          return heard.get('BTC-USD') === '51'
        })
      } finally {
        await publisher.stop()
      }
    })

    it('passes over what in the cache is no quote', async () => {
      const outside = new Redis(redis.url)
      try {
        const bad = [
          '{',
          'null',
          '[]',
          '{"symbol":1}',
          JSON.stringify({ ...quoteOf(), state: 'constructor' }),
        ]
        for (const [index, text] of bad.entries()) await outside.hset('harta:prices', `BAD-${index}`, text)
        await ends.worker.write([quoteOf()])
        expect(await ends.web.readAll()).to.deep.equal([quoteOf()])
        const heard: Quote[] = []
        await ends.web.subscribe({ quotes: (quotes) => heard.push(...quotes), lost: () => {} })
        for (const text of [...bad, '7']) await outside.publish('harta:prices:published', text)
        await ends.worker.write([quoteOf()])
        await until('the good one', () => heard.length === 1)
        expect(heard).to.deep.equal([quoteOf()])
      } finally {
        outside.disconnect()
      }
    })
  })
})
