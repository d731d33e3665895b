import { compareDecimals } from '../src/widgets/format.js'

/** Digits of a suggested mark that count; the rest is noise to somebody who picks a price. */
const DIGITS = 3
/** Places behind the point that a threshold may have. */
const MOST_PLACES = 8
const RATIO_DIGITS = 6
/** Places that decimal text has. */
const MOST_DIGITS = 18

/**
 * A round mark so many per cent away from a value, as decimal text: 104,312.55 and 5 give 110000, 0.04211 and -5
 * give 0.04. It is never on the other side of the value, nor on it; null where the value is no positive one.
 */
export function suggestMark(value: string, percent: number): string | null {
  const number = Number(value)
  if (!(number > 0) || !Number.isFinite(number)) return null
  const target = number * (1 + percent / 100)
  for (let digits = DIGITS; digits <= 2 * DIGITS; digits += 1) {
    const mark = plain(target, digits)
    const isBeyond = compareDecimals(mark, value) === Math.sign(percent)
    // A round number that is far from what was asked for is no suggestion of it.
    if (isBeyond && Math.abs(Number(mark) - target) <= Math.abs(target - number) / 4) return mark
  }
  return null
}

/** How far a mark is from a value in per cent of the value, with its sign; null where the value is not positive. */
export function distanceTo(mark: string, value: string): number | null {
  const from = Number(value)
  return from > 0 ? ((Number(mark) - from) / from) * 100 : null
}

/** What one price is in units of another, with the digits that somebody looks at; the server divides exactly. */
export function ratioOf(amount: string, per: string): string | null {
  const ratio = Number(amount) / Number(per)
  if (!(ratio > 0) || !Number.isFinite(ratio)) return null
  const places = Math.max(0, RATIO_DIGITS - 1 - Math.floor(Math.log10(ratio)))
  return places === 0 ? ratio.toFixed(0) : ratio.toFixed(Math.min(MOST_DIGITS, places)).replace(/\.?0+$/, '')
}

function plain(value: number, digits: number): string {
  const places = digits - 1 - Math.floor(Math.log10(value))
  if (places > 0) return value.toFixed(Math.min(MOST_PLACES, places)).replace(/\.?0+$/, '')
  const unit = 10n ** BigInt(-places)
  return (((BigInt(Math.round(value)) + unit / 2n) / unit) * unit).toString()
}
