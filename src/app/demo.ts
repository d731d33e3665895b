import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Router from '@koa/router'
import { setRole } from '../accounts/store.js'
import type { Database } from '../database/database.js'
import { startSimulator } from '../feeds/simulator/simulator.js'
import { demo as demoVenue } from '../feeds/venues/demo.js'
import { instrumentStore } from '../instruments/store.js'
import { dateIn, startOfDate } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import { parseFixed } from '../lib/decimal.js'
import type { Lifetime } from '../lib/lifetime.js'
import { priceStore } from '../prices/store.js'
import type { NewAsset } from '../protocol/resources.js'
import type { Environment } from './config.js'
import type { ConfiguredVenue } from './venues.js'

/** The demo's sandbox: a simulated exchange, and a user whose portfolio shows what Harta does. */
export interface Demo {
  readonly venues: readonly ConfiguredVenue[]
  readonly router: Router
  readonly email: string
  readonly password: string
  /** Opens the demo's account, an administrator's, through the public interface of the server at this address. */
  openAccount(url: string): Promise<void>
}

const TIME_ZONE = 'Asia/Jakarta'

/** Closing prices of the day before the demo begins; the simulated exchange opens near them. */
const YESTERDAY: Readonly<Record<string, { close: string; open: string }>> = {
  'BTC-USD': { close: '63184.20', open: '64012.55' },
  'ETH-USD': { close: '3341.07', open: '3318.40' },
  'SOL-USD': { close: '146.9300', open: '150.2100' },
  'PAXG-USD': { close: '2388.10', open: '2401.65' },
  'USD-IDR': { close: '16287.00', open: '16301.00' },
}

const OPENED: readonly NewAsset[] = [
  {
    type: 'CRYPTO',
    symbol: 'BTC-USD',
    name: 'Bitcoin',
    quantity: '0.42',
    unitCost: '41250',
    date: '2024-02-05',
  },
  {
    type: 'CRYPTO',
    symbol: 'ETH-USD',
    name: 'Ethereum',
    quantity: '4.75',
    unitCost: '2980.5',
    date: '2024-03-18',
  },
  {
    type: 'CRYPTO',
    symbol: 'SOL-USD',
    name: 'Solana',
    quantity: '38',
    unitCost: '171.2',
    date: '2024-11-12',
  },
  {
    type: 'CRYPTO',
    symbol: 'PAXG-USD',
    name: 'Gold (PAX)',
    quantity: '2.5',
    unitCost: '1935',
    date: '2023-10-02',
  },
  {
    type: 'STOCK',
    symbol: 'BBCA.JK',
    name: 'Bank Central Asia',
    quantity: '6500',
    unitCost: '7925',
    unitPrice: '9450',
    pricing: 'MANUAL',
    date: '2023-06-14',
  },
  {
    type: 'REAL',
    name: 'Flat in Bandung',
    unitCost: '690000000',
    unitPrice: '785000000',
    date: '2021-08-20',
  },
  { type: 'CASH', name: 'Savings account', currency: 'IDR', quantity: '96450000', date: '2024-01-31' },
  { type: 'LIABILITY', name: 'Home loan', currency: 'IDR', quantity: '412500000', date: '2021-08-20' },
]

/** The environment of a sandbox: nothing of the operator's own database, cache or feeds; a folder that goes again. */
export function demoEnvironment(env: Environment): Environment {
  const { DATABASE_URL, REDIS_URL, FEEDS, SOURCES, JWT_SECRET, ...rest } = env
  if (rest.DATA_DIR !== undefined) return { LOG_LEVEL: 'warn', ...rest, SOURCES: 'none' }
  const folder = mkdtempSync(join(tmpdir(), 'harta-demo-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return { LOG_LEVEL: 'warn', ...rest, SOURCES: 'none', DATA_DIR: folder }
}

export async function prepareDemo(
  life: Lifetime,
  { db, clock }: { db: Database; clock: Clock },
): Promise<Demo> {
  const prices = Object.fromEntries(Object.entries(YESTERDAY).map(([symbol, { open }]) => [symbol, open]))
  const simulator = life.add(await startSimulator({ venue: 'coinbase', prices, tickMs: 200 }), (open) =>
    open.close(),
  )
  await writeYesterday(db, startOfDate(TIME_ZONE, dateIn(TIME_ZONE, clock.now())))

  const email = 'demo@harta.example'
  const password = 'see-your-wealth-live'
  const router = new Router()
  router.get('/demo.json', (ctx) => {
    ctx.body = { email, password }
  })
  return {
    venues: [
      { venue: demoVenue, url: demoVenue.url(simulator.url), token: null, simulated: true, rest: null },
    ],
    router,
    email,
    password,
    async openAccount(url) {
      await openAccount(url, { email, password })
      await db.asSystem((tx) => setRole(tx, email, 'ADMIN'))
    },
  }
}

/** Where the dashboard asks for the demo's account, on a server that is no demo: there is none. */
export function noDemoRoutes(): Router {
  const router = new Router()
  router.get('/demo.json', (ctx) => {
    ctx.status = 204
  })
  return router
}

/** A minute of prices before midnight, so that today's change is measured against something. */
async function writeYesterday(db: Database, midnight: number): Promise<void> {
  await db.asSystem(async (tx) => {
    for (const symbol of Object.keys(YESTERDAY)) {
      const [base = symbol, currency = 'USD'] = symbol.split('-')
      const kind = symbol === 'USD-IDR' ? 'CURRENCY' : 'CRYPTO'
      await instrumentStore.ensure(tx, { symbol, kind, name: base, currency, mic: null })
    }
    await priceStore.upsertCandles(
      tx,
      Object.entries(YESTERDAY).map(([symbol, { close }]) => {
        const price = parseFixed(close)
        const prices = { open: price, high: price, low: price, close: price }
        return {
          symbol,
          interval: '1m',
          at: midnight - 60_000,
          ...prices,
          source: demoVenue.id,
          state: 'simulated',
        }
      }),
    )
  })
}

async function openAccount(
  url: string,
  { email, password }: { email: string; password: string },
): Promise<void> {
  const profile = { name: 'Demo', baseCurrency: 'IDR', timeZone: TIME_ZONE, locale: 'en' }
  const response = await send(url, '/v1/auth/register', { email, password, ...profile })
  if (response.status === 409) return
  const { accessToken } = (await accepted(response)) as { accessToken: string }
  for (const asset of OPENED) await accepted(await send(url, '/v1/assets', asset, accessToken))
}

function send(url: string, path: string, body: unknown, token?: string): Promise<Response> {
  return fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  })
}

async function accepted(response: Response): Promise<unknown> {
  if (response.status !== 201)
    throw new Error(`the demo account could not be opened: ${await response.text()}`)
  return response.json()
}
