import { marketOf } from '../instruments/markets.js'
import type { UnitPrice } from './book.js'
import type { OwnedAsset } from './book-store.js'

/** Pairs trade every day; a share's price stands over a weekend with a holiday beside it. */
const OLDEST_DAYS = { pair: 1, share: 4 } as const

/** Whether the price of a date is of a day before it on which there must have been a newer one. */
export function isStale({ symbol }: OwnedAsset, { ageDays }: UnitPrice): boolean {
  const isShare = symbol !== null && marketOf(symbol) !== null
  return ageDays > (isShare ? OLDEST_DAYS.share : OLDEST_DAYS.pair)
}
