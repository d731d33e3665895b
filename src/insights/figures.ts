import { fractionText as fractionOf, moneyText as moneyOf } from '../cashflow/money.js'
import { divideHalfEven, FIXED_SCALE, type Fixed, formatFixed, powerOfTen } from '../lib/decimal.js'

/** Exact amounts of the base currency: a Fixed times a rate. */
export const EXACT_SCALE = 36

/** An exact amount as money; null when it is not known. */
export function moneyText(exact: bigint | null, currency: string): string | null {
  return exact === null ? null : moneyOf(exact, currency)
}

/** numerator / denominator, both of one scale, as plain text; null when one is not known or nothing is divided by. */
export function fractionText(numerator: bigint | null, denominator: bigint | null): string | null {
  if (numerator === null || denominator === null || denominator === 0n) return null
  return fractionOf(numerator, denominator)
}

/** A Fixed as plain text, rounded half to even to at most `digits` behind the point. */
export function roundedText(value: Fixed, digits: number): string {
  return formatFixed(divideHalfEven(value, powerOfTen(FIXED_SCALE - digits)), digits)
}

/** The smallest number of `digits` behind the point that is not less than the value, as a Fixed. */
export function roundUp(value: Fixed, digits: number): Fixed {
  const unit = powerOfTen(FIXED_SCALE - digits)
  const rest = value % unit
  return rest > 0n ? value - rest + unit : value - rest
}

/** Reads money of an answer of ours, which may have more digits before the point than what users may write. */
export function readMoney(text: string): Fixed {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(FIXED_SCALE, '0'))
}
