import type { Database } from '../database/database.js'
import { KEPT_MS } from './candle.js'
import { priceStore } from './store.js'

/** Removes candles that are older than they are kept, in many small transactions. */
export async function removeOldCandles(db: Database, now: number): Promise<void> {
  for (const interval of ['1m', '1h'] as const) {
    let after: string | null = null
    do {
      const from: string | null = after
      after = await db.asSystem((tx) => priceStore.removeBefore(tx, interval, now - KEPT_MS[interval], from))
    } while (after !== null)
  }
}
