import { marketOf } from '../instruments/markets.js'
import { addDays, dateIn, startOfDate } from '../lib/calendar.js'
import type { Fixed } from '../lib/decimal.js'

/** Lengths of candles that are kept: a minute for 7 days, an hour for 90 days, a day for ever. */
export type Interval = '1m' | '1h' | '1d'

export const INTERVALS = ['1m', '1h', '1d'] as const satisfies readonly Interval[]

/** How long candles are kept; days stay for ever. */
export const KEPT_MS: Readonly<Record<'1m' | '1h', number>> = { '1m': 7 * 86_400_000, '1h': 90 * 86_400_000 }

export const LENGTH_MS: Readonly<Record<Interval, number>> = {
  '1m': 60_000,
  '1h': 60 * 60_000,
  '1d': 24 * 60 * 60_000,
}

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

/** One interval of one instrument as it is kept; `at` as in PastCandle. */
export interface Candle {
  readonly symbol: string
  readonly interval: Interval
  readonly at: number
  readonly open: Fixed
  readonly high: Fixed
  readonly low: Fixed
  readonly close: Fixed
  readonly source: string
  /** How the newest price in it was known: live, delayed, closed or simulated. */
  readonly state: string
}

/** A candle with what came later of it. */
export function widened(earlier: Candle, later: Candle): Candle {
  const { symbol, interval, at, open } = earlier
  const { high, low, close, source, state } = later
  // Written out: it is done with every price, and spreading costs ten times as much.
  return {
    symbol,
    interval,
    at,
    open,
    high: high > earlier.high ? high : earlier.high,
    low: low < earlier.low ? low : earlier.low,
    close,
    source,
    state,
  }
}

/** `at` of the candle that an instant belongs to. */
export type StartOf = (symbol: string, interval: Interval, instant: number) => number

/**
 * Reckons starts of candles. A day of a pair is the day of UTC, as it trades around the clock; a day of a share is
 * the date of its exchange. The day that is under way in each zone is worked out once.
 */
export function candleStarts(): StartOf {
  const days = new Map<string, { readonly from: number; readonly to: number; readonly at: number }>()
  return (symbol, interval, instant) => {
    const zone = interval === '1d' ? marketOf(symbol)?.timeZone : undefined
    if (zone === undefined) return Math.floor(instant / LENGTH_MS[interval]) * LENGTH_MS[interval]
    let day = days.get(zone)
    if (!day || instant < day.from || instant >= day.to) {
      const date = dateIn(zone, instant)
      const [from, to] = [startOfDate(zone, date), startOfDate(zone, addDays(date, 1))]
      day = { from, to, at: Date.parse(`${date}T00:00:00Z`) }
      days.set(zone, day)
    }
    return day.at
  }
}
