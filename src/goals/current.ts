import { type Fixed, ONE, parseFixed } from '../lib/decimal.js'
import type { DatedRates } from '../prices/dated.js'
import type { GoalBasis } from '../protocol/goals.js'
import type { Holding, Valuation } from '../protocol/resources.js'

/** What has been put aside for a goal. Pure; amounts as in progress.ts, where nothing is rounded. */
export interface Measured {
  readonly currency: string
  readonly basis: GoalBasis
  readonly assetIds: readonly string[]
}

/** Contributions of one currency, summed; those of another currency than the goal's by their date. */
export interface ContributedSum {
  readonly currency: string
  /** Null where no rate is needed. */
  readonly date: string | null
  readonly amount: Fixed
  /** The part of it that came in over the months that tell the pace. */
  readonly recent: Fixed
  /** Whether one of them is of before the running month. */
  readonly isEarlier: boolean
}

export interface Contributed {
  readonly total: bigint | null
  /** Null also while none is of before the running month. */
  readonly recent: bigint | null
  /** Whether contributions tell the pace. */
  readonly isPaced: boolean
}

export interface Current {
  readonly amount: bigint | null
  /** Whether nothing is missing in it, or of a while ago; milestones are only told of what is whole. */
  readonly isWhole: boolean
}

/** Each contribution at the rate of its own date; null without one. */
export function contributedTo(
  currency: string,
  sums: readonly ContributedSum[],
  rates: DatedRates,
): Contributed {
  let total: bigint | null = 0n
  let recent: bigint | null = 0n
  for (const sum of sums) {
    const rate = sum.date === null ? ONE : rates.rate(sum.currency, currency, sum.date)
    total = total === null || rate === null ? null : total + sum.amount * rate * SQUARE
    if (sum.recent !== 0n)
      recent = recent === null || rate === null ? null : recent + sum.recent * rate * SQUARE
  }
  const isPaced = sums.some(({ isEarlier }) => isEarlier)
  return { total, recent: isPaced ? recent : null, isPaced }
}

/**
 * By the goal's basis. What is linked counts as a whole or not at all; of the net worth what is priced is told.
 * `toGoal` is the rate from the valuation's currency to the goal's, null where none is known.
 */
export function currentOf(
  goal: Measured,
  contributed: bigint | null,
  valuation: Valuation | null,
  toGoal: Fixed | null,
): Current {
  if (goal.basis === 'CONTRIBUTIONS') return { amount: contributed, isWhole: contributed !== null }
  if (valuation === null) return UNKNOWN
  const holdings = worthsFor(goal, valuation)
  const worths = holdings.map((holding) => holding && worthIn(goal.currency, holding, toGoal))
  const known = worths.filter((worth) => worth !== null)
  const isComplete = known.length === worths.length
  if (!isComplete && (goal.basis === 'ASSETS' || toGoal === null || known.length === 0)) return UNKNOWN
  return {
    amount: known.reduce((sum, worth) => sum + worth, 0n),
    isWhole: isComplete && !holdings.some(isOld),
  }
}

/** What was sold to the last is worth nothing, however old its price. */
function isOld(holding: Holding | null): boolean {
  return holding?.price?.state === 'stale' && parseFixed(holding.quantity) !== 0n
}

/**
 * What its value grew by between two dates, of what each asset was worth at their ends in the base currency, and
 * the rates of then. An asset that is not named was not there.
 */
export function grownBetween(
  goal: Measured,
  [before, after]: readonly [
    ReadonlyMap<string, Fixed | null> | null,
    ReadonlyMap<string, Fixed | null> | null,
  ],
  [rateBefore, rateAfter]: readonly [Fixed | null, Fixed | null],
): bigint | null {
  if (before === null || after === null || rateBefore === null || rateAfter === null) return null
  const worth = (of: ReadonlyMap<string, Fixed | null>): Fixed | null => {
    const counted = goal.basis === 'ASSETS' ? goal.assetIds : [...of.keys()]
    return counted.reduce<Fixed | null>((sum, id) => {
      const one = of.has(id) ? of.get(id) : 0n
      return sum === null || one === null || one === undefined ? null : sum + one
    }, 0n)
  }
  const [first, last] = [worth(before), worth(after)]
  return first === null || last === null ? null : (last * rateAfter - first * rateBefore) * SQUARE
}

const UNKNOWN: Current = { amount: null, isWhole: false }
/** Lifts an amount times a rate to the scale of progress.ts. */
const SQUARE = ONE * ONE

/** The holdings that count; null for a linked asset that the valuation does not know (any more). */
function worthsFor(goal: Measured, { holdings }: Valuation): readonly (Holding | null)[] {
  if (goal.basis === 'NET_WORTH') return holdings
  const byId = new Map(holdings.map((holding) => [holding.assetId, holding]))
  return goal.assetIds.map((id) => byId.get(id) ?? null)
}

/** What is priced in the goal's own currency takes no way over another one, whose rate would blur it. */
function worthIn(currency: string, holding: Holding, toGoal: Fixed | null): bigint | null {
  const quantity = parseFixed(holding.quantity)
  if (quantity === 0n) return 0n
  if (holding.value === null || holding.price === null) return null
  const sign = holding.type === 'LIABILITY' ? -1n : 1n
  const local = sign * quantity * parseFixed(holding.price.amount)
  if (holding.price.currency === currency) return local * SQUARE
  if (holding.rate === null || toGoal === null) return null
  return local * parseFixed(holding.rate) * toGoal
}
