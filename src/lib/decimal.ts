/**
 * Exact decimals as scaled integers. A `Fixed` is a bigint holding the number times 10^18, which covers every
 * decimal text that may come in (20 digits before the point, 18 behind it). A product of two Fixed has scale
 * 36, of three scale 54; nothing is rounded before `rescale` or `toMoney` says so, and then half to even.
 */
export type Fixed = bigint

/** Digits behind the point of a Fixed. */
export const FIXED_SCALE = 18
export const ONE: Fixed = 10n ** 18n
export const DECIMAL_PATTERN = /^-?(0|[1-9]\d{0,19})(\.\d{1,18})?$/

const POWERS: readonly bigint[] = Array.from({ length: 120 }, (_, exponent) => 10n ** BigInt(exponent))

/** The same as doubles, each the nearest one. */
const NEAREST_POWERS: readonly number[] = POWERS.map(Number)

/** 10^exponent, 0 <= exponent < 120. */
export function powerOfTen(exponent: number): bigint {
  const power = POWERS[exponent]
  if (power === undefined) throw new RangeError(`no power of ten for ${exponent}`)
  return power
}

export function isDecimalText(text: string): boolean {
  return DECIMAL_PATTERN.test(text)
}

/** Reads decimal text; throws a RangeError for anything that DECIMAL_PATTERN does not match. */
export function parseFixed(text: string): Fixed {
  if (!DECIMAL_PATTERN.test(text)) throw new RangeError('not a decimal number in range')
  const point = text.indexOf('.')
  if (point === -1) return BigInt(text) * ONE
  const decimals = text.length - point - 1
  return BigInt(text.slice(0, point) + text.slice(point + 1)) * powerOfTen(FIXED_SCALE - decimals)
}

/** Plain text of `value / 10^scale` without trailing zeros and without an exponent; zero is `0`, never `-0`. */
export function formatFixed(value: bigint, scale: number = FIXED_SCALE): string {
  const text = formatScaled(value, scale)
  if (scale === 0) return text
  let end = text.length
  while (text.charCodeAt(end - 1) === 48) end -= 1
  return text.charCodeAt(end - 1) === 46 ? text.slice(0, end - 1) : text.slice(0, end)
}

/** Plain text of `value / 10^scale` with exactly `scale` digits behind the point. */
export function formatScaled(value: bigint, scale: number): string {
  if (scale === 0) return value.toString()
  const negative = value < 0n
  const digits = (negative ? -value : value).toString().padStart(scale + 1, '0')
  const split = digits.length - scale
  return `${negative ? '-' : ''}${digits.slice(0, split)}.${digits.slice(split)}`
}

/** numerator / denominator rounded half to even; throws a RangeError when the denominator is zero. */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator
  const rest = numerator - quotient * denominator
  if (rest === 0n) return quotient
  const twice = (rest < 0n ? -rest : rest) * 2n
  const whole = denominator < 0n ? -denominator : denominator
  if (twice < whole || (twice === whole && quotient % 2n === 0n)) return quotient
  return numerator < 0n === denominator < 0n ? quotient + 1n : quotient - 1n
}

/** The same number at another scale, rounded half to even where digits are lost. */
export function rescale(value: bigint, from: number, to: number): bigint {
  if (to >= from) return value * powerOfTen(to - from)
  return divideHalfEven(value, powerOfTen(from - to))
}

/** Product of two Fixed as a Fixed, rounded half to even at the 18th digit. */
export function multiplyFixed(a: Fixed, b: Fixed): Fixed {
  return divideHalfEven(a * b, ONE)
}

/** Quotient of two Fixed as a Fixed, rounded half to even at the 18th digit. */
export function divideFixed(a: Fixed, b: Fixed): Fixed {
  return divideHalfEven(a * ONE, b)
}

/** An amount of money as text, rounded half to even to `digits` behind the point (see currency.ts). */
export function toMoney(value: bigint, scale: number, digits: number): string {
  const lost = scale - digits
  const quick = roundedText(Number(value) / (NEAREST_POWERS[lost] ?? 0), digits)
  return quick ?? formatScaled(rescale(value, scale, digits), digits)
}

/** numerator / denominator as text, rounded half to even to `digits` behind the point. */
export function quotientText(numerator: bigint, denominator: bigint, digits: number): string {
  const quick = roundedText((Number(numerator) / Number(denominator)) * (NEAREST_POWERS[digits] ?? 0), digits)
  return quick ?? formatScaled(divideHalfEven(numerator * powerOfTen(digits), denominator), digits)
}

/**
 * Text of a whole number of units of 10^-digits that is known as a double only, or null when the double does
 * not decide which one it is. A double that took four roundings of 2^-53 each is within 0.004 of a number below
 * 2^43, so beyond 0.01 from the middle between two whole numbers the nearest one is certain.
 */
function roundedText(units: number, digits: number): string | null {
  const size = Math.abs(units)
  if (!(size < 2 ** 43) || digits > 15) return null
  const below = Math.floor(size)
  const rest = size - below
  if (rest > 0.49 && rest < 0.51) return null
  const rounded = rest < 0.5 ? below : below + 1
  const sign = units < 0 && rounded > 0 ? '-' : ''
  if (digits === 0) return `${sign}${rounded}`
  const unit = NEAREST_POWERS[digits] ?? 0
  const fraction = rounded % unit
  return `${sign}${(rounded - fraction) / unit}.${String(fraction).padStart(digits, '0')}`
}

const NUMBER_PATTERN = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/

/**
 * Plain decimal text of a number as JSON writes it, exponent included, read exactly: `1.5e-7` -> `0.00000015`.
 * Null when it is no number, or has more digits than decimal text may have.
 */
export function plainDecimal(text: string): string | null {
  const parts = NUMBER_PATTERN.exec(text)
  if (!parts) return null
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts
  const digits = whole + fraction
  const point = whole.length + Number(exponent)
  const before = digits.slice(0, Math.max(point, 0)).padEnd(point > 0 && point < 64 ? point : 0, '0')
  const after = point < 0 ? '0'.repeat(Math.min(-point, 64)) + digits : digits.slice(point)
  const integer = before.replace(/^0+/, '') || '0'
  const decimals = after.replace(/0+$/, '')
  const plain = decimals === '' ? integer : `${integer}.${decimals}`
  if (point >= 64 && integer !== '0') return null
  if (!DECIMAL_PATTERN.test(plain)) return null
  return plain === '0' ? '0' : sign + plain
}
