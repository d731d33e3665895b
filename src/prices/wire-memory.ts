import type { MemoryCoordination } from './coordination-memory.js'
import { slotName, slotOf } from './slots.js'
import type { Quote } from './tick.js'
import type { PriceWire, QuoteListener } from './wire.js'

/** The wire inside one process, for the all-in-one server. */
export function createMemoryWire(options: {
  now: () => number
  coordination: MemoryCoordination
}): PriceWire {
  const cache = new Map<string, Quote>()
  const readers = new Set<QuoteListener>()
  const demands = new Map<string, number>()
  const workers = new Set<() => void>()

  return {
    async write(quotes, holder) {
      const { holderOf } = options.coordination
      const refused: string[] = []
      const newer: Quote[] = []
      for (const quote of quotes) {
        if (holderOf(slotName(slotOf(quote.symbol))) !== holder) refused.push(quote.symbol)
        else if (quote.version > (cache.get(quote.symbol)?.version ?? 0)) newer.push(quote)
      }
      for (const quote of newer) cache.set(quote.symbol, quote)
      if (newer.length > 0) for (const reader of readers) reader.quotes(newer)
      return { refused }
    },
    readAll: async () => [...cache.values()],
    epoch: async () => 'as long as the process',
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
