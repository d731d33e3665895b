import type { ImportProgress } from './imports.js'
import type { Notification } from './notifications.js'
import type { Instant, Price, Problem, Valuation, ValuationUpdate } from './resources.js'

/** Every word of the socket, in one place. */
export const events = {
  snapshot: 'portfolio:snapshot',
  update: 'portfolio:update',
  prices: 'price:update',
  expiring: 'session:expiring',
  draining: 'server:draining',
  importProgress: 'import:progress',
  alertFired: 'alert:fired',
  goalMilestone: 'goal:milestone',
  goalReached: 'goal:reached',
  notification: 'notification:new',
  seen: 'notification:seen',
} as const

export const commands = {
  resume: 'portfolio:resume',
  watch: 'prices:watch',
  unwatch: 'prices:unwatch',
  renew: 'session:renew',
  seen: 'notification:seen',
} as const

export type Ack<T> = (answer: { readonly ok: true; readonly data: T } | Refusal) => void
export interface Refusal {
  readonly ok: false
  readonly problem: Problem
}

export type ResumeAnswer =
  | { readonly kind: 'current' }
  | { readonly kind: 'snapshot'; readonly snapshot: Valuation }

export interface ServerToClient {
  [events.snapshot]: (valuation: Valuation) => void
  [events.update]: (update: ValuationUpdate) => void
  [events.prices]: (prices: readonly Price[]) => void
  [events.expiring]: (notice: { readonly expiresAt: Instant }) => void
  [events.importProgress]: (progress: ImportProgress) => void
  [events.alertFired]: (notification: Notification) => void
  [events.goalMilestone]: (notification: Notification) => void
  [events.goalReached]: (notification: Notification) => void
  /** Every notification, also those that have an event of their own. */
  [events.notification]: (notification: Notification) => void
  /** Seen elsewhere by the same user: how many are left unseen. */
  [events.seen]: (notice: { readonly ids: readonly string[]; readonly unseen: number }) => void
  [events.draining]: (notice: { readonly retryAfterMs: number }) => void
}

export interface ClientToServer {
  [commands.resume]: (ask: { epoch: string; seq: number }, ack: Ack<ResumeAnswer>) => void
  [commands.watch]: (ask: { symbols: readonly string[] }, ack: Ack<readonly Price[]>) => void
  [commands.unwatch]: (ask: { symbols: readonly string[] }, ack: Ack<null>) => void
  [commands.seen]: (ask: { ids: readonly string[] }, ack: Ack<null>) => void
  [commands.renew]: (ask: { token: string }, ack: Ack<{ readonly expiresAt: Instant }>) => void
}

/** `connect_error.data` of a refused handshake. */
export interface ConnectRefusal {
  readonly code: 'unauthenticated' | 'token-expired' | 'limited' | 'unavailable'
  /** Whether trying again with the same token can succeed. */
  readonly retryable: boolean
}
