import type { CalendarDate, DecimalText, Instant } from './resources.js'

/** What comes in and goes out, as it travels between server and browser. */

export type FlowKind = 'INCOME' | 'EXPENSE'

export interface Category {
  readonly id: string
  readonly kind: FlowKind
  readonly name: string
  readonly version: number
}

export interface NewCategory {
  readonly kind: FlowKind
  readonly name: string
}

/** An income or an expense; a refund is a negative expense. */
export interface Flow {
  readonly id: string
  readonly amount: DecimalText
  readonly currency: string
  readonly date: CalendarDate
  readonly categoryId: string | null
  /** The account that it came into or went out of. */
  readonly assetId: string | null
  /** The recurring rule that it came of. */
  readonly ruleId: string | null
  readonly note: string | null
  readonly tags: readonly string[]
  readonly version: number
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export interface NewFlow {
  readonly amount: DecimalText
  readonly currency?: string
  readonly date: CalendarDate
  readonly categoryId?: string | null
  readonly assetId?: string | null
  readonly note?: string | null
  readonly tags?: readonly string[]
}

/** What may be spent in a category: in each month, or in one month alone. */
export interface Budget {
  readonly id: string
  readonly categoryId: string
  readonly amount: DecimalText
  readonly currency: string
  /** `YYYY-MM`; null: every month that has no budget of its own. */
  readonly month: string | null
  /** Of the month that was asked for, or the one that is under way; null where a rate is missing. */
  readonly spent: DecimalText | null
  readonly remaining: DecimalText | null
  /** spent / amount, a fraction. */
  readonly ratio: DecimalText | null
  readonly version: number
}

export interface NewBudget {
  readonly categoryId: string
  readonly amount: DecimalText
  readonly currency?: string
  readonly month?: string | null
}

export type Frequency = 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY'
export type DueOn = 'DATE' | 'LAST_DAY' | 'LAST_WEEKDAY'

/** An income or expense that comes again and again. */
export interface RecurringRule {
  readonly id: string
  readonly kind: FlowKind
  readonly name: string | null
  readonly amount: DecimalText
  readonly currency: string
  readonly categoryId: string | null
  readonly assetId: string | null
  readonly note: string | null
  readonly tags: readonly string[]
  readonly frequency: Frequency
  /** Every so many days, weeks, months or years. */
  readonly every: number
  readonly dueOn: DueOn
  readonly startsOn: CalendarDate
  readonly endsOn: CalendarDate | null
  /** Null when there is nothing more to come. */
  readonly nextDueOn: CalendarDate | null
  readonly paused: boolean
  readonly version: number
}

export interface NewRecurringRule {
  readonly kind: FlowKind
  readonly name?: string | null
  readonly amount: DecimalText
  readonly currency?: string
  readonly categoryId?: string | null
  readonly assetId?: string | null
  readonly note?: string | null
  readonly tags?: readonly string[]
  readonly frequency: Frequency
  readonly every?: number
  readonly dueOn?: DueOn
  readonly startsOn: CalendarDate
  readonly endsOn?: CalendarDate | null
  readonly paused?: boolean
}
