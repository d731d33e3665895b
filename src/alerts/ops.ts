import type { Fixed } from '../lib/decimal.js'

/**
 * A step of one alert that was decided in memory and is written by compare-and-set: it counts only if the alert
 * still stands at `armVersion` and, for `fire`, is armed and neither snoozed nor expired, for `rearm`, is fired.
 */
export interface AlertOp {
  readonly kind: 'fire' | 'rearm'
  readonly alertId: string
  /** The version at which it fired; a rearming raises it by one. */
  readonly armVersion: number
  /** Price or total at which it happened. */
  readonly value: Fixed
  /** The one before, from which it came; null where there was none. */
  readonly from: Fixed | null
  /** Version of the quote; null where there is none (a portfolio). */
  readonly version: number | null
  /** Ms since the epoch. */
  readonly at: number
  /** More for the words and `data` of the notification, e.g. which holding, how many per cent. */
  readonly data?: Readonly<Record<string, unknown>>
}

/**
 * Writes ops, at most one of each alert in one call, in one transaction with everything that follows from them.
 * Place by place whether it was written; false: somebody else was first, or the alert is another one by now.
 * Rejects when the database is away, or when one of them cannot be written; then none was.
 */
export type WriteOps = (ops: readonly AlertOp[]) => Promise<readonly boolean[]>
