import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { start } from '../../src/app/run.js'
import type { Simulator } from '../../src/feeds/simulator/simulator.js'
import { events } from '../../src/protocol/events.js'
import { seedDataDir } from '../support/database.js'
import { dial, listen, register, send } from '../support/people.js'
import { openExchange, readableLog, startTestServer, type TestServer, testConfig } from '../support/server.js'
import { until } from '../support/until.js'
import { addressOf, startProgram } from './process.js'

const NO_SECRETS = {
  ...{ databaseUrl: null, redisUrl: null, jwtSecret: null, smtpUrl: null },
  ...{ feedTokens: {}, sourceKeys: {} },
}

describe('a running server', function () {
  this.timeout(60_000)
  let exchange: Simulator
  let server: TestServer
  before(async () => {
    exchange = await openExchange({ 'BTC-USD': '64000' })
    server = await startTestServer({ feedUrls: { coinbase: exchange.url } })
    const person = await register(server.url)
    await person.own({ type: 'CRYPTO', symbol: 'BTC-USD', quantity: '1', unitCost: '1' })
    await until('there is a price', async () => (await person.portfolio()).coverage.priced === 1)
  })
  after(async () => {
    await server?.stop()
    await exchange?.close()
  })

  it('tells at /readyz what it needs, with the age of the last tick of each venue', async () => {
    interface Readiness {
      status: string
      checks: Record<
        string,
        { ok: boolean; info?: { ageMs: Record<string, number> } & { venue: string; lastTickAgeMs: number }[] }
      >
    }
    const { status, body } = await send<Readiness>(server.url, 'GET', '/readyz')
    expect([status, body.status]).to.deep.equal([200, 'ready'])
    expect(Object.keys(body.checks).sort()).to.deep.equal(['cache', 'database', 'feeds', 'prices'])
    expect(body.checks.prices?.info?.ageMs.coinbase).to.be.within(-15_000, 60_000)
    const venue = body.checks.feeds?.info?.find((one) => one.venue === 'coinbase')
    expect(venue?.lastTickAgeMs).to.be.within(0, 60_000)
    expect((await send(server.url, 'GET', '/livez')).status).to.equal(200)
  })

  it('tells at /metrics the age of the newest price and how many sockets are open', async () => {
    const person = await register(server.url)
    const line = await listen(server.url, person.token)
    const response = await fetch(`${server.url}/metrics`)
    const text = await response.text()
    expect(text).to.match(/^harta_price_age_seconds\{source="coinbase"\} -?[\d.e-]+$/m)
    expect(text).to.match(/^harta_sockets 1$/m)
    line.close()
  })

  it('logs neither passwords nor tokens', async () => {
    const person = await register(server.url)
    await send(server.url, 'POST', '/v1/auth/login', {
      email: 'nobody@example.org',
      password: 'hunter-2-hunter-2',
    })
    dial(server.url, { token: `${person.token}x` }).close()
    const written = server.lines.join('\n')
    for (const secret of [person.token, person.session.refreshToken, 'hunter-2-hunter-2', 'correct horse']) {
      expect(written).not.to.contain(secret)
    }
  })
})

describe('starting and stopping', function () {
  this.timeout(60_000)
  let folder: string
  /** It waits for seconds, so it does while others work. */
  let idle: Promise<string>
  before(async () => {
    idle = stopBesideIdle()
    idle.catch(() => {})
    folder = mkdtempSync(join(tmpdir(), 'harta-run-'))
    await seedDataDir(join(folder, 'database'))
  })
  after(async () => {
    await Promise.allSettled([idle])
    rmSync(folder, { recursive: true, force: true })
  })

  it('closes what was opened when the port is taken, so that the next start finds everything free', async () => {
    const { log } = readableLog()
    const taken: Server = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const exchange = await openExchange({})
    const config = testConfig(folder, { feedUrls: { coinbase: exchange.url }, config: { port } })
    const failed = await start({ config, secrets: NO_SECRETS, log }).catch((error: unknown) => error)
    expect(failed).to.have.property('code', 'port-in-use')
    taken.close()
    await once(taken, 'close')
    const running = await start({ config, secrets: NO_SECRETS, log })
    expect((await send(running.url ?? '', 'GET', '/readyz')).status).to.equal(200)
    await running.stop()
    await exchange.close()
  })

  it('refuses work, tells its sockets and ends with code 0 at SIGTERM', async () => {
    const program = startProgram('all', {
      DATA_DIR: folder,
      PORT: '0',
      FEED_COINBASE_URL: 'ws://127.0.0.1:9',
      FEEDS: 'coinbase',
    })
    const url = await addressOf(program)
    const person = await register(url)
    const line = await listen(url, person.token)
    // A request that is under way keeps the door open, so that what is said meanwhile can be heard.
    const { port } = new URL(url)
    const [slow, waiting] = [connect(Number(port), '127.0.0.1'), connect(Number(port), '127.0.0.1')]
    let heard = ''
    waiting.on('data', (part) => {
      heard += String(part)
    })
    slow.on('error', () => {})
    waiting.on('error', () => {})
    slow.write(
      'POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    )
    waiting.write('GET /readyz HTTP/1.1\r\nHost: x\r\n')
    // Both are with the system once these have gone out; the answers after that show that the server has read on.
    await Promise.all([slow, waiting].map((half) => new Promise((sent) => half.write('', sent))))
    for (let round = 0; round < 3; round += 1) {
      expect((await send(url, 'GET', '/livez')).status).to.equal(200)
    }
    const begun = Date.now()
    program.child.kill('SIGTERM')
    await until('the notice', () => line.heard.some(({ event }) => event === events.draining))
    waiting.write('\r\n')
    await until('readyz says that it is draining', () => heard.includes('draining'))
    expect(heard).to.contain('503')
    slow.destroy()
    waiting.destroy()
    expect(await program.ended, program.output()).to.equal(0)
    expect(Date.now() - begun).to.be.below(10_000)
    expect(line.socket.connected).to.equal(false)
  })

  it('ends although a client holds a connection open and asks for nothing', async () => {
    expect(await idle).to.equal('ended')
  })
})

/** Ends a server to which somebody is connected who never says a word. */
async function stopBesideIdle(): Promise<string> {
  const server = await startTestServer()
  const { port } = new URL(server.url)
  const silent = connect(Number(port), '127.0.0.1')
  await once(silent, 'connect')
  silent.on('error', () => {})
  await server.stop()
  silent.destroy()
  return 'ended'
}
