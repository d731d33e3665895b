import { formatFixed, parseFixed } from '../../src/lib/decimal.js'
import type { Price } from '../../src/protocol/resources.js'
import {
  type Market,
  type Position,
  type PriceMark,
  type RateMark,
  valueAtDayStart,
} from '../../src/valuation/value.js'
import type { LoadedPortfolio } from '../../src/valuation/watched.js'

/** A price as the board keeps it. */
export function markOf(symbol: string, amount: string, more: Partial<Price> = {}): PriceMark {
  const price: Price = {
    symbol,
    amount,
    currency: 'USD',
    at: '2026-01-01T00:00:00.000Z',
    source: 'coinbase',
    state: 'live',
    ...more,
  }
  return { amount: parseFixed(amount), price, json: JSON.stringify(price) }
}

/** One bitcoin, held since before today, unless told. */
export function positionOf(more: Partial<Position> = {}): Position {
  return {
    assetId: '0190a7c0-0000-7000-8000-000000000001',
    type: 'CRYPTO',
    name: 'Bitcoin',
    symbol: 'BTC-USD',
    byMarket: true,
    currency: 'USD',
    quantity: parseFixed('1'),
    cost: parseFixed('100'),
    baseCost: null,
    fixedPrice: null,
    day: { start: valueAtDayStart(parseFixed('1'), parseFixed('200'), parseFixed('1')), flow: 0n },
    ...more,
  }
}

export function portfolioOf(
  positions: readonly Position[],
  more: Partial<LoadedPortfolio> = {},
): LoadedPortfolio {
  return { version: 1, currency: 'USD', positions, dayEndsAt: Number.MAX_SAFE_INTEGER, ...more }
}

/** A market whose prices and rates a test sets; rates by currency, in units of the portfolio's. */
export class TestMarket implements Market {
  readonly marks = new Map<string, PriceMark>()
  readonly rates = new Map<string, string>([['USD', '1']])
  /** Currencies whose rate is of a while ago. */
  readonly stale = new Set<string>()
  readonly #rates = new Map<string, RateMark>()

  mark(symbol: string): PriceMark | undefined {
    return this.marks.get(symbol)
  }

  /** The same object as long as the rate is the same, as the rate book hands it out. */
  rate(currency: string): RateMark | null {
    const text = this.rates.get(currency)
    if (text === undefined) return null
    const known = this.#rates.get(currency)
    const isStale = this.stale.has(currency)
    if (known?.text === text && known.isStale === isStale) return known
    const amount = parseFixed(text)
    const made = { amount, text: formatFixed(amount), isStale }
    this.#rates.set(currency, made)
    return made
  }

  set(symbol: string, amount: string, more: Partial<Price> = {}): void {
    this.marks.set(symbol, markOf(symbol, amount, more))
  }
}
