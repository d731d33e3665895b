import { currencyOfHundredth } from '../lib/currency.js'
import { divideFixed, type Fixed, multiplyFixed, ONE } from '../lib/decimal.js'

/**
 * What one unit of a currency is worth in another, or nothing: a rate that is not known is null, never 1. A rate
 * is found as itself, as the inverse, or over the hubs below (rupiah to euro to dollar); a stablecoin is not its
 * fiat, so USDT reaches rupiah over USDT-USD. Where it comes from, live pair or daily fix, the lookup decides.
 */
export interface Rate {
  /** Units of `to` for one unit of `from`, rounded half to even at the 18th digit where it is divided or chained. */
  readonly rate: Fixed
  /** The pair symbols it was made of (`USDT-USD`); when one of them moves, the rate has moved. */
  readonly via: readonly string[]
}

/** One known leg: units of `quote` for one unit of `base`, or null. */
export type RateLookup = (base: string, quote: string) => Fixed | null

const HUBS = ['USD', 'EUR', 'USDT', 'IDR'] as const
const SAME: Rate = { rate: ONE, via: [] }

/** The rate with the fewest legs (at most three), or null. */
export function findRate(from: string, to: string, lookup: RateLookup): Rate | null {
  if (from === to) return SAME
  const direct = leg(from, to, lookup)
  if (direct) return direct
  for (const hub of HUBS) {
    const chained = chain(leg(from, hub, lookup), leg(hub, to, lookup))
    if (chained) return chained
  }
  for (const first of HUBS) {
    for (const second of HUBS) {
      if (first === second) continue
      const half = chain(leg(from, first, lookup), leg(first, second, lookup))
      const chained = chain(half, leg(second, to, lookup))
      if (chained) return chained
    }
  }
  return null
}

/** The symbols of every pair that `findRate` may look up on the way from one currency to the other. */
export function pairsBetween(from: string, to: string): readonly string[] {
  const asked = new Set<string>()
  findRate(from, to, (base, quote) => {
    asked.add(`${base}-${quote}`)
    return null
  })
  return [...asked]
}

function leg(from: string, to: string, lookup: RateLookup): Rate | null {
  if (from === to) return null
  const whole = currencyOfHundredth(from)
  if (whole === to) return { rate: ONE / 100n, via: [] }
  if (whole !== null) return chain({ rate: ONE / 100n, via: [] }, leg(whole, to, lookup))
  const part = currencyOfHundredth(to)
  if (part !== null)
    return chain(part === from ? SAME : leg(from, part, lookup), { rate: ONE * 100n, via: [] })
  const straight = lookup(from, to)
  if (straight !== null && straight > 0n) return { rate: straight, via: [`${from}-${to}`] }
  const inverse = lookup(to, from)
  if (inverse !== null && inverse > 0n) return { rate: divideFixed(ONE, inverse), via: [`${to}-${from}`] }
  return null
}

function chain(first: Rate | null, second: Rate | null): Rate | null {
  if (!first || !second) return null
  if (second === SAME) return first
  if (first === SAME) return second
  return { rate: multiplyFixed(first.rate, second.rate), via: [...first.via, ...second.via] }
}
