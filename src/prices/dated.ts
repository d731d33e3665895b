import type { Tx } from '../database/database.js'
import type { Fixed } from '../lib/decimal.js'

/** Rates as they were on calendar dates; null where none is known, never 1. */
export interface DatedRates {
  /** Units of `to` for one unit of `from` on this date: the nearest earlier one, at most 7 days back. */
  rate(from: string, to: string, date: string): Fixed | null
}

/** How a market closed, in its own currency. */
export interface DatedClose {
  readonly amount: Fixed
  readonly currency: string
  /** The day that it is of. */
  readonly date: string
}

/** Closes and rates of calendar dates; of today and later, as they are now. */
export interface DatedMarket extends DatedRates {
  /** The close of this date, or the nearest earlier one, at most 7 days back. */
  close(symbol: string, date: string): DatedClose | null
}

export interface DatedAsk {
  readonly symbols: readonly string[]
  /** Every currency that will be converted. */
  readonly currencies: readonly string[]
  /** To which they will be; to each other unless told, which are very many pairs. */
  readonly into?: readonly string[]
  /** First and last date that will be asked for. */
  readonly from: string
  readonly to: string
  /** The date that it is now for whoever asks: of it and of later ones the answers are live. UTC's unless told. */
  readonly today?: string
}

/** Reads what these questions need, within the caller's transaction; answers from then on without waiting. */
export type LoadDated = (tx: Tx, ask: DatedAsk) => Promise<DatedMarket>
