import { loadavg } from 'node:os'
import type { ExchangeAnswers } from './exchange-process.js'
import type { FiredAnswers } from './fired-process.js'
import { Child } from './harness/child.js'
import { delaysOf, preciseNow, type Seen, type Sent } from './harness/delays.js'
import { type Bench, type Figure, percentile, type Skipped } from './harness/figure.js'
import { SECRET, sleep, tokensOf } from './harness/house.js'
import { priceAbove } from './harness/population.js'
import { hasPostgres, NO_POSTGRES, startPostgres } from './harness/postgres.js'
import { hasRedis, NO_REDIS, startRedis } from './harness/redis.js'
import type { ReaderAnswers } from './reader-process.js'
import type { ToldAnswers } from './told-process.js'
import type { WebAnswers } from './web-process.js'
import type { WorkerAnswers } from './worker-process.js'

const ALERTS = 1_000_000
const INSTRUMENTS = 5_000
const SYMBOLS = 200
const LISTENERS = 20
const AT_ONCE = 10_000
const TICKS_PER_SECOND = 1_000
const STEADY_MS = 5_000
const BETWEEN_MS = 50
const LAST_MS = 3_000
const LONGEST_MS = 60_000

/** Price alerts through the product's own worker and PostgreSQL: read at the start, fired one by one, and all at once. */
export async function fired(bench: Bench): Promise<readonly (Figure | Skipped)[]> {
  if (!hasRedis()) return [{ name: 'fired', skipped: NO_REDIS }]
  if (!hasPostgres()) return [{ name: 'fired', skipped: NO_POSTGRES }]
  return [...(await loading(bench)), ...(await firing(bench))]
}

async function loading(bench: Bench): Promise<readonly Figure[]> {
  const postgres = await startPostgres()
  const child = new Child<FiredAnswers>('fired-process', { execArgv: ['--expose-gc'] })
  try {
    bench.progress('writing a million alerts')
    await child.ask('writeMany', postgres.url, ALERTS, INSTRUMENTS)
    bench.progress('reading them')
    const bare = await child.ask('readBare', postgres.url)
    const { seconds, bytes } = await child.ask('load', postgres.url, ALERTS)
    return [
      {
        name: 'fired: a million alerts read from PostgreSQL',
        figure: seconds,
        unit: 's',
        floor: { name: 'bare SELECT of the same rows, as text', figure: bare },
        goal: { of: 'figure', atMost: 20 },
        note: `until all of ${INSTRUMENTS} instruments are watched; load ${(loadavg()[0] ?? 0).toFixed(1)}`,
      },
      {
        name: 'fired: memory after that',
        figure: bytes,
        unit: 'B/alert',
        floor: null,
        goal: { of: 'figure', atMost: 250 },
        note: 'heap and array buffers of everything in the process',
      },
    ]
  } finally {
    await child.stop()
    await postgres.stop()
  }
}

async function firing(bench: Bench): Promise<readonly Figure[]> {
  const symbols = Array.from({ length: SYMBOLS }, (_, number) => `COIN${number}-USD`)
  const postgres = await startPostgres()
  const redis = await startRedis()
  const writer = new Child<FiredAnswers>('fired-process', { execArgv: ['--expose-gc'] })
  const exchange = new Child<ExchangeAnswers>('exchange-process')
  const worker = new Child<WorkerAnswers>('worker-process')
  const web = new Child<WebAnswers>('web-process')
  const told = new Child<ToldAnswers>('told-process')
  const bare = new Child<ReaderAnswers>('reader-process')
  const reader = new Child<ReaderAnswers>('reader-process')
  try {
    bench.progress(`writing ${AT_ONCE} alerts on one instrument`)
    await writer.ask('writeHouse', postgres.url, symbols, { listeners: LISTENERS, atOnce: AT_ONCE })
    const url = await exchange.ask('open', 'coinbase', symbols)
    const servers = { DATABASE_URL: postgres.url, REDIS_URL: redis.url, JWT_SECRET: SECRET }
    const feeds = { FEEDS: 'coinbase', FEED_COINBASE_URL: url, SOURCES: 'none' }
    await reader.ask('read', redis.url)
    await worker.ask('open', { ...servers, ...feeds })
    const address = await web.ask('open', 'web', { ...servers, ...feeds })
    await told.ask('listen', address, tokensOf(LISTENERS))
    while ((await exchange.ask('subscribed')) < SYMBOLS) await sleep(100)
    await bare.ask('listen', 'coinbase', url, symbols)
    await exchange.ask('run', TICKS_PER_SECOND)
    await sleep(STEADY_MS)

    bench.progress('firing one after the other')
    const singles: Sent[] = []
    for (const symbol of symbols.slice(1)) {
      singles.push(await exchange.ask('tellOne', symbol, priceAbove(symbol)))
      await sleep(BETWEEN_MS)
    }
    await sleep(LAST_MS)
    const alone = await told.ask('seen')
    const peer = await bare.ask('seen')

    bench.progress(`firing ${AT_ONCE} at once`)
    await exchange.ask('takeSent')
    await sleep(STEADY_MS)
    const before = await exchange.ask('takeSent')
    const notified = await writer.ask('notified', postgres.url)
    const began = preciseNow()
    await exchange.ask('tellOne', symbols[0] ?? '', priceAbove(symbols[0] ?? ''))
    const seconds = await written(writer, postgres.url, notified + AT_ONCE, began)
    const during = (await exchange.ask('takeSent')).filter(({ at }) => at < began + seconds * 1_000)
    await exchange.ask('halt')
    await sleep(LAST_MS)
    return figures({ singles, alone, peer, before, during, seen: await reader.ask('seen'), seconds })
  } finally {
    await Promise.all([told, bare, reader, writer].map((child) => child.stop()))
    await Promise.all([web, worker].map((child) => child.stop()))
    await exchange.stop()
    await redis.stop()
    await postgres.stop()
  }
}

async function written(
  writer: Child<FiredAnswers>,
  url: string,
  wanted: number,
  began: number,
): Promise<number> {
  for (;;) {
    const count = await writer.ask('notified', url)
    const seconds = (preciseNow() - began) / 1_000
    if (count >= wanted) return seconds
    if (seconds * 1_000 > LONGEST_MS) throw new Error(`${wanted - count} alerts have not fired`)
    await sleep(20)
  }
}

function figures(measured: {
  readonly singles: readonly Sent[]
  readonly alone: readonly Seen[]
  readonly peer: readonly Seen[]
  readonly before: readonly Sent[]
  readonly during: readonly Sent[]
  readonly seen: readonly Seen[]
  readonly seconds: number
}): readonly Figure[] {
  const { singles, alone, peer, before, during, seen, seconds } = measured
  const own = exact(singles, alone)
  const floor = exact(singles, peer)
  const told = ([0.5, 0.99] as const).map((part): Figure => {
    const name = `p${part * 100}`
    return {
      name: `fired: frame to alert:fired, ${name}`,
      figure: percentile(own, part),
      unit: 'ms',
      floor: { name: `bare socket at the exchange, ${name}`, figure: percentile(floor, part) },
      goal: part === 0.99 ? { of: 'figure', atMost: 250 } : null,
      ...(part === 0.5 && {
        note: `${own.length} alerts of ${LISTENERS} users, ${TICKS_PER_SECOND} ticks/s; written before they are told`,
      }),
    }
  })
  const published = (sent: readonly Sent[]) => delaysOf(sent, seen).filter((delay) => delay !== null)
  return [
    ...told,
    {
      name: `fired: ${AT_ONCE} alerts at one tick, until all are notifications`,
      figure: seconds,
      unit: 's',
      floor: null,
      goal: { of: 'figure', atMost: 5 },
      note: `load ${(loadavg()[0] ?? 0).toFixed(1)}`,
    },
    {
      name: 'fired: frame to web of other instruments meanwhile, p99',
      figure: percentile(published(during), 0.99),
      unit: 'ms',
      floor: { name: 'the 5 s before', figure: percentile(published(before), 0.99) },
      goal: null,
      note: `${during.length} prices`,
    },
  ]
}

/** Of the very tick that an alert was fired by. */
function exact(sent: readonly Sent[], seen: readonly Seen[]): readonly number[] {
  const known = new Map(seen.map((one) => [`${one.symbol} ${one.at}`, one.seen]))
  return sent.map(({ symbol, at }) => {
    const found = known.get(`${symbol} ${at}`)
    if (found === undefined) throw new Error(`${symbol} was never told`)
    return found - at
  })
}
