import { divideFixed, FIXED_SCALE, type Fixed, powerOfTen } from '../lib/decimal.js'

interface Watched {
  readonly amount: Fixed
  /** Rises with every quote of which it is made. */
  readonly version: number
}

/**
 * The one divided by the other; null where that is more than a column holds, or too little to tell from nothing.
 * Versions are added, so that each of the two raises that of the ratio, whichever has the higher one.
 */
export function ratioOf(one: Watched, other: Watched): Watched | null {
  if (other.amount <= 0n) return null
  const amount = divideFixed(one.amount, other.amount)
  return amount > 0n && amount < MOST ? { amount, version: one.version + other.version } : null
}

/** Twenty digits before the point are what a column holds. */
const MOST = powerOfTen(20 + FIXED_SCALE)
