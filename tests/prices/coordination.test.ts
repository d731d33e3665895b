import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import type { Coordination } from '../../src/prices/coordination.js'
import { createMemoryCoordination } from '../../src/prices/coordination-memory.js'
import { createRedisCoordination } from '../../src/prices/coordination-redis.js'
import { needsRedis, type RedisServer, redisAvailable, startRedis } from '../support/redis.js'
import { readableLog } from '../support/server.js'

/** Two workers that have to agree, and how time passes for both. */
interface Workers {
  readonly one: Coordination
  readonly two: Coordination
  pass(ms: number): Promise<void>
  close(): Promise<void>
}

const LONG = 60_000

function behavesLikeCoordination(open: () => Promise<Workers>): void {
  let workers: Workers
  beforeEach(async () => {
    workers = await open()
  })
  afterEach(() => workers.close())

  it('gives a name to the first who asks, who may renew it, until he gives it back', async () => {
    const { one, two } = workers
    expect(await one.acquire('rates', 'one', LONG)).to.equal(true)
    expect(await two.acquire('rates', 'two', LONG)).to.equal(false)
    expect(await one.acquire('rates', 'one', LONG)).to.equal(true)
    expect(await two.acquire('other', 'two', LONG)).to.equal(true)
    await two.release('rates', 'two')
    expect(await two.acquire('rates', 'two', LONG)).to.equal(false)
    await one.release('rates', 'one')
    expect(await two.acquire('rates', 'two', LONG)).to.equal(true)
  })

  it('lets a name go when its time runs out, counted from the last renewal', async () => {
    const { one, two, pass } = workers
    await one.acquire('rates', 'one', 120)
    await pass(80)
    await one.acquire('rates', 'one', 120)
    await pass(80)
    expect(await two.acquire('rates', 'two', LONG)).to.equal(false)
    await pass(60)
    expect(await two.acquire('rates', 'two', LONG)).to.equal(true)
    expect(await one.acquire('rates', 'one', 120)).to.equal(false)
  })

  it('gives many names at once, in their order, as many as are wanted', async () => {
    const { one, two } = workers
    await two.acquire('b', 'two', LONG)
    expect([...(await one.acquireAll(['a', 'b', 'c', 'd', 'e'], 'one', LONG, 3))]).to.deep.equal([
      'a',
      'c',
      'd',
    ])
    expect([...(await one.acquireAll(['e', 'd', 'c', 'b'], 'one', LONG))]).to.deep.equal(['e', 'd', 'c'])
    expect([...(await one.acquireAll([], 'one', LONG))]).to.deep.equal([])
    expect([...(await one.acquireAll(['f'], 'one', LONG, 0))]).to.deep.equal([])
    await one.releaseAll(['a', 'b', 'c'], 'one')
    await one.releaseAll([], 'one')
    expect([...(await two.acquireAll(['a', 'b', 'c', 'd', 'e', 'f'], 'two', LONG))]).to.deep.equal([
      'a',
      'b',
      'c',
      'f',
    ])
  })

  it('lets no window have more questions than allowed, whoever asks, and says how long to wait', async () => {
    const { one, two, pass } = workers
    const limit = { count: 3, windowMs: 200 }
    const answers = [
      await one.take('venue', limit),
      await two.take('venue', limit),
      await one.take('venue', limit),
    ]
    expect(answers).to.deep.equal([0, 0, 0])
    const waitMs = await two.take('venue', limit)
    expect(waitMs).to.be.within(1, 200)
    expect(await one.take('venue', limit)).to.be.within(1, 200)
    expect(await one.take('other', limit)).to.equal(0)
    await pass(waitMs)
    expect(await two.take('venue', limit)).to.equal(0)
  })

  it('does not forget half a window when another begins', async () => {
    const { one, two, pass } = workers
    const limit = { count: 2, windowMs: 300 }
    expect(await one.take('venue', limit)).to.equal(0)
    await pass(200)
    expect(await two.take('venue', limit)).to.equal(0)
    await pass(110)
    expect(await two.take('venue', limit)).to.equal(0)
    expect(await one.take('venue', limit)).to.be.within(20, 200)
  })

  it('lets nobody ask what is on hold, as long as the longest hold says, and counts nothing then', async () => {
    const { one, two, pass } = workers
    const limit = { count: 1, windowMs: LONG }
    await one.hold('venue', 150)
    await two.hold('venue', 20)
    await two.hold('venue', 0)
    await pass(30)
    expect(await one.take('venue', limit)).to.be.within(1, 150)
    expect(await two.take('venue', limit)).to.be.within(1, 150)
    expect(await two.take('other', limit)).to.equal(0)
    await pass(130)
    expect(await two.take('venue', limit)).to.equal(0)
    expect(await two.take('venue', limit)).to.be.within(LONG - 5_000, LONG)
  })

  it('keeps what each member reports, until it runs out or is taken away', async () => {
    const { one, two, pass } = workers
    const told = async () => Object.fromEntries([...(await two.reports())].sort())
    expect(await told()).to.deep.equal({})
    await one.report('one', 'first', LONG)
    await one.report('one', '{"several": "words\nand lines"}', LONG)
    await two.report('two', '', 100)
    expect(await told()).to.deep.equal({ one: '{"several": "words\nand lines"}', two: '' })
    expect([...(await two.reports('tw')).keys()]).to.deep.equal(['two'])
    expect([...(await two.reports('two.')).keys()]).to.deep.equal([])
    await pass(110)
    expect(await told()).to.deep.equal({ one: '{"several": "words\nand lines"}' })
    await one.report('one', 'gone', 0)
    expect(await told()).to.deep.equal({})
  })
}

describe('the coordination of one worker', () => {
  behavesLikeCoordination(async () => {
    let now = Date.UTC(2026, 0, 1)
    const coordination = createMemoryCoordination({ now: () => now })
    return {
      one: coordination,
      two: coordination,
      pass: async (ms) => {
        now += ms
      },
      close: () => coordination.close(),
    }
  })
})

describe(`the coordination of several workers (${needsRedis})`, function () {
  this.timeout(30_000)
  let redis: RedisServer
  before(async function () {
    if (!redisAvailable()) this.skip()
    redis = await startRedis()
  })
  after(() => redis?.stop())

  const { log } = readableLog()
  const open = async (): Promise<Workers> => {
    await redis.run('FLUSHALL')
    const one = createRedisCoordination({ url: redis.url, log })
    const two = createRedisCoordination({ url: redis.url, log })
    return {
      one,
      two,
      pass: (ms) => wait(ms),
      close: async () => void (await Promise.all([one.close(), two.close()])),
    }
  }
  behavesLikeCoordination(open)

  it('gives one name to one of many who ask at the same time', async () => {
    const { one, two, close } = await open()
    try {
      const names = Array.from({ length: 64 }, (_, index) => `slot-${index}`)
      const [first, second] = await Promise.all([
        Promise.all(names.map((name) => one.acquire(name, 'one', LONG))),
        Promise.all([...names].reverse().map((name) => two.acquire(name, 'two', LONG))),
      ])
      expect([...first, ...second].filter(Boolean)).to.have.lengthOf(64)
      const limit = { count: 10, windowMs: LONG }
      const takes = Array.from({ length: 40 }, (_, turn) => (turn % 2 ? one : two).take('venue', limit))
      expect((await Promise.all(takes)).filter((waitMs) => waitMs === 0)).to.have.lengthOf(10)
    } finally {
      await close()
    }
  })

  it('rejects while Redis is away and goes on, with nothing held, when it is back', async () => {
    const { one, two, close } = await open()
    try {
      await one.acquire('rates', 'one', LONG)
      await redis.kill()
      const refused = await one.acquire('rates', 'one', LONG).then(
        () => 'answered',
        () => 'rejected',
      )
      expect(refused).to.equal('rejected')
      await redis.restart()
      expect(await two.acquire('rates', 'two', LONG)).to.equal(true)
    } finally {
      await close()
    }
  })

  it('leaves no key behind that never goes', async () => {
    const { one, close } = await open()
    try {
      await one.acquire('rates', 'one', LONG)
      await one.take('venue', { count: 3, windowMs: LONG })
      await one.hold('venue', LONG)
      const keys = (await redis.run('KEYS', '*')) as string[]
      expect(keys).to.have.lengthOf(3)
      for (const key of keys) expect(await redis.run('PTTL', key), key).to.be.within(1, LONG + 1)
    } finally {
      await close()
    }
  })
})
