import type { FlowSum } from '../cashflow/flow-store.js'
import { addDays, addMonths } from '../lib/calendar.js'
import { divideHalfEven, FIXED_SCALE, type Fixed, rescale } from '../lib/decimal.js'
import type { DatedRates } from '../prices/dated.js'
import type { HealthMissing } from '../protocol/insights.js'
import type { AssetType, Holding, Valuation } from '../protocol/resources.js'
import { sinceFirst } from './cashflow.js'
import { EXACT_SCALE, readMoney } from './figures.js'
import { convert, totalsOf, within } from './flows.js'
import type { HealthFacts, Known } from './health.js'
import { type DateRange, lastMonthBefore, monthsBetween, rangeOf, shiftMonth } from './months.js'

/** What the health score is reckoned from, taken out of the valuation and of the cash flow. */

const LAST_MONTHS = 6

export interface FlowAsk {
  readonly currency: string
  readonly startDay: number
  readonly today: string
  /** The date of the user's first income or expense; null when there is none. */
  readonly firstEntry: string | null
  /** Of all dates in `yearUntil(today)`. */
  readonly sums: readonly FlowSum[]
  readonly rates: DatedRates
}

/** The twelve months that end with today; their six last complete financial months lie in them. */
export function yearUntil(today: string): DateRange {
  return { from: addDays(addMonths(today, -12), 1), next: addDays(today, 1) }
}

export function flowFacts(
  ask: FlowAsk,
): Pick<HealthFacts, 'incomePerMonth' | 'expensePerMonth' | 'months' | 'incomeOfYear' | 'year'> {
  const { startDay, today } = ask
  const flows = convert(ask.sums, ask.rates, ask.currency)
  const last = lastMonthBefore(today, startDay)
  const [first, ...more] = sinceFirst(monthsBetween(shiftMonth(last, 1 - LAST_MONTHS), last), ask)
  const months = first === undefined ? null : spanOf(first, last, startDay)
  const { income, expense } = totalsOf(months ? within(flows, months) : [])
  const perMonth = (exact: bigint | null): Known => {
    if (!months) return 'complete-month'
    return exact === null ? 'rates' : toFixed(exact, 1 + more.length)
  }
  const year = yearUntil(today)
  const ofYear = totalsOf(within(flows, year)).income
  const isKept = ask.firstEntry !== null && ask.firstEntry < addMonths(year.from, 1)
  return {
    incomePerMonth: perMonth(income),
    expensePerMonth: perMonth(expense),
    months: months && periodOf(months),
    incomeOfYear: isKept ? (ofYear === null ? 'rates' : toFixed(ofYear, 1)) : 'income-history',
    year: periodOf(year),
  }
}

function spanOf(first: string, last: string, startDay: number): DateRange {
  return { from: rangeOf(first, startDay).from, next: rangeOf(last, startDay).next }
}

function periodOf({ from, next }: DateRange): { readonly from: string; readonly to: string } {
  return { from, to: addDays(next, -1) }
}

function toFixed(exact: bigint, months: number): Fixed {
  return rescale(divideHalfEven(exact, BigInt(months)), EXACT_SCALE, FIXED_SCALE)
}

const RISKY: readonly AssetType[] = ['STOCK', 'CRYPTO']
const INVESTABLE: readonly AssetType[] = ['CASH', ...RISKY]

export function ownedFacts(
  valuation: Valuation,
): Pick<HealthFacts, 'liquid' | 'assets' | 'debts' | 'netWorthNow' | 'largestRisky' | 'investable'> {
  const { holdings } = valuation
  const reasons = new Map(valuation.coverage.unpriced.map(({ assetId, reason }) => [assetId, reason]))
  /** What is added up of these holdings; unknown as soon as one of their values is. */
  const sum = (of: readonly Holding[], part: (value: Fixed) => Fixed): Known => {
    const values = of.map(worthOf)
    const unknown = values.indexOf(null)
    if (unknown >= 0) return reasons.get(of[unknown]?.assetId ?? '') === 'no-rate' ? 'rates' : 'prices'
    return values.reduce((all: Fixed, value) => all + part(value ?? 0n), 0n)
  }
  const ofType = (types: readonly AssetType[]) => holdings.filter(({ type }) => types.includes(type))
  const cash = ofType(['CASH'])
  const risky = [...bySymbol(ofType(RISKY)).values()].map((same) => sum(same, positive))
  return {
    liquid: cash.length === 0 ? 'cash-account' : sum(cash, positive),
    assets: sum(holdings, positive),
    debts: sum(holdings, (value) => positive(-value)),
    netWorthNow: sum(holdings, (value) => value),
    largestRisky: largest(risky),
    investable: sum(ofType(INVESTABLE), positive),
  }
}

/** Nothing of something is worth nothing, whatever its price. */
function worthOf({ value, quantity }: Holding): Fixed | null {
  return value === null ? (readMoney(quantity) === 0n ? 0n : null) : readMoney(value)
}

/** The same share or coin in several places is one holding. */
function bySymbol(holdings: readonly Holding[]): ReadonlyMap<string, readonly Holding[]> {
  const groups = new Map<string, Holding[]>()
  for (const holding of holdings) {
    const key = holding.symbol ?? holding.assetId
    groups.set(key, [...(groups.get(key) ?? []), holding])
  }
  return groups
}

function largest(amounts: readonly Known[]): Known {
  const missing = amounts.find((amount): amount is HealthMissing => typeof amount === 'string')
  return (
    missing ?? amounts.reduce((most: Fixed, one) => (typeof one === 'bigint' && one > most ? one : most), 0n)
  )
}

function positive(value: Fixed): Fixed {
  return value > 0n ? value : 0n
}
