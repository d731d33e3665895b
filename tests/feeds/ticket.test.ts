import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { createAsk } from '../../src/feeds/ask.js'
import { Connection, type Dial } from '../../src/feeds/connection.js'
import { dialOf } from '../../src/feeds/ticket.js'
import { gate } from '../../src/feeds/venues/gate.js'
import { kucoin } from '../../src/feeds/venues/kucoin.js'
import { createLog } from '../../src/lib/log.js'
import { eventually, FakeClock } from '../support/exchange-clock.js'
import { RudeExchange } from '../support/exchange-server.js'

describe('a ticket for a socket', () => {
  let http: Server
  let clock: FakeClock
  let asked: string[]
  let respond: (response: ServerResponse) => void
  let dial: Dial
  let dialWithin: (timeoutMs: number) => Dial

  beforeEach(async () => {
    asked = []
    clock = new FakeClock()
    http = createServer((request: IncomingMessage, response) => {
      asked.push(`${request.method} ${request.url}`)
      respond(response)
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const base = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`
    dialWithin = (timeoutMs) =>
      dialOf(kucoin, createAsk({ now: () => clock.now(), timeoutMs }), () => 0.5, base)
    dial = dialWithin(10_000)
  })

  afterEach(async () => {
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })

  /** A new token with each answer, for sockets at `endpoint`. */
  function issue(endpoint: string): void {
    respond = (response) => {
      const instanceServers = [{ endpoint, protocol: 'websocket', pingInterval: 18_000 }]
      const data = { token: `token-${asked.length}`, instanceServers }
      response.end(JSON.stringify({ code: '200000', data }))
    }
  }

  it('is asked for anew each time, and names the address with its token', async () => {
    issue('wss://somewhere/endpoint')
    const addresses = [await dial(), await dial()]
    const connectId = (2 ** 52).toString(36)
    expect(addresses).to.deep.equal(
      [1, 2].map((count) => ({
        url: `wss://somewhere/endpoint?token=token-${count}&connectId=${connectId}`,
      })),
    )
    expect(asked).to.deep.equal(Array(2).fill('POST /api/v1/bullet-public'))
  })

  it('that is refused ends the attempt with the status and the time to stay away', async () => {
    respond = (response) => response.writeHead(429, { 'Retry-After': '7' }).end('Too Many Requests')
    expect(await dial()).to.deep.equal({ reason: 'ticket-refused', status: 429, retryAfterMs: 7_000 })
    respond = (response) => response.writeHead(503).end()
    expect(await dial()).to.deep.equal({ reason: 'ticket-refused', status: 503, retryAfterMs: null })
  })

  it('that is none ends the attempt with a reason', async () => {
    const none = { status: null, retryAfterMs: null }
    for (const body of ['<html>Just a moment...</html>', '', '{"code":"429000","msg":"Too Many Requests"}']) {
      respond = (response) => response.end(body)
      expect(await dial(), body).to.deep.equal({ ...none, reason: 'ticket-unreadable' })
    }
    respond = () => {}
    expect(await dialWithin(20)()).to.deep.equal({ ...none, reason: 'ticket-timeout' })
    respond = (response) => response.destroy()
    expect(await dial()).to.deep.equal({ ...none, reason: 'ticket-unreachable' })
  })

  it('is not asked for where the address never changes', async () => {
    const ask = () => Promise.reject(new Error('nobody is to be asked'))
    expect(await dialOf(gate, ask, Math.random)()).to.deep.equal({ url: 'wss://api.gateio.ws/ws/v4/' })
  })

  it('is new for each socket of a connection, and one that is refused is asked for later', async () => {
    const exchange = await RudeExchange.open()
    exchange.onConnection = (socket) => socket.send('{"id":"1","type":"welcome"}')
    const counts = new Map<string, number>()
    let dialledAt = 0
    const connection = new Connection({
      venue: kucoin,
      url: () => {
        dialledAt = clock.now()
        return dial()
      },
      clock,
      random: () => 0.5,
      log: createLog('silent'),
      onTick: () => {},
      onRefused: () => {},
      count: (reason) => counts.set(reason, (counts.get(reason) ?? 0) + 1),
    })
    try {
      issue(exchange.url)
      connection.setSymbols(['BTC-USDT'])
      connection.start()
      for (let loss = 1; loss <= 2; loss += 1) {
        await clock.run(() => exchange.heard[loss - 1]?.length === 1)
        exchange.last.terminate()
        await eventually(() => connection.state === 'waiting')
      }
      respond = (response) => response.writeHead(429, { 'Retry-After': '90' }).end()
      await clock.run(() => counts.get('ticket-refused') === 1)
      issue(exchange.url)
      const refusedAt = clock.now()
      await clock.run(() => exchange.heard[2]?.length === 1, 2_000)
      expect(dialledAt - refusedAt).to.be.within(88_000, 95_000)
      expect(exchange.addresses.map((address) => /token=([^&]+)/.exec(address)?.[1])).to.deep.equal([
        'token-1',
        'token-2',
        'token-4',
      ])
    } finally {
      await connection.stop()
      await exchange.close()
    }
    expect(clock.pending, 'timers left behind').to.equal(0)
  })
})
