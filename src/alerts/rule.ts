import type { AlertRepeat, AlertState, Direction, GoalEvent } from '../protocol/alerts.js'
import type { Channel } from '../protocol/notifications.js'
import type { NewAlertInput } from './schema.js'

/** Of one account. */
export const MOST_ALERTS = 200

/** What a user asked for, whatever its kind: what does not belong to it is null or empty. Instants as ms. */
export interface AlertRule {
  readonly kind: 'PRICE' | 'PORTFOLIO' | 'GOAL' | 'BUDGET'
  readonly symbol: string | null
  readonly per: string | null
  readonly goalId: string | null
  readonly budgetId: string | null
  readonly assetId: string | null
  readonly condition: 'above' | 'below' | 'crosses' | 'moves' | 'dayChange' | 'newHigh' | 'share' | null
  readonly threshold: string | null
  readonly currency: string | null
  readonly percent: string | null
  readonly direction: Direction | null
  readonly windowMinutes: number | null
  readonly events: readonly GoalEvent[]
  readonly percents: readonly number[]
  readonly repeat: AlertRepeat
  readonly hysteresis: string
  readonly minIntervalSeconds: number
  readonly expiresAt: number | null
  readonly channels: readonly Channel[] | null
  readonly note: string | null
}

const NOTHING = {
  symbol: null,
  per: null,
  goalId: null,
  budgetId: null,
  assetId: null,
  condition: null,
  threshold: null,
  currency: null,
  percent: null,
  direction: null,
  windowMinutes: null,
  events: [],
  percents: [],
} as const

/** Of `rearm`, where none is given: a price that comes and goes at its mark would fill the inbox. */
export const REARM_INTERVAL_SECONDS = 60

/** `currency` is the one in which a threshold of a portfolio is told. */
export function ruleOf(input: NewAlertInput, currency: string | null): AlertRule {
  const hasThreshold = input.kind === 'PORTFOLIO' && 'threshold' in input
  const minIntervalSeconds =
    input.minIntervalSeconds ?? (input.repeat === 'rearm' ? REARM_INTERVAL_SECONDS : 0)
  return { ...NOTHING, ...input, minIntervalSeconds, currency: hasThreshold ? currency : null }
}

/** What decides whether an alert still stands. */
export interface Standing {
  readonly state: AlertState
  readonly repeat: AlertRepeat
  readonly expiresAt: number | null
}

/**
 * How an alert stands now. Its time may be over before anybody has written that down; one that has fired for good
 * stays what it is.
 */
export function stateAt({ state, repeat, expiresAt }: Standing, now: number): AlertState {
  const isOver = expiresAt !== null && expiresAt <= now
  return isOver && !(state === 'fired' && repeat === 'once') ? 'expired' : state
}
