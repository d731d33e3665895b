import { expect } from 'chai'
import { Connection, type Dial } from '../../src/feeds/connection.js'
import { sharedDial } from '../../src/feeds/shared-dial.js'
import type { Venue } from '../../src/feeds/venue.js'
import { coinbase } from '../../src/feeds/venues/coinbase.js'
import { createLog } from '../../src/lib/log.js'
import { createMemoryCoordination } from '../../src/prices/coordination-memory.js'
import { eventually, FakeClock } from '../support/exchange-clock.js'
import { RudeExchange } from '../support/exchange-server.js'

/** Two workers dial a venue from one address. */
describe('dials of several workers', () => {
  let exchange: RudeExchange
  let clock: FakeClock
  const open: Connection[] = []
  const venue: Venue = {
    ...coinbase,
    limits: { ...coinbase.limits, connectsPer: { count: 3, windowMs: 60_000 } },
  }

  beforeEach(async () => {
    exchange = await RudeExchange.open()
    clock = new FakeClock()
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((connection) => connection.stop()))
    await exchange.close()
  })

  function worker(coordination: Parameters<typeof sharedDial>[0]['coordination']): void {
    const own: Dial = async () => ({ url: exchange.url })
    const { dial, held } = sharedDial({ venue, dial: own, coordination })
    const connection = new Connection({
      venue,
      url: dial,
      onHeld: held,
      clock,
      random: () => 0.5,
      log: createLog('silent'),
      onTick: () => {},
      onRefused: () => {},
      count: () => {},
    })
    open.push(connection)
    connection.setSymbols(['BTC-USD'])
    connection.start()
  }

  /** Real sockets have room between the steps. */
  async function pass(ms: number): Promise<void> {
    for (let past = 0; past < ms; past += 500) {
      clock.advance(500)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  it('keep within the limit of one address together', async () => {
    const coordination = createMemoryCoordination({ now: () => clock.now() })
    exchange.onConnection = (socket) => socket.terminate()
    worker(coordination)
    worker(coordination)
    await clock.run(() => exchange.handshakes === 3)
    await pass(40_000)
    expect(exchange.handshakes).to.equal(3)
    await clock.run(() => exchange.handshakes > 3)
  })

  it('all stay away when the venue has told one of them to', async () => {
    const coordination = createMemoryCoordination({ now: () => clock.now() })
    exchange.refuse = { status: 418, headers: { 'Retry-After': '120' } }
    worker(coordination)
    await eventually(() => exchange.handshakes === 1)
    await eventually(() => open[0]?.state === 'waiting')
    worker(coordination)
    await pass(110_000)
    expect(exchange.handshakes).to.equal(1)
    await clock.run(() => exchange.handshakes > 1, 1_000)
  })

  it('go on by the count of each while the others cannot be asked', async () => {
    const away = async () => Promise.reject(new Error('away'))
    worker({ take: away, hold: away })
    await clock.run(() => exchange.handshakes === 1)
  })
})
