import type { Database } from '../database/database.js'
import { lastClose, marketOf } from '../instruments/markets.js'
import { addDays, dateIn, startOfDate } from '../lib/calendar.js'
import type { Fixed } from '../lib/decimal.js'
import { findRate } from './rates.js'
import { type Close, priceStore } from './store.js'

/** Prices and rates as they last were before a day began; null where none is known. */
export interface DayStart {
  price(symbol: string): Fixed | null
  /** In which the price is; a source may tell it in another currency than an owner reckons in. */
  currency(symbol: string): string | null
  rate(from: string, to: string): Fixed | null
}

/**
 * The references that day changes are measured against. What was read is kept, for as many days (one for each
 * offset of the users' zones) as are under way: some minutes, as the past of an instrument that is new here, or
 * was not recorded for a while, is read from its source only after somebody has asked for it.
 */
export class DayStarts {
  readonly #db: Database
  readonly #pairs: () => Iterable<string>
  readonly #days = new Map<number, Day>()

  constructor(options: { db: Database; pairs: () => Iterable<string> }) {
    this.#db = options.db
    this.#pairs = options.pairs
  }

  /** The references of the day that `at`, which is now, belongs to in this zone, for these symbols. */
  async load(timeZone: string, at: number, symbols: readonly string[]): Promise<DayStart> {
    const date = dateIn(timeZone, at)
    const start = startOfDate(timeZone, date)
    const kept = this.#days.get(start)
    let day: Day = kept && at - kept.readAt < KEPT_MS ? kept : { closes: new Map(), daily: null, readAt: at }
    const missing = [...new Set([...symbols, ...this.#pairs()])].filter((symbol) =>
      isMissing(day, symbol, at),
    )
    if (day.daily === null || missing.length > 0) {
      const { closes, daily } = await this.#db.asSystem(async (tx) => ({
        closes: await priceStore.closesBefore(tx, lastDays(missing, start), start),
        daily: day.daily ?? (await priceStore.ratesOn(tx, addDays(date, -1))),
      }))
      for (const symbol of missing) day.closes.set(symbol, { close: closes.get(symbol) ?? null, readAt: at })
      day = { ...day, daily }
      // The workers may still be writing the last minute before midnight.
      if (at - start > SETTLED_MS) this.#keep(start, day)
    }
    const { closes, daily } = day
    const close = (symbol: string): Close | null => closes.get(symbol)?.close ?? null
    /** A pair that is traded goes before its daily fix: coins have no other rate of a day that is past. */
    const leg = (symbol: string, since: number): Fixed | null => {
      const traded = close(symbol)
      return (traded && traded.at >= since ? traded.amount : null) ?? daily?.get(symbol) ?? null
    }
    const rateSince = (from: string, to: string, since: number): Fixed | null =>
      findRate(from, to, (base, quote) => leg(`${base}-${quote}`, since))?.rate ?? null
    return {
      price: (symbol) => close(symbol)?.amount ?? null,
      currency: (symbol) => close(symbol)?.currency ?? null,
      rate: (from, to) => rateSince(from, to, start - NEAR_MS) ?? rateSince(from, to, 0),
    }
  }

  #keep(start: number, day: Day): void {
    this.#days.set(start, day)
    if (this.#days.size <= MOST_DAYS) return
    const oldest = Math.min(...this.#days.keys())
    this.#days.delete(oldest)
  }
}

/** For each symbol the last day of trading that was over at this instant: of a pair, the last day of UTC. */
function lastDays(symbols: readonly string[], at: number): ReadonlyMap<string, string> {
  const yesterday = addDays(dateIn('UTC', at), -1)
  return new Map(
    symbols.map((symbol) => {
      const market = marketOf(symbol)
      return [symbol, market ? dateIn(market.timeZone, lastClose(market, at)) : yesterday]
    }),
  )
}

interface Day {
  readonly closes: Map<string, { readonly close: Close | null; readonly readAt: number }>
  /** Fixes; null as long as they have not been read. */
  readonly daily: ReadonlyMap<string, Fixed> | null
  readonly readAt: number
}

/** Whether a close has to be read: it was not yet, or there was none a while ago. */
function isMissing({ closes }: Day, symbol: string, at: number): boolean {
  const known = closes.get(symbol)
  return known === undefined || (known.close === null && at - known.readAt >= UNKNOWN_KEPT_MS)
}

/** An older close of a pair, which began so long before, stands behind the daily fixes. */
const NEAR_MS = 2 * 86_400_000
const SETTLED_MS = 30_000
const KEPT_MS = 10 * 60_000
const UNKNOWN_KEPT_MS = 60_000
/** The world's zones have about forty offsets; two days of each. */
const MOST_DAYS = 80
