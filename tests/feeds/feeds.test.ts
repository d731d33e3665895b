import { expect } from 'chai'
import { Feeds } from '../../src/feeds/feeds.js'
import { type Simulator, startSimulator } from '../../src/feeds/simulator/simulator.js'
import type { Venue } from '../../src/feeds/venue.js'
import { binance } from '../../src/feeds/venues/binance.js'
import { coinbase } from '../../src/feeds/venues/coinbase.js'
import { demo } from '../../src/feeds/venues/demo.js'
import { kraken } from '../../src/feeds/venues/kraken.js'
import { createLog } from '../../src/lib/log.js'
import type { Offer } from '../../src/prices/tick.js'
import { eventually, FakeClock } from '../support/exchange-clock.js'
import { RudeExchange } from '../support/exchange-server.js'

describe('the feeds', () => {
  let clock: FakeClock
  let feeds: Feeds
  let ticks: Offer[]
  let closers: (() => Promise<void>)[]

  beforeEach(() => {
    clock = new FakeClock()
    ticks = []
    closers = []
  })

  afterEach(async () => {
    await feeds.stop()
    for (const close of closers) await close()
    expect(clock.pending, 'timers left behind').to.equal(0)
  })

  async function simulate(venue: 'binance' | 'coinbase' | 'kraken'): Promise<Simulator> {
    const simulator = await startSimulator({ venue, clock, tickMs: 250 })
    closers.push(() => simulator.close())
    return simulator
  }

  function listen(venues: { venue: Venue; url: string }[]): void {
    feeds = new Feeds({
      venues: venues.map((entry) => ({
        ...entry,
        url: entry.venue.url(entry.url),
        token: null,
        simulated: true,
      })),
      offer: (offer) => ticks.push(offer),
      witness: () => {},
      clock,
      random: () => 0.5,
      log: createLog('silent'),
    })
    feeds.start()
  }

  const heard = () => new Set(ticks.map((tick) => `${tick.source} ${tick.symbol}`))
  const status = (id: string) => feeds.status().venues.find((venue) => venue.venue === id)

  it('speaks to three simulated exchanges at once, each symbol to the first that quotes it', async () => {
    const [first, second, third] = [
      await simulate('coinbase'),
      await simulate('binance'),
      await simulate('kraken'),
    ]
    listen([
      { venue: coinbase, url: first.url },
      { venue: binance, url: second.url },
      { venue: kraken, url: third.url },
    ])
    feeds.want(['BTC-USD', 'ETH-USD', 'BTC-IDR', 'EUR-USD', 'USD-IDR', 'BBCA.JK'])
    await clock.run(() => heard().size === 4)
    expect([...heard()].sort()).to.deep.equal([
      'binance BTC-IDR',
      'coinbase BTC-USD',
      'coinbase ETH-USD',
      'kraken EUR-USD',
    ])
    expect(feeds.status().unserved).to.deep.equal(['USD-IDR'])
  })

  it('hands on the exact price that the exchange set', async () => {
    for (const venue of [coinbase, binance, kraken] as const) {
      const simulator = await simulate(venue.id as 'binance' | 'coinbase' | 'kraken')
      listen([{ venue, url: simulator.url }])
      feeds.want(['BTC-USDT'])
      await clock.run(() => simulator.symbols().length === 1)
      simulator.set(simulator.symbols()[0] ?? '', '98765.4321')
      await eventually(() => ticks.some((tick) => tick.price === '98765.4321' && tick.source === venue.id))
      await feeds.stop()
    }
  })

  it('listens to dollars in rupiah on the demo exchange', async () => {
    const simulator = await simulate('coinbase')
    listen([{ venue: demo, url: simulator.url }])
    feeds.want(['USD-IDR', 'BTC-USD'])
    await clock.run(() => ticks.length >= 10)
    expect([...heard()].sort()).to.deep.equal(['demo BTC-USD', 'demo USD-IDR'])
    const rupiah = ticks.filter((tick) => tick.symbol === 'USD-IDR').map((tick) => Number(tick.price))
    expect(Math.min(...rupiah)).to.be.above(15_000)
    expect(Math.max(...rupiah)).to.be.below(18_000)
    expect(status('demo')).to.deep.include({ simulated: true, state: 'live', connections: 1, symbols: 2 })
  })

  it('adds and drops symbols without reconnecting', async () => {
    const simulator = await simulate('coinbase')
    listen([{ venue: coinbase, url: simulator.url }])
    feeds.want(['BTC-USD'])
    await clock.run(() => heard().has('coinbase BTC-USD'))
    feeds.want(['ETH-USD', 'SOL-USD'])
    await clock.run(() => heard().size === 3 && simulator.symbols().length === 2)
    expect(simulator.symbols()).to.have.members(['ETH-USD', 'SOL-USD'])
    ticks.length = 0
    await clock.run(() => ticks.length >= 8)
    expect(heard().has('coinbase BTC-USD')).to.equal(false)
    expect(status('coinbase')?.counts.connect).to.equal(1)
    feeds.want([])
    await eventually(() => simulator.symbols().length === 0)
    expect(status('coinbase')).to.deep.include({ state: 'idle', connections: 0, symbols: 0 })
  })

  it('takes a symbol to the next venue when one refuses it, and says so', async () => {
    const picky = await RudeExchange.open()
    closers.push(() => picky.close())
    picky.onMessage = (socket, message) => {
      const { method, params, req_id } = JSON.parse(message)
      for (const symbol of params.symbol) {
        socket.send(
          JSON.stringify({ method, req_id, success: false, symbol, error: 'Currency pair not supported' }),
        )
      }
    }
    const simulator = await simulate('coinbase')
    listen([
      { venue: kraken, url: picky.url },
      { venue: coinbase, url: simulator.url },
    ])
    feeds.want(['BTC-USD'])
    await clock.run(() => heard().has('coinbase BTC-USD'))
    const reason = 'Currency pair not supported'
    expect(status('kraken')?.refused).to.deep.include({ symbol: 'BTC-USD', reason })
    await clock.run(() => status('kraken')?.connections === 0)
    expect(status('kraken')?.refused).to.deep.include({ symbol: 'USDC-USD', reason })
    expect(feeds.routes()).to.have.lengthOf(1)
    expect(feeds.routes()[0]).to.deep.include({ active: 'coinbase', standby: null, reason: 'refused' })
    expect(feeds.status().unserved).to.deep.equal([])
  })

  it('asks again after minutes for what every venue refused, less and less often', async () => {
    const picky = await RudeExchange.open()
    closers.push(() => picky.close())
    picky.onMessage = (socket) =>
      socket.send('{"type":"error","message":"Failed to subscribe","reason":"no"}')
    listen([{ venue: coinbase, url: picky.url }])
    feeds.want(['NOPE-USDT'])
    const asked = () => picky.heard.flat().length
    // The venue answers in real time: the clock hardly moves while it is spoken to, so that no patience runs out.
    const refusedAfter = async (times: number) => {
      await clock.run(() => status('coinbase')?.state !== 'idle' || asked() === times, 5_000)
      await clock.run(() => asked() === times, 5)
      await eventually(() => status('coinbase')?.refused.length === 1)
      await clock.run(() => status('coinbase')?.state === 'idle', 5)
      return clock.now()
    }
    const first = await refusedAfter(1)
    await clock.run(() => feeds.status().unserved.length === 1)
    const second = await refusedAfter(2)
    expect(second - first).to.be.within(5 * 60_000 - 1_000, 6 * 60_000)
    const third = await refusedAfter(3)
    expect(third - second).to.be.at.least(19 * 60_000)
  })

  it('spreads more symbols than a connection holds over several, and closes them with their symbols', async () => {
    const simulator = await simulate('coinbase')
    const venue = { ...coinbase, limits: { ...coinbase.limits, maxSymbols: 2 } }
    listen([{ venue, url: simulator.url }])
    const symbols = ['A-USD', 'B-USD', 'C-USD', 'D-USD', 'E-USD']
    feeds.want(symbols)
    await clock.run(() => heard().size === 5)
    expect(status('coinbase')).to.deep.include({ state: 'live', connections: 3, symbols: 5 })
    feeds.want(['E-USD'])
    await eventually(() => status('coinbase')?.connections === 1)
  })

  it('tells what an operator needs', async () => {
    const simulator = await simulate('binance')
    listen([{ venue: binance, url: simulator.url }])
    expect(status('binance')).to.deep.include({ state: 'idle', lastTickAgeMs: null })
    feeds.want(['BTC-USDT', 'NOSUCHCOIN-ZAR'])
    await clock.run(() => ticks.length >= 3)
    for (let second = 0; second < 70; second += 1) {
      const before = ticks.length
      await clock.run(() => ticks.length > before, 1_000)
    }
    const now = status('binance')
    expect(now?.counts.tick).to.equal(ticks.length)
    expect(now?.silent).to.deep.equal(['NOSUCHCOIN-ZAR'])
    expect(now?.lastTickAgeMs).to.be.within(0, 2_000)
    const later = clock.now()
    await simulator.close()
    await eventually(() => status('binance')?.state !== 'live')
    clock.advance(4_000)
    expect(status('binance')?.lastTickAgeMs).to.be.within(clock.now() - later, clock.now() - later + 2_000)
  })
})
