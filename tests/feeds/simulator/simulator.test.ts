import { once } from 'node:events'
import { expect } from 'chai'
import { WebSocket } from 'ws'
import type { SideName } from '../../../src/feeds/exchange-side/server.js'
import { type Simulator, startSimulator } from '../../../src/feeds/simulator/simulator.js'
import { binance } from '../../../src/feeds/venues/binance.js'
import { bitstamp } from '../../../src/feeds/venues/bitstamp.js'
import { bybit } from '../../../src/feeds/venues/bybit.js'
import { coinbase } from '../../../src/feeds/venues/coinbase.js'
import { kraken } from '../../../src/feeds/venues/kraken.js'
import { okx } from '../../../src/feeds/venues/okx.js'
import { tokocrypto } from '../../../src/feeds/venues/tokocrypto.js'
import { eventually, FakeClock } from '../../support/exchange-clock.js'

describe('a simulated exchange', () => {
  const clock = new FakeClock()
  let simulator: Simulator
  let client: WebSocket
  let frames: string[]

  async function dial(venue: SideName, prices: Record<string, string> = {}): Promise<void> {
    simulator = await startSimulator({ venue, clock, prices, tickMs: 250 })
    client = new WebSocket(simulator.url)
    frames = []
    client.on('message', (data) => frames.push(String(data)))
    await once(client, 'open')
  }

  afterEach(async () => {
    client.terminate()
    await simulator.close()
  })

  it('speaks Coinbase: acknowledges, starts with a price, ticks, beats, and refuses unknown products', async () => {
    await dial('coinbase', { 'BTC-USD': '61234.5' })
    client.send(coinbase.subscribe(['BTC-USD', 'nonsense'], 1))
    await eventually(() => frames.length === 1)
    expect(JSON.parse(frames[0] ?? '').reason).to.equal('nonsense is not a valid product')
    client.send(coinbase.subscribe(['BTC-USD'], 2))
    await eventually(() => frames.length === 3)
    expect(coinbase.read(frames[1] ?? '')).to.deep.equal({
      kind: 'acknowledged',
      symbols: ['BTC-USD'],
      id: null,
    })
    expect(JSON.parse(frames[2] ?? '')).to.include({
      type: 'ticker',
      price: '61234.5',
      product_id: 'BTC-USD',
    })
    clock.advance(1_000)
    await eventually(() => frames.length === 8)
    const kinds = frames.slice(2).map((frame) => coinbase.read(frame).kind)
    expect(kinds.sort()).to.deep.equal(['heartbeat', 'ticks', 'ticks', 'ticks', 'ticks', 'ticks'])
    const sequences = frames.flatMap((frame) => JSON.parse(frame).sequence ?? [])
    expect(sequences).to.deep.equal([...sequences].sort((a, b) => a - b))
    client.send(coinbase.unsubscribe(['BTC-USD'], 3) ?? '')
    await eventually(() => simulator.symbols().length === 0)
  })

  it('speaks Binance: acknowledges everything and is silent about what it does not know', async () => {
    await dial('binance')
    client.send(binance.subscribe(['BTCUSDT', 'NONSENSE'], 7))
    await eventually(() => frames.length === 1)
    expect(binance.read(frames[0] ?? '')).to.deep.equal({ kind: 'acknowledged', symbols: null, id: 7 })
    expect(simulator.symbols()).to.deep.equal(['BTCUSDT'])
    clock.advance(250)
    await eventually(() => frames.length === 2)
    const reading = binance.read(frames[1] ?? '')
    expect(reading.kind === 'ticks' && reading.ticks[0]).to.deep.include({
      symbol: 'BTCUSDT',
      at: clock.now(),
    })
    client.send('{"method":"DANCE","id":8}')
    await eventually(() => frames.length === 3)
    expect(binance.read(frames[2] ?? '').kind).to.equal('refused')
  })

  it('speaks Kraken: greets, answers symbol by symbol and writes prices as numbers', async () => {
    await dial('kraken', { 'BTC/USD': '61234.50' })
    client.send(kraken.subscribe(['BTC/USD', 'BTC/???'], 5))
    await eventually(() => frames.length === 4)
    expect(frames.map((frame) => kraken.read(frame).kind)).to.deep.equal([
      'heartbeat',
      'acknowledged',
      'refused',
      'ticks',
    ])
    expect(frames[3]).to.include('"last":61234.50,')
  })

  it('speaks Tokocrypto as it speaks Binance, in rupiah too', async () => {
    await dial('tokocrypto', { USDTIDR: '16450' })
    client.send(tokocrypto.subscribe(['USDTIDR', 'BTCUSDC'], 7))
    await eventually(() => frames.length === 1)
    expect(simulator.symbols()).to.deep.equal(['USDTIDR'])
    simulator.set('USDTIDR', '16500.5')
    await eventually(() => frames.length === 2)
    const tick = { symbol: 'USDTIDR', price: '16500.5', at: clock.now(), order: null }
    expect(tokocrypto.read(frames[1] ?? '')).to.deep.equal({ kind: 'ticks', ticks: [tick], faults: [] })
  })

  it('speaks Bitstamp: a channel a message, beats when asked, silent about lower-case pairs it does not know', async () => {
    await dial('bitstamp', { btcusd: '61234.5' })
    for (const said of [
      bitstamp.subscribe(['btcusd'], 1),
      bitstamp.subscribe(['nonsense'], 2),
      bitstamp.subscribe(['BTCUSD'], 3),
      bitstamp.ping?.frame(1) ?? '',
      'nonsense',
    ])
      client.send(said)
    await eventually(() => frames.length === 5)
    expect(frames.map((frame) => bitstamp.read(frame).kind)).to.deep.equal([
      'acknowledged',
      'acknowledged',
      'refused',
      'heartbeat',
      'refused',
    ])
    expect(simulator.symbols()).to.deep.equal(['btcusd'])
    simulator.set('btcusd', '61300.00')
    await eventually(() => frames.length === 6)
    const reading = bitstamp.read(frames[5] ?? '')
    expect(reading.kind === 'ticks' && reading.ticks[0]).to.include({
      symbol: 'btcusd',
      price: '61300',
      at: clock.now(),
    })
    client.send(bitstamp.unsubscribe(['btcusd'], 4) ?? '')
    await eventually(() => simulator.symbols().length === 0)
  })

  it('speaks OKX: answers each instrument and starts with its price, and says pong', async () => {
    await dial('okx', { 'BTC-USDT': '61234.5' })
    client.send(okx.subscribe(['BTC-USDT', 'NO-PAIR'], 1))
    client.send(okx.ping?.frame(1) ?? '')
    await eventually(() => frames.length === 4)
    const readings = frames.map((frame) => okx.read(frame))
    expect(readings.slice(0, 2)).to.deep.include({ kind: 'acknowledged', symbols: ['BTC-USDT'], id: null })
    expect(readings[1]).to.deep.include({ kind: 'refused', symbols: ['NO-PAIR'] })
    const tick = { symbol: 'BTC-USDT', price: '61234.5', at: clock.now(), order: null }
    expect(readings[2]).to.deep.equal({ kind: 'ticks', ticks: [tick], faults: [] })
    expect(frames[3]).to.equal('pong')
    client.send('nonsense')
    client.send(okx.unsubscribe(['BTC-USDT'], 2) ?? '')
    await eventually(() => simulator.symbols().length === 0 && frames.length === 6)
    expect(okx.read(frames[4] ?? '').kind).to.equal('refused')
  })

  it('speaks Bybit: fails the whole request for one topic, and for one that is held already', async () => {
    await dial('bybit', { BTCUSDT: '61234.5' })
    client.send(bybit.subscribe(['BTCUSDT', 'NONSENSE'], 1))
    await eventually(() => frames.length === 1)
    const failed = bybit.read(frames[0] ?? '')
    expect(failed.kind === 'several' && failed.readings[0]).to.deep.include({
      kind: 'refused',
      symbols: ['NONSENSE'],
      id: 1,
    })
    expect(simulator.symbols()).to.deep.equal([])
    client.send(bybit.subscribe(['BTCUSDT'], 2))
    client.send(bybit.ping?.frame(1) ?? '')
    client.send(bybit.subscribe(['BTCUSDT'], 3))
    client.send(
      bybit.subscribe(
        Array.from({ length: 11 }, (_, index) => `A${index}USDT`),
        4,
      ),
    )
    await eventually(() => frames.length === 6)
    expect(frames.slice(1).map((frame) => bybit.read(frame).kind)).to.deep.equal([
      'acknowledged',
      'ticks',
      'heartbeat',
      'several',
      'refused',
    ])
    client.send(bybit.unsubscribe(['BTCUSDT'], 5) ?? '')
    await eventually(() => simulator.symbols().length === 0)
  })

  it('says a price that was set to every subscriber, and refuses to price what it does not trade', async () => {
    await dial('coinbase')
    client.send(coinbase.subscribe(['ETH-USD'], 1))
    await eventually(() => frames.length === 2)
    simulator.set('ETH-USD', '1234.56')
    await eventually(() => frames.length === 3)
    expect(JSON.parse(frames[2] ?? '').price).to.equal('1234.56')
    expect(() => simulator.set('nonsense', '1')).to.throw(RangeError)
  })
})
