import type { Tx } from '../database/database.js'
import { type Fixed, ONE } from '../lib/decimal.js'
import type { LoadDated } from '../prices/dated.js'
import { mistake } from './mistake.js'

/** Rates of single dates, for what is being written. */
export interface Exchange {
  /** Units of `to` for one unit of `from` on this date; null when it is not known. */
  find(tx: Tx, from: string, to: string, date: string): Promise<Fixed | null>
  /** The same; throws AppError `no-rate` that points to where it could be told. */
  require(tx: Tx, from: string, to: string, date: string, pointer: string): Promise<Fixed>
}

export function exchange(dated: LoadDated): Exchange {
  async function find(tx: Tx, from: string, to: string, date: string): Promise<Fixed | null> {
    if (from === to) return ONE
    const market = await dated(tx, { symbols: [], currencies: [from, to], from: date, to: date })
    const rate = market.rate(from, to, date)
    return rate !== null && rate > 0n ? rate : null
  }
  return {
    find,
    async require(tx, from, to, date, pointer) {
      const rate = await find(tx, from, to, date)
      if (rate === null) throw mistake(pointer, `no rate of ${from} to ${to} is known of ${date}`, 'no-rate')
      return rate
    },
  }
}
