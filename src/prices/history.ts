import type { Database } from '../database/database.js'
import { encodeKey } from '../http/pages.js'
import { instrumentStore } from '../instruments/store.js'
import { formatFixed } from '../lib/decimal.js'
import { AppError } from '../lib/errors.js'
import type { CandlePage, PriceState } from '../protocol/resources.js'
import type { PriceBoard } from './board.js'
import { type Candle, candleStarts, type Interval, KEPT_MS, LENGTH_MS, widened } from './candle.js'
import type { CandleQuery } from './schema.js'
import { priceStore } from './store.js'

const DAY_MS = LENGTH_MS['1d']
/** What is shown of an interval when no beginning is told: less than one answer holds. */
const SHOWN_MS: Readonly<Record<Interval, number>> = {
  '1m': DAY_MS / 2,
  '1h': 30 * DAY_MS,
  '1d': 730 * DAY_MS,
}

export type CandleHistory = ReturnType<typeof candleHistory>

/**
 * Candles as a user is told them. The last one of what is asked for takes in the newest price, which may not be
 * written yet, so that a chart ends where the live value is.
 */
export function candleHistory(options: {
  readonly db: Database
  readonly board: PriceBoard
  readonly now: () => number
}) {
  const { db, board, now } = options
  const startOf = candleStarts()

  /** Throws AppError `missing` when the user may not see such an instrument. */
  return async (userId: string, symbol: string, query: CandleQuery): Promise<CandlePage> => {
    const { interval, limit, cursor } = query
    // The day of a share in the east begins before its date does in UTC.
    const to = query.to ?? now() + (interval === '1d' ? DAY_MS : 1)
    const first = query.from ?? to - SHOWN_MS[interval]
    const from = cursor ? Math.max(first, cursor[0] + 1) : first
    const { currency, rows } = await db.asUser(userId, async (tx) => {
      const instrument = await instrumentStore.find(tx, symbol)
      if (!instrument) throw new AppError('missing', 'not-found', 'There is no such instrument.')
      const ask = { symbol, interval, from, to, limit: limit + 1 }
      return { currency: instrument.currency, rows: await priceStore.listCandles(tx, instrument.id, ask) }
    })
    const newest = newestOf(symbol, interval, currency)
    const isLive = newest !== null && newest.at >= from && newest.at < to
    const candles = isLive ? joined(rows, newest) : rows
    const shown = candles.slice(0, limit)
    const last = shown.at(-1)
    return {
      symbol,
      interval,
      currency,
      data: shown.map(tell),
      nextCursor: candles.length > limit && last ? encodeKey([last.at]) : null,
    }
  }

  function newestOf(symbol: string, interval: Interval, currency: string): Candle | null {
    const mark = board.get(symbol)
    if (!mark || mark.quote.currency !== currency) return null
    const { source, state } = mark.quote
    const prices = { open: mark.amount, high: mark.amount, low: mark.amount, close: mark.amount }
    return { symbol, interval, at: startOf(symbol, interval, mark.quote.at), ...prices, source, state }
  }
}

/** Candles with the newest price in the last of them, or in a new one. */
function joined(candles: readonly Candle[], newest: Candle): readonly Candle[] {
  const last = candles.at(-1)
  if (!last || last.at < newest.at) return [...candles, newest]
  return last.at === newest.at ? [...candles.slice(0, -1), widened(last, newest)] : candles
}

function tell({ at, open, high, low, close, source, state }: Candle): CandlePage['data'][number] {
  return {
    at: new Date(at).toISOString(),
    open: formatFixed(open),
    high: formatFixed(high),
    low: formatFixed(low),
    close: formatFixed(close),
    source,
    // Of what was recorded here; the door tells nothing else.
    state: state as PriceState,
  }
}

/** Removes candles that are older than they are kept, in many small transactions. */
export async function removeOldCandles(db: Database, now: number): Promise<void> {
  for (const interval of ['1m', '1h'] as const) {
    let after: string | null = null
    do {
      const from: string | null = after
      after = await db.asSystem((tx) => priceStore.removeBefore(tx, interval, now - KEPT_MS[interval], from))
    } while (after !== null)
  }
}
