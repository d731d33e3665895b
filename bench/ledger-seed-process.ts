import { outdatedAssets } from '../src/assets/outdated.js'
import { type Database, openDatabase, type Tx } from '../src/database/database.js'
import { migrate } from '../src/database/migrate.js'
import type { DatabaseTarget } from '../src/database/target.js'
import { systemClock } from '../src/lib/clock.js'
import { createLog } from '../src/lib/log.js'
import { DatedMarkets } from '../src/prices/dated-market.js'
import { answer } from './harness/answers.js'
import {
  ASSETS,
  assetOf,
  copyLedger,
  writeCategories,
  writeFlows,
  writeLarge,
  writeMarket,
  writePeople,
  writeSmall,
} from './harness/ledger-rows.js'
import { allSymbols, person } from './harness/population.js'

let opened: Database | null = null

async function open(target: DatabaseTarget): Promise<void> {
  if (target.kind === 'server') await migrate(target)
  opened = await openDatabase(target)
}

function db(): Database {
  if (!opened) throw new Error('no database is open')
  return opened
}

/** The market and one large ledger, counted by the product. */
async function seedOne(): Promise<void> {
  const coins = allSymbols()
  await db().asSystem((tx) => writeMarket(tx, coins))
  await db().asSystem(async (tx) => {
    await writePeople(tx, 0, 1)
    await writeLarge(tx, 0, coins)
  })
  await count()
}

/** Large ledgers for the first `large` people, small ones for as many more as `small`, who note what they spend. */
async function seedMany(large: number, small: number, entriesEach: number): Promise<void> {
  const all = large + small
  await db().asSystem(async (tx) => {
    await writePeople(tx, 1, all)
    await writeSmall(tx, large, allSymbols())
  })
  await count()
  await withoutIndexes(['activities', 'incomes', 'expenses'], async () => {
    for (let next = 1; next < large; next += BATCH)
      await asOwner((tx) => copyLedger(tx, 0, next, Math.min(next + BATCH, large)))
    await asOwner((tx) => copyLedger(tx, large, large + 1, all))
    await asOwner((tx) => writeCategories(tx, large, all))
    for (let day = 0; day < entriesEach; day += DAYS) {
      const days = Math.min(DAYS, entriesEach - day)
      await asOwner((tx) => writeFlows(tx, { from: large, to: all, day, days }))
    }
  })
  await asOwner((tx) => tx.$executeRaw`ANALYZE`)
}

const BATCH = 20
const DAYS = 200

/** As in a worker's round. */
async function count(): Promise<void> {
  const { load: dated } = new DatedMarkets({
    now: Date.now,
    live: { price: () => undefined, rate: () => null },
  })
  const recount = outdatedAssets({
    db: db(),
    clock: systemClock,
    dated,
    changed: () => {},
    log: createLog('warn'),
  })
  while ((await recount(100)) > 0);
  const left = await db().asSystem((tx) => tx.asset.count({ where: { baseCost: null } }))
  if (left > 0) throw new Error(`${left} assets could not be counted`)
}

/** In bulk: what was read from rows that hold is not checked row by row. */
function asOwner<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  return db().asSystem(async (tx) => {
    await tx.$executeRaw`SET LOCAL ROLE none`
    await tx.$executeRaw`SET LOCAL session_replication_role = replica`
    await tx.$executeRaw`SET LOCAL statement_timeout = 0`
    return work(tx)
  })
}

/** Indexes that nothing refers to are made again when all rows are there; nobody cleans up beside the measuring. */
async function withoutIndexes(tables: readonly string[], work: () => Promise<void>): Promise<void> {
  const indexes = await asOwner(
    (tx) => tx.$queryRaw<{ name: string; definition: string }[]>`
      SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
      WHERE indrelid::regclass::text = ANY(${[...tables]}::text[])
        AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)`,
  )
  for (const table of tables)
    await asOwner((tx) => tx.$executeRawUnsafe(`ALTER TABLE ${table} SET (autovacuum_enabled = false)`))
  for (const { name } of indexes) await asOwner((tx) => tx.$executeRawUnsafe(`DROP INDEX ${name}`))
  await work()
  for (const { definition } of indexes) await asOwner((tx) => tx.$executeRawUnsafe(definition))
}

/** Ms that bare statements take which read, or write, the rows of a large ledger; all in one transaction each. */
async function floors(times: Readonly<Record<'held' | 'ledger' | 'write', number>>) {
  const { userId } = person(0)
  const reading = await db().asSystem(async (tx) => ({
    held: await timed(
      times.held,
      () => tx.$queryRaw`
        SELECT (SELECT string_agg(assets::text, ';') FROM assets WHERE user_id = ${userId}::uuid) AS assets,
          (SELECT string_agg(price::text, ';') FROM assets CROSS JOIN LATERAL (
            SELECT date, unit_price FROM asset_prices WHERE asset_prices.user_id = assets.user_id AND asset_id = assets.id
            ORDER BY date DESC LIMIT 2) AS price WHERE user_id = ${userId}::uuid) AS prices`,
    ),
    ledger: await timed(
      times.ledger,
      () => tx.$queryRaw`
        SELECT (SELECT string_agg((id, asset_id, type, date, quantity, unit_price, amount, fee, tax, currency)::text, ';'
            ORDER BY date, sequence) FROM activities WHERE user_id = ${userId}::uuid) AS activities,
          (SELECT string_agg((asset_id, date, unit_price)::text, ';') FROM asset_prices WHERE user_id = ${userId}::uuid) AS prices`,
    ),
  }))
  const write = await timed(times.write, async (nth) => {
    await db().asUser(
      userId,
      (tx) => tx.$executeRaw`
        INSERT INTO activities (id, user_id, asset_id, type, date, quantity, unit_price, currency, note)
        VALUES (gen_random_uuid(), ${userId}::uuid, ${assetOf(nth % ASSETS)}::uuid, 'BUY', current_date - 900, 1, 100, 'USD', 'floor')`,
    )
  })
  await db().asUser(userId, (tx) => tx.activity.deleteMany({ where: { userId, note: 'floor' } }))
  return { ...reading, write }
}

/** Ms that the bare sums of one month of one person take. */
function sums(
  asked: readonly { readonly number: number; readonly month: string }[],
): Promise<readonly number[]> {
  return db().asSystem((tx) =>
    timed(asked.length, (nth) => {
      const { number = 0, month = '' } = asked[nth] ?? {}
      const [{ userId }, first] = [person(number), `${month}-01`]
      return tx.$queryRaw`
        SELECT (SELECT sum(amount) FROM incomes WHERE user_id = ${userId}::uuid AND date >= ${first}::date
            AND date < ${first}::date + interval '1 month')::text AS income,
          (SELECT sum(amount) FROM expenses WHERE user_id = ${userId}::uuid AND date >= ${first}::date
            AND date < ${first}::date + interval '1 month')::text AS expense`
    }),
  )
}

async function timed(times: number, work: (nth: number) => PromiseLike<unknown>): Promise<readonly number[]> {
  const taken: number[] = []
  for (let nth = 0; nth < times; nth += 1) {
    const began = performance.now()
    await work(nth)
    taken.push(performance.now() - began)
  }
  return taken
}

const handlers = { open, seedOne, seedMany, floors, sums }
export type LedgerSeedAnswers = typeof handlers

answer(handlers, () => opened?.close())
