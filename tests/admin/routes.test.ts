import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { createPasswords } from '../../src/accounts/passwords.js'
import { insertUser } from '../../src/accounts/store.js'
import { makeAdmin, type Running, start } from '../../src/app/run.js'
import type { Database } from '../../src/database/database.js'
import { type Simulator, startSimulator } from '../../src/feeds/simulator/simulator.js'
import type { FeedsReport, VenueReport, WorkerReport } from '../../src/protocol/feeds-report.js'
import type { Session } from '../../src/protocol/resources.js'
import { startProgram } from '../app/process.js'
import { seedDataDir } from '../support/database.js'
import { PASSWORD, type Person, personOf, send } from '../support/people.js'
import { readableLog, testConfig } from '../support/server.js'
import { until } from '../support/until.js'

const ANI = 'ani@example.org'
const BUDI = 'budi@example.org'
const NOBODY = 'nobody@example.org'

describe('an administrator', function () {
  this.timeout(60_000)
  let folder: string
  let unknown: unknown
  let made: { readonly code: number | string; readonly output: string }
  let exchange: Simulator
  let running: Running
  let ani: Person
  let budi: Person
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'harta-admin-'))
    const dataDir = join(folder, 'database')
    await seedDataDir(dataDir, addPeople(ANI, BUDI))
    unknown = await makeAdmin({ kind: 'embedded', dataDir }, [NOBODY]).catch((error: unknown) => error)
    const { ended, output } = startProgram('admin', { DATA_DIR: folder }, [` ${ANI.toUpperCase()}`])
    made = { code: await ended, output: output() }
    exchange = await startSimulator({ venue: 'coinbase', prices: { 'BTC-USD': '64000' }, tickMs: 100 })
    const quotes = join(folder, 'quotes.csv')
    writeFileSync(quotes, `symbol,price,currency,at\nBTC-IDR,1040000000,IDR,${new Date().toISOString()}\n`)
    const config = testConfig(folder, {
      feedUrls: { coinbase: exchange.url },
      sourceUrls: { csv: pathToFileURL(quotes).href },
    })
    const secrets = {
      ...{ databaseUrl: null, redisUrl: null, jwtSecret: null, smtpUrl: null },
      ...{ feedTokens: {}, sourceKeys: {} },
    }
    running = await start({ config, secrets, log: readableLog().log })
    ani = await signIn(ANI)
    budi = await signIn(BUDI)
    await budi.own({
      type: 'CRYPTO',
      symbol: 'BTC-USD',
      name: 'Budi’s own',
      quantity: '77.125',
      unitCost: '1',
    })
  })
  after(async () => {
    await running?.stop()
    await exchange?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function signIn(email: string): Promise<Person> {
    const url = running.url ?? ''
    const { status, body } = await send<Session>(url, 'POST', '/v1/auth/login', { email, password: PASSWORD })
    expect(status).to.equal(200)
    return personOf(url, body)
  }

  const report = async (): Promise<FeedsReport> => (await ani.ask<FeedsReport>('GET', '/v1/admin/feeds')).body

  it('is made by npm run admin, of a user whom it finds', () => {
    expect(unknown).to.include({ code: 'not-found', message: `There is no user ${NOBODY}.` })
    expect(made.code, made.output).to.equal(0)
    expect(made.output).to.contain('is an administrator now.')
    expect([ani, budi].map(({ session }) => session.user.role)).to.deep.equal(['ADMIN', 'USER'])
  })

  it('alone is told how the feeds are', async () => {
    const stranger = await send(running.url ?? '', 'GET', '/v1/admin/feeds')
    expect([stranger.status, stranger.body.code]).to.deep.equal([401, 'unauthenticated'])
    const refused = await budi.ask('GET', '/v1/admin/feeds')
    expect([refused.status, refused.body.code]).to.deep.equal([403, 'forbidden'])
    expect((await ani.ask('GET', '/v1/admin/feeds')).status).to.equal(200)
  })

  it('is told of a worker, its venue and what the venue tells, and nothing of a user', async () => {
    let venue: VenueReport | undefined
    await until('the venue tells prices', async () => {
      venue = (await report()).workers[0]?.venues[0]
      return venue?.state === 'live' && venue.ticksPerSecond > 0
    })
    expect(venue).to.include({ venue: 'coinbase', connections: 1, symbols: 1 })
    expect(venue?.lastTickAgeMs).to.be.within(0, 10_000)
    expect(venue?.counts.tick).to.be.above(0)
    const told = await report()
    expect(told.workers).to.have.length(1)
    const [worker] = told.workers
    expect(worker).to.include({ slots: 64 })
    expect(worker?.admitted).to.be.above(0)
    expect(worker?.instruments).to.have.length(1)
    expect(worker?.instruments[0]).to.include({ symbol: 'BTC-USD', active: 'coinbase', standby: null })
    const text = JSON.stringify(told)
    for (const own of [budi.userId, BUDI, 'Budi', '77.125']) expect(text).not.to.contain(own)
  })

  it('is told of symbols that neither a venue nor a source serves', async () => {
    await ani.ask('GET', '/v1/prices?symbols=BTC-IDR,SOL-IDR')
    let worker: WorkerReport | undefined
    await until('the file is read', async () => {
      worker = (await report()).workers[0]
      return worker?.sources[0]?.symbols === 1 && worker.unserved.length > 0
    })
    expect(worker?.sources[0]).to.include({ id: 'csv', breaker: 'closed' })
    expect(worker?.unserved).to.deep.equal(['SOL-IDR'])
  })

  it('finds at /metrics what the workers report', async () => {
    const [worker] = (await report()).workers
    const metrics = await (await fetch(`${running.url}/metrics`)).text()
    const value = (name: string, label: string): number => {
      const line = metrics
        .split('\n')
        .find((one) => one.startsWith(`${name}{worker="${worker?.member}",${label}} `))
      expect(line, name).to.be.a('string')
      return Number(line?.split(' ').at(-1))
    }
    expect(value('harta_slots', 'part="held"')).to.equal(64)
    expect(value('harta_feed_symbols', 'venue="coinbase"')).to.equal(1)
    expect(value('harta_feed_ticks_per_second', 'venue="coinbase"')).to.be.above(0)
    expect(value('harta_feed_last_tick_age_seconds', 'venue="coinbase"')).to.be.within(0, 10)
    expect(value('harta_feed_events_total', 'venue="coinbase",event="tick"')).to.be.above(0)
    expect(value('harta_offers_total', 'part="board",outcome="admitted"')).to.be.above(0)
  })
})

function addPeople(...emails: readonly string[]) {
  return async (db: Database): Promise<void> => {
    const hash = await createPasswords({ cost: 4 }).hash(PASSWORD)
    for (const email of emails) {
      const profile = { name: null, baseCurrency: 'USD', timeZone: 'UTC', locale: 'en' }
      const person = { email, password: PASSWORD, ...profile }
      await db.asSystem((tx) => insertUser(tx, person, hash, Date.now()))
    }
  }
}
