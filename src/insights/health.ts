import { minorDigits } from '../lib/currency.js'
import {
  divideFixed,
  divideHalfEven,
  FIXED_SCALE,
  type Fixed,
  multiplyFixed,
  ONE,
  parseFixed,
  toMoney,
} from '../lib/decimal.js'
import type { Health, HealthAdvice, HealthMissing, HealthPart, HealthPartName } from '../protocol/insights.js'
import { fractionText, roundedText, roundUp } from './figures.js'

/**
 * The financial health score: five parts, each 0 to 100 points by a piecewise-linear curve, weighted. A part that
 * cannot be measured gives its weight to the others in proportion; below half of the weight there is no score.
 * Our own formula, told to users in docs/health-score.md; weights and curves stand there and here.
 */
export type Known = Fixed | HealthMissing

export type Period = HealthPart['period']

/** Amounts in `currency`, or why one is not known. */
export interface HealthFacts {
  readonly currency: string
  /** In accounts that are not overdrawn. */
  readonly liquid: Known
  /** Means of the last complete months, six at most. */
  readonly incomePerMonth: Known
  readonly expensePerMonth: Known
  readonly months: Period
  /** What counts positive in the valuation, and what counts negative, as a positive amount. */
  readonly assets: Known
  readonly debts: Known
  /** Now and twelve months ago, and what came in between. */
  readonly netWorthNow: Known
  readonly netWorthBefore: Known
  readonly incomeOfYear: Known
  readonly year: Period
  /** The largest single holding of shares or coins, and all of those with what is liquid. */
  readonly largestRisky: Known
  readonly investable: Known
}

interface Ratio {
  readonly numerator: Fixed
  /** Zero where there is nothing to divide by and the worst is certain all the same. */
  readonly denominator: Fixed
}

type Corner = readonly [value: Fixed, points: Fixed]

interface Part {
  readonly name: HealthPartName
  readonly weight: number
  /** Rising values; before the first corner and after the last one the curve is level. */
  readonly curve: readonly Corner[]
  /** The value that gives 100 points. */
  readonly target: Fixed
  measure(facts: HealthFacts): Ratio | HealthMissing
  period(facts: HealthFacts): Period
  advise(amount: string, lacking: Fixed): string
}

const PARTS: readonly Part[] = [
  {
    name: 'emergencyFund',
    weight: 25,
    curve: curveOf(['0', 0], ['3', 60], ['6', 100]),
    target: parseFixed('6'),
    measure: ({ liquid, expensePerMonth }) => ratio(liquid, expensePerMonth, 'expenses'),
    period: ({ months }) => months,
    advise: (amount, lacking) => {
      const months = roundedText(roundUp(lacking, 1), 1)
      return `Put aside ${months} more ${months === '1' ? 'month' : 'months'} of expenses: ${amount} in accounts.`
    },
  },
  {
    name: 'savingRate',
    weight: 25,
    curve: curveOf(['0', 0], ['0.1', 50], ['0.2', 80], ['0.3', 100]),
    target: parseFixed('0.3'),
    measure: ({ incomePerMonth, expensePerMonth }) =>
      ratio(difference(incomePerMonth, expensePerMonth), incomePerMonth, 'income'),
    period: ({ months }) => months,
    advise: (amount) => `Save ${amount} more each month, which makes it 30 % of what comes in.`,
  },
  {
    name: 'debtToAssets',
    weight: 20,
    curve: curveOf(['0', 100], ['0.2', 85], ['0.5', 50], ['1', 0]),
    target: 0n,
    measure: ({ debts, assets }) =>
      assets === 0n && typeof debts === 'bigint' && debts > 0n
        ? { numerator: debts, denominator: 0n }
        : ratio(debts, assets, 'assets'),
    period: () => null,
    advise: (amount) => `Pay off debts of ${amount}.`,
  },
  {
    name: 'netWorthTrend',
    weight: 15,
    curve: curveOf(['-0.2', 0], ['0', 50], ['0.2', 100]),
    target: parseFixed('0.2'),
    measure: ({ netWorthNow, netWorthBefore, incomeOfYear }) =>
      ratio(difference(netWorthNow, netWorthBefore), incomeOfYear, 'income'),
    period: ({ year }) => year,
    advise: (amount) =>
      `Let your net worth rise by ${amount} more within a year, which makes it a fifth of what comes in.`,
  },
  {
    name: 'diversification',
    weight: 15,
    curve: curveOf(['0', 0], ['0.5', 60], ['0.8', 100]),
    target: parseFixed('0.8'),
    measure: ({ investable, largestRisky }) =>
      ratio(difference(investable, largestRisky), investable, 'investments'),
    period: () => null,
    advise: (amount) =>
      `Move ${amount} out of your largest holding into others, which leaves a fifth of your investments in it.`,
  },
]

const FULL = 100n * ONE
const LEAST_WEIGHT = 50
const POINT_DIGITS = 2

/** A part that was measured. */
interface Measured extends Ratio {
  readonly part: Part
  readonly value: Fixed | null
  readonly points: Fixed
}

export function health(facts: HealthFacts): Health {
  const found = PARTS.map((part) => ({ part, result: measure(part, facts) }))
  const measured = found.flatMap(({ result }) => (typeof result === 'string' ? [] : [result]))
  const weight = measured.reduce((sum, { part }) => sum + part.weight, 0)
  const isScored = weight >= LEAST_WEIGHT
  /** What points of a part are in points of the whole. */
  const share = (points: Fixed, part: Part): string =>
    roundedText(divideHalfEven(points * BigInt(part.weight), BigInt(weight)), POINT_DIGITS)
  const weighted = measured.reduce((sum, { part, points }) => sum + points * BigInt(part.weight), 0n)
  return {
    currency: facts.currency,
    score: isScored ? roundedText(divideHalfEven(weighted, BigInt(weight)), POINT_DIGITS) : null,
    measuredWeight: weight,
    reason: isScored ? null : 'too-little-measured',
    parts: found.map(({ part, result }) => told(part, result, facts, isScored ? share : null)),
    advice: isScored ? adviceOf(measured, facts.currency, share) : [],
  }
}

function measure(part: Part, facts: HealthFacts): Measured | HealthMissing {
  const found = part.measure(facts)
  if (typeof found === 'string') return found
  const value = found.denominator === 0n ? null : divideFixed(found.numerator, found.denominator)
  return { part, ...found, value, points: value === null ? 0n : pointsAt(part.curve, value) }
}

function told(
  { name, weight, period }: Part,
  result: Measured | HealthMissing,
  facts: HealthFacts,
  share: ((points: Fixed, part: Part) => string) | null,
): HealthPart {
  const nothing = { value: null, numerator: null, denominator: null, period: null }
  if (typeof result === 'string')
    return { name, weight, ...nothing, score: null, contribution: null, missing: result }
  return {
    name,
    weight,
    value: fractionText(result.numerator, result.denominator),
    numerator: money(result.numerator, facts.currency),
    denominator: money(result.denominator, facts.currency),
    period: period(facts),
    score: roundedText(result.points, POINT_DIGITS),
    contribution: share === null ? null : share(result.points, result.part),
    missing: null,
  }
}

function adviceOf(
  measured: readonly Measured[],
  currency: string,
  share: (points: Fixed, part: Part) => string,
): readonly HealthAdvice[] {
  const lost = ({ part, points }: Measured): Fixed => (FULL - points) * BigInt(part.weight)
  return [...measured]
    .filter(({ points }) => points < FULL)
    .sort((a, b) => Number(lost(b) > lost(a)) - Number(lost(a) > lost(b)))
    .map(({ part, numerator, denominator, value, points }) => {
      const lacking = part.target - (value ?? 0n)
      const wanted = multiplyFixed(part.target, denominator) - numerator
      const amount = money(roundUp(wanted < 0n ? -wanted : wanted, minorDigits(currency)), currency)
      return {
        part: part.name,
        gain: share(FULL - points, part),
        value: fractionText(numerator, denominator),
        target: roundedText(part.target, POINT_DIGITS),
        amount,
        text: part.advise(`${amount} ${currency}`, lacking),
      }
    })
}

function curveOf(...corners: readonly (readonly [value: string, points: number])[]): readonly Corner[] {
  return corners.map(([value, points]) => [parseFixed(value), BigInt(points) * ONE])
}

function pointsAt(curve: readonly Corner[], value: Fixed): Fixed {
  const next = curve.findIndex(([corner]) => value <= corner)
  const [before, after] = next === -1 ? [curve.at(-1), undefined] : [curve[next - 1], curve[next]]
  if (!before || !after) return (before ?? after)?.[1] ?? 0n
  return before[1] + divideHalfEven((after[1] - before[1]) * (value - before[0]), after[0] - before[0])
}

/** `empty` where the denominator, known as it is, is not more than zero. */
function ratio(numerator: Known, denominator: Known, empty: HealthMissing): Ratio | HealthMissing {
  if (typeof numerator === 'string') return numerator
  if (typeof denominator === 'string') return denominator
  return denominator > 0n ? { numerator, denominator } : empty
}

function difference(of: Known, less: Known): Known {
  if (typeof of === 'string') return of
  return typeof less === 'string' ? less : of - less
}

function money(amount: Fixed, currency: string): string {
  return toMoney(amount, FIXED_SCALE, minorDigits(currency))
}
