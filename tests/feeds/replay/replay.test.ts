import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { WebSocket } from 'ws'
import type { SideName } from '../../../src/feeds/exchange-side/server.js'
import { Feeds } from '../../../src/feeds/feeds.js'
import { readRecording } from '../../../src/feeds/replay/recording.js'
import { type Replay, startReplay } from '../../../src/feeds/replay/replay.js'
import { binance } from '../../../src/feeds/venues/binance.js'
import { coinbase } from '../../../src/feeds/venues/coinbase.js'
import { plainDecimal } from '../../../src/lib/decimal.js'
import { createLog } from '../../../src/lib/log.js'
import type { Tick } from '../../../src/prices/tick.js'
import { eventually, FakeClock } from '../../support/exchange-clock.js'
import { FEEDS, WITHOUT_FEEDS } from '../../support/exchange-frames.js'

/** Digits, spaces and characters that a careless copy would change. */
const FRAMES = [1, 2, 3].map(
  (n) => `{"e":"trade", "E":172316125534${n},"s":"BTCUSDT","t":${n},"p":"61837.6${n}000000","x":"é\u2028"}`,
)

describe('a replay', () => {
  let folder: string
  let clock: FakeClock
  let replay: Replay | null
  let closers: (() => unknown)[]

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'replay-'))
    clock = new FakeClock()
    replay = null
    closers = []
  })

  afterEach(async () => {
    for (const close of closers) await close()
    await replay?.close()
    await rm(folder, { recursive: true })
  })

  async function file(name: string, content: string | Buffer): Promise<string> {
    const path = join(folder, name)
    await writeFile(path, content)
    return path
  }

  function dial(subscribe = binance.subscribe(['BTCUSDT'], 1)): { frames: string[]; socket: WebSocket } {
    const socket = new WebSocket(replay?.url ?? '')
    const frames: string[] = []
    socket.on('message', (data) => frames.push(String(data)))
    socket.on('open', () => socket.send(subscribe))
    closers.push(() => socket.terminate())
    return { frames, socket }
  }

  async function recorded(path: string): Promise<{ atMs: number; frame: string }[]> {
    const found = []
    for await (const frame of readRecording(path)) found.push(frame)
    return found
  }

  it('reads every shape of recording, plain and gzipped', async () => {
    const times = [1723161254.087, 1723161254.187, 1723161255.5]
    const session = [
      '1723161254.0\t*\twss://somewhere',
      '1723161254.05\t>\t{"method":"SUBSCRIBE"}',
      ...FRAMES.map((frame, index) => `${times[index]}\t<\t${frame}`),
    ].join('\n')
    const stamped = FRAMES.map((frame, index) => `${(times[index] ?? 0) * 1000}000000 ${frame}`).join('\n')
    await file('plain.recv', `${times.join('\n')}\n`)
    await file('nanos.recv_ns', times.map((time) => `${time * 1000}000000`).join('\n'))
    const paths = [
      await file('plain.jsonl', `${FRAMES.join('\n')}\n`),
      await file('nanos.jsonl.gz', gzipSync(FRAMES.join('\n'))),
      await file('session.tsv', session),
      await file('session.tsv.gz', gzipSync(session)),
      await file('stamped.gz', gzipSync(stamped)),
    ]
    for (const path of paths) {
      const found = await recorded(path)
      expect(
        found.map(({ frame }) => frame),
        path,
      ).to.deep.equal(FRAMES)
      for (const [index, { atMs }] of found.entries()) {
        expect(atMs, path).to.be.closeTo((times[index] ?? 0) * 1000, 0.01)
      }
    }
  })

  it('refuses files that are no recording', async () => {
    for (const path of [
      await file('a.txt', 'hello\n'),
      await file('b.gz', 'not gzipped'),
      join(folder, 'none'),
    ]) {
      const outcome = await recorded(path).then(
        () => 'read',
        () => 'refused',
      )
      expect(outcome, path).to.equal('refused')
    }
  })

  it('waits for the subscribe, acknowledges it, and keeps the recorded pauses', async () => {
    await file('f.recv', '100\n101\n103\n')
    replay = await startReplay({
      venue: 'binance',
      file: await file('f.jsonl', FRAMES.join('\n')),
      speed: 2,
      clock,
    })
    clock.advance(60_000)
    expect(replay.sent).to.equal(0)
    const { frames } = dial()
    await eventually(() => frames.length === 2)
    expect(frames).to.deep.equal(['{"result":null,"id":1}', FRAMES[0]])
    const started = clock.now()
    await clock.run(() => frames.length === 3, 10)
    expect(clock.now() - started).to.be.within(500, 700)
    await clock.run(() => frames.length === 4, 10)
    expect(clock.now() - started).to.be.within(1_500, 2_000)
    expect(frames.slice(1)).to.deep.equal(FRAMES)
    await replay.finished
  })

  it('leaves recorded answers and heartbeats out and beats on its own when it is done', async () => {
    const ticker =
      '{"type":"ticker","product_id":"BTC-USD","price":"1.0","sequence":1,"time":"2021-04-17T16:43:30Z"}'
    const lines = ['{"type":"subscriptions","channels":[]}', ticker, '{"type":"heartbeat","sequence":9}']
    replay = await startReplay({
      venue: 'coinbase',
      file: await file('f.jsonl', lines.join('\n')),
      speed: 'max',
      clock,
    })
    const { frames } = dial(coinbase.subscribe(['BTC-USD'], 1))
    await replay.finished
    await eventually(() => frames.length === 2)
    expect(frames[1]).to.equal(ticker)
    clock.advance(1_000)
    await eventually(() => frames.length === 3)
    expect(coinbase.read(frames[2] ?? '').kind).to.equal('heartbeat')
  })

  it('goes on where it stands when the client comes back', async () => {
    await file('f.recv', '100\n101\n102\n')
    replay = await startReplay({ venue: 'binance', file: await file('f.jsonl', FRAMES.join('\n')), clock })
    const first = dial()
    await eventually(() => first.frames.length === 2)
    first.socket.terminate()
    const second = dial()
    await clock.run(() => second.frames.length === 3)
    expect([...first.frames.slice(1), ...second.frames.slice(1)]).to.deep.equal(FRAMES)
  })

  it('begins again with loop, and says that an empty recording is none', async () => {
    replay = await startReplay({
      venue: 'binance',
      file: await file('f.jsonl', FRAMES.join('\n')),
      speed: 'max',
      loop: true,
    })
    const { frames } = dial()
    await eventually(() => frames.length > 10)
    expect(frames.slice(1, 7)).to.deep.equal([...FRAMES, ...FRAMES])
    await replay.close()
    replay = await startReplay({ venue: 'binance', file: await file('empty.jsonl', ''), speed: 'max' })
    const outcome = await replay.finished.then(
      () => null,
      (error: Error) => error.message,
    )
    expect(outcome).to.equal('the recording holds no data frames')
  })

  async function throughFeeds(venue: SideName, path: string, wanted: string[]): Promise<Tick[]> {
    const ticks: Tick[] = []
    replay = await startReplay({ venue, file: path, speed: 'max' })
    const described = venue === 'binance' ? binance : coinbase
    const feeds = new Feeds({
      venues: [{ venue: described, url: described.url(replay.url), token: null, simulated: false }],
      offer: (offer) => ticks.push(offer),
      witness: () => {},
      clock,
      random: Math.random,
      log: createLog('silent'),
    })
    feeds.want(wanted)
    feeds.start()
    closers.push(() => feeds.stop())
    await replay.finished
    const read = () => feeds.status().venues[0]?.counts ?? {}
    const frames = () => (read().ignored ?? 0) + (read().tick ?? 0) + (read().unasked ?? 0)
    await eventually(() => frames() >= (replay?.sent ?? 0))
    return ticks
  }

  it(`brings every trade of a recorded Binance session through the feeds${WITHOUT_FEEDS}`, async function () {
    if (!FEEDS) this.skip()
    const path = join(FEEDS, 'sessions/binance/hftbacktest-spot-btcusdt_20240808.gz')
    const ticks = await throughFeeds('binance', path, ['BTC-USDT'])
    const expected: string[] = []
    for (const { frame } of await recorded(path)) {
      const trade = /"e":"trade".*"t":(\d+),"p":"([\d.]+)"/.exec(frame)
      if (trade) expected.push(`${trade[1]} ${plainDecimal(trade[2] ?? '')}`)
    }
    expect(expected).to.have.length.above(9_000)
    expect(ticks.map((tick) => `${tick.order} ${tick.price}`)).to.deep.equal(expected)
  })

  it(`brings a recorded Coinbase session through the feeds${WITHOUT_FEEDS}`, async function () {
    if (!FEEDS) this.skip()
    const path = join(FEEDS, 'sessions/coinbase-exchange/cryptofeed-COINBASE.ws.28.0.tsv.gz')
    const ticks = await throughFeeds('coinbase', path, ['SKL-USD', 'BAND-GBP'])
    expect(new Set(ticks.map((tick) => tick.symbol))).to.deep.equal(new Set(['SKL-USD', 'BAND-GBP']))
    expect(ticks).to.have.length.above(10)
  })
})
