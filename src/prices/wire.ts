import type { Quote } from './tick.js'

/**
 * Between the workers that hear prices and the web processes that value with them: a cache of the newest quote
 * of each instrument, a publication of what changed, and, in the other direction, the demand for instruments
 * that somebody watches. Prices are global; nothing here belongs to a user. What is published was written to
 * the cache before, so a reader that missed a message finds it there.
 */
export interface PriceWire {
  /** Writes the cache, then publishes; resolves when both were acknowledged. */
  write(quotes: readonly Quote[]): Promise<void>
  /** Everything in the cache. */
  readAll(): Promise<readonly Quote[]>
  /** Calls back until the returned function is called. */
  subscribe(listener: QuoteListener): Promise<() => Promise<void>>
  /** Asks the workers for these symbols for the next `forMs`; with no symbols it only wakes the workers. */
  demand(symbols: readonly string[], forMs: number): Promise<void>
  /** The symbols that are asked for now. */
  demanded(): Promise<readonly string[]>
  /** Calls back whenever somebody demands something, until the returned function is called. */
  onDemand(listener: () => void): Promise<() => Promise<void>>
  /** Rejects when the cache cannot be reached. */
  ping(): Promise<void>
  close(): Promise<void>
}

export interface QuoteListener {
  quotes(quotes: readonly Quote[]): void
  /** Messages may have been missed: the cache has to be read again. */
  lost(): void
}
