import { parseFixed } from '../lib/decimal.js'
import { type Candle, type Interval, LENGTH_MS, type PastCandle, type StartOf, widened } from './candle.js'
import type { Gap, Known } from './store.js'
import { isInstant, isPrice } from './tick.js'

/** A question for candles that begin in [from, to), ms since the epoch. */
export interface PastAsk {
  readonly symbol: string
  readonly interval: Interval
  readonly from: number
  readonly to: number
}

export type PastAnswer =
  /** All that the source has of what was asked for, which may be nothing. */
  | {
      readonly kind: 'past'
      readonly source: string
      readonly candles: readonly PastCandle[]
      /** Whether the source invents its prices. */
      readonly simulated?: boolean
    }
  /** Nobody keeps candles of this length of this instrument. */
  | { readonly kind: 'none' }
  /** Not now. `retryAfterMs` is what the source asks for. */
  | { readonly kind: 'failed'; readonly retryAfterMs?: number }

const DAY_MS = LENGTH_MS['1d']
/** How much is read of what was never read before. */
const DEPTH_MS: Readonly<Record<Interval, number>> = {
  '1m': DAY_MS,
  '1h': 90 * DAY_MS,
  '1d': 3_653 * DAY_MS,
}
/** Of what was read before, at most this is read again; all that is kept. */
const LONGEST_GAP_MS: Readonly<Record<Interval, number>> = { ...DEPTH_MS, '1m': 7 * DAY_MS }

/** From where on candles are missing now; null when none is. */
export function missingFrom(known: Known, interval: Interval, now: number, startOf: StartOf): number | null {
  const last = lastOf(known, interval, startOf)
  if (!known.wasRead || last === null) return now - DEPTH_MS[interval]
  // The one that is under way is recorded, and a minute before it is not over yet for sources that lag.
  const running = startOf(known.symbol, interval, now - (interval === '1m' ? LENGTH_MS['1m'] : 0))
  return last >= running ? null : Math.max(last, now - LONGEST_GAP_MS[interval])
}

/** What recording until `before` has left in part, and what it takes up in the middle from then on. */
export function gapOf(
  known: Known,
  interval: Interval,
  { before, now }: { readonly before: number; readonly now: number },
  startOf: StartOf,
): Gap {
  const last = lastOf(known, interval, startOf)
  const taken = startOf(known.symbol, interval, before)
  return {
    cutAt: last !== null && last < startOf(known.symbol, interval, now) ? last : null,
    lateAt: taken === last ? null : taken,
  }
}

/**
 * `at` of the candle that recording ended in. Its minutes tell: what records now may have written the hour and
 * the day that are under way already.
 */
function lastOf({ symbol, newest }: Known, interval: Interval, startOf: StartOf): number | null {
  return newest['1m'] === null ? newest[interval] : startOf(symbol, interval, newest['1m'])
}

/** Candles as they are kept, by time; what the source told amiss or was not asked for is left out. */
export function readPast(ask: PastAsk, answer: Extract<PastAnswer, { kind: 'past' }>): readonly Candle[] {
  const { symbol, interval } = ask
  const { source } = answer
  const state = answer.simulated ? 'simulated' : 'delayed'
  const byTime = new Map<number, Candle>()
  for (const past of answer.candles) {
    const { at, open, high, low, close } = past
    if (!isInstant(at) || at % LENGTH_MS[interval] !== 0 || at < ask.from || at >= ask.to) continue
    if (![open, high, low, close].every(isPrice)) continue
    const prices = {
      open: parseFixed(open),
      high: parseFixed(high),
      low: parseFixed(low),
      close: parseFixed(close),
    }
    if (!isWhole(prices)) continue
    byTime.set(at, { symbol, interval, at, ...prices, source, state })
  }
  return [...byTime.values()].sort((a, b) => a.at - b.at)
}

function isWhole({ open, high, low, close }: Pick<Candle, 'open' | 'high' | 'low' | 'close'>): boolean {
  return low <= open && low <= close && high >= open && high >= close
}

/** The longer candle that is under way, of the minutes of it; null when there are none. */
export function fold(
  minutes: readonly Candle[],
  interval: Interval,
  now: number,
  startOf: StartOf,
): Candle | null {
  const first = minutes[0]
  if (!first) return null
  const at = startOf(first.symbol, interval, now)
  const parts = minutes.filter((minute) => startOf(minute.symbol, interval, minute.at) === at)
  return parts.reduce<Candle | null>(
    (whole, part) => (whole ? widened(whole, part) : { ...part, interval, at }),
    null,
  )
}
