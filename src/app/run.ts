import { once } from 'node:events'
import { setRole } from '../accounts/store.js'
import { openDatabase } from '../database/database.js'
import { migrate } from '../database/migrate.js'
import type { DatabaseTarget } from '../database/target.js'
import { createAsk } from '../feeds/ask.js'
import type { VenueStatus } from '../feeds/feeds.js'
import { systemClock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import { Lifetime } from '../lib/lifetime.js'
import { createLog, type Log } from '../lib/log.js'
import { untilItWorks } from '../lib/until-it-works.js'
import { isRedisLost } from '../prices/connect-redis.js'
import { startAlerting } from './alerting.js'
import { startBookkeeping } from './bookkeeping.js'
import { type Config, type Part, processEnvironment, readConfig, type Secrets } from './config.js'
import { type Demo, demoEnvironment, noDemoRoutes, prepareDemo } from './demo.js'
import { createRegistry } from './metrics.js'
import { databaseTarget, type OpenDatabase, openResources } from './resources.js'
import { signingKey } from './secrets.js'
import { configuredSources } from './sources.js'
import { configuredVenues } from './venues.js'
import { openWays } from './ways.js'
import { startWeb } from './web.js'
import { startWorker } from './worker.js'

/** A started server: where it listens (null for a worker alone) and how it ends. */
export interface Running {
  readonly url: string | null
  readonly demo: Demo | null
  /** Tells clients and load balancers first, then closes everything, last opened first. */
  stop(): Promise<void>
}

interface StartOptions {
  readonly config: Config
  readonly secrets: Secrets
  readonly log: Log
  readonly demo?: boolean
  readonly open?: OpenDatabase
}

/**
 * The same as `start`, which begins anew for as long as the database or Redis is away, wherever that cut it off;
 * null when `end` is aborted before. Rejects when waiting does not help: a wrong password, a port that is taken.
 */
export async function startWhenItCan(options: StartOptions, end: AbortSignal): Promise<Running | null> {
  const { log } = options
  let said = ''
  const running = await untilItWorks(() => start(options), {
    passes: isAway,
    failed(error) {
      const reason = String(error)
      if (reason !== said) log.warn({ err: error }, 'it could not be started yet and is tried again')
      said = reason
    },
    end,
    clock: systemClock,
  })
  if (running && said !== '') log.info('it is started now')
  return running
}

function isAway(error: unknown): boolean {
  return (error instanceof AppError && AWAY.includes(error.code)) || isRedisLost(error)
}

const AWAY = ['database-unavailable', 'redis-unavailable']

/** Starts the parts that `config.part` names; closes what was opened when one of them fails. */
export async function start(options: StartOptions): Promise<Running> {
  const { config, secrets, log, open } = options
  const clock = systemClock
  const life = new Lifetime()
  try {
    const key = config.part === 'worker' ? null : await signingKey(secrets.jwtSecret, config.dataDir)
    const resources = await openResources(life, { config, secrets, clock, log, open })
    const ways = await openWays(life, { config, secrets, resources, clock })
    const registry = createRegistry()
    const demo = options.demo ? await prepareDemo(life, { db: resources.db, clock }) : null
    const ask = createAsk({ now: () => clock.now() })
    const venues = demo
      ? demo.venues
      : configuredVenues({ config, secrets, ask, coordination: resources.coordination })
    const sources = configuredSources(config, secrets)
    const parts = { venues, sources, ask, resources, clock, log }
    const alerted = { config, resources, ways, allowSimulated: demo !== null, clock, log }
    const worker =
      config.part === 'web'
        ? null
        : await startWorker(life, { ...parts, evaluator: await startAlerting(life, alerted) })
    if (worker) startBookkeeping(life, { resources, clock, log })
    const checks = worker ? [{ name: 'feeds', check: async () => worker.status().venues.map(publicly) }] : []
    const routers = [demo ? demo.router : noDemoRoutes()]
    const web =
      key && (await startWeb(life, { config, key, resources, ways, clock, log, registry, checks, routers }))
    if (demo && web) await demo.openAccount(web.url)
    return {
      url: web?.url ?? null,
      demo,
      stop: () => {
        web?.drain()
        return life.close()
      },
    }
  } catch (error) {
    await life.close().catch(() => {})
    throw error
  }
}

/** What anybody may know of a venue: which symbols it refuses would tell what people here hold. */
function publicly({ venue, simulated, state, connections, lastTickAgeMs }: VenueStatus) {
  return { venue, simulated, state, connections, lastTickAgeMs }
}

/** Runs one command of the command line until it ends or is told to. */
export async function run(command: string, words: readonly string[] = []): Promise<void> {
  const part = Object.hasOwn(PARTS, command) ? PARTS[command] : undefined
  if (part === undefined) throw new AppError('invalid', 'unknown-command', `There is no "${command}" to run.`)
  const demo = command === 'demo'
  const { config, secrets } = readConfig(
    part,
    demo ? demoEnvironment(processEnvironment()) : processEnvironment(),
  )
  if (command === 'migrate') {
    const { applied } = await migrate(databaseTarget(config, secrets))
    process.stdout.write(
      applied.length === 0 ? 'The database is up to date.\n' : `Applied: ${applied.join(', ')}\n`,
    )
    return
  }
  if (command === 'admin') return makeAdmin(databaseTarget(config, secrets), words)
  const end = endOfProcess()
  const running = await startWhenItCan({ config, secrets, log: createLog(config.logLevel), demo }, end)
  if (running === null) return
  process.stdout.write(greeting(running))
  if (!end.aborted) await once(end, 'abort')
  await running.stop()
}

const PARTS: Readonly<Record<string, Part>> = {
  demo: 'all',
  all: 'all',
  web: 'web',
  worker: 'worker',
  migrate: 'migrate',
  admin: 'migrate',
}

/** Makes the user of this e-mail address an administrator; throws AppError missing `not-found`. */
export async function makeAdmin(target: DatabaseTarget, [email]: readonly string[]): Promise<void> {
  if (email === undefined) throw new AppError('invalid', 'email-missing', 'Whom? npm run admin -- EMAIL')
  const db = await openDatabase(target)
  try {
    const found = await db.asSystem((tx) => setRole(tx, email.trim().toLowerCase(), 'ADMIN'))
    if (!found) throw new AppError('missing', 'not-found', `There is no user ${email}.`)
    process.stdout.write(`${email} is an administrator now.\n`)
  } finally {
    await db.close()
  }
}

/** Aborted at the first SIGINT or SIGTERM; what closes slower than this time is left behind. */
function endOfProcess(): AbortSignal {
  const ending = new AbortController()
  const end = (): void => {
    setTimeout(() => process.exit(1), LONGEST_STOP_MS).unref()
    ending.abort()
  }
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  return ending.signal
}

const LONGEST_STOP_MS = 15_000

function greeting({ url, demo }: Running): string {
  if (url === null) return 'Harta listens to the exchanges.\n'
  const login = demo ? `  sign in as  ${demo.email}\n  password    ${demo.password}\n` : ''
  return `\nHarta is ready.\n\n  dashboard   ${url}/\n${login}\n`
}
