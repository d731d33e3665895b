import type { Tx } from '../database/database.js'
import { dateIn } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import { type Fixed, ONE } from '../lib/decimal.js'
import type { LoadDated } from '../prices/dated.js'
import { mistake } from './mistake.js'
import { assetStore } from './store.js'

/** A pair of currencies on a date. */
export interface ExchangeAsk {
  readonly from: string
  readonly to: string
  readonly date: string
}

/** Rates of single dates, for what is being written. */
export interface Exchange {
  /** Units of `to` for one unit of `from` on this date; null when it is not known. */
  find(tx: Tx, userId: string, ask: ExchangeAsk): Promise<Fixed | null>
  /** The same; throws AppError `no-rate` that points to what was told of it, or could be. */
  require(tx: Tx, userId: string, ask: ExchangeAsk & { readonly pointer: string }): Promise<Fixed>
}

export function exchange({ dated, clock }: { dated: LoadDated; clock: Clock }): Exchange {
  async function find(tx: Tx, userId: string, { from, to, date }: ExchangeAsk): Promise<Fixed | null> {
    if (from === to) return ONE
    const profile = await assetStore.profile(tx, userId)
    const today = dateIn(profile?.timeZone ?? 'UTC', clock.now())
    const market = await dated(tx, {
      symbols: [],
      currencies: [from],
      into: [to],
      from: date,
      to: date,
      today,
    })
    const rate = market.rate(from, to, date)
    return rate !== null && rate > 0n ? rate : null
  }
  return {
    find,
    async require(tx, userId, { pointer, ...ask }) {
      const rate = await find(tx, userId, ask)
      if (rate !== null) return rate
      throw mistake(pointer, `no rate of ${ask.from} to ${ask.to} is known of ${ask.date}`, 'no-rate')
    },
  }
}
