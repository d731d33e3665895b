import { minorDigits } from '../lib/currency.js'
import { divideHalfEven, formatScaled, powerOfTen } from '../lib/decimal.js'
import type { AssetPerformance } from '../protocol/insights.js'
import { apportion, isNeighbour, type Term } from './balanced.js'
import { VALUE_SCALE } from './book.js'
import type { Gains } from './gains.js'

export type GainTexts = Pick<
  AssetPerformance,
  | 'startValue'
  | 'endValue'
  | 'netFlows'
  | 'grossPerformance'
  | 'fees'
  | 'tradeFees'
  | 'taxes'
  | 'dividends'
  | 'interest'
  | 'netPerformance'
  | 'investment'
  | 'cost'
  | 'realised'
  | 'unrealised'
  | 'unrealisedBefore'
  | 'priceGain'
  | 'currencyGain'
>

/** Whole minor units. */
type Printed = { readonly [K in keyof GainTexts]: bigint | null }

/**
 * Gains in minor units, of which what is printed adds up to the last digit (see balanced.ts): gross is end less
 * start less flows; net is gross less fees and taxes and with income; realised + unrealised - unrealisedBefore is
 * gross less the fees of trades, and so is priceGain + currencyGain. Unrealised is end value less cost wherever all
 * of that can be true at once. The values at both ends are always rounded half to even.
 */
export function printGains(gains: Gains, currency: string): GainTexts {
  const digits = minorDigits(currency)
  const unit = powerOfTen(VALUE_SCALE - digits)
  const texts = Object.entries(printedOf(gains, unit)).map(([name, value]) => [
    name,
    value === null ? null : formatScaled(value, digits),
  ])
  return Object.fromEntries(texts) as GainTexts
}

function printedOf(gains: Gains, unit: bigint): Printed {
  const printed = rounded(gains, unit)
  const gross = grossOf(gains, printed, unit)
  if (gross === null) return printed
  const gained = gainedOf(gains, gross, unit)
  return {
    ...printed,
    netFlows: gross.flows,
    grossPerformance: gross.printed,
    ...(gained === null ? {} : { tradeFees: gained.tradeFees, ...partsOf(gains, printed, gained, unit) }),
    ...withoutCosts(gains, gross, gained, unit),
  }
}

function rounded(gains: Gains, unit: bigint): Printed {
  const round = (exact: bigint | null): bigint | null => (exact === null ? null : divideHalfEven(exact, unit))
  return {
    startValue: round(gains.startValue),
    endValue: round(gains.endValue),
    netFlows: round(gains.netFlows),
    grossPerformance: null,
    fees: round(gains.fees),
    tradeFees: round(gains.tradeFees),
    taxes: round(gains.taxes),
    dividends: round(gains.dividends),
    interest: round(gains.interest),
    netPerformance: null,
    investment: round(gains.investment),
    cost: round(gains.cost),
    realised: null,
    unrealised: null,
    unrealisedBefore: null,
    priceGain: null,
    currencyGain: null,
  }
}

/** A sum as it is, and as it is printed. */
interface Sum {
  readonly exact: bigint
  readonly printed: bigint
}

function grossOf(
  { startValue, endValue, netFlows }: Gains,
  printed: Printed,
  unit: bigint,
): (Sum & { readonly flows: bigint }) | null {
  if (startValue === null || endValue === null || netFlows === null) return null
  const exact = endValue - startValue - netFlows
  const grown = (printed.endValue ?? 0n) - (printed.startValue ?? 0n)
  const flows = printed.netFlows ?? 0n
  const above = flows * unit > netFlows ? -1n : 1n
  const told = isNeighbour(grown - flows, exact, unit) ? flows : flows + above
  return { exact, printed: grown - told, flows: told }
}

/** Gross less the fees of trades, which is what the price and the currency made; and these fees. */
function gainedOf(
  { tradeFees }: Gains,
  gross: Sum,
  unit: bigint,
): (Sum & { readonly tradeFees: bigint }) | null {
  if (tradeFees === null) return null
  const exact = gross.exact - tradeFees
  const terms: readonly Term[] = [
    { exact, sign: 1n },
    { exact: tradeFees, sign: 1n },
  ]
  const [printed = 0n, fees = 0n] = apportion(gross.printed, terms, unit)
  return { exact, printed, tradeFees: fees }
}

function partsOf(gains: Gains, printed: Printed, gained: Sum, unit: bigint): Partial<Printed> {
  const { realised, cost, startCost, startValue, endValue, priceGain } = gains
  if (realised === null || cost === null || startCost === null || startValue === null || endValue === null)
    return {}
  const unrealised = endValue - cost
  const shown = (printed.endValue ?? 0n) - (printed.cost ?? 0n)
  const terms: readonly Term[] = [
    { exact: realised, sign: 1n },
    { exact: startValue - startCost, sign: -1n },
    { exact: unrealised, sign: 1n, ...(isNeighbour(shown, unrealised, unit) ? { first: shown } : {}) },
  ]
  const [done = null, before = null, open = null] = apportion(gained.printed, terms, unit)
  const parts = { realised: done, unrealisedBefore: before, unrealised: open }
  if (priceGain === null) return parts
  const split: readonly Term[] = [
    { exact: priceGain, sign: 1n },
    { exact: gained.exact - priceGain, sign: 1n },
  ]
  const [price = null, currency = null] = apportion(gained.printed, split, unit)
  return { ...parts, priceGain: price, currencyGain: currency }
}

function withoutCosts(
  { fees, taxes, dividends, interest, tradeFees }: Gains,
  gross: Sum,
  gained: (Sum & { readonly tradeFees: bigint }) | null,
  unit: bigint,
): Partial<Printed> {
  if (fees === null || taxes === null || dividends === null || interest === null) return {}
  const net = gross.exact - fees - taxes + dividends + interest
  const rest: readonly Term[] = [
    { exact: taxes, sign: 1n },
    { exact: dividends, sign: -1n },
    { exact: interest, sign: -1n },
  ]
  // Where all fees are of trades, both are printed alike.
  const isAlike = gained !== null && tradeFees === fees
  const terms: readonly Term[] = isAlike
    ? [{ exact: net, sign: 1n }, ...rest]
    : [{ exact: net, sign: 1n }, ...rest, { exact: fees, sign: 1n }]
  const told = apportion(isAlike ? gained.printed : gross.printed, terms, unit)
  const [netPerformance = null, tax = null, dividend = null, paid = null, fee = null] = told
  return {
    netPerformance,
    taxes: tax,
    dividends: dividend,
    interest: paid,
    fees: isAlike ? gained.tradeFees : fee,
  }
}
