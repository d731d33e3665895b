import { divideHalfEven } from '../lib/decimal.js'

/**
 * Sums that are printed in whole minor units and still add up as they stand there, none of them a whole unit off
 * what it is exactly. A total and its terms are each rounded to one of their two neighbours, half to even where that
 * adds up; where it does not, the first terms that can take their other neighbour take it. There are always enough
 * of them, as long as the total is one of its own two neighbours too: the lower neighbours of the terms add up to no
 * more than it, the upper ones to no less.
 */
export interface Term {
  /** `unit` of them are a minor unit. */
  readonly exact: bigint
  readonly sign: 1n | -1n
  /** Which neighbour is tried first, where it is not the nearer one. */
  readonly first?: bigint
}

/** Whole minor units of terms that add up to this total. */
export function apportion(total: bigint, terms: readonly Term[], unit: bigint): readonly bigint[] {
  const printed = terms.map(({ exact, first }) => first ?? divideHalfEven(exact, unit))
  let missing = terms.reduce((rest, { sign }, place) => rest - sign * (printed[place] ?? 0n), total)
  terms.forEach(({ exact, sign }, place) => {
    if (missing === 0n) return
    const moved = (printed[place] ?? 0n) + (missing > 0n ? sign : -sign)
    if (!isNeighbour(moved, exact, unit)) return
    printed[place] = moved
    missing += missing > 0n ? -1n : 1n
  })
  return printed
}

export function isNeighbour(printed: bigint, exact: bigint, unit: bigint): boolean {
  const error = printed * unit - exact
  return error < unit && error > -unit
}
