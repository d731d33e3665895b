import { minorDigits } from '../lib/currency.js'
import { divideHalfEven, formatFixed, parseFixed, powerOfTen, toMoney } from '../lib/decimal.js'

/** Scale of an amount times a rate, the sums of which are exact. */
const EXACT_SCALE = 36

/** An amount as it was entered: every digit of it, and never fewer than its currency has. */
export function enteredText(amount: string, currency: string): string {
  const plain = formatFixed(parseFixed(amount))
  const decimals = plain.includes('.') ? plain.length - plain.indexOf('.') - 1 : 0
  const missing = minorDigits(currency) - decimals
  if (missing <= 0) return plain
  return `${plain}${decimals === 0 ? '.' : ''}${'0'.repeat(missing)}`
}

/** An exact amount as money, rounded half to even to the currency's minor unit. */
export function moneyText(exact: bigint, currency: string): string {
  return toMoney(exact, EXACT_SCALE, minorDigits(currency))
}

const FRACTION_DIGITS = 10

/** numerator / denominator as a fraction in plain text. */
export function fractionText(numerator: bigint, denominator: bigint): string {
  return formatFixed(divideHalfEven(numerator * powerOfTen(FRACTION_DIGITS), denominator), FRACTION_DIGITS)
}
