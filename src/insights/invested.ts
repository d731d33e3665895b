import { divideHalfEven, ONE } from '../lib/decimal.js'
import { plus, type Tally } from './steps.js'

/**
 * What was invested in an asset on average over those days of a window on which anything was, at VALUE_SCALE: the
 * cost without fees of what is held at the end of each day counts until the next one; what was there already at
 * the start counts as what it was worth then. Where nothing was held from one day to another it is the most that
 * was invested within a day. Null where a rate is not known. Source of the formula: the "return on average
 * investment" of Ghostfolio.
 */
export function averageInvested(
  { before, moves }: Tally,
  startValue: bigint,
  fromDay: number,
  toDay: number,
): bigint | null {
  let held = lifted(before.baseInvestment)
  if (held === null) return null
  const grown = magnitude(startValue) - magnitude(held)
  let [sum, days, most] = [0n, 0, 0n]
  let since = fromDay - 1
  const until = (day: number): void => {
    if (held === null || held === 0n || day <= since) return
    sum += (magnitude(held) + grown) * BigInt(day - since)
    days += day - since
  }
  for (const move of moves) {
    until(move.day)
    since = move.day
    held = plus(held, lifted(move.investment))
    if (held === null) return null
    const stake = held === 0n ? 0n : magnitude(held) + grown
    if (stake > most) most = stake
  }
  until(toDay)
  return days === 0 ? most : divideHalfEven(sum, BigInt(days))
}

function lifted(amount: bigint | null): bigint | null {
  return amount === null ? null : amount * ONE
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}
