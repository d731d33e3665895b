import type { FlowSum } from '../cashflow/flow-store.js'
import { ONE } from '../lib/decimal.js'
import type { DatedRates } from '../prices/dated.js'
import type { DateRange } from './months.js'

/** Incomes or expenses of one date in the base currency. */
export interface Converted {
  readonly sum: FlowSum
  /** Exact, at EXACT_SCALE; null when the date has no exchange rate. */
  readonly exact: bigint | null
}

/** What came in and went out, exact, at EXACT_SCALE; null where an exchange rate is missing. */
export interface Totals {
  readonly income: bigint | null
  readonly expense: bigint | null
}

/** Each sum at the rate of its own date. */
export function convert(sums: readonly FlowSum[], rates: DatedRates, currency: string): readonly Converted[] {
  return sums.map((sum) => {
    const rate = sum.currency === currency ? ONE : rates.rate(sum.currency, currency, sum.date)
    return { sum, exact: rate === null ? null : sum.amount * rate }
  })
}

export function within(flows: readonly Converted[], { from, next }: DateRange): readonly Converted[] {
  return flows.filter(({ sum }) => from <= sum.date && sum.date < next)
}

/** Flows by what `keyOf` says of them, in the order in which the keys come up. */
export function grouped<K>(
  flows: readonly Converted[],
  keyOf: (sum: FlowSum) => K,
): ReadonlyMap<K, readonly Converted[]> {
  const groups = new Map<K, Converted[]>()
  for (const flow of flows) {
    const key = keyOf(flow.sum)
    const group = groups.get(key)
    if (group) group.push(flow)
    else groups.set(key, [flow])
  }
  return groups
}

export function totalsOf(flows: readonly Converted[]): Totals {
  return {
    income: exactSum(flows.filter(({ sum }) => sum.kind === 'INCOME').map(({ exact }) => exact)),
    expense: exactSum(flows.filter(({ sum }) => sum.kind === 'EXPENSE').map(({ exact }) => exact)),
  }
}

/** Null as soon as one of them is. */
function exactSum(amounts: readonly (bigint | null)[]): bigint | null {
  return amounts.reduce((sum, amount) => (sum === null || amount === null ? null : sum + amount), 0n)
}

export function netOf({ income, expense }: Totals): bigint | null {
  return income === null || expense === null ? null : income - expense
}
