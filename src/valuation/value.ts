import type { Fixed } from '../lib/decimal.js'
import type { AssetType, Price, UnpricedReason } from '../protocol/resources.js'

/**
 * What a portfolio is worth. Pure, and the only place where quantity, price and rate meet: REST, socket, jobs
 * and alerts all come here, so they cannot disagree. All amounts below are exact, in the portfolio's currency,
 * as integers times 10^-54 (WORTH_SCALE); rounding happens once, when they are written as text.
 */
export const WORTH_SCALE = 54

/** One asset as it is held. Liabilities have a negative quantity, cost and day flow. */
export interface Position {
  readonly assetId: string
  readonly type: AssetType
  readonly name: string
  readonly symbol: string | null
  /** Whether the market's price is asked for; otherwise it is `fixedPrice`, or unknown. */
  readonly byMarket: boolean
  /** Currency of `cost` and `day.flow`, and of a price typed in by hand. */
  readonly currency: string
  readonly quantity: Fixed
  readonly cost: Fixed
  /** A price that does not come from the market. */
  readonly fixedPrice: PriceMark | null
  readonly day: DayReference
}

/** How the position stood at 00:00 in the user's zone, and what flowed in since. */
export interface DayReference {
  readonly quantity: Fixed
  /** Purchases minus sales of today at their own prices. */
  readonly flow: Fixed
  readonly price: Fixed | null
  readonly rate: Fixed | null
}

export interface PriceMark {
  readonly amount: Fixed
  readonly price: Price
  readonly json: string
}

export interface RateMark {
  readonly amount: Fixed
  readonly text: string
}

/** Where prices and rates are looked up; undefined and null mean unknown. */
export interface Market {
  mark(symbol: string): PriceMark | undefined
  /** Units of the portfolio's currency for one unit of `currency`. */
  rate(currency: string): RateMark | null
}

export interface Worth {
  readonly mark: PriceMark | null
  readonly rate: RateMark | null
  readonly value: bigint | null
  readonly cost: bigint | null
  readonly dayChange: bigint | null
  readonly reason: UnpricedReason | null
}

export interface Totals {
  readonly total: bigint
  readonly cost: bigint
  /** Null when no holding's is known. */
  readonly dayChange: bigint | null
  /** Value of the holdings whose day change is known, less that change. */
  readonly dayBase: bigint
}

export interface Valued extends Totals {
  readonly worths: readonly Worth[]
}

const UNIT = 10n ** 18n

/** The value of one position. Without a price or a rate its value is null, never zero. */
export function valuePosition(position: Position, market: Market): Worth {
  const rate = market.rate(position.currency)
  const mark = markOf(position, market)
  if (mark === null) return unpriced(position, null, rate, 'no-price')
  const priceRate = mark.price.currency === position.currency ? rate : market.rate(mark.price.currency)
  if (rate === null || priceRate === null) return unpriced(position, mark, priceRate, 'no-rate')
  const value = position.quantity * mark.amount * priceRate.amount
  return {
    mark,
    rate: priceRate,
    value,
    cost: position.cost * rate.amount * UNIT,
    dayChange: dayChange(position.day, value, rate),
    reason: null,
  }
}

/** Exact sums over what is priced; the rest is left out of every sum. */
export function sumWorths(worths: readonly Worth[]): Totals {
  let total = 0n
  let cost = 0n
  let change: bigint | null = null
  let base = 0n
  for (const worth of worths) {
    if (worth.value === null) continue
    total += worth.value
    if (worth.cost !== null) cost += worth.cost
    if (worth.dayChange === null) continue
    change = change === null ? worth.dayChange : change + worth.dayChange
    base += worth.value - worth.dayChange
  }
  return { total, cost, dayChange: change, dayBase: base }
}

export function value(positions: readonly Position[], market: Market): Valued {
  const worths = positions.map((position) => valuePosition(position, market))
  return { ...sumWorths(worths), worths }
}

function markOf(position: Position, market: Market): PriceMark | null {
  if (!position.byMarket) return position.fixedPrice
  return position.symbol === null ? null : (market.mark(position.symbol) ?? null)
}

function unpriced(
  position: Position,
  mark: PriceMark | null,
  rate: RateMark | null,
  reason: UnpricedReason,
): Worth {
  const costRate = mark === null ? rate : null
  const cost = costRate === null ? null : position.cost * costRate.amount * UNIT
  return { mark, rate, value: null, cost, dayChange: null, reason }
}

/** Value now less the value at the start of the day less what flowed in; null when the start is not known. */
function dayChange(day: DayReference, value: bigint, rate: RateMark): bigint | null {
  const flow = day.flow * rate.amount * UNIT
  if (day.quantity === 0n) return value - flow
  if (day.price === null || day.rate === null) return null
  return value - day.quantity * day.price * day.rate - flow
}
