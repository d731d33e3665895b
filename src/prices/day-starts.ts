import type { Database } from '../database/database.js'
import { addDays, dateIn, startOfDate } from '../lib/calendar.js'
import type { Fixed } from '../lib/decimal.js'
import { findRate } from './rates.js'
import { priceStore } from './store.js'

/** Prices and rates as they last were before a day began; null where none is known. */
export interface DayStart {
  price(symbol: string): Fixed | null
  rate(from: string, to: string): Fixed | null
}

/**
 * The references that day changes are measured against. They do not change any more once the day has begun, so
 * what was read is kept, for as many days (one for each offset of the users' zones) as are under way.
 */
export class DayStarts {
  readonly #db: Database
  readonly #pairs: () => Iterable<string>
  readonly #days = new Map<number, Day>()

  constructor(options: { db: Database; pairs: () => Iterable<string> }) {
    this.#db = options.db
    this.#pairs = options.pairs
  }

  /** The references of the day that `at` belongs to in this zone, for these symbols. */
  async load(timeZone: string, at: number, symbols: readonly string[]): Promise<DayStart> {
    const date = dateIn(timeZone, at)
    const start = startOfDate(timeZone, date)
    let day: Day = this.#days.get(start) ?? { closes: new Map<string, Fixed | null>(), daily: new Map() }
    const missing = [...new Set([...symbols, ...this.#pairs()])].filter((symbol) => !day.closes.has(symbol))
    const fresh = !this.#days.has(start)
    if (fresh || missing.length > 0) {
      const { closes, daily } = await this.#db.asSystem(async (tx) => ({
        closes: await priceStore.closesBefore(tx, missing, start),
        daily: fresh ? await priceStore.ratesOn(tx, addDays(date, -1)) : day.daily,
      }))
      for (const symbol of missing) day.closes.set(symbol, closes.get(symbol) ?? null)
      day = { closes: day.closes, daily }
      // The workers may still be writing the last minute before midnight.
      if (at - start > SETTLED_MS) this.#keep(start, day)
    }
    const { closes, daily } = day
    return {
      price: (symbol) => closes.get(symbol) ?? null,
      rate: (from, to) =>
        findRate(
          from,
          to,
          (base, quote) => closes.get(`${base}-${quote}`) ?? daily.get(`${base}-${quote}`) ?? null,
        )?.rate ?? null,
    }
  }

  #keep(start: number, day: Day): void {
    this.#days.set(start, day)
    if (this.#days.size <= MOST_DAYS) return
    const oldest = Math.min(...this.#days.keys())
    this.#days.delete(oldest)
  }
}

interface Day {
  readonly closes: Map<string, Fixed | null>
  readonly daily: ReadonlyMap<string, Fixed>
}

const SETTLED_MS = 30_000
/** The world's zones have about forty offsets; two days of each. */
const MOST_DAYS = 80
