import { expect } from 'chai'
import type { WebSocket } from 'ws'
import { Connection } from '../../src/feeds/connection.js'
import { ConnectBudget } from '../../src/feeds/connects.js'
import { seededRandom } from '../../src/feeds/simulator/walk.js'
import type { Venue, VenueLimits, VenueTick } from '../../src/feeds/venue.js'
import { binance } from '../../src/feeds/venues/binance.js'
import { coinbase } from '../../src/feeds/venues/coinbase.js'
import { createLog } from '../../src/lib/log.js'
import { eventually, FakeClock } from '../support/exchange-clock.js'
import { RudeExchange } from '../support/exchange-server.js'

const TIME = '2026-01-01T00:00:00.000000Z'
const HEARTBEAT = JSON.stringify({ type: 'heartbeat', product_id: 'BTC-USD', time: TIME })

function ticker(symbol: string, price: string, sequence = 1): string {
  return JSON.stringify({ type: 'ticker', product_id: symbol, price, sequence, time: TIME })
}

function products(message: string): string[] {
  return (JSON.parse(message) as { product_ids: string[] }).product_ids
}

function acknowledgement(symbols: readonly string[]): string {
  return JSON.stringify({ type: 'subscriptions', channels: [{ name: 'ticker', product_ids: symbols }] })
}

describe('a connection to an exchange', () => {
  let exchange: RudeExchange
  let clock: FakeClock
  let connection: Connection
  let ticks: VenueTick[]
  let counts: Map<string, number>
  let refusals: [string, string][]

  beforeEach(async () => {
    exchange = await RudeExchange.open()
    clock = new FakeClock()
    ticks = []
    counts = new Map()
    refusals = []
    // A well-behaved Coinbase by default: acknowledges, then tells one price of each product.
    exchange.onMessage = (socket, message) => {
      if (!message.includes('"subscribe"')) return
      socket.send(acknowledgement(products(message)))
      for (const symbol of products(message)) socket.send(ticker(symbol, '100'))
    }
  })

  afterEach(async () => {
    await connection.stop()
    await exchange.close()
    expect(clock.pending, 'timers left behind').to.equal(0)
  })

  function connect(symbols: string[], options: { venue?: Venue; connects?: ConnectBudget } = {}): void {
    connection = new Connection({
      venue: options.venue ?? coinbase,
      url: exchange.url,
      clock,
      random: () => 0.5,
      log: createLog('silent'),
      onTick: (tick) => ticks.push(tick),
      onRefused: (symbol, reason) => refusals.push([symbol, reason]),
      count: (reason) => counts.set(reason, (counts.get(reason) ?? 0) + 1),
      ...(options.connects ? { connects: options.connects } : {}),
    })
    connection.setSymbols(symbols)
    connection.start()
  }

  function limited(limits: Partial<VenueLimits>, venue: Venue = coinbase): Venue {
    return { ...venue, limits: { ...venue.limits, ...limits } }
  }

  const prices = () => ticks.map((tick) => tick.price)

  it('dials, subscribes and hands prices on', async () => {
    connect(['BTC-USD'])
    expect(connection.state).to.equal('connecting')
    await eventually(() => ticks.length === 1)
    expect(connection.state).to.equal('live')
    expect(ticks[0]).to.deep.equal({ symbol: 'BTC-USD', price: '100', at: Date.parse(TIME), order: 1 })
    expect(connection.lastTickAt).to.equal(clock.now())
  })

  it('stays unconnected while it has no symbols, and hangs up when the last one goes', async () => {
    connect([])
    expect(connection.state).to.equal('idle')
    connection.setSymbols(['BTC-USD'])
    await eventually(() => ticks.length === 1)
    connection.setSymbols([])
    await eventually(() => exchange.openConnections === 0)
    expect(connection.state).to.equal('idle')
    expect(exchange.handshakes).to.equal(1)
  })

  it('recovers from three cuts in a row', async () => {
    connect(['BTC-USD'])
    for (let cut = 1; cut <= 3; cut += 1) {
      await clock.run(() => ticks.length === cut)
      exchange.last.terminate()
      await eventually(() => connection.state !== 'live')
    }
    await clock.run(() => ticks.length === 4)
    expect(connection.state).to.equal('live')
    expect(counts.get('reconnect')).to.equal(3)
  })

  it('reconnects at once after a polite close that the server never completes', async () => {
    connect(['BTC-USD'])
    await eventually(() => ticks.length === 1)
    const closedAt = clock.now()
    exchange.last.close(1001, 'CloudFlare WebSocket proxy restarting')
    exchange.freeze()
    await clock.run(() => ticks.length === 2)
    expect(exchange.handshakes).to.equal(2)
    expect(clock.now() - closedAt).to.be.below(5_000)
  })

  it('gives up a silent connection although it acknowledged and beats', async () => {
    exchange.onMessage = (socket, message) => socket.send(acknowledgement(products(message)))
    connect(['BTC-USD'])
    await eventually(() => exchange.heard[0]?.length === 1)
    await clock.run(() => {
      exchange.last.send(HEARTBEAT)
      return exchange.handshakes === 2
    }, 500)
    expect(counts.get('silent')).to.equal(1)
    expect(counts.has('idle')).to.equal(false)
    const again = clock.now()
    await clock.run(() => {
      exchange.last.send(HEARTBEAT)
      return counts.get('silent') === 2
    }, 500)
    expect(clock.now() - again, 'twice the patience').to.be.at.least(40_000)
  })

  it('gives up a connection whose prices stopped while it still beats', async () => {
    connect(['BTC-USD', 'ETH-USD'])
    await eventually(() => ticks.length === 2)
    for (let beat = 0; beat < 60; beat += 1) {
      exchange.last.send(ticker('BTC-USD', '101', beat + 2))
      await eventually(() => ticks.length === beat + 3)
      clock.advance(500)
    }
    await clock.run(() => {
      exchange.last.send(HEARTBEAT)
      return counts.get('silent') === 1
    }, 500)
    expect(exchange.handshakes).to.equal(1)
  })

  it('leaves a socket alone when one of its symbols is quiet', async () => {
    exchange.onMessage = (socket, message) => socket.send(acknowledgement(products(message)))
    connect(['BTC-USD', 'QUIET-USD'])
    await eventually(() => exchange.heard[0]?.length === 1)
    for (let second = 1; second <= 130; second += 1) {
      exchange.last.send(ticker('BTC-USD', '100', second))
      await eventually(() => ticks.length === second)
      clock.advance(1000)
    }
    expect(exchange.handshakes).to.equal(1)
    expect(connection.silentSymbols).to.deep.equal(['QUIET-USD'])
  })

  it('gives up a socket on which nothing at all comes, and one that never completes its handshake', async () => {
    connect(['BTC-USD'], { venue: limited({ silenceMs: 3_600_000 }) })
    await eventually(() => ticks.length === 1)
    exchange.mute = true
    await clock.run(() => counts.get('idle') === 1, 1000)
    await clock.run(() => counts.get('handshake-timeout') === 1, 1000)
    exchange.mute = false
    await clock.run(() => ticks.length === 2)
  })

  it('obeys Retry-After of a refused handshake, in seconds and as a date', async () => {
    connect([])
    for (const asDate of [false, true]) {
      const asked = clock.now()
      const after = asDate ? new Date(asked + 7_000).toUTCString() : '7'
      const { handshakes } = exchange
      exchange.refuse = { status: 429, headers: { 'retry-after': after } }
      connection.setSymbols(['BTC-USD'])
      await eventually(() => connection.state === 'waiting')
      exchange.refuse = null
      await clock.run(() => exchange.handshakes === handshakes + 2)
      expect(clock.now() - asked, after).to.be.within(6_000, 10_000)
      await clock.run(() => connection.state === 'live')
      connection.setSymbols([])
    }
  })

  it('stays away for two minutes when it is banned without a word', async () => {
    exchange.refuse = { status: 418, headers: {} }
    connect(['BTC-USD'])
    const asked = clock.now()
    await eventually(() => counts.get('handshake-refused') === 1)
    await clock.run(() => exchange.handshakes === 2, 1_000)
    expect(clock.now() - asked).to.be.at.least(120_000)
  })

  it('never dials more often than the venue allows', async () => {
    exchange.onConnection = (socket) => socket.terminate()
    connect(['BTC-USD'], { connects: new ConnectBudget({ count: 5, windowMs: 600_000 }) })
    const started = clock.now()
    await clock.run(() => counts.has('connect-held'), 1_000)
    expect(counts.get('connect')).to.equal(5)
    await clock.run(() => counts.get('connect') === 6, 10_000)
    expect(clock.now() - started).to.be.at.least(600_000)
    expect(exchange.handshakes).to.be.at.most(6)
  })

  it('draws longer delays while nothing but acknowledgements and heartbeats comes', async () => {
    exchange.onMessage = (socket) => {
      socket.send(HEARTBEAT)
      socket.terminate()
    }
    connect(['BTC-USD'])
    const started = clock.now()
    await clock.run(() => exchange.handshakes === 7, 50)
    expect(clock.now() - started, 'half of 1 + 2 + 4 + 8 + 16 + 30 s').to.be.at.least(30_000)
  })

  it('adds and drops symbols on the open socket, in chunks at the pace of the venue', async () => {
    const venue = limited({ symbolsPerMessage: 2, messagesPerSecond: 4 })
    connect(['A-USD', 'B-USD', 'C-USD'], { venue })
    await clock.run(() => ticks.length === 3)
    expect(exchange.heard[0]?.map(products)).to.deep.equal([['A-USD', 'B-USD'], ['C-USD']])
    const before = clock.now()
    connection.setSymbols(['A-USD', 'D-USD', 'E-USD', 'F-USD'])
    await clock.run(() => ticks.length === 6)
    expect(exchange.heard[0]?.slice(2).map((said) => [JSON.parse(said).type, products(said)])).to.deep.equal([
      ['unsubscribe', ['B-USD', 'C-USD']],
      ['subscribe', ['D-USD', 'E-USD']],
      ['subscribe', ['F-USD']],
    ])
    expect(clock.now() - before).to.be.at.least(500)
    expect(exchange.handshakes).to.equal(1)
  })

  it('hands on nothing that it was not asked for', async () => {
    connect(['BTC-USD', 'ETH-USD'])
    await eventually(() => ticks.length === 2)
    connection.setSymbols(['BTC-USD'])
    exchange.last.send(ticker('ETH-USD', '7'))
    exchange.last.send(ticker('DOGE-USD', '8'))
    exchange.last.send(ticker('BTC-USD', '9', 2))
    await eventually(() => prices().includes('9'))
    expect(prices()).to.deep.equal(['100', '100', '9'])
    expect(counts.get('unasked')).to.equal(2)
  })

  it('finds the product for which a whole request was refused, and asks for it no more', async () => {
    exchange.onMessage = (socket, message) => {
      const wanted = products(message)
      const isBad = wanted.includes('NOPE-USD')
      if (isBad)
        socket.send('{"type":"error","message":"Failed to subscribe","reason":"not a valid product"}')
      else {
        socket.send(acknowledgement(wanted))
        for (const symbol of wanted) socket.send(ticker(symbol, '100'))
      }
    }
    const good = ['A-USD', 'B-USD', 'C-USD', 'D-USD']
    connect([...good, 'NOPE-USD'])
    await clock.run(() => ticks.length === 4 && refusals.length === 1)
    expect(ticks.map((tick) => tick.symbol)).to.have.members(good)
    expect(refusals).to.deep.equal([['NOPE-USD', 'Failed to subscribe: not a valid product']])
    const asked = exchange.heard[0]?.length
    connection.setSymbols([...good, 'NOPE-USD'])
    clock.advance(5_000)
    exchange.last.send(HEARTBEAT)
    await eventually(() => counts.get('heartbeat') === 1)
    expect(exchange.heard[0]).to.have.lengthOf(asked ?? 0)
    expect(exchange.handshakes).to.equal(1)
  })

  it('asks again after a pause when the venue says that it is asked too fast', async () => {
    let requests = 0
    exchange.onMessage = (socket, message) => {
      requests += 1
      if (requests === 1) socket.send('{"type":"error","message":"Rate limit exceeded"}')
      else socket.send(ticker(products(message)[0] ?? '', '100'))
    }
    connect(['BTC-USD'])
    await clock.run(() => ticks.length === 1)
    expect(counts.get('throttled')).to.equal(1)
    expect(refusals).to.deep.equal([])
  })

  it('goes on with the next symbols when an answer never comes', async () => {
    exchange.onMessage = () => {}
    connect(['A-USD', 'B-USD'], { venue: limited({ symbolsPerMessage: 1 }) })
    await clock.run(() => exchange.heard[0]?.length === 2)
    expect(counts.get('answer-missing')).to.equal(1)
  })

  it('survives garbage, halves of frames and binary frames without a wrong price', async () => {
    connect(['BTC-USD'])
    await eventually(() => ticks.length === 1)
    const whole = ticker('BTC-USD', '123.45', 2)
    const rubbish = ['', 'null', '0', '[]', '{', '\u0000', '<html>', '{"type":"ticker"}', whole.slice(0, 60)]
    for (const frame of rubbish) exchange.last.send(frame)
    exchange.last.send(ticker('BTC-USD', '0', 3))
    exchange.last.send(ticker('BTC-USD', '-5', 4))
    exchange.last.send(ticker('BTC-USD', '1e9', 5))
    exchange.last.send(Buffer.from([0xff, 0xfe, 0x00, 0x80]))
    exchange.last.send(Buffer.from(whole), { binary: true })
    await eventually(() => ticks.length === 2)
    expect(prices()).to.deep.equal(['100', '123.45'])
    expect(counts.get('price-zero')).to.equal(1)
    expect(counts.get('price-negative')).to.equal(1)
    expect(counts.get('price-not-a-number')).to.equal(1)
    expect(exchange.handshakes).to.equal(1)
  })

  it('drops a connection that sends a frame of more than 1 MB, and dials again', async () => {
    connect(['BTC-USD'])
    await eventually(() => ticks.length === 1)
    exchange.last.send('x'.repeat(1024 * 1024 + 1))
    await clock.run(() => ticks.length === 2)
    expect(counts.get('frame-too-large')).to.equal(1)
  })

  it('hands on duplicates and old ticks as they came, with their time and order', async () => {
    connect(['BTC-USD'])
    await eventually(() => ticks.length === 1)
    for (const order of [5, 5, 3]) exchange.last.send(ticker('BTC-USD', String(order), order))
    await eventually(() => ticks.length === 4)
    expect(ticks.map((tick) => tick.order)).to.deep.equal([1, 5, 5, 3])
  })

  it('outlives a consumer that throws', async () => {
    connect(['BTC-USD'])
    const push = ticks.push.bind(ticks)
    ticks.push = () => {
      ticks.push = push
      throw new Error('no room')
    }
    await eventually(() => counts.get('consumer-error') === 1)
    exchange.last.send(ticker('BTC-USD', '101', 2))
    await eventually(() => prices()[0] === '101')
  })

  it('outlives a reader that throws', async () => {
    const read = (frame: string) => {
      if (frame === 'odd') throw new Error('never seen')
      return coinbase.read(frame)
    }
    connect(['BTC-USD'], { venue: { ...coinbase, read } })
    await eventually(() => ticks.length === 1)
    exchange.last.send('odd')
    exchange.last.send(ticker('BTC-USD', '101', 2))
    await eventually(() => prices().at(-1) === '101')
    expect(counts.get('reader-failed')).to.equal(1)
  })

  describe('that is about to be cut', () => {
    const venue = () => limited({ rolloverMs: [60_000, 120_000], idleMs: 1e9, silenceMs: 1e9 })

    it('opens a new one first, drops the old one, and hears it no more', async () => {
      const silent = (socket: WebSocket, message: string, index: number) => {
        socket.send(acknowledgement(products(message)))
        if (index === 0) socket.send(ticker('BTC-USD', '1'))
      }
      exchange.onMessage = silent
      connect(['BTC-USD'], { venue: venue() })
      await eventually(() => ticks.length === 1)
      clock.advance(89_000)
      expect(exchange.handshakes).to.equal(1)
      await clock.run(() => exchange.heard[1]?.length === 1)
      const [old, fresh] = exchange.connections
      old?.send(ticker('BTC-USD', '2', 2))
      await eventually(() => prices().at(-1) === '2')
      expect(exchange.openConnections).to.equal(2)
      fresh?.send(ticker('BTC-USD', '3', 3))
      await clock.run(() => counts.get('rollover') === 1)
      old?.send(ticker('BTC-USD', '4', 4))
      await eventually(() => exchange.openConnections === 1)
      fresh?.send(ticker('BTC-USD', '5', 5))
      await eventually(() => prices().at(-1) === '5')
      expect(prices()).to.deep.equal(['1', '2', '3', '5'])
      expect(counts.has('reconnect')).to.equal(false)
    })

    it('keeps the old one while a new one cannot be had', async () => {
      connect(['BTC-USD'], { venue: venue() })
      await eventually(() => ticks.length === 1)
      exchange.refuse = { status: 503, headers: {} }
      clock.advance(90_000)
      const since = clock.now()
      await clock.run(() => {
        exchange.last.send(ticker('BTC-USD', '2', clock.now()))
        return counts.get('handshake-refused') === 6
      })
      expect(clock.now() - since, 'half of 1 + 2 + 4 + 8 + 16 s').to.be.at.least(15_000)
      exchange.last.send(ticker('BTC-USD', '3', 2))
      await eventually(() => prices().at(-1) === '3')
      exchange.refuse = null
      await clock.run(() => counts.get('rollover') === 1)
      expect(exchange.connections).to.have.lengthOf(2)
    })

    it('promotes the new one when the old one is cut during the hand-over', async () => {
      exchange.onMessage = (socket, message, index) => {
        if (index === 0) socket.send(ticker(products(message)[0] ?? '', '1'))
      }
      connect(['BTC-USD'], { venue: venue() })
      await eventually(() => ticks.length === 1)
      await clock.run(() => exchange.heard[1]?.length === 1, 1_000)
      exchange.connections[0]?.terminate()
      await eventually(() => counts.get('closed-by-venue') === 1)
      exchange.connections[1]?.send(ticker('BTC-USD', '2', 2))
      await eventually(() => prices().at(-1) === '2')
      expect(exchange.handshakes).to.equal(2)
    })

    it('does the same when the venue announces its cut', async () => {
      exchange.onMessage = (socket, message) => {
        const { id } = JSON.parse(message) as { id: number }
        socket.send(JSON.stringify({ result: null, id }))
        socket.send(JSON.stringify({ e: '24hrMiniTicker', E: clock.now(), s: 'BTCUSDT', c: '5.00' }))
      }
      connect(['BTCUSDT'], { venue: binance })
      await eventually(() => ticks.length === 1)
      exchange.last.send('{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}')
      await clock.run(() => counts.get('rollover') === 1)
      await eventually(() => exchange.openConnections === 1)
      expect(exchange.handshakes).to.equal(2)
      expect(connection.state).to.equal('live')
    })
  })

  it('comes through any mixture of all this without a wrong price', async () => {
    const random = seededRandom(20_260_101)
    const pick = (count: number) => Math.floor(random() * count)
    const valid = new Set(['100'])
    let sequence = 1
    const frame = () => {
      sequence += 1
      return ticker(pick(2) === 0 ? 'BTC-USD' : 'ETH-USD', `${sequence}.50`, sequence)
    }
    const good = () => {
      const whole = frame()
      valid.add(`${sequence}.5`)
      return whole
    }
    const acts: ((socket: WebSocket) => void)[] = [
      (socket) => socket.send(good()),
      (socket) => socket.send(Buffer.from(good()), { binary: true }),
      (socket) => socket.send(frame().slice(0, 20 + pick(60))),
      (socket) => socket.send(frame().replace('"price":"', `"price":"${['-', '0x', 'e', ' '][pick(4)]}`)),
      (socket) => socket.send(frame().replace('USD', 'IDR')),
      (socket) => socket.send(HEARTBEAT.repeat(2)),
      (socket) => socket.send(acknowledgement(['BTC-USD', 'X-USD'])),
      (socket) => socket.send(String.fromCharCode(...Array.from({ length: 40 }, () => pick(0xd000)))),
      (socket) => socket.terminate(),
      (socket) => socket.close(1012),
      () => clock.advance(pick(40_000)),
    ]
    connect(['BTC-USD', 'ETH-USD'])
    for (let round = 0; round < 250; round += 1) {
      await clock.run(() => connection.state === 'live' && exchange.last.readyState === exchange.last.OPEN)
      const socket = exchange.last
      const beats = counts.get('heartbeat') ?? 0
      for (let burst = pick(6); burst >= 0; burst -= 1) acts[pick(acts.length)]?.(socket)
      socket.send(HEARTBEAT, () => {})
      await eventually(() => socket.readyState !== socket.OPEN || (counts.get('heartbeat') ?? 0) > beats)
    }
    const last = good()
    await clock.run(() => {
      exchange.last.send(last)
      return prices().includes(`${sequence}.5`)
    })
    expect(ticks.length).to.be.above(100)
    expect(exchange.handshakes).to.be.above(50)
    for (const tick of ticks) expect(valid.has(tick.price), tick.price).to.equal(true)
    expect(new Set(ticks.map((tick) => tick.symbol))).to.deep.equal(new Set(['BTC-USD', 'ETH-USD']))
    expect(refusals).to.deep.equal([])
  })

  it('stops at any moment, and starts again', async () => {
    connect(['BTC-USD'])
    await connection.stop()
    expect(connection.state).to.equal('stopped')
    connection.start()
    await eventually(() => ticks.length === 1)
    await connection.stop()
    expect(exchange.openConnections).to.equal(0)
  })
})
