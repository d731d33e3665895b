import type { FlowKind } from './flows.js'
import type { CalendarDate, CandleInterval, Coverage, DecimalText, Instant } from './resources.js'

/** What it all means, as it travels between server and browser. Money in `currency`, rates as fractions. */

export type CostMethod = 'fifo' | 'average'

/** Figures of an asset over a window, in the base currency but `quantity` and, in the asset's own, `averagePrice`. */
export interface AssetPerformance {
  readonly assetId: string
  readonly symbol: string | null
  readonly name: string
  readonly quantity: DecimalText
  readonly investment: DecimalText | null
  readonly cost: DecimalText | null
  readonly averagePrice: DecimalText | null
  readonly startValue: DecimalText | null
  readonly endValue: DecimalText | null
  readonly netFlows: DecimalText | null
  readonly grossPerformance: DecimalText | null
  readonly netPerformance: DecimalText | null
  readonly fees: DecimalText | null
  readonly tradeFees: DecimalText | null
  readonly taxes: DecimalText | null
  readonly dividends: DecimalText | null
  readonly interest: DecimalText | null
  readonly realised: DecimalText | null
  readonly unrealised: DecimalText | null
  readonly unrealisedBefore: DecimalText | null
  readonly priceGain: DecimalText | null
  readonly currencyGain: DecimalText | null
}

/**
 * What came of what was owned between two dates, both included. Amounts in `currency`, rates as fractions.
 * grossPerformance = endValue - startValue - netFlows, where netFlows are purchases less sales at their own
 * prices; netPerformance = grossPerformance - fees - taxes + dividends + interest; realised + unrealised -
 * unrealisedBefore = priceGain + currencyGain = grossPerformance - tradeFees. All of it holds to the last digit.
 */
export interface Performance {
  readonly from: CalendarDate
  readonly to: CalendarDate
  readonly currency: string
  readonly method: CostMethod
  readonly startValue: DecimalText | null
  readonly endValue: DecimalText | null
  readonly netFlows: DecimalText | null
  readonly investment: DecimalText | null
  readonly cost: DecimalText | null
  readonly grossPerformance: DecimalText | null
  readonly fees: DecimalText | null
  /** The part of `fees` that belongs to purchases and sales. */
  readonly tradeFees: DecimalText | null
  readonly taxes: DecimalText | null
  readonly dividends: DecimalText | null
  readonly interest: DecimalText | null
  readonly netPerformance: DecimalText | null
  readonly realised: DecimalText | null
  /** Value less cost of what is held at the end. */
  readonly unrealised: DecimalText | null
  /** The same at the start. */
  readonly unrealisedBefore: DecimalText | null
  readonly priceGain: DecimalText | null
  readonly currencyGain: DecimalText | null
  readonly twr: DecimalText | null
  readonly twrAnnualised: DecimalText | null
  readonly xirr: DecimalText | null
  readonly roai: DecimalText | null
  readonly maxDrawdown: DecimalText | null
  readonly volatility: DecimalText | null
  /** Of each figure that is null, why. */
  readonly reasons: Readonly<Record<string, string>>
  readonly coverage: Coverage
  readonly assets: readonly AssetPerformance[]
}

/** Net worth over time, oldest first; the live value is the next point. */
export interface NetWorthHistory {
  readonly currency: string
  readonly interval: CandleInterval
  readonly points: readonly NetWorthPoint[]
}

export interface NetWorthPoint {
  readonly at: Instant
  readonly value: DecimalText
  /** What was put in until then, net; null where a rate is missing. */
  readonly contribution: DecimalText | null
  readonly coverage: { readonly holdings: number; readonly priced: number; readonly stale: number }
}

/** Shares of what is owned; a share is of the sum of what counts positive. */
export interface Allocation {
  readonly currency: string
  readonly by: 'type' | 'currency' | 'asset'
  readonly total: DecimalText
  readonly coverage: Coverage
  readonly parts: readonly {
    readonly key: string
    readonly name: string
    readonly value: DecimalText
    readonly share: DecimalText | null
  }[]
}

/** Why a figure is null: nothing came in, nothing to compare with, an exchange rate is missing. */
export type CashflowReason = 'no-income' | 'no-complete-month' | 'no-rate'

export interface CashflowMonth {
  /** `YYYY-MM`, the month in which the user's financial month begins. */
  readonly month: string
  /** First and last date of it that lie in the range; the figures are of these. */
  readonly from: CalendarDate
  readonly to: CalendarDate
  readonly income: DecimalText | null
  readonly expense: DecimalText | null
  readonly netSaving: DecimalText | null
  readonly savingRate: DecimalText | null
  /** Why one of them is null; null when none is. */
  readonly reason: CashflowReason | null
  /** Whether it is over, and lies in the range as a whole. */
  readonly complete: boolean
}

export interface CashflowCategory {
  /** Null: of no category. */
  readonly categoryId: string | null
  readonly name: string | null
  readonly kind: FlowKind
  readonly amount: DecimalText | null
  /** Of all income, or of all expense; null when that is not more than zero. */
  readonly share: DecimalText | null
}

export interface Cashflow {
  readonly from: CalendarDate
  readonly to: CalendarDate
  readonly currency: string
  readonly income: DecimalText | null
  readonly expense: DecimalText | null
  readonly netSaving: DecimalText | null
  readonly savingRate: DecimalText | null
  readonly expenseRatio: DecimalText | null
  /** Why one of them is null; null when none is. */
  readonly reason: CashflowReason | null
  /** Whether its last day is over. */
  readonly complete: boolean
  /** Entries, of the range and of `comparedMonths`, that could not be reckoned: no exchange rate of their date is known. */
  readonly unconverted: readonly {
    readonly currency: string
    readonly date: CalendarDate
    readonly entries: number
  }[]
  readonly categories: readonly CashflowCategory[]
  readonly months: readonly CashflowMonth[]
  /**
   * Of which averages, medians and trend are, oldest first: the complete months that lie in the range, or, where
   * these are fewer than two, in the twelve months up to its end; none of before the user's first entry.
   */
  readonly comparedMonths: readonly string[]
  readonly averages: CashflowTypical
  readonly medians: CashflowTypical
  /** The last of them less the one before it. */
  readonly trend: CashflowTypical
}

export interface CashflowTypical {
  readonly income: DecimalText | null
  readonly expense: DecimalText | null
  readonly netSaving: DecimalText | null
  /** Why one of them is null; null when none is. */
  readonly reason: CashflowReason | null
}

export type HealthPartName =
  | 'emergencyFund'
  | 'savingRate'
  | 'debtToAssets'
  | 'netWorthTrend'
  | 'diversification'

/** What would have to be known, see docs/health-score.md. */
export type HealthMissing =
  | 'assets'
  | 'cash-account'
  | 'complete-month'
  | 'expenses'
  | 'income'
  | 'income-history'
  | 'investments'
  | 'net-worth-history'
  | 'prices'
  | 'rates'

export interface HealthPart {
  readonly name: HealthPartName
  /** Of 100; what is not measured gives its weight to the others. */
  readonly weight: number
  /** Months, or a fraction; null when it could not be measured, or there is nothing to divide by. */
  readonly value: DecimalText | null
  /** What the value is made of, as money. */
  readonly numerator: DecimalText | null
  readonly denominator: DecimalText | null
  /** First and last date of the incomes and expenses in it. */
  readonly period: { readonly from: CalendarDate; readonly to: CalendarDate } | null
  /** 0 to 100. */
  readonly score: DecimalText | null
  /** How many points of the whole score it gives. */
  readonly contribution: DecimalText | null
  /** Null when it is measured. */
  readonly missing: HealthMissing | null
}

/** What one part lacks, and how it would get it; each for itself, the others staying as they are. */
export interface HealthAdvice {
  readonly part: HealthPartName
  /** Points that the whole score would gain. */
  readonly gain: DecimalText
  /** The part's value now, and the one that would give it 100 points. */
  readonly value: DecimalText | null
  readonly target: DecimalText
  /** The money that it takes; of `savingRate` in each month. */
  readonly amount: DecimalText
  /** In English. */
  readonly text: string
}

/** Financial health, 0 to 100 by our own published formula. */
export interface Health {
  readonly currency: string
  readonly score: DecimalText | null
  readonly measuredWeight: number
  /** Why there is no score. */
  readonly reason: 'too-little-measured' | null
  readonly parts: readonly HealthPart[]
  /** What would raise it, the most first. */
  readonly advice: readonly HealthAdvice[]
}
