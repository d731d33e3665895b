import { isDecimalText } from '../lib/decimal.js'
import type { PriceState } from '../protocol/resources.js'

/**
 * One price of one instrument as a venue told it. `symbol` is the instrument's (`BTC-USD`), not the venue's.
 * `at` is the venue's event time in ms since the epoch, UTC, with a fraction where the venue gives
 * microseconds. `order` breaks ties within one instant of one venue (trade id, sequence); null when it has none.
 */
export interface Tick {
  readonly symbol: string
  /** Where it comes from: a venue or source, or the route that it was worked out over. */
  readonly source: string
  /** Plain decimal text, positive. */
  readonly price: string
  readonly at: number
  readonly order: number | null
}

/** A tick with what is known of it beside the price: what a worker decides about (admission.ts). */
export interface Offer extends Tick {
  readonly currency: string
  /** State while it is fresh. */
  readonly state: Exclude<PriceState, 'stale' | 'manual'>
  /** Until when it is fresh, in ms since the epoch; without it, as long as its state allows from `at`. */
  readonly freshUntil?: number
}

/** An offer that won, as it lies in the cache and travels on the wire. */
export interface Quote extends Offer {
  readonly freshUntil: number
  /** Rises with every quote of the symbol that wins, from whatever source and worker; the highest stands. */
  readonly version: number
}

/** Room for as many quotes of one symbol in a ms; a version stays a safe integer until the year 2248. */
const VERSIONS_PER_MS = 1_024

/** The least version of a quote that wins at this instant. */
export function versionAt(now: number): number {
  return Math.floor(now * VERSIONS_PER_MS)
}

/** Whether the text can be a price: plain decimal, more than nothing. */
export function isPrice(text: string): boolean {
  return isDecimalText(text) && !text.startsWith('-') && /[1-9]/.test(text)
}

/** Whether the calendar has the instant, and nothing was priced here before the epoch. */
export function isInstant(at: number): boolean {
  return at >= 0 && at <= 8.64e15
}
