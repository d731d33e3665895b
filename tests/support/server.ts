import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config, Part, Secrets } from '../../src/app/config.js'
import { type Running, start } from '../../src/app/run.js'
import { type Database, openDatabase } from '../../src/database/database.js'
import type { DatabaseTarget } from '../../src/database/target.js'
import { type Simulator, startSimulator } from '../../src/feeds/simulator/simulator.js'
import { createLog, type Log } from '../../src/lib/log.js'
import { openTestDatabase } from './database.js'

/** A whole server on loopback, of the parts that are asked for, and how it ends. */
export interface TestServer {
  readonly url: string
  readonly running: Running
  /** The database that it works with. */
  readonly db: Database
  /** Every line that it logged so far. */
  readonly lines: string[]
  stop(): Promise<void>
}

export interface TestServerOptions {
  readonly part?: Part
  /** Real exchanges on loopback, by venue. */
  readonly feedUrls?: Config['feedUrls']
  /** Real sources on loopback, by id. */
  readonly sourceUrls?: Config['sourceUrls']
  readonly databaseUrl?: string
  readonly redisUrl?: string
  readonly jwtSecret?: string
  readonly smtpUrl?: string
  /** With a portfolio, its user and a simulated exchange. */
  readonly demo?: boolean
  readonly config?: Partial<Config>
}

/** What a test server is started with; `dataDir` has to be given. */
export function testConfig(dataDir: string, options: TestServerOptions = {}): Config {
  const feedUrls = options.feedUrls ?? {}
  return {
    part: options.part ?? 'all',
    port: 0,
    host: '127.0.0.1',
    dataDir,
    trustedProxies: 0,
    corsOrigins: [],
    feeds: Object.keys(feedUrls) as Config['feeds'],
    feedUrls,
    feedRestUrls: {},
    sources: Object.keys(options.sourceUrls ?? {}) as Config['sources'],
    sourceUrls: options.sourceUrls ?? {},
    publicUrl: null,
    mailFrom: options.smtpUrl === undefined ? null : 'Harta <alerts@harta.example>',
    webhookNetworks: ['127.0.0.0/8'],
    pushWindowMs: 50,
    logLevel: 'info',
    bcryptCost: 4,
    ...options.config,
  }
}

/** Starts it on a free port, on an embedded database in memory, unless addresses are given. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'harta-server-'))
  const { log, lines } = readableLog()
  const secrets: Secrets = {
    databaseUrl: options.databaseUrl ?? null,
    redisUrl: options.redisUrl ?? null,
    jwtSecret: options.jwtSecret ?? randomBytes(32).toString('hex'),
    feedTokens: {},
    sourceKeys: {},
    smtpUrl: options.smtpUrl ?? null,
  }
  let db: Database | null = null
  const opening = async (target: DatabaseTarget): Promise<Database> => {
    db = await open(target)
    return db
  }
  try {
    const config = testConfig(dataDir, options)
    const running = await start({ config, secrets, log, demo: options.demo ?? false, open: opening })
    return {
      url: running.url ?? '',
      running,
      db: db as unknown as Database,
      lines,
      stop: async () => {
        await running.stop()
        rmSync(dataDir, { recursive: true, force: true })
      },
    }
  } catch (error) {
    rmSync(dataDir, { recursive: true, force: true })
    throw error
  }
}

function open(target: DatabaseTarget): ReturnType<typeof openDatabase> {
  return target.kind === 'embedded' ? openTestDatabase('embedded') : openDatabase(target)
}

/** A simulated Coinbase whose prices stand until a test sets them. */
export function openExchange(prices: Readonly<Record<string, string>>): Promise<Simulator> {
  return startSimulator({ venue: 'coinbase', prices, tickMs: 3_600_000 })
}

/** A log whose lines can be read back. */
export function readableLog(): { log: Log; lines: string[] } {
  const lines: string[] = []
  return { log: createLog('debug', { write: (line: string) => void lines.push(line) }), lines }
}
