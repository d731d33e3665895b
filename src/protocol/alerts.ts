import type { Channel } from './notifications.js'
import type { DecimalText, Instant } from './resources.js'

/** What a user asked to be told, as it travels between server and browser. */

export type AlertState = 'armed' | 'fired' | 'paused' | 'expired'
export type AlertRepeat = 'once' | 'rearm'
export type Direction = 'up' | 'down' | 'either'
export const GOAL_EVENTS = ['milestone', 'reached', 'fellBack', 'behindPace'] as const
export type GoalEvent = (typeof GOAL_EVENTS)[number]

interface AlertFacts {
  readonly id: string
  readonly repeat: AlertRepeat
  /** How far back, in per cent of the threshold, before it is armed again; decimal text. */
  readonly hysteresis: DecimalText
  /** Not before so long after a firing does it fire again. */
  readonly minIntervalSeconds: number
  readonly expiresAt: Instant | null
  /** Until then it says nothing, and what would have fired it is not told later. */
  readonly snoozedUntil: Instant | null
  /** Null: as the user's settings say. */
  readonly channels: readonly Channel[] | null
  readonly note: string | null
  readonly state: AlertState
  readonly firedAt: Instant | null
  /**
   * Whether its condition holds already: it fires when the value goes through, so not before it has gone back.
   * Null where it cannot be told (no price yet, or a condition that has no such state).
   */
  readonly alreadyTrue: boolean | null
  readonly version: number
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** On the price of an instrument, or on the ratio of two (`symbol` divided by `per`). */
export interface PriceAlert extends AlertFacts {
  readonly kind: 'PRICE'
  readonly symbol: string
  readonly per: string | null
  readonly condition: 'above' | 'below' | 'crosses' | 'moves'
  /** In the instrument's currency; null of `moves`. */
  readonly threshold: DecimalText | null
  /** Of `moves`: by how many per cent within `windowMinutes`, in which direction. */
  readonly percent: DecimalText | null
  readonly windowMinutes: number | null
  readonly direction: Direction | null
}

/** On the value of everything that the user has. */
export interface PortfolioAlert extends AlertFacts {
  readonly kind: 'PORTFOLIO'
  /** `share`: one holding (`assetId`, or any one) is worth more than `percent` of the total. */
  readonly condition: 'above' | 'below' | 'dayChange' | 'newHigh' | 'share'
  /** In `currency`, the user's base currency at creation; null unless above or below. */
  readonly threshold: DecimalText | null
  readonly currency: string | null
  /** Of dayChange and share. */
  readonly percent: DecimalText | null
  readonly direction: Direction | null
  readonly assetId: string | null
}

/** Goals are told in the inbox anyway; an alert chooses channels and adds `behindPace`. */
export interface GoalAlert extends AlertFacts {
  readonly kind: 'GOAL'
  readonly goalId: string
  readonly events: readonly GoalEvent[]
}

/** Once for each of `percents` in each month of the budget. */
export interface BudgetAlert extends AlertFacts {
  readonly kind: 'BUDGET'
  readonly budgetId: string
  /** In per cent of the budget; 80 and 100 unless told. */
  readonly percents: readonly number[]
}

export type Alert = PriceAlert | PortfolioAlert | GoalAlert | BudgetAlert

interface NewAlertFacts {
  readonly repeat?: AlertRepeat
  readonly hysteresis?: DecimalText
  /** 60 with `rearm` unless told; 0 lets it fire each time. */
  readonly minIntervalSeconds?: number
  readonly expiresAt?: Instant | null
  readonly channels?: readonly Channel[] | null
  readonly note?: string | null
}

export type NewAlert = NewAlertFacts &
  (
    | {
        readonly kind: 'PRICE'
        readonly symbol: string
        readonly per?: string | null
        readonly condition: 'above' | 'below' | 'crosses'
        readonly threshold: DecimalText
      }
    | {
        readonly kind: 'PRICE'
        readonly symbol: string
        readonly per?: string | null
        readonly condition: 'moves'
        readonly percent: DecimalText
        readonly windowMinutes: number
        readonly direction?: Direction
      }
    | { readonly kind: 'PORTFOLIO'; readonly condition: 'above' | 'below'; readonly threshold: DecimalText }
    | {
        readonly kind: 'PORTFOLIO'
        readonly condition: 'dayChange'
        readonly percent: DecimalText
        readonly direction?: Direction
      }
    | { readonly kind: 'PORTFOLIO'; readonly condition: 'newHigh' }
    | {
        readonly kind: 'PORTFOLIO'
        readonly condition: 'share'
        readonly percent: DecimalText
        readonly assetId?: string | null
      }
    | { readonly kind: 'GOAL'; readonly goalId: string; readonly events?: readonly GoalEvent[] }
    | { readonly kind: 'BUDGET'; readonly budgetId: string; readonly percents?: readonly number[] }
  )

/** `state` pauses and arms again; a fired one is armed by it too. */
export interface AlertChange {
  readonly state?: 'armed' | 'paused'
  readonly snoozedUntil?: Instant | null
  readonly threshold?: DecimalText
  readonly percent?: DecimalText
  readonly windowMinutes?: number
  readonly direction?: Direction
  readonly events?: readonly GoalEvent[]
  readonly percents?: readonly number[]
  readonly repeat?: AlertRepeat
  readonly hysteresis?: DecimalText
  readonly minIntervalSeconds?: number
  readonly expiresAt?: Instant | null
  readonly channels?: readonly Channel[] | null
  readonly note?: string | null
}
