/** Lengths of candles that are kept: a minute for 7 days, an hour for 90 days, a day for ever. */
export type Interval = '1m' | '1h' | '1d'

/**
 * One interval of the past as a venue or source told it. `at` is its first millisecond, UTC; a day of a share is
 * 00:00 UTC of its trading date. Prices are plain positive decimal text.
 */
export interface PastCandle {
  readonly at: number
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
}
