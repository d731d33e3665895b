import type { Pair } from '../../instruments/symbol.js'
import type { Interval, PastCandle } from '../../prices/candle.js'
import type { Question } from '../ask.js'
import type { VenueTick } from '../venue.js'

/**
 * What a venue tells over HTTP beside its socket, as data and pure functions: what it lists, a price that its
 * socket does not begin with, and the past. A reader never throws; where an answer is none of these, it gives
 * the word that says why, one of a fixed set fit for a counter's label.
 */
export interface VenueRest {
  /** The same as the Venue's. */
  readonly id: string
  /** Address of the exchange's own interface. */
  readonly base: string
  /** Questions that one address may ask in a window, other programs on the address included. */
  readonly limit: { readonly count: number; readonly windowMs: number }
  readonly catalogue: {
    question(base: string): Question
    read(body: Buffer): readonly ListedPair[] | string
  }
  /** The newest price of one symbol. */
  readonly ticker?: {
    question(base: string, symbol: string): Question
    read(body: Buffer, symbol: string): VenueTick | string
  }
  readonly candles?: {
    /** How many an answer holds at most. */
    readonly most: number
    /** Candles that begin in [from, to), ms since the epoch. */
    question(base: string, ask: { symbol: string; interval: Interval; from: number; to: number }): Question
    /** By time, oldest first; what the venue leaves out (minutes without trades) is not there. */
    read(body: Buffer, interval: Interval): readonly PastCandle[] | string
  }
}

/** A pair as a venue lists it. `symbol` is the spelling that its socket takes. */
export interface ListedPair {
  readonly symbol: string
  readonly pair: Pair
  /** Whether it is traded now; a status that is not known counts as not traded. */
  readonly trading: boolean
}
