import type { FlowSum } from '../cashflow/flow-store.js'
import { addDays } from '../lib/calendar.js'
import { minorDigits } from '../lib/currency.js'
import { powerOfTen, quotientText } from '../lib/decimal.js'
import type { DatedRates } from '../prices/dated.js'
import type { FlowKind } from '../protocol/flows.js'
import type {
  Cashflow,
  CashflowCategory,
  CashflowMonth,
  CashflowReason,
  CashflowTypical,
} from '../protocol/insights.js'
import { EXACT_SCALE, fractionText, moneyText } from './figures.js'
import { type Converted, convert, grouped, netOf, type Totals, totalsOf, within } from './flows.js'
import {
  type DateRange,
  isComplete,
  lastMonthBefore,
  monthOf,
  monthsBetween,
  rangeOf,
  shiftMonth,
} from './months.js'

/**
 * What came in and went out. Each entry counts in the base currency at the rate of its own date; sums are exact
 * and rounded once, when they are written. A figure of which one entry has no rate is null, never less than it
 * should be. What a range's own days amount to is told of the range; what is usual (averages, medians, trend) is
 * told of complete months alone, see `comparable`.
 */
export interface CashflowAsk {
  readonly range: DateRange
  readonly currency: string
  readonly startDay: number
  /** The date where the user lives. */
  readonly today: string
  /** The date of his first income or expense; null when there is none. */
  readonly firstEntry: string | null
  /** Of all dates in `datesOf`. */
  readonly sums: readonly FlowSum[]
  readonly rates: DatedRates
  /** Names of categories. */
  readonly categories: ReadonlyMap<string, string>
}

type Span = Pick<CashflowAsk, 'range' | 'startDay' | 'today'>

const YEAR_MONTHS = 12

/** Dates whose entries are needed: those of the range and of the months that it is compared by. */
export function datesOf(span: Span): DateRange {
  const [first] = comparable(span)
  const start = first === undefined ? span.range.from : rangeOf(first, span.startDay).from
  return { from: start < span.range.from ? start : span.range.from, next: span.range.next }
}

export function cashflow(ask: CashflowAsk): Cashflow {
  const { range, currency, startDay, today } = ask
  const flows = convert(ask.sums, ask.rates, currency)
  const inRange = within(flows, range)
  const totals = totalsOf(inRange)
  const compared = sinceFirst(comparable(ask), ask)
  const ofMonth = grouped(flows, ({ date }) => monthOf(date, startDay))
  const months = compared.map((month) => totalsOf(ofMonth.get(month) ?? []))
  return {
    from: range.from,
    to: addDays(range.next, -1),
    currency,
    ...figures(totals, currency),
    expenseRatio: hasIncome(totals) ? fractionText(totals.expense, totals.income) : null,
    complete: range.next <= today,
    unconverted: unconverted([...inRange, ...compared.flatMap((month) => ofMonth.get(month) ?? [])]),
    categories: categoriesOf(inRange, totals, ask),
    months: monthsOf(inRange, ask),
    comparedMonths: compared,
    averages: typical(months, currency, mean),
    medians: typical(months, currency, median),
    trend: typical(months.slice(-2), currency, change),
  }
}

/** Months that can be compared, the oldest first; the user's first entry may be younger than some of them. */
function comparable({ range, startDay, today }: Span): readonly string[] {
  const first = monthOf(range.from, startDay)
  const last = lastMonthBefore(range.next < today ? range.next : today, startDay)
  const whole = monthsBetween(
    rangeOf(first, startDay).from === range.from ? first : shiftMonth(first, 1),
    last,
  )
  return whole.length >= 2 ? whole : monthsBetween(shiftMonth(last, 1 - YEAR_MONTHS), last)
}

/** Of the months those in which the user kept books: from the one of his first entry on. */
export function sinceFirst(
  months: readonly string[],
  { firstEntry, startDay }: { readonly firstEntry: string | null; readonly startDay: number },
): readonly string[] {
  if (firstEntry === null) return []
  const first = monthOf(firstEntry, startDay)
  return months.filter((month) => month >= first)
}

function hasIncome({ income }: Totals): boolean {
  return income !== null && income > 0n
}

function figures(totals: Totals, currency: string) {
  const net = netOf(totals)
  return {
    income: moneyText(totals.income, currency),
    expense: moneyText(totals.expense, currency),
    netSaving: moneyText(net, currency),
    savingRate: hasIncome(totals) ? fractionText(net, totals.income) : null,
    reason: reasonOf(totals),
  }
}

function reasonOf(totals: Totals): CashflowReason | null {
  if (netOf(totals) === null) return 'no-rate'
  return hasIncome(totals) ? null : 'no-income'
}

function monthsOf(inRange: readonly Converted[], { range, currency, startDay, today }: CashflowAsk) {
  const ofMonth = grouped(inRange, ({ date }) => monthOf(date, startDay))
  const last = addDays(range.next, -1)
  return monthsBetween(monthOf(range.from, startDay), monthOf(last, startDay)).map((month): CashflowMonth => {
    const { from, next } = rangeOf(month, startDay)
    const isWhole = from >= range.from && next <= range.next
    return {
      month,
      from: from < range.from ? range.from : from,
      to: next > range.next ? last : addDays(next, -1),
      ...figures(totalsOf(ofMonth.get(month) ?? []), currency),
      complete: isWhole && isComplete(month, startDay, today),
    }
  })
}

/** Incomes first, then by amount, the largest first and the unknown last. */
function categoriesOf(
  inRange: readonly Converted[],
  totals: Totals,
  { currency, categories }: CashflowAsk,
): readonly CashflowCategory[] {
  const list = (kind: FlowKind, all: bigint | null): CashflowCategory[] => {
    const ofKind = inRange.filter(({ sum }) => sum.kind === kind)
    return [...grouped(ofKind, ({ categoryId }) => categoryId)]
      .map(([categoryId, flows]) => {
        const { income, expense } = totalsOf(flows)
        return { categoryId, exact: kind === 'INCOME' ? income : expense }
      })
      .sort((a, b) => descending(a.exact, b.exact) || ((a.categoryId ?? '') < (b.categoryId ?? '') ? -1 : 1))
      .map(({ categoryId, exact }) => ({
        categoryId,
        name: categoryId === null ? null : (categories.get(categoryId) ?? null),
        kind,
        amount: moneyText(exact, currency),
        share: all !== null && all > 0n ? fractionText(exact, all) : null,
      }))
  }
  return [...list('INCOME', totals.income), ...list('EXPENSE', totals.expense)]
}

function descending(a: bigint | null, b: bigint | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return a === b ? 0 : a > b ? -1 : 1
}

function unconverted(flows: readonly Converted[]): Cashflow['unconverted'] {
  const missing = [...new Set(flows)].filter(({ exact }) => exact === null)
  return [...grouped(missing, ({ date, currency }) => `${date} ${currency}`)]
    .sort(byKey)
    .map(([, group]) => ({
      currency: group[0]?.sum.currency ?? '',
      date: group[0]?.sum.date ?? '',
      entries: group.reduce((entries, { sum }) => entries + sum.entries, 0),
    }))
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

/** A figure of several months as a quotient, still exact; null when there are too few of them. */
type Figure = (amounts: readonly bigint[]) => { readonly sum: bigint; readonly count: bigint } | null

const mean: Figure = (amounts) => {
  const sum = amounts.reduce((all, amount) => all + amount, 0n)
  return amounts.length === 0 ? null : { sum, count: BigInt(amounts.length) }
}

const median: Figure = (amounts) => {
  const sorted = [...amounts].sort((a, b) => descending(b, a))
  return mean(sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1))
}

const change: Figure = ([before, last]) =>
  before === undefined || last === undefined ? null : { sum: last - before, count: 1n }

function typical(months: readonly Totals[], currency: string, figure: Figure): CashflowTypical {
  const text = (amounts: readonly (bigint | null)[]): string | null => {
    const known = amounts.filter((amount) => amount !== null)
    const found = known.length < amounts.length ? null : figure(known)
    return found && quotientText(found.sum, found.count * powerOfTen(EXACT_SCALE), minorDigits(currency))
  }
  const hasRates = months.every((totals) => netOf(totals) !== null)
  const enough = figure(months.map(() => 0n)) !== null
  return {
    income: text(months.map(({ income }) => income)),
    expense: text(months.map(({ expense }) => expense)),
    netSaving: text(months.map(netOf)),
    reason: enough ? (hasRates ? null : 'no-rate') : 'no-complete-month',
  }
}
