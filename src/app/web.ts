import type { KeyObject } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type Router from '@koa/router'
import type { Registry } from 'prom-client'
import { accountRoutes } from '../accounts/routes.js'
import { accounts } from '../accounts/service.js'
import { createTokens } from '../accounts/tokens.js'
import { readReports } from '../admin/reports.js'
import { adminRoutes } from '../admin/routes.js'
import { welcome } from '../cashflow/default-categories.js'
import { createGuardedRequest } from '../delivery/guarded-request.js'
import { createSecrets } from '../delivery/secrets.js'
import { webhookRoutes } from '../delivery/webhook-routes.js'
import { webhooks } from '../delivery/webhook-service.js'
import { Gateway } from '../gateway/gateway.js'
import { createHttpApp } from '../http/app.js'
import { authenticate } from '../http/authenticate.js'
import { addressKey, addressOf } from '../http/context.js'
import { type Check, healthRoutes } from '../http/health.js'
import { idempotency } from '../http/idempotency.js'
import { createLimits } from '../http/limits.js'
import { toProblem } from '../http/problem.js'
import { staticRoutes } from '../http/static.js'
import { idempotencyStore, markingDatabase } from '../http/store.js'
import { marketOf } from '../instruments/markets.js'
import { instrumentRoutes } from '../instruments/routes.js'
import { instrumentStore } from '../instruments/store.js'
import { isQuoted, isSymbol } from '../instruments/symbol.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import type { Lifetime } from '../lib/lifetime.js'
import type { Log } from '../lib/log.js'
import { createAnnounce } from '../notifications/announce.js'
import { Relay } from '../notifications/relay.js'
import { notificationRoutes } from '../notifications/routes.js'
import { inbox } from '../notifications/service.js'
import { unseenReader } from '../notifications/unseen.js'
import type { Mark, PriceBoard } from '../prices/board.js'
import { candleHistory } from '../prices/history.js'
import { priceRoutes } from '../prices/routes.js'
import { events } from '../protocol/events.js'
import type { Config } from './config.js'
import { createLedger } from './ledger.js'
import { createMarket } from './market.js'
import { watchFeeds, watchWeb } from './metrics.js'
import type { Resources } from './resources.js'
import { startSweeps } from './sweeps.js'
import { type Ways, wayRoutes } from './ways.js'

export interface WebOptions {
  readonly config: Config
  readonly key: KeyObject
  readonly resources: Resources
  readonly ways: Ways
  readonly clock: Clock
  readonly log: Log
  readonly registry: Registry
  /** More readiness checks, of the parts that run beside this one. */
  readonly checks?: readonly Check[]
  /** More routes, such as the demo's. */
  readonly routers?: readonly Router[]
}

export interface Web {
  readonly url: string
  /** From now on `/readyz` says that no new work is wanted. */
  drain(): void
}

const CLIENT = fileURLToPath(new URL('../../client-sdk/dist', import.meta.url))
const DASHBOARD = join(CLIENT, 'dashboard')
const SCRIPTS = ['harta.min.js', 'harta-widgets.min.js'].map((name) => join(CLIENT, name))
const WATCHED_FOR_MS = 60_000

/** HTTP and sockets of one web process, with the live valuations beside them. */
export async function startWeb(life: Lifetime, options: WebOptions): Promise<Web> {
  const { config, key, resources, clock, log } = options
  const { wire } = resources
  const db = markingDatabase(resources.db)
  let draining = false
  let gateway: Gateway | null = null

  const market = await createMarket(life, {
    ...options,
    tell: {
      update: (userId, text) => gateway?.update(userId, text),
      snapshot: (userId, text) => gateway?.snapshot(userId, text),
      priceMoved: (symbol) => gateway?.priceMoved(symbol),
    },
  })
  const { board, live } = market
  const demand: Demand = (symbols) => {
    wire
      .demand(symbols.filter(canBePriced), WATCHED_FOR_MS)
      .catch((error: unknown) => log.debug({ err: error }, 'demand was not heard'))
  }
  const holdingsChanged = (userId: string): void => {
    void live.changed(userId)
    gateway?.tellHoldingsChanged(userId)
    demand([])
  }

  const limits = createLimits({ redis: resources.redis })
  const people = accounts({
    db,
    tokens: createTokens({ secret: key, clock }),
    bcryptCost: config.bcryptCost,
    limits,
    clock,
    sessionEnded: ({ userId, sessionId }) => gateway?.end(userId, sessionId),
    profileChanged: holdingsChanged,
    welcome,
  })
  const markOf = awaitMark({ board, demand, clock, config })
  const discover = async (symbol: string): Promise<void> => {
    const quote = (await markOf(symbol))?.quote
    // A worker writes down what a source tells of it, perhaps not yet.
    if (quote) await db.asSystem((tx) => instrumentStore.learned(tx, symbol, quote))
  }
  const candles = candleHistory({ db, board, now: () => clock.now() })

  const reports = () => readReports(resources.coordination)
  const signedIn = authenticate({ secret: key, clock, live: people.live, limits })
  const sealing = createSecrets(resources.db)
  const { aloneSince } = resources
  const claims = idempotencyStore({ db: resources.db, sealing, clock, aloneSince })
  const once = idempotency({ store: claims, log })
  const hooks = webhooks({
    db,
    clock,
    request: createGuardedRequest({ allowedNetworks: config.webhookNetworks }),
    secrets: sealing,
  })
  const ledger = createLedger(life, {
    db,
    jobsDb: resources.db,
    market,
    clock,
    log,
    markOf,
    changed: holdingsChanged,
    importProgress: (userId, progress) => gateway?.tell(userId, events.importProgress, progress),
    announce: createAnnounce({ emailConfigured: options.ways.ways.email !== null, clock }),
    tell: resources.tell,
    alertsChanged: () => demand([]),
    signedIn,
    once,
  })
  const told = inbox({
    db,
    clock,
    available: { email: options.ways.ways.email !== null, push: true },
    tellSeen: (userId, notice) => gateway?.tell(userId, events.seen, notice),
  })
  const routers = [
    healthRoutes({
      checks: [
        { name: 'database', check: () => db.ping() },
        { name: 'cache', check: () => wire.ping() },
        { name: 'prices', check: async () => ({ ageMs: market.ages() }) },
        ...(options.checks ?? []),
      ],
      draining: () => draining,
      registry: options.registry,
      log,
    }),
    accountRoutes(people, { signedIn }),
    ...ledger.routers,
    webhookRoutes(hooks, { signedIn, once }),
    instrumentRoutes({ db, discover, signedIn }),
    priceRoutes({ board, candles, demand, signedIn }),
    ...wayRoutes({ db, tell: resources.tell, ways: options.ways, clock, limits, signedIn, once }),
    notificationRoutes(told, { signedIn, once }),
    adminRoutes({ reports, clock, signedIn }),
    ...(options.routers ?? []),
  ]
  const app = createHttpApp({
    routers: [...routers, await staticRoutes(DASHBOARD, SCRIPTS)],
    allowedOrigins: config.corsOrigins,
    trustedProxies: config.trustedProxies,
    limits,
    log,
  })

  const server = createServer(app.callback())
  const commandLimits = createLimits({ redis: null })
  const door = new Gateway({
    server,
    allowedOrigins: config.corsOrigins,
    ...(resources.adapter ? { adapter: resources.adapter } : {}),
    authenticate: people.authenticate,
    admit: ({ headers, socket }) => {
      const forwarded = String(headers['x-forwarded-for'] ?? '')
      const address = addressOf(forwarded, socket.remoteAddress ?? '', config.trustedProxies)
      return limits.consume('all-address', addressKey(address))
    },
    admitCommand: (userId) => commandLimits.consume('all-user', userId),
    watch: (userId) => live.watch(userId),
    holdingsChanged: (userId) => void live.changed(userId),
    unseen: unseenReader(resources.db),
    seen: told.see,
    priceText: (symbol) => board.get(symbol)?.json,
    demand,
    toProblem,
    windowMs: config.pushWindowMs,
    clock,
    log,
  })
  gateway = life.add(door, (open) => closeDoor(open, server, clock))
  startSweeps(life, { db: resources.db, live, gateway: door, clock, log })
  const { notices } = resources
  const relay = new Relay({ db: resources.db, notices, sockets: door, clock, log })
  await life.add(relay, (open) => open.stop()).start()
  watchFeeds(options.registry, reports)
  watchWeb(options.registry, { sockets: () => door.sockets, ages: () => market.ages() })
  await listen(server, config, log)
  return {
    url: urlOf(server),
    drain: () => {
      draining = true
    },
  }
}

const LAST_REQUESTS_MS = 5_000

/** Requests that are under way may end; a connection that asks for nothing, or never ends, is cut after a while. */
async function closeDoor(gateway: Gateway, server: Server, clock: Clock): Promise<void> {
  const cancel = clock.after(LAST_REQUESTS_MS, () => server.closeAllConnections())
  await gateway.stop().finally(cancel)
}

/** Exchanges speak at once; a source is asked, and takes its turn. */
const FIRST_PRICE_MS = { exchange: 2_000, source: 5_000 } as const
const LOOK_MS = 25

/** The price of a symbol; where nobody has asked for it before, there is a moment to tell it. */
function awaitMark({
  board,
  demand,
  clock,
  config,
}: {
  board: PriceBoard
  demand: Demand
  clock: Clock
  config: Config
}) {
  return async (symbol: string): Promise<Mark | undefined> => {
    const patienceMs = isQuoted(symbol) ? FIRST_PRICE_MS.exchange : FIRST_PRICE_MS.source
    const isKnowable = canBePriced(symbol) && (isQuoted(symbol) || config.sources.length > 0)
    if (isKnowable && !board.get(symbol)) demand([symbol])
    const end = clock.now() + (isKnowable ? patienceMs : 0)
    while (!board.get(symbol) && clock.now() < end) {
      await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve))
    }
    return board.get(symbol)
  }
}

type Demand = (symbols: readonly string[]) => void

/** Only what venues and sources can know is passed on to them, whatever a client writes. */
function canBePriced(symbol: string): boolean {
  return isQuoted(symbol) || (isSymbol(symbol) && marketOf(symbol) !== null)
}

function listen(server: Server, { port, host }: Config, log: Log): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `${host}:${port} is taken by another program; set PORT to another one.`
      reject(error.code === 'EADDRINUSE' ? new AppError('conflict', 'port-in-use', taken) : error)
    })
    server.listen(port, host, () => {
      server.on('error', (error) => log.error({ err: error }, 'the HTTP server failed'))
      resolve()
    })
  })
}

function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo
  const everywhere = address === '0.0.0.0' || address === '::'
  return `http://${everywhere ? 'localhost' : family === 'IPv6' ? `[${address}]` : address}:${port}`
}
