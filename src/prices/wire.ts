import type { Quote } from './tick.js'

/**
 * Between the workers that hear prices and the web processes that value with them: a cache of the newest quote
 * of each instrument, a publication of what changed, and, in the other direction, the demand for instruments
 * that somebody watches. Prices are global; nothing here belongs to a user. What is published was written to
 * the cache before, so a reader that missed a message finds it there.
 */
export interface PriceWire {
  /**
   * Writes to the cache what is newer there by its version, then publishes that; resolves when both were
   * acknowledged. Of each slot of instruments only its holder may write: what belongs to another is refused.
   */
  write(quotes: readonly Quote[], holder: string): Promise<Written>
  /** Everything in the cache. */
  readAll(): Promise<readonly Quote[]>
  /** Names the life of the cache: another text says that what stood in it was lost in between. */
  epoch(): Promise<string>
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

export interface Written {
  /** Symbols whose slot another holds, or nobody. */
  readonly refused: readonly string[]
}

export interface QuoteListener {
  quotes(quotes: readonly Quote[]): void
  /** Messages may have been missed: the cache has to be read again. */
  lost(): void
}
