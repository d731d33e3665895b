import type { Fixed } from '../lib/decimal.js'
import { type Book, dateOf, type UnitPrice } from './book.js'
import type { OwnedAsset } from './book-store.js'
import { crossingOf } from './edge.js'
import type { Day } from './returns.js'
import type { Move, Tally } from './steps.js'
import type { Turns } from './turns.js'

/** What a walk goes through: the assets at these places, day by day. */
export interface Path {
  readonly inside: ReadonlySet<number>
  readonly firstDay: number
  readonly toDay: number
}

/**
 * The value of some assets at the end of each day of a window, and what crossed the edge around them. Null when a
 * rate of what crossed it is not known.
 */
export async function walk(
  { assets, values }: Book,
  found: readonly Tally[],
  { inside, firstDay, toDay }: Path,
  turns: Turns,
): Promise<readonly Day[] | null> {
  const quantities = found.map(({ before }, place) => (inside.has(place) ? before.quantity : 0n))
  const moves = movesOf(found, inside)
  const days: Day[] = []
  let next = 0
  for (let day = firstDay; day <= toDay; day += 1) {
    const date = dateOf(day)
    const first = next
    for (let move = moves[next]; move && move.day <= day; next += 1, move = moves[next])
      quantities[move.place] = (quantities[move.place] ?? 0n) + move.quantity
    const crossing =
      first === next ? NOTHING : crossingOf(moves.slice(first, next), { assets, inside, values }, date)
    if (crossing === null) return null
    const { value, missing } = standing(assets, quantities, {
      price: (asset) => values.price(asset, date),
      rate: (currency) => values.rate(currency, date),
    })
    days.push({ day, value: missing.length === 0 ? value : null, ...crossing })
    if (turns.due()) await turns.give()
  }
  return days
}

const NOTHING = { deposits: 0n, withdrawals: 0n } as const

/** Moves of the assets at these places by day, and of one day as they were entered. */
export function movesOf(found: readonly Tally[], inside: ReadonlySet<number>): readonly Move[] {
  return found.flatMap(({ moves }, place) => (inside.has(place) ? moves : [])).sort((a, b) => a.day - b.day)
}

/** Prices and rates of one moment. */
export interface Moment {
  price(asset: OwnedAsset): UnitPrice | null
  rate(currency: string): Fixed | null
}

/** What was held at a moment. */
export interface Held {
  /** Of what can be valued, at VALUE_SCALE. */
  readonly value: bigint
  readonly holdings: number
  /** Places of those that cannot. */
  readonly missing: readonly number[]
}

/**
 * Values quantities by place. Neighbours with prices in one currency are summed first, as their rate is the same.
 * `seen` is told each price that went into it.
 */
export function standing(
  assets: readonly OwnedAsset[],
  quantities: readonly Fixed[],
  moment: Moment,
  seen?: (place: number, price: UnitPrice) => void,
): Held {
  const missing: number[] = []
  let [holdings, value, sum] = [0, 0n, 0n]
  let currency = ''
  let rate: Fixed | null = null
  for (let place = 0; place < assets.length; place += 1) {
    const [asset, quantity] = [assets[place], quantities[place]]
    if (!asset || quantity === undefined || quantity === 0n) continue
    holdings += 1
    const price = moment.price(asset)
    if (price !== null && price.currency !== currency) {
      if (rate !== null) value += sum * rate
      sum = 0n
      currency = price.currency
      rate = moment.rate(currency)
    }
    if (price === null || rate === null) missing.push(place)
    else {
      sum += quantity * price.amount
      seen?.(place, price)
    }
  }
  return { value: rate === null ? value : value + sum * rate, holdings, missing }
}
