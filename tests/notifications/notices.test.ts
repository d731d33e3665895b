import { expect } from 'chai'
import { Redis } from 'ioredis'
import type { Told } from '../../src/notifications/news.js'
import type { NoticeListener, Notices } from '../../src/notifications/notices.js'
import { createMemoryNotices } from '../../src/notifications/notices-memory.js'
import { createRedisNotices } from '../../src/notifications/notices-redis.js'
import { connectRedis } from '../../src/prices/connect-redis.js'
import { needsRedis, type RedisServer, redisAvailable, startRedis } from '../support/redis.js'
import { readableLog } from '../support/server.js'
import { until } from '../support/until.js'

/** Two ends: in one process the same object, over Redis two processes' objects. */
interface Ends {
  readonly worker: Notices
  readonly web: Notices
  close(): Promise<void>
}

const id = (count: number): string => `0190a7c0-0000-7000-8000-${String(count).padStart(12, '0')}`
const toldOf = (count: number): Told => ({
  userId: id(7),
  notification: {
    id: id(count),
    kind: 'alert:fired',
    at: '2026-01-01T00:00:00.000Z',
    title: 'BTC-USD is above 70,000',
    body: '“Ω”, of 70,000.000000001 USD',
    data: { symbol: 'BTC-USD', value: '70000.000000001', nested: [null, 1, true] },
    seenAt: null,
  },
})

function listener(): NoticeListener & { readonly heard: Told[]; lost(): void; losses: number } {
  const heard: Told[] = []
  return {
    heard,
    losses: 0,
    told: (told) => void heard.push(...told),
    lost() {
      this.losses += 1
    },
  }
}

function behaveLikeNotices(open: () => Ends): void {
  let ends: Ends
  beforeEach(() => {
    ends = open()
  })
  afterEach(() => ends.close())

  it('reach every listener whole, in order and once, until he leaves', async () => {
    const [first, second] = [listener(), listener()]
    const leave = await ends.web.subscribe(first)
    await ends.web.subscribe(second)
    const many = Array.from({ length: 450 }, (_, index) => toldOf(index))
    await ends.worker.publish(many)
    await until('both heard all', () => [first, second].every(({ heard }) => heard.length === 450))
    expect(first.heard).to.deep.equal(many)
    expect(second.heard).to.deep.equal(many)
    await leave()
    await ends.worker.publish([toldOf(1_000)])
    await until('the second hears on', () => second.heard.length === 451)
    expect(first.heard).to.have.lengthOf(450)
  })

  it('are published to nobody without harm', async () => {
    await ends.worker.publish([toldOf(1)])
    await ends.worker.publish([])
    const late = listener()
    await ends.web.subscribe(late)
    await ends.worker.publish([toldOf(2)])
    await until('he hears what comes', () => late.heard.length === 1)
    expect(late.heard).to.deep.equal([toldOf(2)])
  })
}

describe('notices in one process', () => {
  behaveLikeNotices(() => {
    const notices = createMemoryNotices()
    return { worker: notices, web: notices, close: () => notices.close() }
  })
})

describe(`notices over Redis (${needsRedis})`, function () {
  this.timeout(30_000)
  let redis: RedisServer
  before(async function () {
    if (!redisAvailable()) this.skip()
    redis = await startRedis()
  })
  after(() => redis?.stop())

  const { log, lines } = readableLog()
  const openEnds = (): Ends => {
    const connect = (name: string, waits: boolean) => connectRedis(redis.url, log, name, waits)
    const worker = createRedisNotices({ connect, log })
    const web = createRedisNotices({ connect, log })
    return { worker, web, close: async () => void (await Promise.all([worker.close(), web.close()])) }
  }
  behaveLikeNotices(openEnds)

  it('come again by themselves once Redis is back, and say that some may be lost', async () => {
    const ends = openEnds()
    try {
      const web = listener()
      await ends.web.subscribe(web)
      await ends.worker.publish([toldOf(1)])
      await until('the first', () => web.heard.length === 1)
      await redis.kill()
      await ends.worker.publish([toldOf(2)])
      expect(lines.join('')).to.include('notices could not be published')
      expect(web.losses).to.equal(0)
      await redis.restart()
      await until('the loss is told', () => web.losses > 0)
      await until('notices travel again', async () => {
        await ends.worker.publish([toldOf(3)])
        return web.heard.length > 1
      })
      expect(web.heard.slice(0, 2)).to.deep.equal([toldOf(1), toldOf(3)])
    } finally {
      await ends.close()
    }
  })

  it('pass over what is none', async () => {
    const ends = openEnds()
    const outside = new Redis(redis.url)
    try {
      const web = listener()
      await ends.web.subscribe(web)
      const { userId, notification } = toldOf(1)
      const bad: unknown[] = [
        null,
        7,
        { userId },
        { userId: 'nobody', notification },
        { userId, notification: { ...notification, kind: 'constructor' } },
        { userId, notification: { ...notification, title: 1 } },
        { userId, notification: { ...notification, data: 'text' } },
      ]
      for (const text of ['', '{', '"x"', JSON.stringify(bad)]) await outside.publish('harta:notices', text)
      const more = { userId, notification: { ...notification, secret: 'x' } }
      await outside.publish('harta:notices', JSON.stringify([...bad, more]))
      await until('the good one', () => web.heard.length === 1)
      expect(web.heard).to.deep.equal([toldOf(1)])
    } finally {
      outside.disconnect()
      await ends.close()
    }
  })
})
