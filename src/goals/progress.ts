import { addDays, addMonths, daysBetween, monthsAndDays } from '../lib/calendar.js'
import { minorDigits } from '../lib/currency.js'
import {
  divideHalfEven,
  FIXED_SCALE,
  type Fixed,
  formatFixed,
  isDecimalText,
  powerOfTen,
  toMoney,
} from '../lib/decimal.js'
import type { Goal } from '../protocol/goals.js'

/**
 * How far a goal has come. Pure. Amounts are exact, in the goal's currency, as integers times 10^-72: a quantity
 * times a price times the rate to the base currency times the rate to the goal's. Each figure is rounded once.
 *
 * A span of months is whole calendar months and a part of the one that is under way at its end. What has to come
 * in each month and the date that a pace leads to are reckoned by the same months: saving `requiredPerMonth` leads
 * to the deadline.
 */
const EXACT_SCALE = 72

/** Per cent of the target, each told once. */
export const MILESTONES = [25, 50, 75, 100] as const

/** A reached goal has fallen back when less than this per cent of the target is left. */
const FALLEN_BELOW = 95n
const LONGEST_MONTHS = 1_200n
const PACE_MONTHS = 3
const PROGRESS_DIGITS = 10

export interface Standing {
  readonly target: Fixed
  readonly currency: string
  readonly deadline: string | null
  readonly today: string
  /** Null where it cannot be known. */
  readonly current: bigint | null
  /** What came in over the last `PACE_MONTHS` complete months; null while there is none. */
  readonly pace: bigint | null
}

type Figures = Pick<
  Goal,
  'current' | 'progress' | 'remaining' | 'requiredPerMonth' | 'actualPerMonth' | 'projectedDate'
>

export function figuresOf(standing: Standing): Figures {
  const { target, currency, deadline, today, current, pace } = standing
  const actualPerMonth = pace === null ? null : money(divideHalfEven(pace, BigInt(PACE_MONTHS)), currency)
  if (current === null) {
    const unknown = { current: null, progress: null, remaining: null }
    return { ...unknown, requiredPerMonth: null, actualPerMonth, projectedDate: null }
  }
  const short = exact(target) - current
  const remaining = short > 0n ? short : 0n
  const required = deadline === null || remaining === 0n ? null : requiredEach(remaining, today, deadline)
  return {
    current: money(current, currency),
    progress: progressText(current, target),
    remaining: money(remaining, currency),
    requiredPerMonth: required === null ? null : money(required, currency),
    actualPerMonth,
    projectedDate: pace === null || remaining === 0n ? null : projectedDate(remaining, pace, today),
  }
}

/** The milestones that are behind `current`. */
export function milestonesAt(current: bigint, target: Fixed): readonly number[] {
  return MILESTONES.filter((percent) => current * 100n >= exact(target) * BigInt(percent))
}

export type Turn = 'reached' | 'fellBack' | 'recovered'

/** What has become of a goal that stood like this: between 95 % and the target it stays what it was. */
export function turnOf(
  current: bigint,
  {
    target,
    reached,
    fallen,
  }: { readonly target: Fixed; readonly reached: boolean; readonly fallen: boolean },
): Turn | null {
  if (current >= exact(target)) return reached ? (fallen ? 'recovered' : null) : 'reached'
  const isBelow = current * 100n < exact(target) * FALLEN_BELOW
  return isBelow && reached && !fallen ? 'fellBack' : null
}

/** The remaining amount as a whole when less than a month is left. */
function requiredEach(remaining: bigint, today: string, deadline: string): bigint {
  if (deadline <= today) return remaining
  const { months, days } = monthsAndDays(today, deadline)
  if (months === 0) return remaining
  const length = daysOfMonth(today, months)
  return divideHalfEven(remaining * BigInt(length), BigInt(months * length + days))
}

/** The first date by which so much has come in; null where that is never, or more than a hundred years away. */
function projectedDate(remaining: bigint, pace: bigint, today: string): string | null {
  const wanted = remaining * BigInt(PACE_MONTHS)
  if (pace <= 0n || wanted > pace * LONGEST_MONTHS) return null
  const months = Number(wanted / pace)
  const rest = wanted % pace
  const days = (rest * BigInt(daysOfMonth(today, months)) + pace - 1n) / pace
  return addDays(addMonths(today, months), Number(days))
}

/** Days of the month that begins so many months after `today`. */
function daysOfMonth(today: string, months: number): number {
  return daysBetween(addMonths(today, months), addMonths(today, months + 1))
}

function exact(amount: Fixed): bigint {
  return amount * powerOfTen(EXACT_SCALE - FIXED_SCALE)
}

function progressText(current: bigint, target: Fixed): string | null {
  const text = formatFixed(
    divideHalfEven(current * powerOfTen(PROGRESS_DIGITS), exact(target)),
    PROGRESS_DIGITS,
  )
  return isDecimalText(text) ? text : null
}

/** Null for what is too large to be told. */
function money(amount: bigint, currency: string): string | null {
  const text = toMoney(amount, EXACT_SCALE, minorDigits(currency))
  return isDecimalText(text) ? text : null
}
