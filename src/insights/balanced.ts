import { divideHalfEven } from '../lib/decimal.js'

/**
 * Sums that are printed in whole minor units and still add up as they stand there. Each term is rounded half to
 * even by itself and the sum is made of what is printed; only where it would then be more than one unit off what
 * it is exactly, the terms that may move and were rounded the farthest the other way go one unit back. So all of
 * them add up to the last digit, and none is more than one unit off.
 */
export interface Term {
  /** Exact, in units of 1 / `unit` of a minor unit. */
  readonly exact: bigint
  /** Whole minor units, where they stand already. */
  readonly printed?: bigint
  readonly sign: 1n | -1n
}

export function balance(terms: readonly Term[], unit: bigint): { sum: bigint; printed: readonly bigint[] } {
  const printed = terms.map((term) => term.printed ?? divideHalfEven(term.exact, unit))
  const errorOf = (place: number): bigint => {
    const term = terms[place]
    return term ? term.sign * ((printed[place] ?? 0n) * unit - term.exact) : 0n
  }
  const errors = (): bigint => terms.reduce((sum, _, place) => sum + errorOf(place), 0n)
  for (let error = errors(); abs(error) > unit; error = errors()) {
    const direction = error > 0n ? 1n : -1n
    let farthest = -1
    terms.forEach((term, place) => {
      const isMovable = term.printed === undefined
      if (isMovable && (farthest < 0 || errorOf(place) * direction > errorOf(farthest) * direction))
        farthest = place
    })
    const term = terms[farthest]
    if (!term || errorOf(farthest) * direction < 0n) break
    printed[farthest] = (printed[farthest] ?? 0n) - direction * term.sign
  }
  return { sum: terms.reduce((sum, { sign }, place) => sum + sign * (printed[place] ?? 0n), 0n), printed }
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}
