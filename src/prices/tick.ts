import type { PriceState } from '../protocol/resources.js'

/**
 * One price of one instrument as a venue told it. `symbol` is the instrument's (`BTC-USD`), not the venue's.
 * `at` is the venue's event time in ms since the epoch, UTC, with a fraction where the venue gives
 * microseconds. `order` breaks ties within one instant of one venue (trade id, sequence); null when it has none.
 */
export interface Tick {
  readonly symbol: string
  readonly source: string
  /** Plain decimal text, positive. */
  readonly price: string
  readonly at: number
  readonly order: number | null
}

/** A tick that won, as it lies in the cache and travels on the wire. */
export interface Quote extends Tick {
  readonly currency: string
  /** State when written; whoever reads it also judges its age. */
  readonly state: Exclude<PriceState, 'stale' | 'manual'>
}
