import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Running, startWhenItCan } from '../../src/app/run.js'
import { type Database, openDatabase } from '../../src/database/database.js'
import { leaseKey } from '../../src/prices/coordination-redis.js'
import { slotName } from '../../src/prices/slots.js'
import { type CutLine, openCutLine } from '../journey/cut-line.js'
import { createServerDatabase, needsServer, serverAvailable } from '../support/database.js'
import { freePort, needsRedis, type RedisServer, redisAvailable, startRedis } from '../support/redis.js'
import { readableLog, testConfig } from '../support/server.js'
import { until } from '../support/until.js'
import { startProgram } from './process.js'

const missing = !redisAvailable() ? `: ${needsRedis}` : serverAvailable() ? '' : `: ${needsServer}`
const AGAIN = 'is tried again'

describe(`a worker that is cut off while it starts${missing}`, function () {
  this.timeout(60_000)
  let folder: string
  let base: Awaited<ReturnType<typeof createServerDatabase>>
  let redis: RedisServer
  let toDatabase: CutLine
  let toRedis: CutLine
  before(async function () {
    if (missing !== '') return this.skip()
    folder = mkdtempSync(join(tmpdir(), 'harta-start-'))
    ;[base, redis] = await Promise.all([createServerDatabase(), startRedis()])
    ;[toDatabase, toRedis] = await Promise.all([openCutLine(base.url), openCutLine(redis.url)])
  })
  after(async () => {
    await Promise.all([toDatabase?.close(), toRedis?.close(), redis?.stop()])
    await base?.drop()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  function starting(
    options: { open?: (db: Database) => Database; databaseUrl?: string; redisUrl?: string } = {},
  ) {
    const { log, lines } = readableLog()
    const secrets = {
      ...{ jwtSecret: null, smtpUrl: null, feedTokens: {}, sourceKeys: {} },
      databaseUrl: options.databaseUrl ?? toDatabase.url,
      redisUrl: options.redisUrl ?? toRedis.url,
    }
    const end = new AbortController()
    const { open = (db) => db } = options
    const opening: Promise<Running | null> = startWhenItCan(
      {
        ...{ config: testConfig(folder, { part: 'worker' }), secrets, log },
        open: async (target) => open(await openDatabase(target)),
      },
      end.signal,
    )
    return { opening, lines, end, isWaiting: () => lines.some((line) => line.includes(AGAIN)) }
  }
  const isAtWork = async (): Promise<boolean> => Boolean(await redis.run('EXISTS', leaseKey(slotName(0))))

  it('waits for the database, then for Redis, and works once both are there', async () => {
    toDatabase.cut()
    toRedis.cut()
    const { opening, lines, isWaiting } = starting()
    await until('it has said so', isWaiting)
    toDatabase.mend()
    await until('it has said so of Redis', () => lines.filter((line) => line.includes(AGAIN)).length === 2)
    toRedis.mend()
    const running = await opening
    expect(running).to.have.property('url', null)
    await until('it has leases', isAtWork)
    await running?.stop()
    expect(lines.filter((line) => line.includes('it is started now'))).to.have.length(1)
  })

  for (const which of ['the database', 'Redis'] as const) {
    it(`begins anew wherever it was when it lost ${which}`, async () => {
      const line = which === 'Redis' ? toRedis : toDatabase
      for (const turn of [1, 3, 5]) {
        let left = turn
        const cutAtTurn = (): void => {
          left -= 1
          if (left !== 0) return
          line.cut()
          setTimeout(() => line.mend(), 100)
        }
        const cutting = (db: Database): Database => ({
          ...{ asUser: (userId, work) => db.asUser(userId, work), ping: () => db.ping() },
          close: () => db.close(),
          asSystem(work) {
            cutAtTurn()
            return db.asSystem(work)
          },
        })
        const running = await starting({ open: cutting }).opening
        expect(running, `cut at its transaction ${turn}`).to.have.property('url', null)
        expect(left, 'it had come so far').to.be.at.most(0)
        await running?.stop()
      }
    })
  }

  it('does not wait where waiting does not help', async () => {
    const refused = new URL(base.url)
    refused.password = 'no-such-password'
    const nowhere = new URL(base.url)
    nowhere.pathname = '/no-such-database'
    for (const { href } of [refused, nowhere]) {
      const error = await starting({ databaseUrl: href }).opening.catch((reason: unknown) => reason)
      expect(error).to.have.property('code', 'database-refused')
      expect(error).to.have.property('message').that.includes('DATABASE_URL')
    }
    const redisUrl = redis.url.replace('//', '//nobody:no-such-password@')
    const error = await starting({ redisUrl }).opening.catch((reason: unknown) => reason)
    expect(error).to.have.property('code', 'redis-refused')
  })

  it('ends with code 0 at SIGTERM while it waits', async () => {
    const program = startProgram('worker', {
      DATABASE_URL: `postgresql://a:b@127.0.0.1:${await freePort()}/c`,
      REDIS_URL: redis.url,
    })
    await until('it has said so', () => program.output().includes(AGAIN), 20_000)
    program.child.kill('SIGTERM')
    expect(await program.ended, program.output()).to.equal(0)
  })
})
