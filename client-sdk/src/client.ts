import type { Session } from '../../src/protocol/resources.js'
import { type Auth, createAuth, createMe, type Me } from './auth.js'
import { Connection } from './connection.js'
import type { ConnectionState } from './connection-state.js'
import { createHttp } from './http.js'
import { createLedger, type Ledger } from './ledger.js'
import { type Report, reportUncaught, type Store } from './listeners.js'
import { Notifications } from './notifications.js'
import { Portfolio } from './portfolio.js'
import { Prices } from './prices.js'
import { createRequest } from './request.js'
import type { Random } from './retry.js'
import { type Renew, SessionKeeper } from './session.js'
import { openStorage, type StorageOption } from './session-storage.js'

export interface ClientOptions {
  /** Address of the server, e.g. `https://harta.example`; in a page, its own origin when left out. */
  readonly url?: string
  /** Where the session is kept: `memory` (ends with the page), `local` (localStorage), or your own. */
  readonly storage?: StorageOption
  /** How long one try of a request may take; 10 s. */
  readonly timeoutMs?: number
  /** Repetitions of a request that may be repeated; 3. */
  readonly retries?: number
  /** How long the connection outlives its last watcher; 1 s. */
  readonly lingerMs?: number
  /** Longest wait before the first attempt to reconnect, doubled with each further one; 1 s. */
  readonly retryBaseMs?: number
  /** Takes what subscribers throw; by default it is reported like any uncaught error. */
  readonly onError?: Report
  readonly fetch?: typeof fetch
  readonly random?: Random
}

export interface HartaClient extends Ledger {
  readonly url: string
  readonly auth: Auth
  readonly me: Me
  readonly prices: Pick<Prices, 'get' | 'watch' | 'candles'>
  readonly portfolio: Pick<Portfolio, 'get' | 'watch' | 'store' | 'performance' | 'history' | 'allocation'>
  readonly notifications: Pick<
    Notifications,
    'on' | 'store' | 'list' | 'get' | 'seen' | 'remove' | 'settings' | 'try' | 'confirmEmail'
  >
  readonly connection: Store<ConnectionState> & { readonly state: ConnectionState }
  /** Ends the connection and lets go of the page; the session stays kept. */
  close(): void
}

/** A client of one server. Nothing is sent before something is asked for. */
export function createClient(options: ClientOptions = {}): HartaClient {
  const url = baseUrl(options.url)
  const report = options.onError ?? reportUncaught
  const random = options.random ?? Math.random
  const http = createHttp({
    url,
    fetch: options.fetch ?? ((...call) => fetch(...call)),
    timeoutMs: options.timeoutMs ?? 10_000,
    retries: options.retries ?? 3,
    random,
  })
  const key = `harta:session:${url}`
  const renew: Renew = async (refreshToken) => {
    const ask = { method: 'POST', path: '/v1/auth/refresh', token: null, repeatable: false } as const
    return (await http({ ...ask, body: { refreshToken } })) as Session
  }
  const session = new SessionKeeper({
    storage: openStorage(options.storage ?? 'memory', key),
    lockName: key,
    report,
    renew,
  })
  const request = createRequest(http, session)
  const parts = { connection: () => connection, request, report, random }
  const portfolio = new Portfolio(parts)
  const prices = new Prices(parts)
  const notifications = new Notifications(parts)
  const { lingerMs = 1_000, retryBaseMs = 1_000 } = options
  const connection: Connection = new Connection(
    { url, session, report, random, lingerMs, retryBaseMs },
    {
      up: () => {
        prices.connected()
        notifications.connected()
      },
      down: () => portfolio.receive({ kind: 'disconnected' }),
      snapshot: (snapshot) => portfolio.receive({ kind: 'snapshot', snapshot }),
      update: (update) => portfolio.update(update),
      prices: (moved) => prices.receive(moved),
      notification: (told) => notifications.receive(told),
      seen: (notice) => notifications.see(notice),
    },
  )
  const stopForgetting = forgetWithUser(session, [portfolio, prices, notifications])
  const stopSharing = options.storage === 'local' ? shareAmongTabs(session, key) : () => {}
  return {
    ...createLedger(request),
    url,
    auth: createAuth(http, session, renew, report),
    me: createMe(request, session),
    prices,
    portfolio,
    notifications,
    connection,
    close: () => {
      stopForgetting()
      stopSharing()
      connection.close()
    },
  }
}

/** What one user saw is gone before the next one looks. */
function forgetWithUser(session: SessionKeeper, parts: readonly { forget(): void }[]): () => void {
  let last = session.getSnapshot()?.user.id
  return session.subscribe(() => {
    const id = session.getSnapshot()?.user.id
    if (last !== undefined && id !== last) for (const part of parts) part.forget()
    last = id
  })
}

/** Signing in, out, or renewing in another tab is seen here. */
function shareAmongTabs(session: SessionKeeper, key: string): () => void {
  if (typeof addEventListener !== 'function') return () => {}
  const changed = (event: StorageEvent): void => {
    if (event.key === key || event.key === null) void session.reload()
  }
  addEventListener('storage', changed)
  return () => removeEventListener('storage', changed)
}

function baseUrl(given: string | undefined): string {
  const url = given ?? (typeof location === 'object' ? location.origin : undefined)
  if (url === undefined) throw new TypeError('createClient needs a url outside of a page')
  return new URL(url).href.replace(/\/+$/, '')
}
