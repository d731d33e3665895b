import { loadavg } from 'node:os'
import { addDays, addMonths, dateIn } from '../src/lib/calendar.js'
import { createLog } from '../src/lib/log.js'
import { createRedisCoordination } from '../src/prices/coordination-redis.js'
import { slotName } from '../src/prices/slots.js'
import { createRedisWire } from '../src/prices/wire-redis.js'
import { type Ask, asker, atRate, inTurn } from './harness/asking.js'
import { Child } from './harness/child.js'
import { type Bench, type Figure, percentile, type Skipped } from './harness/figure.js'
import { SECRET, sleep, temporaryFolder, tokensOf } from './harness/house.js'
import { ASSETS, assetOf, YEARS_DAYS } from './harness/ledger-rows.js'
import { allSymbols, priceOf } from './harness/population.js'
import { hasPostgres, NO_POSTGRES, startPostgres } from './harness/postgres.js'
import { hasRedis, NO_REDIS, startRedis } from './harness/redis.js'
import type { LedgerSeedAnswers } from './ledger-seed-process.js'
import type { WebAnswers } from './web-process.js'

const LARGE = 100
const SMALL = 1_000
const ENTRIES_EACH = 1_000
const ROUNDS = 2
const TIMES = { held: 200, ledger: 10, write: 20 } as const
const SMALL_PER_SECOND = 25
const ALONE_MS = 10_000
/** On a machine that others use, fewer large ledgers are asked for than there are. */
const LONGEST_MS = 50_000
const SUMS = 600
const WEB = { JWT_SECRET: SECRET, TRUSTED_PROXIES: '1', FEEDS: 'none', SOURCES: 'none' } as const

/** Large ledgers, alone and beside small ones, and a million incomes and expenses, asked for over HTTP. */
export async function ledger(bench: Bench): Promise<readonly (Figure | Skipped)[]> {
  const embedded = await onEmbedded(bench)
  if (!hasRedis()) return [...embedded, { name: 'ledger on PostgreSQL', skipped: NO_REDIS }]
  if (!hasPostgres()) return [...embedded, { name: 'ledger on PostgreSQL', skipped: NO_POSTGRES }]
  return [...(await onPostgres(bench)), ...embedded]
}

/** All in one process, with the database inside of it; no exchange is heard, so coins have the close of yesterday. */
async function onEmbedded(bench: Bench): Promise<readonly Figure[]> {
  const folder = temporaryFolder()
  const seeder = new Child<LedgerSeedAnswers>('ledger-seed-process')
  const web = new Child<WebAnswers>('web-process')
  try {
    bench.progress('writing a large ledger, embedded')
    await seeder.ask('open', { kind: 'embedded', dataDir: `${folder.path}/database` })
    await seeder.ask('seedOne')
    const floors = await seeder.ask('floors', TIMES)
    await seeder.stop()
    const url = await web.ask('open', 'all', { ...WEB, DATA_DIR: folder.path })
    bench.progress('asking for a large ledger, embedded')
    const { ask, close } = asker(url, tokensOf(1))
    const measured = await one(ask, web)
    close()
    return oneFigures('embedded', measured, floors)
  } finally {
    await web.stop()
    await seeder.stop()
    folder.remove()
  }
}

async function onPostgres(bench: Bench): Promise<readonly Figure[]> {
  const [postgres, redis] = [await startPostgres(), await startRedis()]
  const seeder = new Child<LedgerSeedAnswers>('ledger-seed-process')
  const web = new Child<WebAnswers>('web-process')
  try {
    bench.progress(`writing ${LARGE} large ledgers and ${SMALL * ENTRIES_EACH} incomes and expenses`)
    await seeder.ask('open', { kind: 'server', url: postgres.url })
    await seeder.ask('seedOne')
    await seeder.ask('seedMany', LARGE, SMALL, ENTRIES_EACH)
    await writeQuotes(redis.url)
    const url = await web.ask('open', 'web', { ...WEB, DATABASE_URL: postgres.url, REDIS_URL: redis.url })
    const { ask, close } = asker(url, tokensOf(LARGE + SMALL))
    bench.progress('asking for a large ledger')
    const floors = await seeder.ask('floors', TIMES)
    const figures = [...oneFigures('PostgreSQL', await one(ask, web), floors)]
    bench.progress('asking for cash flows')
    figures.push(await cashflows(ask, web, seeder))
    bench.progress(`asking for ${LARGE} large ledgers beside small ones`)
    figures.push(...(await beside(ask, web)))
    close()
    return figures
  } finally {
    await Promise.all([web.stop(), seeder.stop()])
    await redis.stop()
    await postgres.stop()
  }
}

interface One {
  readonly portfolio: Taken
  readonly performance: Taken
  readonly cold: number
  readonly entering: Taken
  readonly load: number
}

/** Ms of each question, and the server's CPU time for one of them, in ms as well. */
interface Taken {
  readonly each: readonly number[]
  readonly cpu: number
}

async function taken(web: Child<WebAnswers>, asking: () => Promise<readonly number[]>): Promise<Taken> {
  const before = await web.ask('cpu')
  const each = await asking()
  return { each, cpu: (((await web.ask('cpu')) - before) * 1000) / each.length }
}

/** The first person's ledger; of several rounds the best of each, as others use this machine too. */
async function one(ask: Ask, web: Child<WebAnswers>): Promise<One> {
  const number = 0
  const [load = 0] = loadavg()
  const portfolio = () => ask({ number, path: '/v1/portfolio' })
  const performance = () => ask({ number, path: `/v1/portfolio/performance?from=${fiveYearsAgo()}` })
  let entered = 0
  const enter = () => {
    entered += 1
    const path = `/v1/assets/${assetOf((entered * 7) % ASSETS)}/activities`
    const date = addDays(today(), -Math.round(YEARS_DAYS / 2) + ((entered * 31) % 200))
    const body = { type: 'BUY', date, quantity: '1.25', unitPrice: '101.5', fee: '1' }
    return ask({ number, method: 'POST', path, body })
  }
  const cold = await performance()
  await inTurn(5, performance)
  await inTurn(30, portfolio)
  await inTurn(5, enter)
  const rounds: Omit<One, 'cold' | 'load'>[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({
      portfolio: await taken(web, () => inTurn(TIMES.held, portfolio)),
      performance: await taken(web, () => inTurn(TIMES.ledger, performance)),
      entering: await taken(web, () => inTurn(TIMES.write, enter)),
    })
  }
  const best = (name: keyof (typeof rounds)[number], part: number): Taken =>
    rounds
      .map((round) => round[name])
      .reduce((a, b) => (percentile(b.each, part) < percentile(a.each, part) ? b : a))
  return {
    cold,
    load,
    portfolio: best('portfolio', 0.99),
    performance: best('performance', 0.5),
    entering: best('entering', 0.5),
  }
}

function oneFigures(
  where: string,
  { portfolio, performance, cold, entering, load }: One,
  floors: Awaited<ReturnType<LedgerSeedAnswers['floors']>>,
): readonly Figure[] {
  const line = (
    what: string,
    { each }: Taken,
    bare: readonly number[],
    { part, atMost }: { readonly part: number; readonly atMost: number },
  ): Figure => ({
    name: `ledger, ${where}: ${what}, ${part === 1 ? 'worst' : `p${part * 100}`}`,
    figure: percentile(each, part),
    unit: 'ms',
    floor: { name: 'bare SQL', figure: percentile(bare, part) },
    goal: { of: 'figure', atMost },
  })
  return [
    {
      ...line('portfolio', portfolio, floors.held, { part: 0.99, atMost: 20 }),
      note: `15,000 activities of ${ASSETS} assets; p50 ${percentile(portfolio.each, 0.5).toFixed(1)} ms, CPU ${portfolio.cpu.toFixed(1)} ms; best of ${ROUNDS} rounds, load ${load.toFixed(1)}`,
    },
    {
      ...line('performance of 5 years', performance, floors.ledger, { part: 0.5, atMost: 300 }),
      note: `CPU ${performance.cpu.toFixed(0)} ms; the first one, with candles and rates still to be read, ${cold.toFixed(0)} ms`,
    },
    line('performance of 5 years', performance, floors.ledger, { part: 1, atMost: 300 }),
    {
      ...line('an activity of years ago', entering, floors.write, { part: 0.5, atMost: 100 }),
      note: `CPU ${entering.cpu.toFixed(1)} ms`,
    },
    line('an activity of years ago', entering, floors.write, { part: 0.99, atMost: 100 }),
  ]
}

async function cashflows(
  ask: Ask,
  web: Child<WebAnswers>,
  seeder: Child<LedgerSeedAnswers>,
): Promise<Figure> {
  const asked = Array.from({ length: SUMS }, (_, nth) => ({
    number: LARGE + ((nth * 613) % SMALL),
    month: addMonths(today(), -((nth * 7) % Math.floor(ENTRIES_EACH / 31))).slice(0, 7),
  }))
  const cashflow = (nth: number) => {
    const { number = LARGE, month = '' } = asked[nth] ?? {}
    return ask({ number, path: `/v1/insights/cashflow?month=${month}` })
  }
  await inTurn(50, cashflow)
  const rounds: Taken[] = []
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await taken(web, () => inTurn(SUMS, cashflow)))
  const { each, cpu } = rounds.reduce((a, b) => (percentile(b.each, 0.99) < percentile(a.each, 0.99) ? b : a))
  return {
    name: 'ledger: cash flow of a month, p99',
    figure: percentile(each, 0.99),
    unit: 'ms',
    floor: { name: 'bare SQL sums of the month', figure: percentile(await seeder.ask('sums', asked), 0.99) },
    goal: { of: 'figure', atMost: 30 },
    note: `${SMALL * ENTRIES_EACH} entries of ${SMALL} users; p50 ${percentile(each, 0.5).toFixed(1)} ms, CPU ${cpu.toFixed(1)} ms; best of ${ROUNDS} rounds`,
  }
}

/** Portfolios of small ledgers at a fixed rate: alone, then while large ones are asked for one after the other. */
async function beside(ask: Ask, web: Child<WebAnswers>): Promise<readonly Figure[]> {
  const portfolio = (nth: number) => ask({ number: LARGE + ((nth * 613) % SMALL), path: '/v1/portfolio' })
  const [load = 0] = loadavg()
  await atRate(SMALL_PER_SECOND, portfolio, sleep(2_000))
  await web.ask('watchTurns')
  const alone = await atRate(SMALL_PER_SECOND, portfolio, sleep(ALONE_MS))
  const stallAlone = await web.ask('longestTurn')
  await web.ask('watchTurns')
  const end = performance.now() + LONGEST_MS
  const large = inTurn(
    LARGE,
    (number) => ask({ number, path: `/v1/portfolio/performance?from=${fiveYearsAgo()}` }),
    () => performance.now() > end,
  )
  const together = await atRate(SMALL_PER_SECOND, portfolio, large)
  const stall = await web.ask('longestTurn')
  return [
    {
      name: 'ledger: small portfolios beside large performances, p99',
      figure: percentile(together, 0.99),
      unit: 'ms',
      floor: { name: 'small ones alone', figure: percentile(alone, 0.99) },
      goal: null,
      note:
        `${SMALL_PER_SECOND}/s of ${SMALL} users; p50 ${percentile(together, 0.5).toFixed(1)} beside ${percentile(alone, 0.5).toFixed(1)} ms; ` +
        `${(await large).length} large ones, p50 ${percentile(await large, 0.5).toFixed(0)} ms, worst ${percentile(await large, 1).toFixed(0)} ms; load ${load.toFixed(1)}`,
    },
    {
      name: 'ledger: longest stall of the event loop meanwhile',
      figure: stall,
      unit: 'ms',
      floor: { name: 'small ones alone', figure: stallAlone },
      goal: null,
    },
  ]
}

/** What the coins cost now, as a worker would have told it. */
async function writeQuotes(redisUrl: string): Promise<void> {
  const wire = createRedisWire({ url: redisUrl, now: Date.now, log: createLog('warn') })
  const coordination = createRedisCoordination({ url: redisUrl, log: createLog('warn') })
  const slots = Array.from({ length: 64 }, (_, slot) => slotName(slot))
  const [at, day] = [Date.now(), 86_400_000]
  await coordination.acquireAll(slots, 'bench', day)
  const known = { source: 'coinbase', at, order: 1, currency: 'USD', state: 'live', version: 1 } as const
  await wire.write(
    allSymbols().map((symbol) => ({ ...known, symbol, price: priceOf(symbol, 0), freshUntil: at + day })),
    'bench',
  )
  await Promise.all([wire.close(), coordination.close()])
}

function today(): string {
  return dateIn('UTC', Date.now())
}

function fiveYearsAgo(): string {
  return addMonths(today(), -60)
}
