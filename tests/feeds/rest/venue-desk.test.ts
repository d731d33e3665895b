import type { ServerResponse } from 'node:http'
import { expect } from 'chai'
import { createAsk } from '../../../src/feeds/ask.js'
import { coinbaseRest } from '../../../src/feeds/rest/coinbase.js'
import { krakenRest } from '../../../src/feeds/rest/kraken.js'
import type { VenueRest } from '../../../src/feeds/rest/rest.js'
import { VenueDesk } from '../../../src/feeds/rest/venue-desk.js'
import { createLog } from '../../../src/lib/log.js'
import type { Coordination } from '../../../src/prices/coordination.js'
import { createMemoryCoordination } from '../../../src/prices/coordination-memory.js'
import { eventually, FakeClock } from '../../support/exchange-clock.js'
import { RudeHttp } from '../../support/rude-http.js'

const MINUTE_MS = 60_000
const NOON = Date.UTC(2026, 8, 2, 12)
const coinbase: VenueRest = { ...coinbaseRest, limit: { count: 1000, windowMs: 1000 } }

describe('the desk that asks a venue', () => {
  let server: RudeHttp
  let clock: FakeClock
  let coordination: Coordination
  let counts: string[]
  const desks: VenueDesk[] = []

  beforeEach(async () => {
    server = await RudeHttp.open()
    clock = new FakeClock(NOON + 30_000)
    coordination = createMemoryCoordination({ now: () => clock.now() })
    counts = []
  })
  afterEach(async () => {
    for (const desk of desks.splice(0)) desk.stop()
    await server.close()
  })

  function open(rest: VenueRest, more: { coordination?: Coordination; timeoutMs?: number } = {}): VenueDesk {
    const desk = new VenueDesk({
      rest,
      base: `${server.url}/`,
      ask: createAsk({ now: () => clock.now(), timeoutMs: more.timeoutMs ?? 5_000 }),
      coordination: more.coordination ?? coordination,
      clock,
      log: createLog('silent'),
      count: (word) => counts.push(word),
    })
    desks.push(desk)
    return desk
  }

  const tellTicker = (response: ServerResponse) =>
    response.end('{"price":"5.10","time":"2026-09-02T12:00:00Z"}')
  const tellKraken = (response: ServerResponse) => response.end('{"error":[],"result":{"A":{"c":["5.10"]}}}')
  const minutes = (count: number) => ({
    symbol: 'BTC-USD',
    interval: '1m' as const,
    from: NOON - count * MINUTE_MS,
    to: NOON,
  })

  /** Every minute between `start` and `end`, the latter included, newest first, as Coinbase tells it. */
  function tellMinutes(response: ServerResponse, { searchParams }: URL): void {
    const [start = 0, end = 0] = ['start', 'end'].map((name) => Date.parse(searchParams.get(name) ?? ''))
    const rows: number[][] = []
    for (let at = end; at >= start; at -= MINUTE_MS) rows.push([at / 1000, 1, 3, 2, 2, 9])
    response.end(JSON.stringify(rows))
  }

  it('gives the newest price', async () => {
    server.answer = tellTicker
    expect(await open(coinbase).ticker('BTC-USD')).to.deep.equal({
      symbol: 'BTC-USD',
      price: '5.1',
      at: NOON,
      order: null,
    })
    expect(server.asked).to.deep.equal(['/products/BTC-USD/ticker'])
    expect(counts).to.deep.equal([])
  })

  it('asks once for what several want to know', async () => {
    server.answer = tellTicker
    const desk = open(coinbase)
    const [first, second] = await Promise.all([desk.ticker('BTC-USD'), desk.ticker('BTC-USD')])
    expect(first).to.deep.equal(second)
    expect(server.asked).to.have.lengthOf(1)
    await desk.ticker('BTC-USD')
    expect(server.asked).to.have.lengthOf(2)
  })

  it('asks one question at a time, and for a price before the past', async () => {
    const waiting: (() => void)[] = []
    server.answer = (response, url) =>
      waiting.push(() =>
        url.pathname.endsWith('ticker') ? tellTicker(response) : tellMinutes(response, url),
      )
    const desk = open(coinbase)
    const first = desk.candles(minutes(2))
    await eventually(() => waiting.length === 1)
    const others = [desk.candles(minutes(3)), desk.catalogue(), desk.ticker('BTC-USD')]
    for (const count of [1, 2, 3, 4]) {
      await eventually(() => waiting.length === count)
      waiting.at(-1)?.()
    }
    await Promise.all([first, ...others])
    const kinds = server.asked.map((path) => path.split('?')[0])
    expect(kinds).to.deep.equal([
      '/products/BTC-USD/candles',
      '/products/BTC-USD/ticker',
      '/products',
      '/products/BTC-USD/candles',
    ])
  })

  it('asks for a long past page by page, newest first, and gives it oldest first', async () => {
    server.answer = tellMinutes
    const candles = await open(coinbase).candles(minutes(700))
    expect(server.asked).to.have.lengthOf(3)
    expect(server.asked[0]).to.include(encodeURIComponent(new Date(NOON - MINUTE_MS).toISOString()))
    expect(candles?.map(({ at }) => at)).to.deep.equal(
      Array.from({ length: 700 }, (_, index) => NOON - (700 - index) * MINUTE_MS),
    )
  })

  it('asks for no interval that is not over, nor tells of one, nor of any beside the range', async () => {
    server.answer = (response) =>
      response.end(
        JSON.stringify([1, 0, -1, -2, -3].map((offset) => [NOON / 1000 + offset * 60, 1, 3, 2, 2, 9])),
      )
    const desk = open(coinbase)
    const begun = { ...minutes(2), to: NOON + 60 * MINUTE_MS }
    expect((await desk.candles(begun))?.map(({ at }) => at)).to.deep.equal([
      NOON - 2 * MINUTE_MS,
      NOON - MINUTE_MS,
    ])
    const ahead = { ...minutes(2), from: NOON, to: NOON + 60 * MINUTE_MS }
    expect(await desk.candles(ahead)).to.deep.equal([])
    expect(server.asked).to.have.lengthOf(1)
    clock.advance(MINUTE_MS)
    expect((await desk.candles(ahead))?.map(({ at }) => at)).to.deep.equal([NOON])
  })

  it('counts an answer that is all beside the range', async () => {
    server.answer = (response) => response.end(JSON.stringify([[NOON / 1000 - 86_400, 1, 3, 2, 2, 9]]))
    expect(await open(coinbase).candles(minutes(2))).to.deep.equal([])
    expect(counts).to.deep.equal(['rest-beside-the-range'])
  })

  it('asks a bounded number of pages for an endless past', async () => {
    server.answer = tellMinutes
    const short = { ...coinbase, candles: { ...coinbase.candles, most: 2 } }
    const candles = await open(short).candles({ ...minutes(1), from: 0 })
    expect(server.asked).to.have.lengthOf(101)
    expect(candles).to.have.lengthOf(202)
    expect(candles?.at(-1)?.at).to.equal(NOON - MINUTE_MS)
  })

  it('asks for nothing that lies further back than the venue reaches', async () => {
    server.answer = (response) => response.end('{"error":[],"result":{"XXBTZUSD":[],"last":1}}')
    const desk = open({ ...krakenRest, limit: coinbase.limit })
    await desk.candles({ ...minutes(1), symbol: 'BTC/USD', from: 0 })
    expect(server.asked).to.deep.equal([
      `/0/public/OHLC?pair=XBTUSD&interval=1&since=${NOON / 1000 - 720 * 60 - 1}`,
    ])
    expect(await desk.candles({ ...minutes(1), symbol: 'BTC/USD', from: 0, to: MINUTE_MS })).to.deep.equal([])
    expect(server.asked).to.have.lengthOf(1)
  })

  it('gives nothing when a page fails', async () => {
    server.answer = (response, url) =>
      server.asked.length === 2 ? response.writeHead(500).end() : tellMinutes(response, url)
    expect(await open(coinbase).candles(minutes(700))).to.equal(null)
    expect(counts).to.deep.equal(['rest-5xx'])
    expect(server.asked).to.have.lengthOf(2)
  })

  it('waits for its turn at the pace that all workers share', async () => {
    server.answer = tellKraken
    const [mine, others] = [open(krakenRest), open(krakenRest)]
    await mine.ticker('BTC/USD')
    const second = others.ticker('BTC/USD')
    await eventually(() => clock.pending === 1)
    clock.advance(999)
    expect(server.asked).to.have.lengthOf(1)
    clock.advance(1)
    expect(await second).to.include({ price: '5.1' })
    expect(counts).to.deep.equal([])
  })

  it('leaves a venue alone for as long as it asked, with all workers', async () => {
    server.answer = (response) => response.writeHead(429, { 'retry-after': '30' }).end()
    const [mine, others] = [open(coinbase), open(coinbase)]
    expect(await mine.ticker('BTC-USD')).to.equal(null)
    server.answer = tellTicker
    expect(await others.ticker('BTC-USD')).to.equal(null)
    expect(counts).to.deep.equal(['rest-429', 'rest-busy'])
    const patient = others.catalogue()
    await eventually(() => clock.pending === 1)
    const hasty = others.ticker('BTC-USD')
    expect(await hasty).to.equal(null)
    clock.advance(30_000)
    await patient
    expect(await others.ticker('BTC-USD')).to.include({ price: '5.1' })
    expect(server.asked).to.have.lengthOf(3)
  })

  it('takes a price ahead of what waits for the venue to be asked again', async () => {
    server.answer = tellTicker
    const desk = open(coinbase)
    await coordination.hold('rest-coinbase', 3_000)
    const past = desk.candles(minutes(1))
    await eventually(() => clock.pending === 1)
    const price = desk.ticker('BTC-USD')
    clock.advance(3_000)
    expect(await price).to.include({ price: '5.1' })
    await past
    expect(server.asked.map((path) => path.split('?')[0])).to.deep.equal([
      '/products/BTC-USD/ticker',
      '/products/BTC-USD/candles',
    ])
  })

  it('stays away a minute when an answer says that it asks too fast', async () => {
    server.answer = (response) => response.end('{"error":["EAPI:Rate limit exceeded"]}')
    const desk = open(krakenRest)
    expect(await desk.ticker('BTC/USD')).to.equal(null)
    expect(await coordination.take('rest-kraken', krakenRest.limit)).to.equal(60_000)
    expect(counts).to.deep.equal(['rest-throttled'])
  })

  it('rests after failures in a row, longer each time, until an answer comes', async () => {
    const desk = open(coinbase)
    const restMs = () => coordination.take('rest-coinbase', { count: 1_000_000, windowMs: 1 })
    server.answer = (response) => response.end('<html>Just a moment</html>')
    for (const _ of [1, 2]) await desk.ticker('BTC-USD')
    expect(await restMs()).to.equal(0)
    await desk.ticker('BTC-USD')
    expect(await restMs()).to.equal(5_000)
    clock.advance(5_000)
    await desk.ticker('BTC-USD')
    expect(await restMs()).to.equal(10_000)
    clock.advance(10_000)
    server.answer = tellTicker
    await desk.ticker('BTC-USD')
    server.answer = (response) => response.end('')
    await desk.ticker('BTC-USD')
    expect(await restMs()).to.equal(0)
    expect(counts).to.deep.equal([...Array(4).fill('rest-not-json'), 'rest-empty'])
  })

  it('takes a symbol that is not known for no failure of the venue', async () => {
    server.answer = (response) => response.writeHead(404).end('{"message":"NotFound"}')
    const desk = open(coinbase)
    for (const _ of [1, 2, 3, 4]) expect(await desk.ticker('NO-USD')).to.equal(null)
    expect(server.asked).to.have.lengthOf(4)
    expect(counts).to.deep.equal(Array(4).fill('rest-404'))
  })

  it('names a venue that does not answer, and one that breaks off', async () => {
    server.answer = () => {}
    const desk = open(coinbase, { timeoutMs: 30 })
    expect(await desk.ticker('BTC-USD')).to.equal(null)
    server.answer = (response) => {
      response.setHeader('content-length', '100').write('{"price":')
      setImmediate(() => response.destroy())
    }
    expect(await desk.ticker('BTC-USD')).to.equal(null)
    expect(counts).to.deep.equal(['rest-timeout', 'rest-unreachable'])
  })

  it('asks nothing while the workers cannot agree', async () => {
    const gone = { ...coordination, take: () => Promise.reject(new Error('away')) }
    expect(await open(coinbase, { coordination: gone }).catalogue()).to.equal(null)
    expect(counts).to.deep.equal(['rest-uncoordinated'])
    expect(server.asked).to.deep.equal([])
  })

  it('lets nobody wait on once it is stopped', async () => {
    await coordination.hold('rest-coinbase', 3_000)
    const desk = open(coinbase)
    const waiting = desk.candles(minutes(1))
    await eventually(() => clock.pending === 1)
    desk.stop()
    expect(await waiting).to.equal(null)
    expect(await desk.ticker('BTC-USD')).to.equal(null)
    expect([clock.pending, server.asked.length, counts.length]).to.deep.equal([0, 0, 0])
  })
})
