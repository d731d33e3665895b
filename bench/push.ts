import { createLog } from '../src/lib/log.js'
import { createRedisCoordination } from '../src/prices/coordination-redis.js'
import { slotName } from '../src/prices/slots.js'
import type { Quote } from '../src/prices/tick.js'
import { createRedisWire } from '../src/prices/wire-redis.js'
import { Child } from './harness/child.js'
import type { Bench, Figure, Skipped } from './harness/figure.js'
import { SECRET, sleep, temporaryFolder, tokensOf } from './harness/house.js'
import { allSymbols, GROUPS, HOLDINGS, priceOf, symbolsOf } from './harness/population.js'
import { hasRedis, NO_REDIS, startRedis } from './harness/redis.js'
import type { PeerAnswers } from './peer-process.js'
import type { SeedAnswers } from './seed-process.js'
import type { Speech, SwarmAnswers } from './swarm-process.js'
import type { WebAnswers } from './web-process.js'

const USERS = 2_000
const MOVED = 3
const WINDOW_MS = 250
const SETTLE_MS = 3_000
const STEADY_MS = 12_000

interface Measured {
  /** Frames for each CPU-second of the server. */
  readonly perCpuSecond: number
  readonly framesPerSecond: number
  readonly bytesPerFrame: number
}

/**
 * Valuation updates for each CPU-second of the web process: from the quotes published on Redis to the frames on
 * 2,000 sockets, beside bare servers that push the same bytes at the same rate and value nothing.
 */
export async function push(bench: Bench): Promise<readonly (Figure | Skipped)[]> {
  if (!hasRedis()) return [{ name: 'push', skipped: NO_REDIS }]
  const own = await measureHarta(bench)
  const socketIo = await measurePeer(bench, 'socket.io', own.sample)
  const ws = await measurePeer(bench, 'ws', own.sample)
  const note = `${Math.round(own.bytesPerFrame)} B a frame; offered ${rates([own, socketIo, ws])} frames/s`
  return [
    {
      name: 'push: updates valued and sent',
      figure: own.perCpuSecond,
      unit: 'updates/CPU-s',
      floor: { name: 'Socket.IO io.to(room).emit', figure: socketIo.perCpuSecond },
      goal: { of: 'ratio', atLeast: 1 },
      note,
    },
    {
      name: 'push: beside a bare WebSocket',
      figure: own.perCpuSecond,
      unit: 'updates/CPU-s',
      floor: { name: 'ws send', figure: ws.perCpuSecond },
      goal: null,
    },
  ]
}

function rates(measured: readonly Measured[]): string {
  return measured.map(({ framesPerSecond }) => Math.round(framesPerSecond)).join(' / ')
}

async function measureHarta(bench: Bench): Promise<Measured & { sample: string }> {
  const folder = temporaryFolder()
  const redis = await startRedis()
  const seeder = new Child<SeedAnswers>('seed-process')
  const web = new Child<WebAnswers>('web-process')
  const swarm = new Child<SwarmAnswers>('swarm-process')
  try {
    bench.progress('writing users and holdings')
    await seeder.ask('seed', `${folder.path}/database`, USERS)
    await seeder.stop()
    const url = await web.ask('open', 'web', {
      DATA_DIR: folder.path,
      REDIS_URL: redis.url,
      JWT_SECRET: SECRET,
      PUSH_WINDOW_MS: String(WINDOW_MS),
    })
    const stopTicks = await startTicks(redis.url)
    try {
      bench.progress(`connecting ${USERS} users`)
      await swarm.ask('connect', url, 'socket.io', tokensOf(USERS))
      bench.progress('measuring Harta')
      const measured = await measure(web, swarm)
      return { ...measured, sample: await swarm.ask('sample') }
    } finally {
      await stopTicks()
    }
  } finally {
    await swarm.stop()
    await web.stop()
    await seeder.stop()
    await redis.stop()
    folder.remove()
  }
}

async function measurePeer(bench: Bench, speech: Speech, sample: string): Promise<Measured> {
  const peer = new Child<PeerAnswers>('peer-process')
  const swarm = new Child<SwarmAnswers>('swarm-process')
  try {
    bench.progress(`measuring bare ${speech}`)
    const payload = sample.slice(sample.indexOf(',') + 1, -1)
    const url = speech === 'ws' ? await peer.ask('openWs', sample) : await peer.ask('openSocketIo', payload)
    await swarm.ask('connect', url, speech, new Array<null>(USERS).fill(null))
    await peer.ask('run', USERS, WINDOW_MS)
    return await measure(peer, swarm)
  } finally {
    await swarm.stop()
    await peer.stop()
  }
}

async function measure(
  server: { ask(name: 'cpu'): Promise<number> },
  swarm: Child<SwarmAnswers>,
): Promise<Measured> {
  await sleep(SETTLE_MS)
  const before = { cpu: await server.ask('cpu'), ...(await swarm.ask('counts')), at: performance.now() }
  await sleep(STEADY_MS)
  const after = { cpu: await server.ask('cpu'), ...(await swarm.ask('counts')), at: performance.now() }
  if (after.lost > 0) throw new Error(`${after.lost} sockets were lost`)
  const frames = after.frames - before.frames
  return {
    perCpuSecond: frames / (after.cpu - before.cpu),
    framesPerSecond: (frames * 1000) / (after.at - before.at),
    bytesPerFrame: (after.bytes - before.bytes) / frames,
  }
}

/** Every window three coins of every group move, by turns, so that three holdings of every user do. */
async function startTicks(redisUrl: string): Promise<() => Promise<void>> {
  const wire = createRedisWire({ url: redisUrl, now: Date.now, log: createLog('warn') })
  const coordination = createRedisCoordination({ url: redisUrl, log: createLog('warn') })
  const slots = Array.from({ length: 64 }, (_, slot) => slotName(slot))
  const held = await coordination.acquireAll(slots, 'bench', 24 * 3_600_000)
  if (held.size !== slots.length) throw new Error('somebody else writes prices here')
  let step = 0
  let writing: Promise<unknown> = Promise.resolve()
  const write = (symbols: readonly string[]) => {
    const at = Date.now()
    step += 1
    writing = wire.write(
      symbols.map((symbol) => quoteOf(symbol, step, at)),
      'bench',
    )
    return writing
  }
  await write(allSymbols())
  const timer = setInterval(() => {
    const groups = Array.from({ length: GROUPS }, (_, group) => symbolsOf(group))
    const places = Array.from({ length: MOVED }, (_, nth) => (step * MOVED + nth) % HOLDINGS)
    write(groups.flatMap((group) => places.flatMap((place) => group[place] ?? []))).catch((error: unknown) =>
      console.error(error),
    )
  }, WINDOW_MS)
  return async () => {
    clearInterval(timer)
    await writing.catch(() => {})
    await Promise.all([wire.close(), coordination.close()])
  }
}

function quoteOf(symbol: string, step: number, at: number): Quote {
  return {
    symbol,
    source: 'coinbase',
    price: priceOf(symbol, step),
    at,
    order: step,
    currency: 'USD',
    state: 'live',
    freshUntil: at + 60_000,
    version: step,
  }
}
