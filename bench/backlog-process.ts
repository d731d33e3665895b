import { Loading } from '../src/alerts/portfolio-loading.js'
import { type Database, openDatabase } from '../src/database/database.js'
import { migrate } from '../src/database/migrate.js'
import { START, webhookQueue } from '../src/delivery/webhook-queue.js'
import { systemClock } from '../src/lib/clock.js'
import { createLog } from '../src/lib/log.js'
import { DayStarts } from '../src/prices/day-starts.js'
import { portfolioLoader, portfoliosLoader } from '../src/valuation/load.js'
import { answer } from './harness/answers.js'
import { writeUsers } from './harness/users.js'

const COINS = 3
const SYMBOLS = 2_000
const CLAIM_MS = 30_000
const PARCELS = 64
/** Its only delivery stands in the midst of the long line. */
const SINGLE = '00000004-0000-7000-8000-000000000000'

let db: Database | null = null

async function open(url: string): Promise<Database> {
  db ??= await openDatabase({ kind: 'server', url })
  return db
}

/**
 * People in Jakarta with three coins, an account in dollars and a flat with prices by hand; every tenth has bought
 * something today.
 */
async function writePortfolios(url: string, users: number): Promise<void> {
  await migrate({ kind: 'server', url })
  const database = await open(url)
  await database.asSystem(async (tx) => {
    await tx.$executeRaw`
      INSERT INTO instruments (id, symbol, kind, name, currency, past_read_at)
      SELECT gen_random_uuid(), 'COIN' || n || '-USD', 'CRYPTO', 'Coin ' || n, 'USD', now()
      FROM generate_series(0, ${SYMBOLS}::int - 1) AS n`
    await tx.$executeRaw`
      INSERT INTO candles (instrument_id, interval, at, open, high, low, close, source, state)
      SELECT id, '1d', date_trunc('day', now(), 'UTC') - interval '1 day', 100, 100, 100, 100, 'bench', 'closed'
      FROM instruments`
    await tx.$executeRaw`
      INSERT INTO exchange_rates (base, quote, date, rate, source)
      SELECT 'USD', 'IDR', current_date - 1, 16000, 'bench'`
    await writeUsers(tx, users, { currencies: ['IDR'], timeZone: 'Asia/Jakarta' })
    await tx.$executeRaw`
      INSERT INTO assets (id, user_id, type, name, symbol, instrument_id, currency, pricing, quantity, cost, investment,
        base_cost, base_currency)
      SELECT gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'CRYPTO',
        instruments.name, instruments.symbol, instruments.id, 'USD', 'MARKET', 1.25 + n % 7, 120, 119, 1900000, 'IDR'
      FROM generate_series(0, ${users}::int - 1) AS n CROSS JOIN generate_series(0, ${COINS}::int - 1) AS place
      JOIN instruments ON instruments.symbol = 'COIN' || ((n * ${COINS}::int + place) % ${SYMBOLS}::int) || '-USD'`
    await tx.$executeRaw`
      INSERT INTO assets (id, user_id, type, name, currency, pricing, quantity, cost, investment, base_cost, base_currency)
      SELECT gen_random_uuid(), id, kind::asset_type, kind, currency, 'MANUAL', 1, 100, 100, 1600000, 'IDR'
      FROM users CROSS JOIN (VALUES ('CASH', 'USD'), ('REAL', 'IDR')) AS given (kind, currency)`
    await tx.$executeRaw`
      INSERT INTO asset_prices (user_id, asset_id, date, unit_price)
      SELECT user_id, id, current_date - back, 2000000 FROM assets CROSS JOIN generate_series(2, 60, 20) AS back
      WHERE type = 'REAL'`
    await tx.$executeRaw`
      INSERT INTO activities (id, user_id, asset_id, type, date, quantity, unit_price, currency)
      SELECT gen_random_uuid(), user_id, id, 'BUY',
        (now() AT TIME ZONE 'Asia/Jakarta')::date - CASE WHEN back = 0 AND get_byte(uuid_send(user_id), 15) % 10 = 0 THEN 0 ELSE back * 30 + 3 END,
        0.25, 100, currency
      FROM assets CROSS JOIN generate_series(0, 3) AS back WHERE type = 'CRYPTO'`
  })
}

/** Ms a user until the rows of so many are read by the product's client, as one text for each two hundred. */
async function readBare(url: string, users: number): Promise<number> {
  const database = await open(url)
  const began = performance.now()
  for (let first = 0; first < users; first += AT_ONCE) {
    const ids = idsFrom(first, Math.min(AT_ONCE, users - first))
    await database.asSystem(
      (tx) => tx.$queryRaw`
        SELECT (SELECT string_agg(users::text, E'\n') FROM users WHERE id = ANY(${ids}::uuid[])) AS users,
          (SELECT string_agg(assets::text, E'\n') FROM assets WHERE user_id = ANY(${ids}::uuid[])) AS assets,
          (SELECT string_agg(p::text, E'\n') FROM asset_prices p WHERE user_id = ANY(${ids}::uuid[])) AS prices`,
    )
  }
  return (performance.now() - began) / users
}

const AT_ONCE = 200

function idsFrom(first: number, count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => `00000000-0000-7000-8000-${(first + index).toString(16).padStart(12, '0')}`,
  )
}

/** Ms a user until the portfolios of so many are loaded as a web process loads one. */
async function loadEach(url: string, users: number): Promise<number> {
  const database = await open(url)
  const load = portfolioLoader({ db: database, dayStarts: dayStarts(database), clock: systemClock })
  await load(idsFrom(0, 1)[0] ?? '')
  const waiting = idsFrom(0, users)
  const began = performance.now()
  const reader = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) await load(id)
  }
  await Promise.all([reader(), reader(), reader(), reader()])
  return (performance.now() - began) / users
}

/**
 * Ms a user until the portfolios of so many are loaded as a worker loads those with alerts, in batches, and of how
 * many in one; the longest transaction.
 */
async function loadAll(
  url: string,
  users: number,
): Promise<{ readonly each: number; readonly batch: number; readonly longest: number }> {
  const database = await open(url)
  const read = portfoliosLoader({ db: database, dayStarts: dayStarts(database), clock: systemClock })
  await read(idsFrom(0, 1))
  const took: number[] = []
  let waiting = users
  let done = (): void => {}
  const all = new Promise<void>((resolve) => {
    done = resolve
  })
  const began = performance.now()
  const loading = new Loading({
    async load(userIds) {
      const asked = performance.now()
      const found = await read(userIds)
      took.push(performance.now() - asked)
      return found
    },
    loaded() {
      waiting -= 1
      if (waiting === 0) done()
    },
    clock: systemClock,
    log: createLog('warn'),
  })
  for (const userId of idsFrom(0, users)) loading.changed({ userId, version: 0, loaded: null })
  await all
  const each = (performance.now() - began) / users
  await loading.stop()
  return { each, batch: users / took.length, longest: Math.max(...took) }
}

function dayStarts(database: Database): DayStarts {
  return new DayStarts({ db: database, pairs: () => [] })
}

/**
 * Ms of so many claims in turn, each as of a process that has nothing under way, and how many it took until the one
 * delivery of the webhook that came last was there.
 */
async function claims(
  url: string,
  times: number,
): Promise<{ readonly each: number[]; readonly until: number }> {
  const database = await open(url)
  const idle = { webhooks: new Map<string, number>(), hosts: new Map<string, number>() }
  const each: number[] = []
  let until = 0
  let after = START
  for (let nth = 1; nth <= times; nth += 1) {
    const now = Date.now()
    const asked = { now, until: now + CLAIM_MS, most: PARCELS, underWay: idle, after }
    const began = performance.now()
    const claim = await database.asSystem((tx) => webhookQueue.claim(tx, asked))
    each.push(performance.now() - began)
    after = claim.after
    if (until === 0 && claim.parcels.some(({ target }) => target.webhookId === SINGLE)) until = nth
  }
  return { each, until }
}

/** Ms of updates of as many rows, which are known by their ids. */
async function updates(url: string, times: number): Promise<readonly number[]> {
  const database = await open(url)
  const each: number[] = []
  for (let nth = 0; nth < times; nth += 1) {
    const began = performance.now()
    await database.asSystem(
      (tx) => tx.$executeRaw`
        UPDATE webhook_deliveries SET claimed_until = now() - interval '1 second'
        WHERE id = ANY(ARRAY(SELECT id FROM webhook_deliveries ORDER BY id OFFSET ${nth * PARCELS}::int LIMIT ${PARCELS}::int))`,
    )
    each.push(performance.now() - began)
  }
  return each
}

/** Deliveries that wait: so many of one webhook, and one of each of so many others; all due. */
async function writeDeliveries(
  url: string,
  { ofOne, others }: { readonly ofOne: number; readonly others: number },
) {
  await migrate({ kind: 'server', url })
  const database = await open(url)
  await database.asSystem(async (tx) => {
    await writeUsers(tx, others + 1)
    await tx.$executeRaw`
      INSERT INTO webhooks (id, user_id, url, secret, failures)
      SELECT ('00000003-0000-7000-8000-' || right(id::text, 12))::uuid, id,
        'https://host' || right(id::text, 12) || '.example/hook', '\\x00', 1
      FROM users`
    await tx.$executeRaw`
      INSERT INTO webhook_deliveries (id, user_id, webhook_id, event_id, event, body, next_attempt_at)
      SELECT (left(webhooks.id::text, 1) || lpad(to_hex(row_number() OVER ()), 7, '0') || '-0000-7000-8000-000000000000')::uuid,
        user_id, webhooks.id, gen_random_uuid(), 'alert:fired', '{}', now() - n * interval '1 second'
      FROM webhooks CROSS JOIN LATERAL generate_series(1, CASE WHEN right(id::text, 12) = '000000000000' THEN ${ofOne}::int ELSE 1 END) AS n`
    await tx.$executeRaw`
      INSERT INTO webhooks (id, user_id, url, secret)
      SELECT ${SINGLE}::uuid, id, 'https://single.example/hook', '\\x00' FROM users ORDER BY id LIMIT 1`
    await tx.$executeRaw`
      INSERT INTO webhook_deliveries (id, user_id, webhook_id, event_id, event, body, next_attempt_at)
      SELECT gen_random_uuid(), user_id, id, gen_random_uuid(), 'alert:fired', '{}',
        now() - ${ofOne / 2}::int * interval '1 second'
      FROM webhooks WHERE id = ${SINGLE}::uuid`
  })
}

const handlers = { writePortfolios, readBare, loadEach, loadAll, writeDeliveries, claims, updates }
export type BacklogAnswers = typeof handlers

answer(handlers, () => db?.close())
