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
  /** Kept by `prepare`, for positions that are valued again and again. */
  readonly constants?: Constants
}

/** What of a position's worth no price or rate of today moves. */
interface Constants {
  /** `cost` and `day.flow` at scale 36, to be multiplied by a rate. */
  readonly cost: bigint
  readonly flow: bigint
  /** Value at 00:00 in the portfolio's currency; null when it is not known. */
  readonly start: bigint | null
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

/** The same position, which is valued at less cost from now on. */
export function prepare(position: Position): Position {
  const { assetId, type, name, symbol, byMarket, currency, quantity, cost, fixedPrice, day } = position
  const constants = constantsOf(position)
  // Named one by one: an object that is spread and then extended is several times slower to read.
  return { assetId, type, name, symbol, byMarket, currency, quantity, cost, fixedPrice, day, constants }
}

function constantsOf({ cost, day }: Position): Constants {
  const known = day.price !== null && day.rate !== null
  const start = day.quantity === 0n ? 0n : known ? day.quantity * day.price * day.rate : null
  return { cost: cost * UNIT, flow: day.flow * UNIT, start }
}

/** The value of one position. Without a price or a rate its value is null, never zero. */
export function valuePosition(position: Position, market: Market): Worth {
  return worthOf(position, market, market.rate(position.currency))
}

/** Exact sums over what is priced; the rest is left out of every sum. */
export function sumWorths(worths: readonly Worth[]): Totals {
  let total = 0n
  let cost = 0n
  let change: bigint | null = null
  let undated = 0n
  for (const worth of worths) {
    if (worth.value === null) continue
    total += worth.value
    if (worth.cost !== null) cost += worth.cost
    if (worth.dayChange === null) undated += worth.value
    else change = change === null ? worth.dayChange : change + worth.dayChange
  }
  return { total, cost, dayChange: change, dayBase: change === null ? 0n : total - undated - change }
}

/** The totals after one worth took the place of another: `sumWorths` without going through all of them. */
export function moveTotals(totals: Totals, before: Worth, now: Worth): Totals | null {
  if (before.value === null || now.value === null || before.cost === null || now.cost === null) return null
  if (totals.dayChange === null || before.dayChange === null || now.dayChange === null) return null
  const grown = now.value - before.value
  const changed = now.dayChange - before.dayChange
  return {
    total: totals.total + grown,
    cost: now.cost === before.cost ? totals.cost : totals.cost + now.cost - before.cost,
    dayChange: totals.dayChange + changed,
    dayBase: grown === changed ? totals.dayBase : totals.dayBase + grown - changed,
  }
}

export function value(positions: readonly Position[], market: Market): Valued {
  const worths: Worth[] = []
  let currency = ''
  let rate: RateMark | null = null
  for (const position of positions) {
    if (position.currency !== currency) {
      currency = position.currency
      rate = market.rate(currency)
    }
    worths.push(worthOf(position, market, rate))
  }
  const { total, cost, dayChange, dayBase } = sumWorths(worths)
  return { total, cost, dayChange, dayBase, worths }
}

/** `rate` is the one of the position's own currency. */
function worthOf(position: Position, market: Market, rate: RateMark | null): Worth {
  const mark = markOf(position, market)
  if (mark === null) return unpriced(position, null, rate, 'no-price')
  const priceRate = mark.price.currency === position.currency ? rate : market.rate(mark.price.currency)
  if (rate === null || priceRate === null) return unpriced(position, mark, priceRate, 'no-rate')
  const constants = position.constants ?? constantsOf(position)
  const value = position.quantity * mark.amount * priceRate.amount
  return {
    mark,
    rate: priceRate,
    value,
    cost: constants.cost * rate.amount,
    dayChange: dayChange(constants, value, rate),
    reason: null,
  }
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
function dayChange({ start, flow }: Constants, value: bigint, rate: RateMark): bigint | null {
  if (start === null) return null
  return flow === 0n ? value - start : value - start - flow * rate.amount
}
