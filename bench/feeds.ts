import { cpus, loadavg } from 'node:os'
import type { ExchangeAnswers } from './exchange-process.js'
import { Child } from './harness/child.js'
import { delaysOf, type Seen, type Sent } from './harness/delays.js'
import { type Bench, type Figure, percentile, type Skipped } from './harness/figure.js'
import { sleep } from './harness/house.js'
import { hasPostgres, NO_POSTGRES, startPostgres } from './harness/postgres.js'
import { hasRedis, NO_REDIS, type RedisServer, startRedis } from './harness/redis.js'
import type { ReaderAnswers } from './reader-process.js'
import type { SeedAnswers } from './seed-process.js'
import type { WorkerAnswers } from './worker-process.js'

const INSTRUMENTS = 10_000
const TICKS_PER_SECOND = 5_000
const WEBS = 2
/** Every instrument has its first price by then. */
const SETTLE_MS = 4_000
const STEADY_MS = 10_000
const LAST_MS = 1_500
const LONGEST_SUBSCRIBING_MS = 30_000

interface Measured {
  readonly sent: readonly Sent[]
  readonly bare: readonly Seen[]
  readonly webs: readonly (readonly Seen[])[]
  readonly ticksPerSecond: number
  /** Share of the machine's cores that was busy in the measured time, with these processes or others. */
  readonly busy: number
  /** CPU-seconds of each in the measured time. */
  readonly cpu: Readonly<Record<'worker' | 'bare', number>> & { readonly webs: readonly number[] }
  /** Calls of each Redis command in the measured time. */
  readonly commands: ReadonlyMap<string, number>
}

/**
 * Ten thousand instruments that people hold, from the exchange's frame through the product's worker and Redis to two
 * web processes. A price that a newer one of its symbol overtook counts until the newer one was seen.
 */
export async function feeds(bench: Bench): Promise<readonly (Figure | Skipped)[]> {
  if (!hasRedis()) return [{ name: 'feeds', skipped: NO_REDIS }]
  if (!hasPostgres()) return [{ name: 'feeds', skipped: NO_POSTGRES }]
  const load = loadavg()[0] ?? 0
  return figures(await measure(bench), load)
}

async function measure(bench: Bench): Promise<Measured> {
  const symbols = Array.from({ length: INSTRUMENTS }, (_, number) => `COIN${number}-USDT`)
  const postgres = await startPostgres()
  const redis = await startRedis()
  const seeder = new Child<SeedAnswers>('seed-process')
  const exchange = new Child<ExchangeAnswers>('exchange-process')
  const worker = new Child<WorkerAnswers>('worker-process')
  const bare = new Child<ReaderAnswers>('reader-process')
  const webs = Array.from({ length: WEBS }, () => new Child<ReaderAnswers>('reader-process'))
  try {
    bench.progress(`writing holdings of ${INSTRUMENTS} instruments`)
    await seeder.ask('hold', postgres.url, symbols)
    await seeder.stop()
    const url = await exchange.ask('open', 'binance', symbols)
    bench.progress('subscribing')
    await Promise.all(webs.map((web) => web.ask('read', redis.url)))
    await worker.ask('open', {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      FEEDS: 'binance',
      FEED_BINANCE_URL: url,
      SOURCES: 'none',
    })
    const deadline = performance.now() + LONGEST_SUBSCRIBING_MS
    while ((await exchange.ask('subscribed')) < INSTRUMENTS) {
      if (performance.now() > deadline) throw new Error('the worker has not asked for all instruments')
      await sleep(100)
    }
    await bare.ask('listen', 'binance', url, symbols)
    await exchange.ask('run', TICKS_PER_SECOND)
    bench.progress('measuring')
    await sleep(SETTLE_MS)
    return await steadily({ exchange, worker, bare, webs, redis })
  } finally {
    await Promise.all([worker, bare, exchange, seeder, ...webs].map((child) => child.stop()))
    await redis.stop()
    await postgres.stop()
  }
}

/** Looks at everybody before and after, and stops the exchange, so that every last price has to arrive. */
async function steadily(parts: {
  readonly exchange: Child<ExchangeAnswers>
  readonly worker: Child<WorkerAnswers>
  readonly bare: Child<ReaderAnswers>
  readonly webs: readonly Child<ReaderAnswers>[]
  readonly redis: RedisServer
}): Promise<Measured> {
  const { exchange, worker, bare, webs, redis } = parts
  const look = async () => ({
    at: performance.now(),
    cores: coreTimes(),
    commands: await redis.calls(),
    worker: await worker.ask('cpu'),
    bare: await bare.ask('cpu'),
    webs: await Promise.all(webs.map((web) => web.ask('cpu'))),
  })
  const before = await look()
  await exchange.ask('takeSent')
  await sleep(STEADY_MS)
  await exchange.ask('halt')
  const after = await look()
  const sent = await exchange.ask('takeSent')
  await sleep(LAST_MS)
  return {
    sent,
    bare: await bare.ask('seen'),
    webs: await Promise.all(webs.map((web) => web.ask('seen'))),
    ticksPerSecond: (sent.length * 1000) / (after.at - before.at),
    busy: (after.cores.busy - before.cores.busy) / (after.cores.all - before.cores.all),
    cpu: {
      worker: after.worker - before.worker,
      bare: after.bare - before.bare,
      webs: after.webs.map((web, number) => web - (before.webs[number] ?? 0)),
    },
    commands: new Map(
      [...after.commands].map(([name, calls]) => [name, calls - (before.commands.get(name) ?? 0)]),
    ),
  }
}

/** Of all cores since the machine was started. */
function coreTimes(): { readonly busy: number; readonly all: number } {
  const times = cpus().map((core) => core.times)
  const all = times.flatMap((core) => Object.values(core)).reduce((sum, time) => sum + time, 0)
  return { busy: all - times.reduce((sum, { idle }) => sum + idle, 0), all }
}

function figures(measured: Measured, load: number): readonly Figure[] {
  const { sent, cpu } = measured
  const delays = measured.webs.flatMap((seen) => delaysOf(sent, seen))
  const shown = delays.filter((delay) => delay !== null)
  const floor = delaysOf(sent, measured.bare).filter((delay) => delay !== null)
  const calls = [...measured.commands.values()].reduce((sum, count) => sum + count, 0)
  const forThousand = (seconds: number) => (seconds * 1e6) / sent.length
  const webs = cpu.webs.map((seconds) => forThousand(seconds).toFixed(0)).join(' and ')
  const most = [...measured.commands].sort(([, one], [, other]) => other - one).slice(0, 5)
  const delay = (part: number): Pick<Figure, 'figure' | 'unit' | 'floor'> => ({
    figure: percentile(shown, part),
    unit: 'ms',
    floor: { name: `bare socket at the exchange, p${part * 100}`, figure: percentile(floor, part) },
  })
  return [
    {
      name: 'feeds: frame to web, p50',
      ...delay(0.5),
      goal: null,
      note:
        `${INSTRUMENTS} instruments, ${Math.round(measured.ticksPerSecond)} ticks/s, ${WEBS} web processes; ` +
        `load ${load.toFixed(1)} at the start, cores ${Math.round(measured.busy * 100)}% busy meanwhile`,
    },
    { name: 'feeds: frame to web, p99', ...delay(0.99), goal: { of: 'figure', atMost: 100 } },
    {
      name: 'feeds: prices that were never seen',
      figure: delays.length - shown.length,
      unit: 'prices',
      floor: { name: 'bare socket at the exchange', figure: sent.length - floor.length },
      goal: { of: 'figure', atMost: 0 },
      note: `of ${delays.length}; the last one of each instrument with none after it`,
    },
    {
      name: 'feeds: Redis commands for a tick',
      figure: calls / sent.length,
      unit: 'commands',
      floor: null,
      goal: { of: 'figure', atMost: 1.2 },
      note: `those in scripts included: ${most.map(([name, count]) => `${count} ${name}`).join(', ')}`,
    },
    {
      name: "feeds: worker's CPU for 1,000 ticks",
      figure: forThousand(cpu.worker),
      unit: 'ms',
      floor: { name: 'bare sockets that read the same frames', figure: forThousand(cpu.bare) },
      goal: null,
      note: `of a web process ${webs} ms`,
    },
  ]
}
