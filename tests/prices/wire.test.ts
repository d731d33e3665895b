import { expect } from 'chai'
import { Redis } from 'ioredis'
import type { Coordination } from '../../src/prices/coordination.js'
import { createMemoryCoordination } from '../../src/prices/coordination-memory.js'
import { createRedisCoordination } from '../../src/prices/coordination-redis.js'
import { slotName, slotOf } from '../../src/prices/slots.js'
import type { Quote } from '../../src/prices/tick.js'
import type { PriceWire, Written } from '../../src/prices/wire.js'
import { createMemoryWire } from '../../src/prices/wire-memory.js'
import { createRedisWire } from '../../src/prices/wire-redis.js'
import { needsRedis, type RedisServer, redisAvailable, startRedis } from '../support/redis.js'
import { readableLog } from '../support/server.js'
import { until } from '../support/until.js'
import { HOLDER, holdAllSlots, quoteOf } from './quotes.js'

/** Two ends of one wire: in one process the same object, over Redis two processes' objects. */
interface Ends {
  readonly worker: PriceWire
  readonly web: PriceWire
  readonly coordination: Coordination
  close(): Promise<void>
}

function behavesLikeAWire(open: (now: () => number) => Promise<Ends>): void {
  let ends: Ends
  let now: number
  const write = (...quotes: readonly Quote[]): Promise<Written> => ends.worker.write(quotes, HOLDER)
  beforeEach(async () => {
    now = Date.UTC(2026, 0, 1)
    ends = await open(() => now)
    await holdAllSlots(ends.coordination)
  })
  afterEach(() => ends.close())

  it('holds the newest quote of each instrument, readable as soon as the write is acknowledged', async () => {
    await write(quoteOf({ price: '1' }), quoteOf({ symbol: 'ETH-USD', price: '2' }))
    await write(quoteOf({ price: '3', version: 2 }))
    const found = await ends.web.readAll()
    expect(Object.fromEntries(found.map(({ symbol, price }) => [symbol, price]))).to.deep.equal({
      'BTC-USD': '3',
      'ETH-USD': '2',
    })
    expect(found).to.deep.include(quoteOf({ price: '3', version: 2 }))
  })

  it('writes the cache before it publishes', async () => {
    const found: Promise<readonly Quote[]>[] = []
    await ends.web.subscribe({
      quotes: () => void found.push(ends.web.readAll()),
      lost: () => {},
    })
    for (let turn = 1; turn <= 20; turn += 1) await write(quoteOf({ price: String(turn), version: turn }))
    await until('twenty messages', () => found.length === 20)
    const seen = (await Promise.all(found)).map((quotes) => Number(quotes[0]?.price))
    seen.forEach((price, index) => void expect(price).to.be.at.least(index + 1))
  })

  it('tells every subscriber what was written, whole and unchanged, until he leaves', async () => {
    const heard: Quote[][] = [[], []]
    const leave = await ends.web.subscribe({ quotes: (quotes) => heard[0]?.push(...quotes), lost: () => {} })
    await ends.web.subscribe({ quotes: (quotes) => heard[1]?.push(...quotes), lost: () => {} })
    const exact = quoteOf({ price: '0.0000000123', at: Date.UTC(2026, 0, 1) + 0.125, order: null })
    await write(exact)
    await until('both heard it', () => heard.every((quotes) => quotes.length === 1))
    expect(heard).to.deep.equal([[exact], [exact]])
    await leave()
    await write(quoteOf({ version: 2 }))
    await until('the second hears on', () => heard[1]?.length === 2)
    expect(heard[0]).to.have.lengthOf(1)
  })

  it('writes nothing when there is nothing to write', async () => {
    expect(await write()).to.deep.equal({ refused: [] })
    expect(await ends.web.readAll()).to.deep.equal([])
  })

  it('writes and tells nothing that is not newer than what it holds, by version', async () => {
    const heard: string[] = []
    await ends.web.subscribe({
      quotes: (quotes) => heard.push(...quotes.map(({ symbol, price }) => `${symbol} ${price}`)),
      lost: () => {},
    })
    const high = 2 ** 53 - 1
    await write(quoteOf({ price: '10', version: high - 1 }))
    const answer = await write(
      quoteOf({ price: '9', version: high - 2, at: Date.UTC(2027, 0, 1) }),
      quoteOf({ symbol: 'ETH-USD', price: '1' }),
    )
    expect(answer).to.deep.equal({ refused: [] })
    await write(quoteOf({ price: '8', version: high - 1 }))
    await write(quoteOf({ price: '11', version: high }))
    await until('the last', () => heard.at(-1) === 'BTC-USD 11')
    expect(heard).to.deep.equal(['BTC-USD 10', 'ETH-USD 1', 'BTC-USD 11'])
  })

  it('refuses what belongs to a slot that the writer does not hold, and writes the rest', async () => {
    const heard: Quote[] = []
    await ends.web.subscribe({ quotes: (quotes) => heard.push(...quotes), lost: () => {} })
    const slot = slotName(slotOf('ETH-USD'))
    await ends.coordination.release(slot, HOLDER)
    const quotes = [quoteOf(), quoteOf({ symbol: 'ETH-USD' })]
    expect(await ends.worker.write(quotes, HOLDER)).to.deep.equal({ refused: ['ETH-USD'] })
    await ends.coordination.acquire(slot, 'another', 60_000)
    expect(await ends.worker.write(quotes, HOLDER)).to.deep.equal({ refused: ['ETH-USD'] })
    expect(await ends.web.readAll()).to.deep.equal([quoteOf()])
    expect(await ends.worker.write(quotes, 'nobody')).to.deep.equal({ refused: ['BTC-USD', 'ETH-USD'] })
    expect(await ends.worker.write(quotes, 'another')).to.deep.equal({ refused: ['BTC-USD'] })
    expect(await ends.web.readAll()).to.have.lengthOf(2)
    await until('both were told once', () => heard.length === 2)
  })

  it('takes thousands at once', async () => {
    const many = Array.from({ length: 3_000 }, (_, index) => quoteOf({ symbol: `C${index}-USD` }))
    expect(await ends.worker.write(many, HOLDER)).to.deep.equal({ refused: [] })
    expect(await ends.web.readAll()).to.have.lengthOf(3_000)
    expect((await ends.worker.write(many, 'nobody')).refused).to.have.lengthOf(3_000)
  })

  it('names the life of what it holds', async () => {
    const epoch = await ends.worker.epoch()
    expect(epoch).not.to.equal('')
    await write(quoteOf())
    expect(await ends.web.epoch()).to.equal(epoch)
    expect(await ends.web.readAll()).to.deep.equal([quoteOf()])
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
    const coordination = createMemoryCoordination({ now })
    const wire = createMemoryWire({ now, coordination })
    return { worker: wire, web: wire, coordination, close: () => wire.close() }
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
    const coordination = createRedisCoordination({ url: redis.url, log })
    return {
      worker,
      web,
      coordination,
      close: async () => void (await Promise.all([worker, web, coordination].map((end) => end.close()))),
    }
  }
  behavesLikeAWire(openEnds)

  describe('in trouble', () => {
    let ends: Ends
    const write = (...quotes: readonly Quote[]): Promise<Written> => ends.worker.write(quotes, HOLDER)
    beforeEach(async () => {
      ends = await openEnds(Date.now)
      await holdAllSlots(ends.coordination)
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
      await write(quoteOf({ price: '1', version: 1 }))
      await until('the first', () => heard.length === 1)
      expect(lost).to.equal(0)
      await redis.run('CLIENT', 'KILL', 'TYPE', 'pubsub')
      await write(quoteOf({ price: '2', version: 2 }))
      await until('the loss is told', () => lost === 1)
      expect((await ends.web.readAll())[0]?.price).to.equal('2')
      // Whoever reads the cache after the loss was told, and listens on, misses nothing.
      await write(quoteOf({ price: '3', version: 3 }))
      await until('it hears again', () => heard.at(-1) === '3')
    })

    it('refuses a write while Redis is away, and is itself again when it is back', async () => {
      const heard: string[] = []
      await ends.web.subscribe({
        quotes: (quotes) => heard.push(...quotes.map(({ price }) => price)),
        lost: () => {},
      })
      const epoch = await ends.worker.epoch()
      await redis.kill()
      const answers = [write(quoteOf()), ends.web.ping(), ends.worker.epoch()].map((asked) =>
        asked.then(
          () => 'answered',
          () => 'refused',
        ),
      )
      expect(await Promise.all(answers)).to.deep.equal(['refused', 'refused', 'refused'])
      await redis.restart()
      await until('the cache has forgotten', async () => (await ends.worker.epoch()) !== epoch)
      await holdAllSlots(ends.coordination)
      let version = 0
      await until('the subscription is back', async () => {
        version += 1
        await write(quoteOf({ price: '51', version }))
        return heard.includes('51')
      })
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
          JSON.stringify({ ...quoteOf(), version: '1' }),
          JSON.stringify({ ...quoteOf(), freshUntil: null }),
        ]
        for (const [index, text] of bad.entries()) await outside.hset('harta:prices', `BAD-${index}`, text)
        await outside.hset('harta:prices', 'BTC-USD', '{"version":99999999999999999999}')
        await write(quoteOf())
        expect(await ends.web.readAll()).to.deep.equal([quoteOf()])
        const heard: Quote[] = []
        await ends.web.subscribe({ quotes: (quotes) => heard.push(...quotes), lost: () => {} })
        for (const text of [...bad, '7']) await outside.publish('harta:prices:published', text)
        await write(quoteOf({ version: 2 }))
        await until('the good one', () => heard.length === 1)
        expect(heard).to.deep.equal([quoteOf({ version: 2 })])
      } finally {
        outside.disconnect()
      }
    })
  })
})
