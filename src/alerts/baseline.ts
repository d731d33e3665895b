import { formatFixed } from '../lib/decimal.js'
import { versionAt } from '../prices/tick.js'
import { basisOf } from './basis.js'
import { type Facts, leftOut, priceNow, totalNow } from './conditions.js'
import type { AlertRule } from './rule.js'

/**
 * Where an alert stands when it is made, changed or armed: the value from which the next one is an edge. It is the
 * same value that tells whether the condition holds already, so that nothing falls between the two. Without one,
 * the first value that comes is the baseline.
 */
export interface Baseline {
  /** Decimal text. */
  readonly previous: string | null
  /** Of the quote, or that of quotes to come; of a ratio the sum of both. */
  readonly version: number | null
  /** What a total leaves out (basis.ts). */
  readonly basis: string | null
}

export const NO_BASELINE: Baseline = { previous: null, version: null, basis: null }

/** As it is at this instant, in ms since the epoch. */
export function baselineOf(rule: AlertRule, facts: Facts, now: number): Baseline {
  if (rule.kind === 'PRICE') {
    const price = priceNow(rule, facts)
    if (price) return { previous: formatFixed(price.amount), version: price.version, basis: null }
    // What others knew of it before is nothing that this alert has seen. Of a ratio one price may be known, and stand
    // for days: it counts with its own version, as it will when the other one comes.
    const versions = [rule.symbol, rule.per].flatMap((symbol) =>
      symbol === null ? [] : (facts.quote(symbol)?.version ?? versionAt(now)),
    )
    return { ...NO_BASELINE, version: versions.reduce((sum, version) => sum + version) }
  }
  const total = rule.kind === 'PORTFOLIO' ? totalNow(facts) : null
  if (total === null || facts.valuation === null) return NO_BASELINE
  return { previous: total, version: null, basis: basisOf(leftOut(facts.valuation)) }
}
