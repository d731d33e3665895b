/**
 * What travels between server and browser, as types and nothing else: this folder imports nothing and ships
 * inside the SDK. Money, quantities, prices and rates are decimal text; instants are ISO 8601 UTC.
 */

/** Decimal text, e.g. `"0.0000000123"`; never a JSON number. */
export type DecimalText = string
/** ISO 8601 instant in UTC, e.g. `"2026-03-01T07:30:00.000Z"`. */
export type Instant = string
/** Calendar date `YYYY-MM-DD` in the user's time zone. */
export type CalendarDate = string

export type Role = 'USER' | 'ADMIN'

export interface User {
  readonly id: string
  readonly email: string
  readonly name: string | null
  readonly role: Role
  readonly baseCurrency: string
  readonly timeZone: string
  readonly locale: string
  readonly monthStartDay: number
  readonly createdAt: Instant
}

/** Answer of register, login and refresh. `expiresAt` is the access token's end. */
export interface Session {
  readonly user: User
  readonly accessToken: string
  readonly expiresAt: Instant
  readonly refreshToken: string
}

/** One of the user's sign-ins that is still good. */
export interface SessionSummary {
  readonly id: string
  readonly createdAt: Instant
  readonly lastUsedAt: Instant
  readonly expiresAt: Instant
  readonly userAgent: string | null
  readonly address: string | null
  /** Whether it is the session that asks. */
  readonly current: boolean
}

/**
 * How far a price can be trusted: `live` from an exchange now, `delayed` by its source, `stale` older than it
 * should be, `closed` market shut, `manual` typed in by the user, `simulated` invented by the venue simulator.
 */
export type PriceState = 'live' | 'delayed' | 'stale' | 'closed' | 'manual' | 'simulated'

export interface Price {
  readonly symbol: string
  readonly amount: DecimalText
  readonly currency: string
  /** When the source says that this was the price. */
  readonly at: Instant
  readonly source: string
  readonly state: PriceState
}

/** What can be priced: a coin or a currency against another, a share or fund as one exchange lists it. */
export interface Instrument {
  readonly symbol: string
  readonly kind: 'CRYPTO' | 'STOCK' | 'FUND' | 'CURRENCY'
  readonly name: string
  /** What it is quoted in; minor units (GBX) are currencies of their own. */
  readonly currency: string
  /** ISO 10383 code of the exchange. */
  readonly mic: string | null
  readonly isin: string | null
  /** The fewest that are traded at once; null where that is not known. */
  readonly lotSize: DecimalText | null
  readonly status: 'active' | 'halted' | 'delisted'
  /** Venues and sources that have it now. */
  readonly venues: readonly string[]
}

export type CandleInterval = '1m' | '1h' | '1d'

/** Prices of one interval of an instrument. */
export interface Candle {
  /** Its first instant; of a share's day, 00:00 UTC of the trading date. */
  readonly at: Instant
  readonly open: DecimalText
  readonly high: DecimalText
  readonly low: DecimalText
  readonly close: DecimalText
  /** Of the newest price in it. */
  readonly source: string
  /** `delayed` also for what was not recorded but told by a source afterwards. */
  readonly state: PriceState
}

/** Candles of [from, to), oldest first; the last one ends at the live price. */
export interface CandlePage extends Page<Candle> {
  readonly symbol: string
  readonly interval: CandleInterval
  readonly currency: string
}

export type AssetType = 'CASH' | 'STOCK' | 'CRYPTO' | 'REAL' | 'LIABILITY'
export type Pricing = 'MARKET' | 'MANUAL'

export interface Asset {
  readonly id: string
  readonly type: AssetType
  readonly name: string
  readonly symbol: string | null
  readonly currency: string
  readonly quantity: DecimalText
  readonly pricing: Pricing
  /** What is held has cost, fees of purchases included, in `currency`. */
  readonly cost: DecimalText
  /** cost / quantity; null when nothing is held. */
  readonly averagePrice: DecimalText | null
  /** Whether more may be sold than is held. */
  readonly shortAllowed: boolean
  readonly version: number
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export interface NewAsset {
  readonly type: AssetType
  readonly name?: string
  readonly symbol?: string
  readonly currency?: string
  readonly quantity?: DecimalText
  readonly unitCost?: DecimalText
  readonly unitPrice?: DecimalText
  readonly pricing?: Pricing
  readonly shortAllowed?: boolean
  /** The day of the opening activity; today when left out. */
  readonly date?: CalendarDate
}

export interface AssetChange {
  readonly name?: string
  readonly shortAllowed?: boolean
  readonly unitPrice?: DecimalText
  readonly pricing?: Pricing
}

export type ActivityType =
  | 'BUY'
  | 'SELL'
  | 'DEPOSIT'
  | 'WITHDRAWAL'
  | 'TRANSFER_IN'
  | 'TRANSFER_OUT'
  | 'DIVIDEND'
  | 'INTEREST'
  | 'FEE'
  | 'TAX'
  | 'SPLIT'
  | 'ADJUSTMENT'

export interface NewActivity {
  readonly type: ActivityType
  readonly date: CalendarDate
  /** Of a SPLIT its factor, where `ratio` is not given. */
  readonly quantity?: DecimalText
  readonly unitPrice?: DecimalText
  /** Of what is transferred in its cost. */
  readonly amount?: DecimalText
  readonly fee?: DecimalText
  readonly tax?: DecimalText
  /** Of unitPrice, amount, fee and tax; the asset's own unless told. */
  readonly currency?: string
  /** Units of the asset's currency for one unit of `currency`; where both are the same, units of the base currency. */
  readonly rate?: DecimalText
  /** A SPLIT's ratio of new to old, e.g. `3:2`. */
  readonly ratio?: string
  /** The CASH or LIABILITY asset that pays for it or is paid by it. */
  readonly accountId?: string
  /** Of a TRANSFER_OUT the own asset that receives it; the TRANSFER_IN is written with it. */
  readonly toAssetId?: string
  /** What arrives there, where it is not what leaves: other units, another currency. */
  readonly toQuantity?: DecimalText
  readonly note?: string
}

/** What is null is no longer told: `accountId: null` takes the settlement away, `rate: null` asks for the date's. */
export type ActivityChange = {
  readonly [K in keyof Omit<NewActivity, 'type' | 'date' | 'toAssetId'>]?: NewActivity[K] | null
} & { readonly date?: CalendarDate }

export interface Activity {
  readonly id: string
  readonly assetId: string
  readonly type: ActivityType
  readonly date: CalendarDate
  readonly quantity: DecimalText | null
  readonly unitPrice: DecimalText | null
  /** The cash of it, fees and taxes apart. */
  readonly amount: DecimalText | null
  readonly fee: DecimalText
  readonly tax: DecimalText
  readonly currency: string
  readonly rate: DecimalText | null
  readonly ratio: string | null
  readonly accountId: string | null
  readonly toAssetId: string | null
  /** What this one follows from and goes with: a trade that it settles, a transfer, an income or an expense. */
  readonly cause: { readonly kind: 'activity' | 'income' | 'expense'; readonly id: string } | null
  readonly note: string | null
  readonly version: number
}

/** What one unit was worth at the end of a date, in `currency`. */
export interface AssetPrice {
  readonly date: CalendarDate
  readonly unitPrice: DecimalText
  readonly currency: string
  readonly source: string
  readonly state: PriceState
}

export interface NewAssetPrice {
  readonly date: CalendarDate
  readonly unitPrice: DecimalText
}

/** A move of money since the last value before 00:00 in the user's zone. */
export interface DayChange {
  readonly amount: DecimalText
  /** In per cent of the value at the start of the day, four decimals; null when that value was zero. */
  readonly percent: DecimalText | null
}

export type UnpricedReason = 'no-price' | 'no-rate'

export interface Coverage {
  readonly holdings: number
  readonly priced: number
  /** Of the priced ones those whose price or exchange rate is older than it should be. */
  readonly stale: number
  readonly unpriced: readonly { readonly assetId: string; readonly reason: UnpricedReason }[]
}

/** One asset as it is worth now; amounts in the valuation's currency. Liabilities count negative. */
export interface Holding {
  readonly assetId: string
  readonly type: AssetType
  readonly name: string
  readonly symbol: string | null
  readonly quantity: DecimalText
  readonly price: Price | null
  /** Price currency -> valuation currency; null when unknown, never assumed to be 1. */
  readonly rate: DecimalText | null
  readonly value: DecimalText | null
  readonly cost: DecimalText | null
  readonly gain: DecimalText | null
  readonly dayChange: DayChange | null
}

export interface Valuation {
  /** Names one uninterrupted stream of updates; a different epoch means: start again from this snapshot. */
  readonly epoch: string
  readonly seq: number
  readonly at: Instant
  readonly currency: string
  readonly total: DecimalText
  readonly cost: DecimalText
  readonly gain: DecimalText
  readonly dayChange: DayChange | null
  readonly coverage: Coverage
  readonly holdings: readonly Holding[]
}

/** What moved since `seq - 1` of the same epoch. */
export interface ValuationUpdate {
  readonly epoch: string
  readonly seq: number
  readonly at: Instant
  readonly total: DecimalText
  /** Only when it has changed: cost moves with a rate, and with what is priced. */
  readonly cost?: DecimalText
  readonly gain: DecimalText
  readonly dayChange: DayChange | null
  readonly coverage: Coverage
  readonly changed: readonly Holding[]
}

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

export type ImportFormat = 'csv' | 'ghostfolio' | 'harta'

export interface ImportProblem {
  /** Line of the file, or place in the list, from 1. */
  readonly row: number
  readonly field: string | null
  readonly detail: string
}

/** What a row of a CSV file is. */
export type CsvKind = 'activities' | 'incomes' | 'expenses'
export type CsvDateFormat = 'YYYY-MM-DD' | 'DD/MM/YYYY' | 'MM/DD/YYYY' | 'DD.MM.YYYY'

export interface NewImport {
  readonly format: ImportFormat
  /** The file's text. */
  readonly content: string
  readonly fileName?: string
  /** Of a CSV: what its rows are; guessed from its columns when left out. */
  readonly kind?: CsvKind
  /** Of a CSV: what is of no named asset or account is of this one. */
  readonly assetId?: string
  /** Of a CSV: its column for each field of ours; guessed from their names where left out. */
  readonly mapping?: Readonly<Record<string, string>>
  readonly options?: {
    readonly delimiter?: string
    readonly dateFormat?: CsvDateFormat
    readonly decimal?: '.' | ','
    /** Of rows that name none. */
    readonly currency?: string
    /** End with the first row that cannot be written; otherwise such rows are passed over. */
    readonly stopOnProblem?: boolean
  }
}

/** How a CSV file was read; another reading is another import. */
export interface CsvReading {
  /** `flows`: incomes and expenses by their signs, or by columns of their own. */
  readonly kind: CsvKind | 'flows'
  readonly columns: readonly string[]
  /** Field of ours to column of the file. */
  readonly mapping: Readonly<Record<string, string>>
  readonly delimiter: string
  readonly dateFormat: CsvDateFormat
  readonly decimal: '.' | ','
}

/** `import:progress`: how far an import is. */
export interface ImportProgress {
  readonly id: string
  readonly state: Import['state']
  readonly done: number
  readonly total: number
}

/** A file that is being taken over; nothing is written before it is confirmed. */
export interface Import {
  readonly id: string
  readonly format: ImportFormat
  readonly fileName: string | null
  readonly state: 'previewed' | 'running' | 'done' | 'failed'
  /** Rows that will be written, or are. */
  readonly total: number
  readonly done: number
  /** Null unless it is a CSV file that could be read. */
  readonly csv: CsvReading | null
  /** What there is in the file, by kind: `expenses`, `activities`, ... */
  readonly counts: Readonly<Record<string, number>>
  readonly problems: readonly ImportProblem[]
  /** Rows that are here already and will be passed over. */
  readonly duplicates: readonly number[]
  readonly error: string | null
  readonly version: number
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export interface Page<T> {
  readonly data: readonly T[]
  readonly nextCursor: string | null
}

/** RFC 9457, `application/problem+json`; the same object comes in a socket's refusing ack. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** Stable and machine-readable. */
  readonly code: string
  readonly instance?: string
  readonly requestId: string
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
}
