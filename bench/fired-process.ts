import { PriceWatch } from '../src/alerts/price-watch.js'
import { type Database, openDatabase } from '../src/database/database.js'
import { migrate } from '../src/database/migrate.js'
import { systemClock } from '../src/lib/clock.js'
import { createLog } from '../src/lib/log.js'
import { answer, memoryInUse } from './harness/answers.js'
import { priceBetween } from './harness/population.js'
import { writeUsers } from './harness/users.js'

const ALERTS_OF_ONE = 100
const PAGE = 5_000
const MIDDLE = 50_000

let db: Database | null = null
let watch: PriceWatch | null = null

async function open(url: string): Promise<Database> {
  db ??= await openDatabase({ kind: 'server', url })
  return db
}

/** Users with a hundred alerts each, as many above as below the price, a tenth of which arm themselves again. */
async function writeMany(url: string, alerts: number, instruments: number): Promise<void> {
  await migrate({ kind: 'server', url })
  const database = await open(url)
  await database.asSystem(async (tx) => {
    await writeUsers(tx, Math.ceil(alerts / ALERTS_OF_ONE))
    await tx.$executeRaw`
      INSERT INTO alert_marks (symbol, price, version, at)
      SELECT 'COIN' || n || '-USD', ${MIDDLE}::numeric, 1, now() FROM generate_series(0, ${instruments}::int - 1) AS n`
  })
  for (let first = 0; first < alerts; first += 50_000) {
    const last = Math.min(first + 50_000, alerts) - 1
    await database.asSystem(
      (tx) => tx.$executeRaw`
        INSERT INTO alerts (id, user_id, kind, symbol, condition, threshold, repeat, previous, previous_version, previous_at)
        SELECT ('00000007-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
          ('00000000-0000-7000-8000-' || lpad(to_hex(n / ${ALERTS_OF_ONE}::int), 12, '0'))::uuid, 'PRICE',
          'COIN' || (n % ${instruments}::int) || '-USD',
          CASE WHEN n % 10 = 3 THEN 'crosses' WHEN n % 2 = 0 THEN 'above' ELSE 'below' END,
          ${MIDDLE}::numeric + (CASE WHEN n % 2 = 0 THEN 1 ELSE -1 END)
            * (100 + (n / ${instruments}::int)::bigint * 7919 % 400000 * 0.05),
          CASE WHEN n % 10 = 4 THEN 'rearm' ELSE 'once' END, ${MIDDLE}::numeric, 1, now()
        FROM generate_series(${first}::int, ${last}::int) AS n`,
    )
  }
  await database.close()
  db = null
  const fresh = await open(url)
  await fresh.asSystem((tx) => tx.$executeRawUnsafe('ANALYZE alerts'))
}

/** Seconds until all rows were read by the product's client, page by page, each row as its own text. */
async function readBare(url: string): Promise<number> {
  const database = await open(url)
  const began = performance.now()
  let last = { symbol: '', id: '00000000-0000-0000-0000-000000000000' }
  for (let count = PAGE; count === PAGE; ) {
    const [row] = await database.asSystem(
      (tx) => tx.$queryRaw<{ lines: string | null; symbol: string; id: string; count: number }[]>`
        SELECT string_agg(found::text, E'\n') AS lines, max(symbol) AS symbol,
          (array_agg(id ORDER BY symbol DESC, id DESC))[1]::text AS id, count(*)::int AS count
        FROM (
          SELECT * FROM alerts WHERE (symbol, id) > (${last.symbol}, ${last.id}::uuid) ORDER BY symbol, id LIMIT ${PAGE}
        ) AS found`,
    )
    if (!row) throw new Error('nothing was read')
    last = row
    count = row.count
  }
  return (performance.now() - began) / 1_000
}

/** Seconds of the product's own start of its watch, and what each alert takes afterwards. */
async function load(url: string, alerts: number): Promise<{ seconds: number; bytes: number }> {
  const database = await open(url)
  const before = await inUse()
  watch = new PriceWatch({
    db: database,
    emit: () => {},
    drained: () => Promise.resolve(),
    mine: () => true,
    markOf: () => undefined,
    allowSimulated: true,
    clock: systemClock,
    log: createLog('warn'),
  })
  const began = performance.now()
  await watch.start()
  const seconds = (performance.now() - began) / 1_000
  if (watch.size !== alerts) throw new Error(`${watch.size} alerts are there`)
  return { seconds, bytes: ((await inUse()) - before) / alerts }
}

async function inUse(): Promise<number> {
  const { heapUsed, external } = await memoryInUse()
  return heapUsed + external
}

/**
 * People with sessions. The first ones have an alert on each instrument but the first, in turn; on that one there are
 * so many, ten of each user, which all fire at one price.
 */
async function writeHouse(
  url: string,
  symbols: readonly string[],
  { listeners, atOnce }: { readonly listeners: number; readonly atOnce: number },
): Promise<void> {
  await migrate({ kind: 'server', url })
  const database = await open(url)
  const thresholds = symbols.map((symbol) => priceBetween(symbol))
  await database.asSystem(async (tx) => {
    await tx.$executeRaw`
      INSERT INTO instruments (id, symbol, kind, name, currency, past_read_at)
      SELECT gen_random_uuid(), symbol, 'CRYPTO', symbol, 'USD', now() FROM unnest(${[...symbols]}::text[]) AS symbol`
    await tx.$executeRaw`
      INSERT INTO candles (instrument_id, interval, at, open, high, low, close, source, state)
      SELECT id, '1m', date_trunc('minute', now()), 100, 100, 100, 100, 'bench', 'live' FROM instruments`
    await writeUsers(tx, Math.ceil(atOnce / 10))
    await tx.$executeRaw`
      INSERT INTO sessions (id, user_id, expires_at)
      SELECT ('00000001-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
        ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, now() + interval '1 day'
      FROM generate_series(0, ${listeners}::int - 1) AS n`
    await tx.$executeRaw`
      INSERT INTO alerts (id, user_id, kind, symbol, condition, threshold)
      SELECT gen_random_uuid(),
        ('00000000-0000-7000-8000-' || lpad(to_hex(place % ${listeners}::int), 12, '0'))::uuid, 'PRICE', symbol,
        'above', threshold::numeric
      FROM unnest(${[...symbols]}::text[], ${thresholds}::text[]) WITH ORDINALITY AS asked (symbol, threshold, place)
      WHERE place > 1`
    await tx.$executeRaw`
      INSERT INTO alerts (id, user_id, kind, symbol, condition, threshold)
      SELECT gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad(to_hex(n / 10), 12, '0'))::uuid, 'PRICE',
        ${symbols[0] ?? ''}, 'above', ${thresholds[0] ?? ''}::numeric
      FROM generate_series(0, ${atOnce}::int - 1) AS n`
  })
}

async function notified(url: string): Promise<number> {
  const database = await open(url)
  const [row] = await database.asSystem(
    (tx) => tx.$queryRaw<{ count: number }[]>`SELECT count(*)::int AS count FROM notifications`,
  )
  return row?.count ?? 0
}

const handlers = { writeMany, readBare, load, writeHouse, notified }
export type FiredAnswers = typeof handlers

answer(handlers, async () => {
  await watch?.stop()
  await db?.close()
})
