import { expect } from 'chai'
import type { ExchangeSide } from '../../src/feeds/exchange-side/protocol.js'
import { SIDES } from '../../src/feeds/exchange-side/server.js'
import { seededRandom } from '../../src/feeds/simulator/walk.js'
import { type Moment, Stage } from '../support/exchange-stage.js'

const MEBIBYTE = 1024 * 1024
const HOUR_MS = 3_600_000

/** What an exchange does wrong; ends when it behaves again and gives how long the board was without prices, in ms. */
interface Misbehaviour {
  readonly title: string
  /** The head of its column. */
  readonly word: string
  readonly act: (stage: Stage) => Promise<number>
}

const RUBBISH = [
  ...[
    '',
    ' ',
    'null',
    'true',
    '0',
    '-1',
    '""',
    '[]',
    '{}',
    '{',
    '[',
    '}',
    '[[]]',
    '{"a":1}{"a":2}',
    'pong pong',
  ],
  ...[
    '<html><body>502 Bad Gateway</body></html>',
    '\u0000\u0001',
    '{"__proto__":{"price":"1"}}',
    '[1,"hb",{}]',
  ],
  ...[
    '{"event":null,"data":null,"channel":{}}',
    '{"type":{"toString":1}}',
    '{"result":[],"id":{}}',
    '\ufeff{}',
  ],
]

const MISBEHAVIOURS: readonly Misbehaviour[] = [
  {
    title: 'hangs up as soon as it was reached',
    word: 'hang-up',
    async act(stage) {
      const welcome = stage.exchange.onConnection
      stage.exchange.onConnection = (socket, index) =>
        index < 3 ? socket.terminate() : welcome(socket, index)
      stage.connect()
      const ms = await stage.recovery()
      expect(stage.exchange.handshakes).to.equal(4)
      return ms
    },
  },
  {
    title: 'says nothing at all',
    word: 'mute',
    async act(stage) {
      stage.service = (index) => (index === 0 ? 'none' : 'full')
      stage.connect()
      return await stage.recovery()
    },
  },
  {
    title: 'acknowledges, beats, and tells no price',
    word: 'no-data',
    async act(stage) {
      stage.service = (index) => (index === 0 ? 'priceless' : 'full')
      stage.connect()
      const ms = await stage.recovery()
      expect(stage.counts.get('silent')).to.equal(1)
      return ms
    },
  },
  {
    title: 'sends halves of frames',
    word: 'halves',
    async act(stage) {
      const socket = await stage.live()
      const [symbol] = stage.symbols
      const { length } = stage.falseFrame(symbol).frame.trimEnd()
      const since = stage.now()
      for (let end = 1; end < length; end += 1) socket.send(stage.falseFrame(symbol).frame.slice(0, end))
      return await recoveryOnTheSame(stage, since)
    },
  },
  {
    title: 'sends text that means nothing',
    word: 'garbage',
    async act(stage) {
      const socket = await stage.live()
      const random = seededRandom(1)
      const since = stage.now()
      for (const text of RUBBISH) socket.send(text)
      for (let count = 0; count < 50; count += 1) {
        const codes = Array.from({ length: 60 }, () => Math.floor(random() * 0xd000))
        socket.send(String.fromCharCode(...codes))
      }
      return await recoveryOnTheSame(stage, since)
    },
  },
  {
    title: 'sends binary noise, and text that is no text',
    word: 'noise',
    async act(stage) {
      const socket = await stage.live()
      const random = seededRandom(2)
      const since = stage.now()
      for (let count = 1; count <= 50; count += 1) {
        socket.send(Buffer.from(Array.from({ length: 4 * count }, () => Math.floor(random() * 256))))
      }
      await recoveryOnTheSame(stage, since)
      socket.send(Buffer.from([0xc3, 0x28]), { binary: false })
      await stage.until(() => stage.counts.get('socket-error') === 1)
      return await stage.recovery(since)
    },
  },
  {
    title: 'sends frames of a megabyte',
    word: '1-mb',
    async act(stage) {
      const socket = await stage.live()
      const since = stage.now()
      for (const letter of ['x', '[', ' ', '{"a":']) {
        socket.send(letter.repeat(MEBIBYTE / letter.length))
        await stage.settle()
      }
      return await recoveryOnTheSame(stage, since)
    },
  },
  {
    title: 'sends a frame larger than any may be',
    word: 'huge',
    async act(stage) {
      const socket = await stage.live()
      const since = stage.now()
      socket.send('x'.repeat(MEBIBYTE + 1))
      await stage.until(() => stage.counts.get('frame-too-large') === 1)
      return await stage.recovery(since)
    },
  },
  {
    title: 'refuses one of the symbols',
    word: 'refusal',
    async act(stage) {
      const [first, second] = stage.symbols
      stage.connect([first, stage.unknown, second])
      const ms = await stage.recovery()
      for (let count = 0; count < 60; count += 1) await stage.step()
      const others = stage.refused.filter((symbol) => symbol !== stage.unknown)
      expect(others, 'refused though they are traded').to.deep.equal([])
      expect(stage.refused).to.have.length.below(2)
      expect(stage.exchange.handshakes).to.equal(1)
      return ms
    },
  },
  {
    title: 'answers a handshake with 429 and a time',
    word: '429',
    async act(stage) {
      stage.exchange.refuse = { status: 429, headers: { 'retry-after': '7' } }
      stage.connect()
      await stage.settle()
      await stage.until(() => stage.exchange.handshakes === 1)
      stage.exchange.refuse = null
      const ms = await stage.recovery()
      expect(stage.exchange.handshakes).to.equal(2)
      expect(ms).to.be.at.least(6_000)
      return ms
    },
  },
  {
    title: 'drips a frame piece by piece',
    word: 'drip',
    async act(stage) {
      const socket = await stage.live()
      const [symbol] = stage.symbols
      stage.service = () => 'none'
      const since = stage.now()
      const { frame, price } = stage.frame(symbol)
      const size = Math.ceil(frame.length / 12)
      for (let at = 0; at < frame.length; at += size) {
        expect(stage.board.get(symbol)?.quote.price).not.to.equal(price)
        socket.send(frame.slice(at, at + size), { fin: at + size >= frame.length })
        await stage.step()
      }
      expect(stage.board.get(symbol)?.quote.price).to.equal(price)
      stage.service = () => 'full'
      return await recoveryOnTheSame(stage, since)
    },
  },
  {
    title: 'tells each price three times',
    word: 'twice',
    async act(stage) {
      const socket = await stage.live()
      const [symbol] = stage.symbols
      stage.service = () => 'priceless'
      const frames = await tenSeconds(stage, symbol)
      const since = stage.now()
      for (const { frame } of [...frames, ...frames, ...frames]) socket.send(frame)
      await stage.settle()
      expect(stage.board.get(symbol)?.quote.price).to.equal(frames.at(-1)?.price)
      stage.service = () => 'full'
      return await recoveryOnTheSame(stage, since)
    },
  },
  {
    title: 'tells prices out of order',
    word: 'shuffled',
    async act(stage) {
      const socket = await stage.live()
      const [symbol] = stage.symbols
      const random = seededRandom(3)
      stage.service = () => 'priceless'
      const frames = await tenSeconds(stage, symbol)
      const since = stage.now()
      const shuffled = frames.map((frame) => ({ ...frame, key: random() })).sort((a, b) => a.key - b.key)
      for (const { frame } of shuffled) socket.send(frame)
      await stage.settle()
      const newest = stage.isTimed ? frames : shuffled
      expect(stage.board.get(symbol)?.quote.price).to.equal(newest.at(-1)?.price)
      stage.service = () => 'full'
      return await recoveryOnTheSame(stage, since)
    },
  },
  { title: 'has a clock that is an hour ahead', word: 'ahead', act: (stage) => skewed(stage, HOUR_MS) },
  { title: 'has a clock that is an hour behind', word: 'behind', act: (stage) => skewed(stage, -HOUR_MS) },
]

/** Frames with a price a second, the last one of now. */
async function tenSeconds(stage: Stage, symbol: string): Promise<{ frame: string; price: string }[]> {
  const frames: { frame: string; price: string }[] = []
  for (let second = 0; second < 10; second += 1) {
    for (let step = 0; step < 4; step += 1) await stage.step()
    frames.push(stage.frame(symbol))
  }
  return frames
}

/** For ten seconds times are wrong by so much; the board shows none of these prices where a venue tells times. */
async function skewed(stage: Stage, skewMs: number): Promise<number> {
  await stage.live()
  const [symbol] = stage.symbols
  const before = stage.board.get(symbol)?.quote.price
  stage.skewMs = skewMs
  for (let step = 0; step < 40; step += 1) await stage.step()
  if (stage.isTimed) expect(stage.board.get(symbol)?.quote.price).to.equal(before)
  stage.skewMs = 0
  return await recoveryOnTheSame(stage, stage.now())
}

async function recoveryOnTheSame(stage: Stage, since: Moment): Promise<number> {
  const ms = await stage.recovery(since)
  expect(stage.exchange.handshakes, 'connections').to.equal(1)
  return ms
}

async function comesThrough(side: ExchangeSide, act: Misbehaviour['act']): Promise<number> {
  const stage = await Stage.open(side)
  try {
    const ms = await act(stage)
    expect(stage.wrong, 'wrong prices').to.deep.equal([])
    return ms
  } finally {
    await stage.close()
    expect(stage.clock.pending, 'timers left behind').to.equal(0)
  }
}

describe('an exchange that misbehaves', () => {
  const recoveries = new Map<string, number[]>()

  for (const { title, act } of MISBEHAVIOURS) {
    it(`${title}: no venue's connection falls, tells a wrong price or stays without one`, async () => {
      const outcomes = await Promise.allSettled(
        Object.entries(SIDES).map(async ([name, side]) => {
          const ms = await comesThrough(side, act)
          recoveries.set(name, [...(recoveries.get(name) ?? []), ms])
        }),
      )
      const names = Object.keys(SIDES)
      const failures = outcomes.flatMap((outcome, index) =>
        outcome.status === 'rejected' ? [`${names[index]}: ${outcome.reason}`] : [],
      )
      expect(failures.join('\n')).to.equal('')
    })
  }

  after(() => {
    const row = (name: string, cells: readonly string[]) =>
      `  ${name.padEnd(11)}${cells.map((cell) => cell.padStart(9)).join('')}\n`
    const words = MISBEHAVIOURS.map(({ word }) => word)
    const rows = Object.keys(SIDES).map((name) =>
      row(name, recoveries.get(name)?.map((ms) => (ms / 1000).toFixed(2)) ?? []),
    )
    process.stdout.write(`\n\n  seconds until prices are back\n${row('', words)}${rows.join('')}`)
  })
})
