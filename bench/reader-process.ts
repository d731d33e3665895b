import { WebSocket } from 'ws'
import { SIDES, type SideName } from '../src/feeds/exchange-side/server.js'
import { parsePair } from '../src/instruments/symbol.js'
import { systemClock } from '../src/lib/clock.js'
import { createLog } from '../src/lib/log.js'
import { PriceBoard } from '../src/prices/board.js'
import { PriceReader } from '../src/prices/reader.js'
import { createRedisWire } from '../src/prices/wire-redis.js'
import { answer, cpuSeconds } from './harness/answers.js'
import { preciseNow, type Seen } from './harness/delays.js'

/** Somebody who sees prices: on the wire as a web process does, or at the exchange itself. */
const closing: (() => unknown)[] = []
const seen: Seen[] = []

/** The web process's reader and board; resolves when the cache was read. */
async function read(redisUrl: string): Promise<void> {
  const log = createLog('warn')
  const wire = createRedisWire({ url: redisUrl, now: Date.now, log })
  const board = new PriceBoard({ now: Date.now })
  const reader = new PriceReader({
    wire,
    board,
    clock: systemClock,
    log,
    moved: ({ quote: { symbol, at } }) => seen.push({ symbol, at, seen: preciseNow() }),
  })
  closing.push(
    () => reader.stop(),
    () => wire.close(),
  )
  await reader.start()
}

/** Bare sockets, as many as the exchange wants for so many symbols; resolves when all were asked for. */
async function listen(name: SideName, url: string, symbols: readonly string[]): Promise<void> {
  const { venue } = SIDES[name]
  const symbolOf = new Map<string, string>()
  for (const symbol of symbols) {
    const pair = parsePair(symbol)
    symbolOf.set((pair && venue.symbol(pair)) ?? symbol, symbol)
  }
  for (const some of chunks([...symbolOf.keys()], venue.limits.maxSymbols)) {
    const socket = new WebSocket(venue.url(url), { perMessageDeflate: false })
    closing.push(() => socket.terminate())
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    socket.on('message', (data) => {
      const now = preciseNow()
      const reading = venue.read(String(data))
      if (reading.kind !== 'ticks') return
      for (const { symbol, at } of reading.ticks)
        seen.push({ symbol: symbolOf.get(symbol) ?? symbol, at: at ?? now, seen: now })
    })
    chunks(some, venue.limits.symbolsPerMessage).forEach((asked, number) => {
      socket.send(venue.subscribe(asked, number + 1))
    })
  }
}

function chunks(names: readonly string[], size: number): readonly (readonly string[])[] {
  const count = Math.ceil(names.length / size)
  return Array.from({ length: count }, (_, number) => names.slice(number * size, (number + 1) * size))
}

const handlers = { read, listen, cpu: cpuSeconds, seen: (): readonly Seen[] => seen }
export type ReaderAnswers = typeof handlers

answer(handlers, async () => {
  for (const close of closing) await close()
})
