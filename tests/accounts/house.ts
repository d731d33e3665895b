import { createSecretKey, randomBytes } from 'node:crypto'
import { accountRoutes } from '../../src/accounts/routes.js'
import { type Accounts, accounts, type SessionEnd } from '../../src/accounts/service.js'
import { createTokens, type Tokens } from '../../src/accounts/tokens.js'
import type { Database } from '../../src/database/database.js'
import { createHttpApp } from '../../src/http/app.js'
import { authenticate } from '../../src/http/authenticate.js'
import { createLimits, type Limit, type LimitName } from '../../src/http/limits.js'
import { type Clock, systemClock } from '../../src/lib/clock.js'
import type { Session } from '../../src/protocol/resources.js'
import { capturedLog, type Door, listen, sendJson } from '../http/door.js'

/** The accounts room behind the real door, on a database that is handed in. */
export interface House extends Door {
  readonly service: Accounts
  readonly tokens: Tokens
  readonly secret: Buffer
  readonly ended: SessionEnd[]
  readonly changed: string[]
  /** Moves the clock on. */
  pass(ms: number): void
  post(path: string, body: unknown, token?: string): Promise<Response>
  ask(
    method: string,
    path: string,
    token?: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Response>
  /** Registers a new user and hands the session back. */
  register(password?: string): Promise<Session>
}

export interface HouseOptions {
  readonly db: Database
  readonly bcryptCost?: number
  readonly limits?: Partial<Record<LimitName, Limit>>
  readonly trustedProxies?: number
}

export const PASSWORD = 'correct horse battery'

export async function openHouse(options: HouseOptions): Promise<House> {
  const secret = randomBytes(32)
  const key = createSecretKey(secret)
  let shift = 0
  const clock: Clock = { ...systemClock, now: () => Date.now() + shift }
  const ended: SessionEnd[] = []
  const changed: string[] = []
  const limits = createLimits({ redis: null, limits: options.limits ?? {} })
  const tokens = createTokens({ secret: key, clock })
  const service = accounts({
    db: options.db,
    tokens,
    bcryptCost: options.bcryptCost ?? 4,
    limits,
    clock,
    sessionEnded: (end) => void ended.push(end),
    profileChanged: (userId) => void changed.push(userId),
  })
  const { log, lines } = capturedLog()
  const signedIn = authenticate({ secret: key, clock, live: service.live, limits })
  const app = createHttpApp({
    routers: [accountRoutes(service, { signedIn })],
    allowedOrigins: [],
    trustedProxies: options.trustedProxies ?? 0,
    limits,
    log,
  })
  const door = await listen(app.callback(), lines)
  const ask: House['ask'] = (method, path, token, body, headers = {}) => {
    const all = { ...headers, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) }
    if (body === undefined) return fetch(door.url + path, { method, headers: all })
    return sendJson(door.url + path, body, { method, headers: all })
  }
  return {
    ...door,
    service,
    tokens,
    secret,
    ended,
    changed,
    ask,
    pass: (ms) => {
      shift += ms
    },
    post: (path, body, token) => ask('POST', path, token, body),
    async register(password = PASSWORD) {
      const response = await ask('POST', '/v1/auth/register', undefined, { email: freshEmail(), password })
      if (response.status !== 201) throw new Error(`registration was answered ${response.status}`)
      return (await response.json()) as Session
    },
  }
}

let emails = 0
export function freshEmail(): string {
  emails += 1
  return `person-${process.pid}-${emails}@example.org`
}

export async function sessionOf(response: Response): Promise<Session> {
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)
  return (await response.json()) as Session
}
