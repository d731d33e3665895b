import { expect } from 'chai'
import { Connection } from '../../src/feeds/connection.js'
import type { Venue } from '../../src/feeds/venue.js'
import { gate } from '../../src/feeds/venues/gate.js'
import { indodax } from '../../src/feeds/venues/indodax.js'
import { kucoin } from '../../src/feeds/venues/kucoin.js'
import { okx } from '../../src/feeds/venues/okx.js'
import { createLog } from '../../src/lib/log.js'
import { eventually, FakeClock } from '../support/exchange-clock.js'
import { RudeExchange } from '../support/exchange-server.js'

const WELCOME = '{"id":1,"result":{"client":"2622fcd6","version":"2.8.7"}}'

describe('a socket that has to be let in', () => {
  let exchange: RudeExchange
  let clock: FakeClock
  let connection: Connection
  let prices: string[]
  let counts: Map<string, number>

  beforeEach(async () => {
    exchange = await RudeExchange.open()
    clock = new FakeClock()
    prices = []
    counts = new Map()
  })

  afterEach(async () => {
    await connection.stop()
    await exchange.close()
    expect(clock.pending, 'timers left behind').to.equal(0)
  })

  function connect(venue: Venue, symbols: readonly string[], token?: string): void {
    connection = new Connection({
      venue,
      url: venue.url(exchange.url),
      clock,
      random: () => 0.5,
      log: createLog('silent'),
      onTick: (tick) => prices.push(tick.price),
      onRefused: () => {},
      count: (reason) => counts.set(reason, (counts.get(reason) ?? 0) + 1),
      ...(token === undefined ? {} : { token }),
    })
    connection.setSymbols(symbols)
    connection.start()
  }

  const heard = (index = 0) => exchange.heard[index]?.map((message) => JSON.parse(message)) ?? []

  it('says its hello with the configured token, and asks for nothing before the welcome', async () => {
    connect(indodax, ['btcidr'], 'mine')
    await eventually(() => heard().length === 1)
    expect(heard()).to.deep.equal([{ params: { token: 'mine' }, id: 1 }])
    clock.advance(5_000)
    exchange.last.send('{"id":9}')
    await eventually(() => counts.get('heartbeat') === 1)
    expect(heard(), 'nothing but the hello').to.have.lengthOf(1)
    exchange.last.send(WELCOME)
    await eventually(() => heard().length === 2)
    expect(heard()[1]).to.deep.include({ method: 1, params: { channel: 'market:summary-24h' } })
  })

  it('hears a welcome and a price in one frame', async () => {
    const price =
      '{"result":{"channel":"market:summary-24h","data":{"data":[["btcidr",1767225600,15]],"offset":1}}}'
    exchange.onConnection = (socket) => socket.send(`${WELCOME}\n{"id":2}\n`)
    exchange.onMessage = (socket, message) => {
      if (message.includes('"method":1')) socket.send(`{"id":1,"result":{"recoverable":true}}\n${price}\n`)
    }
    connect(indodax, ['btcidr'])
    await eventually(() => prices.length === 1)
    expect(prices).to.deep.equal(['15'])
    expect(connection.state).to.equal('live')
  })

  it('lets the venue speak first where it wants to, in a binary frame if it likes', async () => {
    connect(kucoin, ['BTC-USDT'])
    await eventually(() => exchange.connections.length === 1)
    clock.advance(5_000)
    expect(heard()).to.deep.equal([])
    exchange.last.send(Buffer.from('{"id":"x","type":"welcome"}'), { binary: true })
    await eventually(() => heard().length === 1)
    expect(heard()[0]).to.include({ type: 'subscribe', topic: '/market/ticker:BTC-USDT' })
  })

  it('gives itself up when no welcome comes, and tries again later', async () => {
    exchange.onMessage = (socket) => socket.send('{"id":1,"error":{"code":109,"message":"token expired"}}')
    connect(indodax, ['btcidr'])
    await clock.run(() => counts.get('no-welcome') === 1, 1_000)
    await clock.run(() => exchange.handshakes === 2)
    await eventually(() => heard(1).length === 1)
    expect(heard(0)).to.deep.equal(heard(1))
  })

  for (const [venue, symbol, isPing, pong] of [
    [kucoin, 'BTC-USDT', '"type":"ping"', '{"id":"ping-1","type":"pong"}'],
    [gate, 'BTC_USDT', '"channel":"spot.ping"', '{"time":1,"channel":"spot.pong","event":"","result":null}'],
    [okx, 'BTC-USDT', 'ping', 'pong'],
  ] as const) {
    it(`pings ${venue.id} as often as it asks, and lives on its answers`, async () => {
      const everyMs = venue.ping?.everyMs ?? 0
      const pings: number[] = []
      exchange.onConnection = (socket) => socket.send('{"id":"x","type":"welcome"}')
      exchange.onMessage = (socket, message) => {
        if (!message.includes(isPing)) return
        pings.push(clock.now())
        socket.send(pong)
      }
      connect({ ...venue, limits: { ...venue.limits, silenceMs: 3_600_000 } }, [symbol])
      await clock.run(() => heard().length === 1)
      const openedAt = clock.now()
      for (let round = 1; round <= 3; round += 1) {
        await clock.run(() => counts.get('heartbeat') === round, 1_000)
      }
      for (const [index, at] of pings.entries()) {
        expect(at - (pings[index - 1] ?? openedAt)).to.be.within(everyMs - 2_000, everyMs + 2_000)
      }
      exchange.onMessage = () => {}
      await clock.run(() => counts.get('idle') === 1, 2_000)
      expect(exchange.handshakes, 'one that gets no answer is dead').to.equal(1)
    })
  }
})
