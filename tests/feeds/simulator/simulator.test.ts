import { once } from 'node:events'
import { expect } from 'chai'
import { WebSocket } from 'ws'
import { type Simulator, startSimulator } from '../../../src/feeds/simulator/simulator.js'
import { binance } from '../../../src/feeds/venues/binance.js'
import { coinbase } from '../../../src/feeds/venues/coinbase.js'
import { kraken } from '../../../src/feeds/venues/kraken.js'
import { eventually, FakeClock } from '../../support/exchange-clock.js'

describe('a simulated exchange', () => {
  const clock = new FakeClock()
  let simulator: Simulator
  let client: WebSocket
  let frames: string[]

  async function dial(
    venue: 'binance' | 'coinbase' | 'kraken',
    prices: Record<string, string> = {},
  ): Promise<void> {
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
