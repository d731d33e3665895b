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

/** What a row of a CSV file is. */
export type CsvKind = 'activities' | 'incomes' | 'expenses'
export type CsvDateFormat = 'YYYY-MM-DD' | 'DD/MM/YYYY' | 'MM/DD/YYYY' | 'DD.MM.YYYY'

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
