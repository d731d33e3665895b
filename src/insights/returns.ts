import { fractionText } from '../cashflow/money.js'
import { divideHalfEven, formatFixed, powerOfTen } from '../lib/decimal.js'

/** A day of a portfolio; amounts of one scale. */
export interface Day {
  readonly day: number
  /** At its end; null when it is not known. */
  readonly value: bigint | null
  /** What came in and what went out over its edge, both positive. */
  readonly deposits: bigint
  readonly withdrawals: bigint
}

export interface Returns {
  readonly twr: string | null
  readonly twrAnnualised: string | null
  readonly maxDrawdown: string | null
  readonly volatility: string | null
  readonly reasons: Readonly<Record<string, ReturnReason>>
}

/**
 * Why there is no such rate: nothing was invested; more was owed than owned, of which there is no rate; the window
 * is shorter than a year; there are too few days with a return.
 */
export type ReturnReason = 'nothing-invested' | 'not-positive' | 'shorter-than-a-year' | 'too-few-days'

const INDEX_SCALE = 40
const START = powerOfTen(INDEX_SCALE)
const DIGITS = 10
const DAYS_OF_YEAR = 365

/**
 * Time-weighted rates: the product over days of (end value + withdrawals) / (end value of the day before +
 * deposits), as deposits count from the start of their day and withdrawals until its end. Days of which the value
 * is not known are one with the next known day. A day on which nothing was invested, or nothing was gained,
 * contributes 1. `start` is the value at the end of the day before; exact, but for what takes a root or a logarithm.
 */
export function returnsOf(start: bigint, days: readonly Day[]): Returns {
  let index = START
  let peak = START
  let drawdown = 0n
  let previous = start
  let [deposits, withdrawals] = [0n, 0n]
  let isInvested = false
  const logarithms: number[] = []
  for (const day of days) {
    deposits += day.deposits
    withdrawals += day.withdrawals
    if (day.value === null) continue
    const [end, begin] = [day.value + withdrawals, previous + deposits]
    if (begin < 0n && end !== begin) return without('not-positive')
    if (end < 0n && begin > 0n) return without('not-positive')
    if (begin > 0n) {
      isInvested = true
      if (end !== begin) index = divideHalfEven(index * end, begin)
      logarithms.push(Math.log1p(Number(end - begin) / Number(begin)))
    }
    if (index > peak) peak = index
    const fall = divideHalfEven((index - peak) * START, peak)
    if (fall < drawdown) drawdown = fall
    previous = day.value
    deposits = 0n
    withdrawals = 0n
  }
  if (!isInvested) return without('nothing-invested')
  const length = (days.at(-1)?.day ?? 0) - (days[0]?.day ?? 0) + 1
  const volatility = volatilityOf(logarithms)
  const isLong = length >= DAYS_OF_YEAR
  return {
    twr: fractionText(index - START, START),
    twrAnnualised: isLong ? rateText((Number(index) / Number(START)) ** (DAYS_OF_YEAR / length) - 1) : null,
    maxDrawdown: fractionText(drawdown, START),
    volatility: volatility === null ? null : rateText(volatility),
    reasons: {
      ...(isLong ? {} : { twrAnnualised: 'shorter-than-a-year' as const }),
      ...(volatility === null ? { volatility: 'too-few-days' as const } : {}),
    },
  }
}

function without(reason: ReturnReason): Returns {
  const nothing = { twr: null, twrAnnualised: null, maxDrawdown: null, volatility: null }
  return { ...nothing, reasons: Object.fromEntries(Object.keys(nothing).map((name) => [name, reason])) }
}

/** Sample deviation of daily logarithmic returns, for a year of 365 days; null of fewer than two, or after a loss of all. */
function volatilityOf(logarithms: readonly number[]): number | null {
  const count = logarithms.length
  if (count < 2 || !logarithms.every(Number.isFinite)) return null
  const mean = logarithms.reduce((sum, one) => sum + one, 0) / count
  const squares = logarithms.reduce((sum, one) => sum + (one - mean) ** 2, 0)
  return Math.sqrt((squares / (count - 1)) * DAYS_OF_YEAR)
}

/** A rate that is known as a double, to ten digits; plain decimal text. */
export function rateText(rate: number): string {
  const [whole = '0', fraction = ''] = rate.toFixed(DIGITS).split('.')
  return formatFixed(BigInt(whole + fraction.padEnd(DIGITS, '0')), DIGITS)
}
