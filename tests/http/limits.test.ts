import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import type Router from '@koa/router'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { createLimits } from '../../src/http/limits.js'
import { AppError } from '../../src/lib/errors.js'
import { until } from '../support/until.js'
import { type Door, openDoor, problemOf } from './door.js'

const hasRedis = spawnSync('redis-server', ['--version']).status === 0

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

function answerX(router: Router): void {
  router.get('/v1/x', (ctx) => {
    ctx.body = 'x'
  })
}

describe('limits', () => {
  const two = { 'all-address': { points: 2, seconds: 60 } }

  it('let so many pass and tell the others when to come again', async () => {
    const limits = createLimits({ redis: null, limits: two })
    await limits.consume('all-address', 'a')
    await limits.consume('all-address', 'a')
    const refusal = await limits.consume('all-address', 'a').catch((error: unknown) => error)
    expect(refusal).to.be.instanceOf(AppError).and.include({ fault: 'limited', code: 'rate-limited' })
    expect((refusal as AppError).details.retryAfterSeconds).to.be.within(1, 60)
    await limits.consume('all-address', 'b')
    await limits.consume('all-user', 'a')
  })

  it('take back what was given back, and forget what is reset', async () => {
    const limits = createLimits({ redis: null, limits: two })
    for (let round = 0; round < 5; round += 1) {
      await limits.consume('all-address', 'a')
      await limits.giveBack('all-address', 'a')
    }
    await limits.consume('all-address', 'a')
    await limits.consume('all-address', 'a')
    await limits.reset('all-address', 'a')
    await limits.consume('all-address', 'a')
  })

  describe('at the door', () => {
    let door: Door
    afterEach(() => door.close())

    it('hold under /v1 by address, where a forged X-Forwarded-For is of no use', async () => {
      door = await openDoor(answerX, { limits: two })
      const ask = (path: string, forged: string) =>
        fetch(door.url + path, { headers: { 'X-Forwarded-For': forged } })
      expect((await ask('/v1/x', '1.1.1.1')).status).to.equal(200)
      expect((await ask('/v1/nowhere', '1.1.1.2')).status).to.equal(404)
      const refused = await ask('/v1/x', '1.1.1.3')
      expect(refused.status).to.equal(429)
      expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60)
      expect((await problemOf(refused)).title).to.equal('Too Many Requests')
      expect((await ask('/elsewhere', '1.1.1.4')).status).to.equal(404)
    })

    it('count an IPv6 subscriber as one', async () => {
      door = await openDoor(answerX, {
        limits: two,
        trustedProxies: 1,
      })
      const ask = async (host: number) =>
        (await fetch(`${door.url}/v1/x`, { headers: { 'X-Forwarded-For': `2001:db8:1:2::${host}` } })).status
      expect([await ask(1), await ask(2), await ask(3)]).to.deep.equal([200, 200, 429])
    })
  })

  describe(`in Redis ${hasRedis ? '' : '(needs redis-server: apt-get install redis-server)'}`, () => {
    let server: ChildProcess
    const clients: Redis[] = []
    let port = 0
    before(async function () {
      if (!hasRedis) return this.skip()
      port = await freePort()
      const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
      server = spawn('redis-server', flags, { stdio: 'ignore' })
    })
    after(async () => {
      for (const client of clients) client.disconnect()
      if (server && server.exitCode === null && server.signalCode === null) await stop(server)
    })
    const connect = async () => {
      const client = new Redis({
        port,
        host: '127.0.0.1',
        enableOfflineQueue: false,
        maxRetriesPerRequest: 1,
        commandTimeout: 1000,
        retryStrategy: () => 50,
      })
      client.on('error', () => {})
      clients.push(client)
      await until('redis is ready', () => client.status === 'ready')
      return client
    }

    it('hold over two processes, and go on by themselves when Redis is gone', async () => {
      const [one, other] = [await connect(), await connect()]
      const here = createLimits({ redis: one, limits: two })
      const there = createLimits({ redis: other, limits: two })
      await here.consume('all-address', '203.0.113.1')
      await there.consume('all-address', '203.0.113.1')
      expect(
        await here.consume('all-address', '203.0.113.1').catch((error: unknown) => error),
      ).to.be.instanceOf(AppError)
      expect(
        await there.consume('all-address', '203.0.113.1').catch((error: unknown) => error),
      ).to.be.instanceOf(AppError)
      expect((await one.keys('*')).join()).not.to.contain('203.0.113.1')
      await stop(server)
      await until('the loss is noticed', () => one.status !== 'ready')
      await here.giveBack('all-address', '203.0.113.2')
      await here.reset('all-address', '203.0.113.2')
      await here.consume('all-address', '203.0.113.2')
      await here.consume('all-address', '203.0.113.2')
      expect(
        await here.consume('all-address', '203.0.113.2').catch((error: unknown) => error),
      ).to.be.instanceOf(AppError)
    })
  })
})
