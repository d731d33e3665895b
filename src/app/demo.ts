import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Router from '@koa/router'
import { setRole } from '../accounts/store.js'
import type { Database } from '../database/database.js'
import { startSimulator } from '../feeds/simulator/simulator.js'
import { demo as demoVenue } from '../feeds/venues/demo.js'
import { dateIn, startOfDate } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import type { Lifetime } from '../lib/lifetime.js'
import type { Environment } from './config.js'
import { fillAccount } from './demo-account.js'
import { OPENING, writePast } from './demo-past.js'
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
  const simulator = life.add(
    await startSimulator({ venue: 'coinbase', prices: OPENING, tickMs: 200 }),
    (open) => open.close(),
  )
  const now = clock.now()
  await writePast(db, { source: demoVenue.id, midnight: startOfDate(TIME_ZONE, dateIn(TIME_ZONE, now)), now })

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
      await openAccount(url, { email, password, today: dateIn(TIME_ZONE, clock.now()) })
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

async function openAccount(
  url: string,
  { email, password, today }: { email: string; password: string; today: string },
): Promise<void> {
  const profile = { name: 'Demo', baseCurrency: 'IDR', timeZone: TIME_ZONE, locale: 'en' }
  const registered = await ask(url, 'POST', '/v1/auth/register', { email, password, ...profile })
  if (registered.status === 409) return
  const { accessToken } = await accepted<{ accessToken: string }>(registered)
  await fillAccount(
    {
      get: async (path) => accepted(await ask(url, 'GET', path, undefined, accessToken)),
      post: async (path, body) => accepted(await ask(url, 'POST', path, body, accessToken)),
    },
    today,
  )
}

/** Asks again when a connection breaks, as one does that was left open too long; what it has done it does once. */
async function ask(
  url: string,
  method: string,
  path: string,
  body: unknown,
  token?: string,
): Promise<Response> {
  const request = {
    method,
    headers: {
      'Idempotency-Key': randomUUID(),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fetch(`${url}${path}`, request)
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
    }
  }
}

const ATTEMPTS = 4

async function accepted<T>(response: Response): Promise<T> {
  if (!response.ok) throw new Error(`the demo account could not be filled: ${await response.text()}`)
  return (await response.json()) as T
}
