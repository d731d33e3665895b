import { minorDigits } from '../lib/currency.js'
import { divideHalfEven, formatScaled, powerOfTen } from '../lib/decimal.js'
import type { AssetPerformance } from '../protocol/resources.js'
import { balance, type Term } from './balanced.js'
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
 * start less flows; net is gross less fees and taxes and with income; unrealised is end value less cost; realised +
 * unrealised - unrealisedBefore is gross less the fees of trades, and so is priceGain + currencyGain.
 */
export function printGains(gains: Gains, currency: string): GainTexts {
  const digits = minorDigits(currency)
  const unit = powerOfTen(VALUE_SCALE - digits)
  const printed = parted(gains, withNet(gains, withGross(gains, rounded(gains, unit), unit), unit), unit)
  const texts = Object.entries(printed).map(([name, value]) => [
    name,
    value === null ? null : formatScaled(value, digits),
  ])
  return Object.fromEntries(texts) as GainTexts
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

function withGross(gains: Gains, printed: Printed, unit: bigint): Printed {
  const terms = termsOf([
    [gains.endValue, 1n, printed.endValue],
    [gains.startValue, -1n, printed.startValue],
    [gains.netFlows, -1n],
  ])
  if (terms === null) return printed
  const { sum, printed: told } = balance(terms, unit)
  return { ...printed, grossPerformance: sum, netFlows: told[2] ?? null }
}

function withNet(gains: Gains, printed: Printed, unit: bigint): Printed {
  const terms = termsOf([
    [grossOf(gains), 1n, printed.grossPerformance],
    [gains.fees, -1n],
    [gains.taxes, -1n],
    [gains.dividends, 1n],
    [gains.interest, 1n],
  ])
  if (terms === null) return printed
  const { sum, printed: told } = balance(terms, unit)
  const [, fees = null, taxes = null, dividends = null, interest = null] = told
  return { ...printed, netPerformance: sum, fees, taxes, dividends, interest }
}

function parted(gains: Gains, printed: Printed, unit: bigint): Printed {
  const gross = grossOf(gains)
  const { startValue, startCost, tradeFees } = gains
  const before = startValue === null || startCost === null ? null : startValue - startCost
  // Where all fees are of trades, they are printed as these.
  const fees = tradeFees === gains.fees ? printed.fees : null
  const terms = termsOf([
    [gross, 1n, printed.grossPerformance],
    [tradeFees, -1n, fees],
    [gains.endValue, -1n, printed.endValue],
    [gains.cost, 1n],
    [before, 1n],
  ])
  if (terms === null || gross === null || tradeFees === null || gains.realised === null) return printed
  const { sum: realised, printed: told } = balance(terms, unit)
  const [total = 0n, trades = 0n, end = 0n, cost = 0n, unrealisedBefore = 0n] = told
  const parts = { realised, unrealised: end - cost, unrealisedBefore, tradeFees: trades, cost }
  const split = termsOf([
    [gross - tradeFees, 1n, total - trades],
    [gains.priceGain, -1n],
  ])
  if (split === null) return { ...printed, ...parts }
  const { sum: currencyGain, printed: prices } = balance(split, unit)
  return { ...printed, ...parts, priceGain: prices[1] ?? null, currencyGain }
}

function grossOf({ startValue, endValue, netFlows }: Gains): bigint | null {
  if (startValue === null || endValue === null || netFlows === null) return null
  return endValue - startValue - netFlows
}

/** Null when one of them is not known; a third element is what it is printed as already. */
function termsOf(
  terms: readonly (readonly [bigint | null, 1n | -1n, (bigint | null)?])[],
): readonly Term[] | null {
  const known: Term[] = []
  for (const [exact, sign, printed] of terms) {
    if (exact === null) return null
    known.push(printed === undefined || printed === null ? { exact, sign } : { exact, sign, printed })
  }
  return known
}
