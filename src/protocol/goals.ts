import type { CalendarDate, DecimalText, Instant } from './resources.js'

/** What is saved for, as it travels between server and browser. */

export type GoalBasis = 'CONTRIBUTIONS' | 'ASSETS' | 'NET_WORTH'

export interface Goal {
  readonly id: string
  readonly name: string
  readonly target: DecimalText
  readonly currency: string
  readonly basis: GoalBasis
  readonly deadline: CalendarDate | null
  readonly assetIds: readonly string[]
  /** Null where it cannot be known now: a price or a rate is missing. */
  readonly current: DecimalText | null
  /** current / target, a fraction. */
  readonly progress: DecimalText | null
  /** Never negative. */
  readonly remaining: DecimalText | null
  /** What has to come in each month until the deadline; null without one, or when it is reached. */
  readonly requiredPerMonth: DecimalText | null
  /** Mean of the last three complete months; null while there is none. */
  readonly actualPerMonth: DecimalText | null
  /** When it is reached at that pace; null where it is not in sight. */
  readonly projectedDate: CalendarDate | null
  /** When each per cent of the target was reached for the first time; stays when it falls back. */
  readonly milestones: readonly { readonly percent: number; readonly reachedAt: Instant | null }[]
  readonly reachedAt: Instant | null
  /** When it fell below 95 % of the target after it was reached; null again once it is back. */
  readonly fellBackAt: Instant | null
  readonly version: number
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export interface NewGoal {
  readonly name: string
  readonly target: DecimalText
  readonly currency?: string
  readonly basis: GoalBasis
  readonly deadline?: CalendarDate | null
  readonly assetIds?: readonly string[]
}

export interface Contribution {
  readonly id: string
  /** Negative when money was taken out again. */
  readonly amount: DecimalText
  readonly currency: string
  readonly date: CalendarDate
  readonly note: string | null
  readonly version: number
}

export interface NewContribution {
  readonly amount: DecimalText
  readonly currency?: string
  /** Today when left out. */
  readonly date?: CalendarDate
  readonly note?: string | null
}
