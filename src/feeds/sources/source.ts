import type { Interval, PastCandle } from '../../prices/candle.js'
import type { Question } from '../ask.js'

/**
 * What Harta knows of a source that is asked instead of listened to, as data and pure functions: how a question
 * looks, and what an answer says. Readers never throw. Status 200 is neither success nor freshness: quotas,
 * errors, pages and months-old prices come with it, so a quote is one only when its price and its time are there.
 */
export interface QuoteSource {
  readonly id: string
  /** Listings of exchanges, or coins that no venue lists. */
  readonly kind: 'listing' | 'coin'
  /** Address of the source's own interface. */
  readonly base: string
  /** Whether it answers nobody without a key. */
  readonly needsKey: boolean
  /** Each of them holds, for every question to the source, history included. */
  readonly limits: readonly SourceLimit[]
  /** Names that one question may hold. */
  readonly batch: number
  /** What the source calls an instrument's symbol; null when it cannot have it. */
  name(symbol: string): string | null
  question(base: string, names: readonly string[], key: string | null): Question
  /**
   * What a body says of each name that was asked for. The body of a refusal is read as well: some sources say
   * with status 404 which symbol they do not know, with 429 or 200 that a quota is spent. Where this gives
   * `not-an-answer` for such a body, the status decides.
   */
  read(body: Buffer, names: readonly string[]): SourceAnswer
  readonly history?: {
    readonly intervals: readonly Interval[]
    /** How many intervals one question may span. */
    readonly most: number
    /** How many intervals back from now it tells anything at all; without it, as many as there were. */
    readonly reach?: Readonly<Partial<Record<Interval, number>>>
    /** Candles that begin in [from, to), ms since the epoch. */
    question(
      base: string,
      ask: { name: string; interval: Interval; from: number; to: number },
      key: string | null,
    ): Question
    /**
     * By time, oldest first, one for each `at`; a day's `at` is 00:00 UTC of its trading date. Candles beside
     * those that were asked for may be among them, the one that is not over yet too.
     */
    read(body: Buffer, interval: Interval): readonly PastCandle[] | SourceRefusal
  }
}

export interface SourceLimit {
  readonly count: number
  readonly windowMs: number
}

export type SourceAnswer =
  | { readonly kind: 'quotes'; readonly quotes: ReadonlyMap<string, SourceQuote | NoQuote> }
  | SourceRefusal

/** A price as the source told it. */
export interface SourceQuote {
  /** Plain decimal text, positive. */
  readonly price: string
  /** As Harta spells it: London's pence are GBX. */
  readonly currency: string
  /**
   * When it was traded, in ms since the epoch: never the time of asking. It may lie ahead where a source tells
   * only the date of a trading day that is not over; until then it is not to be offered.
   */
  readonly at: number
  /** By how much the source is behind the exchange, by its own word; null when it does not say. */
  readonly delayMs: number | null
  readonly name?: string
  readonly isin?: string
  /** STOCK or FUND, where the source says. */
  readonly instrument?: 'STOCK' | 'FUND'
}

/**
 * Why a name has no price: the source does not know it (any more), or it has none that is fit to use. `reason`
 * is one of a fixed set of words, fit for a counter's label.
 */
export interface NoQuote {
  readonly missing: 'unknown' | 'unusable'
  readonly reason: string
}

/** The whole question was refused. `reason` is one of a fixed set of words, fit for a counter's label. */
export interface SourceRefusal {
  readonly kind: 'refused'
  readonly reason: 'quota' | 'key' | 'not-an-answer' | 'error'
  /** How long it wants to be left alone; null when it does not say. */
  readonly retryAfterMs: number | null
}

/** A source of daily exchange rates. */
export interface RateSource {
  readonly id: string
  readonly base: string
  readonly limits: readonly SourceLimit[]
  /** The newest fixes. */
  readonly latest: RateQuestion
  /** Every fix on or after a date, where the source keeps them; it has to be told which date it is today. */
  readonly since?: (date: string, today: string) => RateQuestion
}

export interface RateQuestion {
  question(base: string): Question
  read(body: Buffer): RateAnswer
}

export type RateAnswer =
  | {
      readonly kind: 'rates'
      /** Never empty, by date. */
      readonly rates: readonly DailyRate[]
      /** Before this instant (ms since the epoch) the source has nothing new; null when it does not say. */
      readonly nextAt: number | null
    }
  | SourceRefusal

/** One unit of `base` was worth `rate` of `quote` at the fix of this calendar date. */
export interface DailyRate {
  readonly base: string
  readonly quote: string
  readonly date: string
  /** Plain decimal text, positive. */
  readonly rate: string
}
