import type { ServerResponse } from 'node:http'
import { expect } from 'chai'
import { createAsk } from '../../src/feeds/ask.js'
import { Catalogue } from '../../src/feeds/catalogue.js'
import { coinbaseRest } from '../../src/feeds/rest/coinbase.js'
import { VenueDesk } from '../../src/feeds/rest/venue-desk.js'
import { createLog } from '../../src/lib/log.js'
import { createMemoryCoordination } from '../../src/prices/coordination-memory.js'
import { eventually, FakeClock } from '../support/exchange-clock.js'
import { RudeHttp } from '../support/rude-http.js'

const HOUR_MS = 3_600_000
const BTC = { base: 'BTC', quote: 'USD' }

describe('the catalogue of what venues list', () => {
  let server: RudeHttp
  let clock: FakeClock
  let desk: VenueDesk
  let catalogue: Catalogue
  let changed: string[]
  let counts: string[]

  beforeEach(async () => {
    server = await RudeHttp.open()
    clock = new FakeClock()
    changed = []
    counts = []
    const log = createLog('silent')
    desk = new VenueDesk({
      rest: coinbaseRest,
      base: server.url,
      ask: createAsk({ now: () => clock.now(), timeoutMs: 2_000 }),
      coordination: createMemoryCoordination({ now: () => clock.now() }),
      clock,
      log,
      count: () => {},
    })
    catalogue = new Catalogue({
      desks: [desk],
      clock,
      random: () => 0.5,
      log,
      count: (venue, word) => counts.push(`${venue} ${word}`),
      changed: (venue) => changed.push(venue),
    })
  })
  afterEach(async () => {
    catalogue.stop()
    desk.stop()
    await server.close()
  })

  /** Answers with these coins in dollars; a name in lower case is not traded. */
  function list(...coins: string[]): (response: ServerResponse) => void {
    const rows = coins.map((coin) => ({
      id: `${coin.toUpperCase()}-USD`,
      base_currency: coin.toUpperCase(),
      quote_currency: 'USD',
      status: coin === coin.toLowerCase() ? 'delisted' : 'online',
    }))
    return (response) => response.end(JSON.stringify(rows))
  }

  const coins = () => catalogue.lists().flatMap(({ pairs }) => pairs.map(({ pair }) => pair.base))

  it('knows nothing before a list came, then what is listed and what is traded', async () => {
    server.answer = list('BTC', 'old')
    expect(catalogue.look('coinbase', BTC)).to.equal('unknown')
    expect(catalogue.lists()).to.deep.equal([])
    catalogue.start()
    await eventually(() => changed.length === 1)
    expect(changed).to.deep.equal(['coinbase'])
    expect(catalogue.look('coinbase', BTC)).to.deep.equal({ symbol: 'BTC-USD' })
    expect(catalogue.look('coinbase', { base: 'OLD', quote: 'USD' })).to.equal('not-trading')
    expect(catalogue.look('coinbase', { base: 'NEW', quote: 'USD' })).to.equal('not-listed')
    expect(catalogue.look('elsewhere', BTC)).to.equal('unknown')
    expect(catalogue.lists()[0]).to.include({ venue: 'coinbase', at: clock.now() })
  })

  it('asks again after six hours', async () => {
    server.answer = list('BTC')
    catalogue.start()
    await eventually(() => changed.length === 1)
    clock.advance(6 * HOUR_MS - 1)
    expect(server.asked).to.have.lengthOf(1)
    server.answer = list('BTC', 'NEW')
    clock.advance(1)
    await eventually(() => changed.length === 2)
    expect(coins()).to.deep.equal(['BTC', 'NEW'])
  })

  it('keeps its list when none comes, and asks again soon, then later', async () => {
    server.answer = list('BTC')
    catalogue.start()
    await eventually(() => changed.length === 1)
    server.answer = (response) => response.writeHead(404).end()
    clock.advance(6 * HOUR_MS)
    await eventually(() => counts.length === 1)
    expect(catalogue.look('coinbase', BTC)).to.deep.equal({ symbol: 'BTC-USD' })
    clock.advance(15_000)
    await eventually(() => counts.length === 2)
    clock.advance(15_000)
    expect(server.asked).to.have.lengthOf(3)
    server.answer = list('BTC', 'NEW')
    clock.advance(5_000)
    await eventually(() => changed.length === 2)
    expect(counts).to.deep.equal(['coinbase catalogue-failed', 'coinbase catalogue-failed'])
  })

  for (const [what, before, shrunk] of [
    ['lists less than half', ['BTC', 'eth', 'xrp'], ['BTC']],
    ['trades less than half', ['BTC', 'ETH', 'XRP'], ['BTC', 'eth', 'xrp']],
  ] as const) {
    it(`does not believe that a venue suddenly ${what} of what it did, unless it says so for a day`, async () => {
      server.answer = list(...before)
      catalogue.start()
      await eventually(() => changed.length === 1)
      server.answer = list(...shrunk)
      clock.advance(6 * HOUR_MS)
      await eventually(() => counts.length === 1)
      expect(counts).to.deep.equal(['coinbase catalogue-implausible'])
      expect(coins()).to.deep.equal(['BTC', 'ETH', 'XRP'])
      clock.advance(24 * HOUR_MS - 60_000)
      await eventually(() => counts.length === 2)
      clock.advance(30_000)
      await eventually(() => counts.length === 3)
      expect([server.asked.length, changed.length]).to.deep.equal([3, 1])
      clock.advance(60_000)
      await eventually(() => changed.length === 2)
      expect(coins()).to.deep.equal(shrunk.map((coin) => coin.toUpperCase()))
    })
  }

  it('begins anew to doubt and to hurry after a list that it believed', async () => {
    const [full, half] = [list('BTC', 'ETH', 'XRP'), list('BTC')]
    server.answer = full
    catalogue.start()
    await eventually(() => changed.length === 1)
    server.answer = half
    clock.advance(6 * HOUR_MS)
    await eventually(() => counts.length === 1)
    server.answer = full
    clock.advance(15_000)
    await eventually(() => changed.length === 2)
    for (const times of [3, 4, 5, 6]) {
      clock.advance(6 * HOUR_MS)
      await eventually(() => changed.length === times)
    }
    server.answer = half
    clock.advance(6 * HOUR_MS)
    await eventually(() => counts.length === 2)
    clock.advance(15_000)
    await eventually(() => counts.length === 3)
    expect(new Set(counts)).to.deep.equal(new Set(['coinbase catalogue-implausible']))
  })

  it('believes that half is gone', async () => {
    server.answer = list('BTC', 'ETH')
    catalogue.start()
    await eventually(() => changed.length === 1)
    server.answer = list('ETH')
    clock.advance(6 * HOUR_MS)
    await eventually(() => changed.length === 2)
    expect(catalogue.look('coinbase', BTC)).to.equal('not-listed')
  })

  it('prefers the listing that is traded where a pair is listed twice', async () => {
    server.answer = list('BTC', 'btc')
    catalogue.start()
    await eventually(() => changed.length === 1)
    expect(catalogue.look('coinbase', BTC)).to.deep.equal({ symbol: 'BTC-USD' })
    server.answer = list('btc', 'BTC')
    clock.advance(6 * HOUR_MS)
    await eventually(() => changed.length === 2)
    expect(catalogue.look('coinbase', BTC)).to.deep.equal({ symbol: 'BTC-USD' })
  })

  it('asks no more once it is stopped, and keeps what it knows', async () => {
    server.answer = list('BTC')
    catalogue.start()
    await eventually(() => changed.length === 1)
    catalogue.stop()
    expect(clock.pending).to.equal(0)
    clock.advance(24 * HOUR_MS)
    expect(server.asked).to.have.lengthOf(1)
    expect(coins()).to.deep.equal(['BTC'])
  })
})
