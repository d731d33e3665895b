import { expect } from 'chai'
import { createLedger } from '../../src/app/ledger.js'
import { createMarket } from '../../src/app/market.js'
import type { Database } from '../../src/database/database.js'
import { doorState } from '../../src/http/context.js'
import type { Clock } from '../../src/lib/clock.js'
import { Lifetime } from '../../src/lib/lifetime.js'
import { createAnnounce } from '../../src/notifications/announce.js'
import { createMemoryCoordination } from '../../src/prices/coordination-memory.js'
import { createMemoryWire } from '../../src/prices/wire-memory.js'
import { DATABASE_START_MS, type Door, openDoor } from '../http/door.js'
import { countStatements } from '../support/count-statements.js'
import { addUser, openTestDatabase } from '../support/database.js'
import { readableLog, testConfig } from '../support/server.js'

const NOW = Date.UTC(2026, 5, 10, 12)
const SCREENS = [
  '/v1/portfolio',
  '/v1/portfolio/allocation',
  '/v1/portfolio/performance',
  '/v1/portfolio/history',
  '/v1/portfolio/history?interval=1h&from=2026-06-09',
  '/v1/insights/cashflow?month=2026-05',
  '/v1/insights/cashflow?from=2024-01-01&to=2026-06-10',
  '/v1/insights/health',
  '/v1/goals',
  '/v1/budgets',
  '/v1/alerts',
  '/v1/assets',
  '/v1/activities',
  '/v1/expenses',
] as const

describe('a screen', function () {
  this.timeout(60_000)
  const life = new Lifetime()
  let db: Database
  let door: Door
  let userId = ''
  let statements = 0

  before(async function () {
    this.timeout(DATABASE_START_MS)
    const clock: Clock = { now: () => NOW, after: () => () => {}, every: () => () => {} }
    db = life.add(await openTestDatabase('embedded'), (open) => open.close())
    const counted: Database = {
      ...db,
      asUser: (id, work) => db.asUser(id, (tx) => work(countStatements(tx, () => statements++))),
      asSystem: (work) => db.asSystem((tx) => work(countStatements(tx, () => statements++))),
    }
    const { log } = readableLog()
    const coordination = createMemoryCoordination({ now: () => NOW })
    const wire = createMemoryWire({ now: () => NOW, coordination })
    const market = await createMarket(life, {
      config: testConfig(''),
      resources: { db: counted, wire },
      clock,
      log,
      tell: { update: () => {}, snapshot: () => {}, priceMoved: () => {} },
    })
    const pass = async (_: unknown, next: () => Promise<unknown>): Promise<void> => void (await next())
    const signedIn: typeof pass = async (ctx, next) => {
      doorState(ctx as never).actor = { userId, sessionId: 's', role: 'USER', expiresAt: NOW }
      await next()
    }
    const { routers } = createLedger(life, {
      db: counted,
      jobsDb: db,
      market,
      clock,
      log,
      markOf: async () => undefined,
      changed: () => {},
      importProgress: () => {},
      announce: createAnnounce({ emailConfigured: false, clock }),
      tell: () => {},
      alertsChanged: () => {},
      signedIn,
      once: pass,
    })
    door = await openDoor((router) => {
      for (const room of routers) router.use(room.routes())
    })
    userId = await addUser(db, { baseCurrency: 'EUR' })
  })
  after(async () => {
    await door?.close()
    await life.close()
  })

  /** Shares, flats and accounts in three currencies, so many of each, with what happened to them and is saved for. */
  const grow = (kind: string, many: number): Promise<void> =>
    db.asSystem(async (tx) => {
      for (const statement of growth(userId, kind, many)) await tx.$executeRawUnsafe(statement)
    })
  const countEach = async (): Promise<Readonly<Record<string, number>>> => {
    const counts: Record<string, number> = {}
    for (const screen of SCREENS) {
      // The first time reads what is kept in the process, such as closes.
      for (let time = 0; time < 2; time += 1) {
        statements = 0
        const { status } = await fetch(door.url + screen)
        expect(status, screen).to.equal(200)
      }
      counts[screen] = statements
    }
    return counts
  }

  it('takes as many statements however much there is to tell', async () => {
    await grow('few', 1)
    const few = await countEach()
    await grow('many', 12)
    expect(await countEach()).to.deep.equal(few)
    expect(Math.min(...Object.values(few))).to.be.at.least(1)
  })
})

function growth(userId: string, kind: string, many: number): readonly string[] {
  const each = `generate_series(1, ${many}) AS n`
  const id = (what: string) => `md5('${kind} ${what} ' || n)::uuid`
  const currency = "(ARRAY['EUR', 'USD', 'GBP'])[n % 3 + 1]"
  return [
    `INSERT INTO exchange_rates (base, quote, date, rate, source)
     SELECT 'EUR', quote, '2026-01-01'::date + n, 1.1, 'test' FROM generate_series(0, 160) AS n,
       unnest(ARRAY['USD', 'GBP']) AS quote ON CONFLICT DO NOTHING`,
    `INSERT INTO instruments (id, symbol, kind, name, currency)
     SELECT ${id('coin')}, '${kind.toUpperCase()}' || n || '-USD', 'CRYPTO', 'Coin', 'USD' FROM ${each}`,
    `INSERT INTO candles (instrument_id, interval, at, open, high, low, close, source, state)
     SELECT ${id('coin')}, '1d', '2026-06-09', 9, 9, 9, 9, 'test', 'live' FROM ${each}`,
    `INSERT INTO assets (id, user_id, type, name, symbol, instrument_id, currency, pricing, quantity, base_cost, base_currency)
     SELECT ${id('share')}, '${userId}'::uuid, 'CRYPTO'::asset_type, 'Coin', '${kind.toUpperCase()}' || n || '-USD',
       ${id('coin')}, 'USD', 'MARKET'::pricing, 2, 18, 'EUR' FROM ${each} UNION ALL
     SELECT ${id('flat')}, '${userId}', 'REAL', 'Flat', NULL, NULL, ${currency}, 'MANUAL', 2, 18, 'EUR' FROM ${each} UNION ALL
     SELECT ${id('cash')}, '${userId}', 'CASH', 'Account', NULL, NULL, ${currency}, 'MANUAL', 18, 18, 'EUR' FROM ${each}`,
    `INSERT INTO activities (id, user_id, asset_id, type, date, quantity, unit_price, amount, currency)
     SELECT gen_random_uuid(), '${userId}'::uuid, id, (CASE type WHEN 'CASH' THEN 'DEPOSIT' ELSE 'BUY' END)::activity_type, date,
       CASE type WHEN 'CASH' THEN NULL ELSE 1 END, CASE type WHEN 'CASH' THEN NULL ELSE 9 END,
       CASE type WHEN 'CASH' THEN 9 END, currency
     FROM assets, unnest(ARRAY['2026-03-01', '2026-06-10']::date[]) AS date WHERE user_id = '${userId}'
       AND NOT EXISTS (SELECT 1 FROM activities AS known WHERE known.asset_id = assets.id)`,
    `INSERT INTO asset_prices (user_id, asset_id, date, unit_price)
     SELECT '${userId}', ${id('flat')}, '2026-03-01', 9 FROM ${each}`,
    `INSERT INTO categories (id, user_id, kind, name)
     SELECT ${id('category')}, '${userId}', 'EXPENSE', '${kind} ' || n FROM ${each}`,
    `INSERT INTO incomes (id, user_id, amount, currency, date)
     SELECT gen_random_uuid(), '${userId}', 100, ${currency}, '2026-05-01'::date - 20 * n FROM ${each}`,
    `INSERT INTO expenses (id, user_id, amount, currency, date, category_id)
     SELECT gen_random_uuid(), '${userId}', 10, ${currency}, '2026-06-09'::date - 20 * n, ${id('category')} FROM ${each}`,
    `INSERT INTO budgets (id, user_id, category_id, amount, currency)
     SELECT gen_random_uuid(), '${userId}', ${id('category')}, 50, ${currency} FROM ${each}`,
    `INSERT INTO goals (id, user_id, name, target, currency, basis, created_at)
     SELECT md5('${kind} goal ' || basis || n)::uuid, '${userId}', 'Goal', 1000, ${currency}, basis::goal_basis,
       '2026-06-01'::timestamptz - interval '1 day' * n
     FROM ${each}, unnest(ARRAY['CONTRIBUTIONS', 'ASSETS', 'NET_WORTH']) AS basis`,
    `INSERT INTO goal_assets (user_id, goal_id, asset_id)
     SELECT '${userId}', md5('${kind} goal ASSETS' || n)::uuid, ${id('flat')} FROM ${each}`,
    `INSERT INTO goal_contributions (id, user_id, goal_id, amount, currency, date)
     SELECT gen_random_uuid(), '${userId}', md5('${kind} goal CONTRIBUTIONS' || n)::uuid, 10, ${currency},
       '2026-06-01'::date - n FROM ${each}`,
    `INSERT INTO alerts (id, user_id, kind, condition, symbol, threshold, currency, budget_id, goal_id)
     SELECT gen_random_uuid(), '${userId}'::uuid, 'PRICE'::alert_kind, 'above', '${kind.toUpperCase()}' || n || '-USD', 9,
       NULL, NULL::uuid, NULL::uuid FROM ${each} UNION ALL
     SELECT gen_random_uuid(), '${userId}', 'PORTFOLIO', 'above', NULL, 9, 'EUR', NULL, NULL FROM ${each} UNION ALL
     SELECT gen_random_uuid(), '${userId}', 'GOAL', NULL, NULL, NULL, NULL, NULL, md5('${kind} goal ASSETS' || n)::uuid
     FROM ${each} UNION ALL
     SELECT gen_random_uuid(), '${userId}', 'BUDGET', NULL, NULL, NULL, NULL, id, NULL FROM budgets
     WHERE user_id = '${userId}' AND category_id IN (SELECT ${id('category')} FROM ${each})`,
  ]
}
