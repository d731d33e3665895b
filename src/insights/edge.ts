import { ONE } from '../lib/decimal.js'
import { type Values, worthOn } from './book.js'
import type { OwnedAsset } from './book-store.js'
import { type Move, plus } from './steps.js'

/** What crossed the edge of a portfolio in a day, at VALUE_SCALE, both positive. */
export interface Crossing {
  readonly deposits: bigint
  readonly withdrawals: bigint
}

/**
 * Cash that crossed the edge around some assets on one day; null where a rate is not known. A purchase is paid from
 * outside unless an account inside pays it: what settle each other is summed first, so that only what the bank's
 * exchange differs by is left over. Units that are transferred without their other end come and go at what they
 * were worth on that day, or, where that is not known, had cost. Interest, dividends, fees and taxes of an account
 * are its performance and cross nothing.
 */
export function crossingOf(
  moves: readonly Move[],
  { assets, inside, values }: Edge,
  date: string,
): Crossing | null {
  const sums = new Map<string, bigint>()
  for (const move of moves) {
    if (!inside.has(move.place)) continue
    const amount = externalOf(move, { assets, inside, values }, date)
    if (amount === null) return null
    sums.set(move.key, (sums.get(move.key) ?? 0n) + amount)
  }
  let [deposits, withdrawals] = [0n, 0n]
  for (const sum of sums.values()) {
    if (sum > 0n) deposits += sum
    else withdrawals -= sum
  }
  return { deposits, withdrawals }
}

export interface Edge {
  readonly assets: readonly OwnedAsset[]
  /** Places of the assets within. */
  readonly inside: ReadonlySet<number>
  readonly values: Values
}

/** What one activity brought in from outside, at VALUE_SCALE; see above. */
export function externalOf(move: Move, { assets, inside, values }: Edge, date: string): bigint | null {
  const asset = assets[move.place]
  const { transfer } = move
  if (transfer && asset && (transfer.partner === null || !inside.has(transfer.partner))) {
    const worth = worthOn(values, asset, move.quantity, date)
    if (typeof worth === 'bigint') return plus(worth, transfer.costs === null ? null : transfer.costs * ONE)
  }
  return move.external === null ? null : move.external * ONE
}
