import { openDatabase } from '../src/database/database.js'
import { migrate } from '../src/database/migrate.js'
import { instrumentStore } from '../src/instruments/store.js'
import { addDays, dateIn, startOfDate } from '../src/lib/calendar.js'
import { parseFixed } from '../src/lib/decimal.js'
import { priceStore } from '../src/prices/store.js'
import { answer } from './harness/answers.js'
import { allSymbols, GROUPS, HOLDINGS, priceOf } from './harness/population.js'
import { writeUsers } from './harness/users.js'

const TIME_ZONE = 'Asia/Jakarta'

/** Writes the population of harness/population.ts into an embedded database. */
async function seed(dataDir: string, users: number): Promise<void> {
  const db = await openDatabase({ kind: 'embedded', dataDir })
  try {
    await db.asSystem(async (tx) => {
      const today = dateIn(TIME_ZONE, Date.now())
      const fix = { base: 'USD', quote: 'IDR', rate: '16287.25', source: 'bench' }
      await priceStore.saveRates(
        tx,
        [addDays(today, -1), today].map((date) => ({ ...fix, date })),
      )
      for (const symbol of allSymbols()) {
        const [name = symbol] = symbol.split('-')
        await instrumentStore.ensure(tx, { symbol, kind: 'CRYPTO', name, currency: 'USD', mic: null })
      }
      const at = startOfDate(TIME_ZONE, today) - 60_000
      await priceStore.upsertCandles(
        tx,
        allSymbols().flatMap((symbol) => {
          const price = parseFixed(priceOf(symbol, 0))
          const prices = { open: price, high: price, low: price, close: price }
          return [at, at - 24 * 3_600_000].map((minute) => ({
            symbol,
            interval: '1m' as const,
            at: minute,
            ...prices,
            source: 'bench',
            state: 'live',
          }))
        }),
      )
      await writeUsers(tx, users, { currencies: ['USD', 'IDR'], timeZone: TIME_ZONE })
      await tx.$executeRaw`
        INSERT INTO sessions (id, user_id, expires_at)
        SELECT ('00000001-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
               ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, now() + interval '1 day'
        FROM generate_series(0, ${users}::int - 1) AS n`
      await tx.$executeRaw`
        INSERT INTO assets (id, user_id, type, name, symbol, instrument_id, currency, pricing, quantity, cost, investment)
        SELECT ('00000002-0000-7000-8000-' || lpad(to_hex(n * ${HOLDINGS}::int + place), 12, '0'))::uuid,
               ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'CRYPTO', instruments.name,
               instruments.symbol, instruments.id, 'USD', 'MARKET',
               ((n * 7919 + place * 104729) % 100000 + 1)::numeric / 1000, ((n * 31 + place) % 90000 + 1000)::numeric / 4,
               ((n * 31 + place) % 90000 + 1000)::numeric / 4
        FROM generate_series(0, ${users}::int - 1) AS n
        CROSS JOIN generate_series(0, ${HOLDINGS}::int - 1) AS place
        JOIN instruments ON instruments.symbol = 'COIN' || ((n % ${GROUPS}::int) * ${HOLDINGS}::int + place) || '-USD'`
    })
  } finally {
    await db.close()
  }
}

/**
 * Migrates a server and writes people who hold these pairs, ten each, and keep their books in what those are quoted
 * in. The pairs have been recorded until now, so that nothing of their past has to be asked for.
 */
async function hold(url: string, symbols: readonly string[]): Promise<void> {
  const target = { kind: 'server', url } as const
  await migrate(target)
  const db = await openDatabase(target)
  try {
    await db.asSystem(async (tx) => {
      await tx.$executeRaw`
        INSERT INTO instruments (id, symbol, kind, name, currency, past_read_at)
        SELECT gen_random_uuid(), symbol, 'CRYPTO', split_part(symbol, '-', 1), split_part(symbol, '-', 2), now()
        FROM unnest(${[...symbols]}::text[]) AS symbol`
      await writeUsers(tx, Math.ceil(symbols.length / HOLDINGS), {
        currencies: ['USDT'],
        timeZone: TIME_ZONE,
      })
      await tx.$executeRaw`
        INSERT INTO assets (id, user_id, type, name, symbol, instrument_id, currency, pricing, quantity, cost, investment)
        SELECT gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad(to_hex(n / ${HOLDINGS}::int), 12, '0'))::uuid,
               'CRYPTO', name, symbol, id, currency, 'MARKET', 1, 100, 100
        FROM (SELECT *, row_number() OVER (ORDER BY symbol) - 1 AS n FROM instruments
              WHERE symbol = ANY(${[...symbols]}::text[])) AS instruments`
      await tx.$executeRaw`
        INSERT INTO candles (instrument_id, interval, at, open, high, low, close, source, state)
        SELECT id, '1m', date_trunc('minute', now()), 100, 100, 100, 100, 'bench', 'live' FROM instruments
        WHERE symbol = ANY(${[...symbols]}::text[])`
    })
  } finally {
    await db.close()
  }
}

const handlers = { seed, hold }
export type SeedAnswers = typeof handlers

answer(handlers)
