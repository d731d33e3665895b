import { divideFixed, divideHalfEven, type Fixed, ONE } from '../lib/decimal.js'
import type { UnpricedReason } from '../protocol/resources.js'
import { type Values, worthOn } from './book.js'
import type { OwnedAsset } from './book-store.js'
import { plus, type Standing, type Tally } from './steps.js'

/** Exact amounts in the base currency at VALUE_SCALE; null where one is not known. */
export interface Gains {
  readonly startValue: bigint | null
  readonly endValue: bigint | null
  readonly netFlows: bigint | null
  readonly fees: bigint | null
  readonly taxes: bigint | null
  readonly dividends: bigint | null
  readonly interest: bigint | null
  readonly tradeFees: bigint | null
  readonly cost: bigint | null
  readonly investment: bigint | null
  /** What was held at the start had cost so much. */
  readonly startCost: bigint | null
  readonly realised: bigint | null
  readonly priceGain: bigint | null
}

/** Gains of one asset, and why its gross performance is not known. */
export interface AssetGains {
  readonly asset: OwnedAsset
  readonly tally: Tally
  readonly gains: Gains
  readonly unknown: UnpricedReason | null
}

/** `start` is the date at whose end the window begins, `to` its last one. */
export function gainsOf(
  asset: OwnedAsset,
  tally: Tally,
  values: Values,
  { start, to }: { readonly start: string; readonly to: string },
): AssetGains {
  const { before, after } = tally
  const startValue = worthOn(values, asset, before.quantity, start)
  const endValue = worthOn(values, asset, after.quantity, to)
  const known = (worth: bigint | UnpricedReason): bigint | null => (typeof worth === 'bigint' ? worth : null)
  const priceBefore = unrealisedPrice(values, asset, before, start)
  const priceAfter = unrealisedPrice(values, asset, after, to)
  const gains: Gains = {
    startValue: known(startValue),
    endValue: known(endValue),
    netFlows: lifted(tally.flow),
    fees: lifted(tally.fees),
    taxes: lifted(tally.taxes),
    dividends: lifted(tally.dividends),
    interest: lifted(tally.interest),
    tradeFees: lifted(tally.tradeFees),
    cost: lifted(after.baseCost),
    investment: lifted(after.baseInvestment),
    startCost: lifted(before.baseCost),
    realised: lifted(tally.realised),
    priceGain: plus(
      plus(lifted(tally.realisedPrice), priceAfter),
      priceBefore === null ? null : -priceBefore,
    ),
  }
  return { asset, tally, gains, unknown: unknownOf(startValue, endValue, gains) }
}

function unknownOf(
  startValue: bigint | UnpricedReason,
  endValue: bigint | UnpricedReason,
  { netFlows, fees, taxes, dividends, interest }: Gains,
): UnpricedReason | null {
  if (typeof endValue === 'string') return endValue
  if (typeof startValue === 'string') return startValue
  return [netFlows, fees, taxes, dividends, interest].includes(null) ? 'no-rate' : null
}

/** Value less cost, both at the rates at which the lots were bought. */
function unrealisedPrice(
  values: Values,
  asset: OwnedAsset,
  { quantity, ratedQuantity, ratedCost }: Standing,
  date: string,
): bigint | null {
  if (quantity === 0n) return 0n
  const price = values.price(asset, date)
  if (price === null || ratedQuantity === null || ratedCost === null) return null
  const ratio = ratioBetween(values, price.currency, asset.currency, date)
  return ratio === null ? null : divideHalfEven(ratedQuantity * price.amount * ratio, ONE) - ratedCost * ONE
}

function ratioBetween(values: Values, from: string, to: string, date: string): Fixed | null {
  if (from === to) return ONE
  const [rate, own] = [values.rate(from, date), values.rate(to, date)]
  return rate === null || own === null || own === 0n ? null : divideFixed(rate, own)
}

function lifted(amount: bigint | null): bigint | null {
  return amount === null ? null : amount * ONE
}

/** Sums of each figure; one is null as soon as that of one asset is. */
export function sumGains(all: readonly Gains[]): Gains {
  const sum = (name: keyof Gains): bigint | null =>
    all.reduce<bigint | null>((total, gains) => plus(total, gains[name]), 0n)
  return {
    startValue: sum('startValue'),
    endValue: sum('endValue'),
    netFlows: sum('netFlows'),
    fees: sum('fees'),
    taxes: sum('taxes'),
    dividends: sum('dividends'),
    interest: sum('interest'),
    tradeFees: sum('tradeFees'),
    cost: sum('cost'),
    investment: sum('investment'),
    startCost: sum('startCost'),
    realised: sum('realised'),
    priceGain: sum('priceGain'),
  }
}

/** Gross less fees and taxes and with income; null as soon as one of them is not known. */
export function netOf(gains: Gains): bigint | null {
  const { startValue, endValue, netFlows, fees, taxes, dividends, interest } = gains
  const added = plus(plus(endValue, dividends), interest)
  const taken = plus(plus(plus(startValue, netFlows), fees), taxes)
  return added === null || taken === null ? null : added - taken
}
