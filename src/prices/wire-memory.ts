import type { Quote } from './tick.js'
import type { PriceWire, QuoteListener } from './wire.js'

/** The wire inside one process, for the all-in-one server. */
export function createMemoryWire(options: { now: () => number }): PriceWire {
  const cache = new Map<string, Quote>()
  const readers = new Set<QuoteListener>()
  const demands = new Map<string, number>()
  const workers = new Set<() => void>()

  return {
    async write(quotes) {
      for (const quote of quotes) cache.set(quote.symbol, quote)
      for (const reader of readers) reader.quotes(quotes)
    },
    readAll: async () => [...cache.values()],
    async subscribe(listener) {
      readers.add(listener)
      return async () => {
        readers.delete(listener)
      }
    },
    async demand(symbols, forMs) {
      for (const symbol of symbols) demands.set(symbol, options.now() + forMs)
      for (const wake of workers) wake()
    },
    async demanded() {
      for (const [symbol, until] of demands) if (until <= options.now()) demands.delete(symbol)
      return [...demands.keys()]
    },
    async onDemand(listener) {
      workers.add(listener)
      return async () => {
        workers.delete(listener)
      }
    },
    ping: async () => {},
    async close() {
      readers.clear()
      workers.clear()
    },
  }
}
