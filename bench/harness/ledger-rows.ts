import type { Tx } from '../../src/database/database.js'
import { id, person } from './population.js'

/**
 * What the people of the ledger's benchmark own: written with SQL, as nobody enters so much. A large ledger is 60
 * assets, half coins with daily candles, half shares priced by hand once a month, with 250 activities each in five
 * years; a small one three assets with ten activities. Books are kept in euros, with a fix of the dollar each day.
 */
export const YEARS_DAYS = 1_826
export const ASSETS = 60
const MARKET_ASSETS = 30
const EACH = 250
const TIME_ZONE = 'Asia/Jakarta'

export function assetOf(place: number): string {
  return id(2, place)
}

/** Coins, their candles and the fixes; `coins` in the order of the assets that are of them. */
export async function writeMarket(tx: Tx, coins: readonly string[]): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO instruments (id, symbol, kind, name, currency, past_read_at)
    SELECT gen_random_uuid(), symbol, 'CRYPTO', split_part(symbol, '-', 1), 'USD', now()
    FROM unnest(${coins.slice(0, MARKET_ASSETS)}::text[]) AS symbol`
  await tx.$executeRaw`
    INSERT INTO candles (instrument_id, interval, at, open, high, low, close, source, state)
    SELECT id, '1d', (current_date - ${YEARS_DAYS}::int - 10 + day)::timestamptz, price, price, price, price, 'bench', 'delayed'
    FROM instruments CROSS JOIN generate_series(0, ${YEARS_DAYS}::int + 9) AS day
    CROSS JOIN LATERAL (SELECT round((120 + 40 * sin(day / 90.0) + 5 * sin(day))::numeric, 4) AS price) AS prices`
  await tx.$executeRaw`
    INSERT INTO exchange_rates (base, quote, date, rate, source)
    SELECT 'EUR', 'USD', current_date - ${YEARS_DAYS}::int - 10 + day, round((1.1 + 0.05 * sin(day / 50.0))::numeric, 4), 'bench'
    FROM generate_series(0, ${YEARS_DAYS}::int + 9) AS day`
}

/** People of these numbers, each with a session. */
export async function writePeople(tx: Tx, from: number, to: number): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO users (id, email, password_hash, base_currency, time_zone)
    SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'user' || n || '@bench.example', '-', 'EUR', ${TIME_ZONE}
    FROM generate_series(${from}::int, ${to}::int - 1) AS n`
  await tx.$executeRaw`
    INSERT INTO sessions (id, user_id, expires_at)
    SELECT ('00000001-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
           ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, now() + interval '1 day'
    FROM generate_series(${from}::int, ${to}::int - 1) AS n`
}

/** The ledger of the first person; his assets are told by `assetOf`. */
export async function writeLarge(tx: Tx, number: number, coins: readonly string[]): Promise<void> {
  const { userId } = person(number)
  await writeAssets(tx, userId, { first: 0, assets: ASSETS, market: MARKET_ASSETS, coins })
  await tx.$executeRaw`
    INSERT INTO activities (id, user_id, asset_id, type, date, quantity, unit_price, amount, fee, tax, currency,
      split_numerator, split_denominator)
    SELECT gen_random_uuid(), ${userId}::uuid, id, type::activity_type, date,
      CASE type WHEN 'BUY' THEN 3.125 WHEN 'SELL' THEN 2.5 END,
      CASE WHEN type IN ('BUY', 'SELL') THEN round((120 + 40 * sin(n / 13.0) + 5 * sin(n * place))::numeric, 4) END,
      CASE type WHEN 'DIVIDEND' THEN 12.5 END, CASE WHEN type IN ('BUY', 'SELL') THEN 1.25 ELSE 0 END,
      CASE type WHEN 'DIVIDEND' THEN 2.5 ELSE 0 END, currency,
      CASE type WHEN 'SPLIT' THEN 2 END, CASE type WHEN 'SPLIT' THEN 1 END
    FROM (
      SELECT assets.id, assets.currency, place, n, current_date - ${YEARS_DAYS}::int + 7 * n + place::int % 7 AS date,
        CASE WHEN n = 125 THEN 'SPLIT' WHEN n % 10 = 9 THEN 'DIVIDEND' WHEN n % 3 = 2 THEN 'SELL' ELSE 'BUY' END AS type
      FROM (SELECT *, row_number() OVER (ORDER BY id) AS place FROM assets WHERE user_id = ${userId}::uuid) AS assets
      CROSS JOIN generate_series(0, ${EACH}::int - 1) AS n
    ) AS moves ORDER BY date, place`
  await writePrices(tx, userId)
}

export async function writeSmall(tx: Tx, number: number, coins: readonly string[]): Promise<void> {
  const { userId } = person(number)
  await writeAssets(tx, userId, { first: ASSETS, assets: 3, market: 2, coins })
  await tx.$executeRaw`
    INSERT INTO activities (id, user_id, asset_id, type, date, quantity, unit_price, fee, currency)
    SELECT gen_random_uuid(), ${userId}::uuid, id, 'BUY', current_date - 300 + 30 * n, 1.5, 110, 1, currency
    FROM (SELECT *, row_number() OVER (ORDER BY id) AS place FROM assets WHERE user_id = ${userId}::uuid) AS assets
    JOIN generate_series(0, 9) AS n ON n % 3 + 1 = place ORDER BY n`
  await writePrices(tx, userId)
}

async function writeAssets(
  tx: Tx,
  userId: string,
  told: {
    readonly first: number
    readonly assets: number
    readonly market: number
    readonly coins: readonly string[]
  },
): Promise<void> {
  const ids = Array.from({ length: told.assets }, (_, place) => assetOf(told.first + place))
  await tx.$executeRaw`
    INSERT INTO assets (id, user_id, type, name, symbol, instrument_id, currency, pricing)
    SELECT ids.id, ${userId}::uuid, CASE WHEN coin IS NULL THEN 'STOCK' ELSE 'CRYPTO' END::asset_type,
      coalesce(instruments.name, 'Share ' || place), coin, instruments.id,
      CASE WHEN coin IS NULL AND place % 2 = 0 THEN 'EUR' ELSE 'USD' END,
      CASE WHEN coin IS NULL THEN 'MANUAL' ELSE 'MARKET' END::pricing
    FROM unnest(${ids}::uuid[]) WITH ORDINALITY AS ids (id, place)
    LEFT JOIN unnest(${told.coins.slice(0, told.market)}::text[]) WITH ORDINALITY AS coins (coin, nth) ON nth = place
    LEFT JOIN instruments ON instruments.symbol = coin`
}

async function writePrices(tx: Tx, userId: string): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO asset_prices (user_id, asset_id, date, unit_price)
    SELECT ${userId}::uuid, id, current_date - ${YEARS_DAYS}::int + 30 * month, round((120 + 40 * sin(month / 3.0))::numeric, 2)
    FROM assets CROSS JOIN generate_series(0, ${YEARS_DAYS}::int / 30) AS month
    WHERE user_id = ${userId}::uuid AND pricing = 'MANUAL'`
}

/** The same ledger, as it was counted, for people of these numbers. */
export async function copyLedger(tx: Tx, of: number, from: number, to: number): Promise<void> {
  const { userId } = person(of)
  await tx.$executeRaw`
    INSERT INTO assets (id, user_id, type, name, symbol, instrument_id, currency, pricing, quantity, cost, investment,
      average_cost, average_investment, base_cost, base_currency)
    SELECT md5(id::text || n)::uuid, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, type, name, symbol,
      instrument_id, currency, pricing, quantity, cost, investment, average_cost, average_investment, base_cost, base_currency
    FROM assets CROSS JOIN generate_series(${from}::int, ${to}::int - 1) AS n WHERE user_id = ${userId}::uuid ORDER BY n`
  await tx.$executeRaw`
    INSERT INTO activities (id, user_id, asset_id, type, date, quantity, unit_price, amount, fee, tax, currency,
      split_numerator, split_denominator)
    SELECT gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, md5(asset_id::text || n)::uuid,
      type, date, quantity, unit_price, amount, fee, tax, currency, split_numerator, split_denominator
    FROM activities CROSS JOIN generate_series(${from}::int, ${to}::int - 1) AS n
    WHERE user_id = ${userId}::uuid ORDER BY n, date, sequence`
  await tx.$executeRaw`
    INSERT INTO asset_checkpoints (user_id, asset_id, date, entries, state)
    SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, md5(asset_id::text || n)::uuid, date, entries, state
    FROM asset_checkpoints CROSS JOIN generate_series(${from}::int, ${to}::int - 1) AS n WHERE user_id = ${userId}::uuid`
  await tx.$executeRaw`
    INSERT INTO asset_prices (user_id, asset_id, date, unit_price)
    SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, md5(asset_id::text || n)::uuid, date, unit_price
    FROM asset_prices CROSS JOIN generate_series(${from}::int, ${to}::int - 1) AS n WHERE user_id = ${userId}::uuid`
}

/** A category of each kind for five of everybody's entries. */
export async function writeCategories(tx: Tx, from: number, to: number): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO categories (id, user_id, kind, name)
    SELECT md5('category' || n || '/' || place)::uuid, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
      CASE WHEN place < 2 THEN 'INCOME' ELSE 'EXPENSE' END::flow_kind, 'Category ' || place
    FROM generate_series(${from}::int, ${to}::int - 1) AS n CROSS JOIN generate_series(0, 9) AS place`
}

/**
 * So many days of what everybody earns and spends, day after day as it would be entered, one entry a day; each fifth
 * is an income, each seventh in dollars.
 */
export async function writeFlows(
  tx: Tx,
  {
    from,
    to,
    day,
    days,
  }: { readonly from: number; readonly to: number; readonly day: number; readonly days: number },
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO incomes (id, user_id, amount, currency, date, category_id)
    SELECT gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 500 + (n * 7 + d) % 997,
      CASE WHEN (n + d) % 7 = 0 THEN 'USD' ELSE 'EUR' END, current_date - d, md5('category' || n || '/' || (d / 5) % 2)::uuid
    FROM generate_series(${day}::int, ${day + days}::int - 1) AS d CROSS JOIN generate_series(${from}::int, ${to}::int - 1) AS n
    WHERE d % 5 = 0`
  await tx.$executeRaw`
    INSERT INTO expenses (id, user_id, amount, currency, date, category_id)
    SELECT gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1 + (n * 13 + d * 17) % 251,
      CASE WHEN (n + d) % 7 = 0 THEN 'USD' ELSE 'EUR' END, current_date - d, md5('category' || n || '/' || 2 + d % 8)::uuid
    FROM generate_series(${day}::int, ${day + days}::int - 1) AS d CROSS JOIN generate_series(${from}::int, ${to}::int - 1) AS n
    WHERE d % 5 <> 0`
}
