import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { demoEnvironment } from '../../src/app/demo.js'
import { type Running, start } from '../../src/app/run.js'
import type { Session, Valuation } from '../../src/protocol/resources.js'
import { seedDataDir } from '../support/database.js'
import { listen, personOf, send } from '../support/people.js'
import { readableLog, testConfig } from '../support/server.js'
import { until } from '../support/until.js'

describe('the demo', function () {
  this.timeout(60_000)
  let folder: string
  let running: Running
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'harta-demo-test-'))
    await seedDataDir(join(folder, 'database'))
    const secrets = {
      ...{ databaseUrl: null, redisUrl: null, jwtSecret: null, smtpUrl: null },
      ...{ feedTokens: {}, sourceKeys: {} },
    }
    running = await start({ config: testConfig(folder), secrets, log: readableLog().log, demo: true })
  })
  after(async () => {
    await running?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('shows a whole portfolio in rupiah that moves by itself, simulated and saying so', async () => {
    const url = running.url ?? ''
    const { body: login } = await send<{ email: string; password: string }>(url, 'GET', '/demo.json')
    expect(login).to.deep.equal({ email: running.demo?.email, password: running.demo?.password })
    const { body } = await send<Session>(url, 'POST', '/v1/auth/login', login)
    const person = personOf(url, body)
    expect((await person.ask('GET', '/v1/admin/feeds')).status, 'its user sees the feeds').to.equal(200)
    let portfolio: Valuation = await person.portfolio()
    await until(
      'everything is priced',
      async () => {
        portfolio = await person.portfolio()
        return portfolio.coverage.unpriced.length === 0
      },
      10_000,
    )
    expect(portfolio.currency).to.equal('IDR')
    expect(portfolio.dayChange).not.to.equal(null)
    const bitcoin = portfolio.holdings.find(({ symbol }) => symbol === 'BTC-USD')
    expect(bitcoin?.price?.state).to.equal('simulated')
    expect(Number(bitcoin?.rate)).to.be.within(10_000, 25_000)
    const line = await listen(url, person.token)
    const first = line.state()
    await until('it moves on and on', () => line.updates.length >= 5)
    expect(line.state().total).not.to.equal(first.total)
    expect(await person.portfolio()).to.deep.include({ epoch: first.epoch })
    line.close()
  })

  it('leaves the databases and feeds of the operator alone', () => {
    const env = demoEnvironment({
      DATABASE_URL: 'postgres://h/d',
      REDIS_URL: 'redis://h',
      FEEDS: 'kraken',
      JWT_SECRET: 'x',
      PORT: '7',
      DATA_DIR: '/somewhere',
    })
    expect(env).to.deep.equal({ LOG_LEVEL: 'warn', PORT: '7', DATA_DIR: '/somewhere', SOURCES: 'none' })
    const fresh = demoEnvironment({}).DATA_DIR ?? ''
    expect(existsSync(fresh)).to.equal(true)
    rmSync(fresh, { recursive: true })
  })
})
