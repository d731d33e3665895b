import { isCurrency } from '../lib/currency.js'
import { type Fixed, formatFixed } from '../lib/decimal.js'
import { findRate } from './rates.js'

/** A rate as valuations use it: the exact number and its text. */
export interface RateQuote {
  readonly amount: Fixed
  readonly text: string
  /** Whether no path of fresh pairs leads there, and it is as it once was. */
  readonly isStale: boolean
}

/**
 * Rates between currencies, worked out once and kept until one of the pairs that they are made of moves. A live
 * pair on the price board goes before the daily fix of the same pair, and any path of fresh pairs before one with
 * a stale pair in it: a pair that nobody asks for any more stays on the board as it once was.
 */
export class RateBook {
  readonly #live: (symbol: string) => Fixed | undefined
  readonly #isStale: (symbol: string) => boolean
  #daily: ReadonlyMap<string, Fixed> = new Map()
  readonly #seen = new Set<string>()
  /** Those of them that were stale when they moved last. */
  readonly #stale = new Set<string>()
  readonly #known = new Map<string, { readonly quote: RateQuote | null; readonly via: readonly string[] }>()

  constructor(options: {
    live: (symbol: string) => Fixed | undefined
    isStale?: (symbol: string) => boolean
  }) {
    this.#live = options.live
    this.#isStale = options.isStale ?? (() => false)
  }

  /** Units of `to` for one unit of `from`; null when no path of known pairs leads there. */
  get(from: string, to: string): RateQuote | null {
    const key = rateKey(from, to)
    let known = this.#known.get(key)
    if (!known) {
      const fresh = findRate(from, to, (base, quote) => this.#leg(`${base}-${quote}`, true))
      const found = fresh ?? findRate(from, to, (base, quote) => this.#leg(`${base}-${quote}`, false))
      known = {
        quote: found && { amount: found.rate, text: formatFixed(found.rate), isStale: fresh === null },
        via: found?.via ?? [],
      }
      this.#known.set(key, known)
    }
    return known.quote
  }

  /** Takes the newest daily fixes, `EUR-USD` -> rate, in place of the ones before; names the rates that moved. */
  setDaily(fixes: ReadonlyMap<string, Fixed>): readonly string[] {
    this.#daily = fixes
    return this.#forget(() => true)
  }

  /** To be told of every price that moved; names the rates (see rateKey) that moved, or aged, with it. */
  moved(symbol: string): readonly string[] {
    const dash = symbol.indexOf('-')
    if (dash === -1 || !isCurrency(symbol.slice(0, dash)) || !isCurrency(symbol.slice(dash + 1))) return []
    // A pair that was not there before, or was stale, can make a shorter path, or the first one.
    const stale = this.#isStale(symbol)
    const first = !this.#seen.has(symbol) || (!stale && this.#stale.has(symbol))
    this.#seen.add(symbol)
    if (stale) this.#stale.add(symbol)
    else this.#stale.delete(symbol)
    return this.#forget((known) => first || known.via.includes(symbol))
  }

  /** Symbols of the live pairs of currencies that have been heard of. */
  pairs(): Iterable<string> {
    return this.#seen
  }

  #forget(test: (known: { quote: RateQuote | null; via: readonly string[] }) => boolean): readonly string[] {
    const keys: string[] = []
    // A copy: a rate that is worked out anew comes back to the end of the map.
    for (const [key, known] of [...this.#known]) {
      if (!test(known)) continue
      this.#known.delete(key)
      const [from = '', to = ''] = key.split('>')
      const now = this.get(from, to)
      const isSame = now?.amount === known.quote?.amount && now?.isStale === known.quote?.isStale
      if (!isSame) keys.push(key)
    }
    return keys
  }

  #leg(symbol: string, freshOnly: boolean): Fixed | null {
    const live = freshOnly && this.#isStale(symbol) ? undefined : this.#live(symbol)
    return live ?? this.#daily.get(symbol) ?? null
  }
}

/** Name of a rate in the indexes of who depends on it. */
export function rateKey(from: string, to: string): string {
  return `${from}>${to}`
}
