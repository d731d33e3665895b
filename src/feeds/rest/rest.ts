import type { Pair } from '../../instruments/symbol.js'
import type { Interval, PastCandle } from '../../prices/candle.js'
import type { QuestionLimit } from '../../prices/coordination.js'
import type { Question } from '../ask.js'
import type { VenueTick } from '../venue.js'

/**
 * What a venue tells over HTTP beside its socket, as data and pure functions: what it lists, a price that its
 * socket does not begin with, and the past. A reader never throws; where an answer is none of these, it gives
 * the word that says why, one of a fixed set fit for a counter's label. Two of the words are acted upon: `throttled`
 * (we ask too fast), and `unavailable` (it serves nobody now).
 */
export interface VenueRest {
  /** The same as the Venue's. */
  readonly id: string
  /** Address of the exchange's own interface. */
  readonly base: string
  /** Less than the venue allows one address: other programs on it ask too. */
  readonly limit: QuestionLimit
  readonly catalogue: {
    question(base: string): Question
    /** Never empty. */
    read(body: Buffer): readonly ListedPair[] | string
  }
  /** The newest price of one symbol. Its time is null where the venue does not tell it. */
  readonly ticker: {
    question(base: string, symbol: string): Question
    read(body: Buffer, symbol: string): VenueTick | string
  }
  readonly candles: {
    /** How many intervals one question may span. */
    readonly most: number
    /** How many intervals back from now it tells anything at all; without it, as many as there were. */
    readonly reach?: Readonly<Record<Interval, number>>
    /** Candles that begin in [from, to), ms since the epoch, both on the border of an interval. */
    question(base: string, ask: CandleAsk): Question
    /**
     * By time, oldest first, one for each `at`. Candles beside those that were asked for may be among them, the
     * one that is not over yet too; what the venue leaves out (minutes without trades) is not there, nor what it
     * tells amiss.
     */
    read(body: Buffer, interval: Interval): readonly PastCandle[] | string
  }
}

export interface CandleAsk {
  readonly symbol: string
  readonly interval: Interval
  readonly from: number
  readonly to: number
}

/** A pair as a venue lists it. `symbol` is the spelling that its socket takes. */
export interface ListedPair {
  readonly symbol: string
  readonly pair: Pair
  /** Whether it is traded now; a status that is not known counts as not traded. */
  readonly trading: boolean
}
