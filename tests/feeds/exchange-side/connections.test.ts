import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Connection } from '../../../src/feeds/connection.js'
import { SIDES, type SideName } from '../../../src/feeds/exchange-side/server.js'
import { startReplay } from '../../../src/feeds/replay/replay.js'
import { type Simulator, startSimulator } from '../../../src/feeds/simulator/simulator.js'
import { createLog } from '../../../src/lib/log.js'
import { eventually, FakeClock } from '../../support/exchange-clock.js'

/** Two symbols that are traded, one that is not, and how the venue meets that. */
const VENUES: readonly [SideName, string, string, string, 'refuses' | 'is silent about'][] = [
  ['bitfinex', 'tBTCUSD', 'tETHUST', 'tDOGE:NOPE', 'refuses'],
  ['kucoin', 'BTC-USDT', 'ETH-BTC', 'BTC-NOPE', 'is silent about'],
  ['gate', 'BTC_USDT', 'ETH_BTC', 'BTC_NOPE', 'refuses'],
  ['gemini', 'BTCUSD', 'ETHBTC', 'NOPE', 'refuses'],
  ['indodax', 'btcidr', 'usdtidr', 'nopeidr', 'is silent about'],
]

describe('a connection to a simulated exchange', () => {
  let clock: FakeClock
  let prices: Map<string, string>
  let refusals: string[]
  let counts: Map<string, number>
  let closers: (() => unknown)[]

  beforeEach(() => {
    clock = new FakeClock()
    prices = new Map()
    refusals = []
    counts = new Map()
    closers = []
  })

  afterEach(async () => {
    for (const close of closers.reverse()) await close()
    expect(clock.pending, 'timers left behind').to.equal(0)
  })

  function connect(name: SideName, base: string, symbols: readonly string[]): Connection {
    const { venue } = SIDES[name]
    const connection = new Connection({
      venue,
      url: venue.url(base),
      clock,
      random: () => 0.5,
      log: createLog('silent'),
      onTick: ({ symbol, price }) => prices.set(symbol, price),
      onRefused: (symbol) => refusals.push(symbol),
      count: (reason) => counts.set(reason, (counts.get(reason) ?? 0) + 1),
    })
    closers.push(() => connection.stop())
    connection.setSymbols(symbols)
    connection.start()
    return connection
  }

  async function simulate(venue: SideName, start: Record<string, string>): Promise<Simulator> {
    const simulator = await startSimulator({ venue, clock, prices: start, tickMs: 2_000 })
    closers.push(() => simulator.close())
    return simulator
  }

  for (const [name, first, second, unknown, meets] of VENUES) {
    it(`of ${name} hears what it wants, of which the exchange ${meets} the unknown`, async () => {
      const simulator = await simulate(name, { [first]: '61234.5' })
      const connection = connect(name, simulator.url, [first, unknown, second])
      await clock.run(() => prices.has(first) && prices.has(second))
      simulator.set(first, '61300.00')
      await eventually(() => prices.get(first) === '61300')
      if (meets === 'refuses') await clock.run(() => refusals.length > 0)
      else await clock.run(() => connection.silentSymbols.length > 0, 5_000)
      expect(refusals).to.deep.equal(meets === 'refuses' ? [unknown] : [])
      expect(connection.silentSymbols).to.deep.equal(meets === 'refuses' ? [] : [unknown])
      connection.setSymbols([second])
      if (name !== 'indodax') await clock.run(() => !simulator.symbols().includes(first))
      const told = prices.get(second)
      await clock.run(() => prices.get(second) !== told)
      expect(counts.has('answer-missing'), 'every request was answered').to.equal(false)
      expect(counts.has('reconnect')).to.equal(false)
    })
  }

  it('of bitfinex keeps alive by heartbeats, and drops a channel by its number', async () => {
    const simulator = await simulate('bitfinex', { tBTCUSD: '5' })
    const connection = connect('bitfinex', simulator.url, ['tBTCUSD', 'tETHUSD'])
    await clock.run(() => simulator.symbols().length === 2)
    connection.setSymbols(['tETHUSD'])
    await clock.run(() => simulator.symbols().length === 1)
    await clock.run(() => (counts.get('heartbeat') ?? 0) > 1, 5_000)
    expect(simulator.symbols()).to.deep.equal(['tETHUSD'])
  })

  it('of indodax takes a second subscribe for done', async () => {
    const simulator = await simulate('indodax', { btcidr: '1550000000' })
    const connection = connect('indodax', simulator.url, ['btcidr'])
    await clock.run(() => prices.has('btcidr'))
    connection.setSymbols(['ethidr'])
    await clock.run(() => prices.has('ethidr'))
    clock.advance(10_000)
    expect(refusals).to.deep.equal([])
    expect(counts.has('answer-missing')).to.equal(false)
  })

  it('of bitfinex hears a replay, whose recorded channel numbers no socket of now was told', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'replay-'))
    closers.push(() => rm(folder, { recursive: true }))
    const path = join(folder, 'session.jsonl')
    const lines = [
      '{"event":"info","version":2,"platform":{"status":1}}',
      '{"event":"subscribed","channel":"ticker","chanId":17,"symbol":"tBTCUSD","pair":"BTCUSD"}',
      '[17,"hb"]',
      '[17,[86697,14.3,86723,14.7,1060,0.012,86717.50,544.3,86898,85156]]',
      '[99,[1,1,1,1,1,1,1,1,1,1]]',
    ]
    await writeFile(path, lines.join('\n'))
    const replay = await startReplay({ venue: 'bitfinex', file: path, speed: 'max', clock })
    closers.push(() => replay.close())
    connect('bitfinex', replay.url, ['tBTCUSD'])
    await clock.run(() => prices.size > 0)
    await replay.finished
    expect([...prices]).to.deep.equal([['tBTCUSD', '86717.5']])
    expect(replay.sent, 'answers and heartbeats are the replay’s own').to.equal(2)
  })
})
