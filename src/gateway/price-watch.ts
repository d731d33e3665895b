import { events } from '../protocol/events.js'
import type { Outlet } from './outlet.js'

/** The JSON text of a symbol's newest price, or undefined. */
export type PriceText = (symbol: string) => string | undefined

/**
 * Prices that clients watch by name. What moved goes out once a window, the latest of each symbol; a socket that
 * cannot take it keeps only the names of what it missed.
 */
export class PriceWatch {
  readonly #text: PriceText
  readonly #most: number
  readonly #watchers = new Map<string, Set<Outlet>>()
  readonly #watched = new Map<Outlet, Set<string>>()
  readonly #moved = new Set<string>()
  readonly #owed = new Map<Outlet, Set<string>>()

  constructor(options: { text: PriceText; mostSymbols: number }) {
    this.#text = options.text
    this.#most = options.mostSymbols
  }

  /** Names of all symbols that somebody watches. */
  symbols(): readonly string[] {
    return [...this.#watchers.keys()]
  }

  /** False, and nothing is added, when the socket would watch more symbols than it may. */
  watch(outlet: Outlet, symbols: readonly string[]): boolean {
    const own = this.#watched.get(outlet) ?? new Set<string>()
    if (new Set([...own, ...symbols]).size > this.#most) return false
    this.#watched.set(outlet, own)
    for (const symbol of symbols) {
      own.add(symbol)
      const watchers = this.#watchers.get(symbol)
      if (watchers) watchers.add(outlet)
      else this.#watchers.set(symbol, new Set([outlet]))
    }
    return true
  }

  unwatch(outlet: Outlet, symbols: Iterable<string>): void {
    const own = this.#watched.get(outlet)
    if (!own) return
    for (const symbol of [...symbols]) {
      if (!own.delete(symbol)) continue
      this.#owed.get(outlet)?.delete(symbol)
      const watchers = this.#watchers.get(symbol)
      watchers?.delete(outlet)
      if (watchers?.size === 0) this.#watchers.delete(symbol)
    }
    if (own.size === 0) this.#watched.delete(outlet)
  }

  leave(outlet: Outlet): void {
    this.unwatch(outlet, this.#watched.get(outlet) ?? [])
    this.#owed.delete(outlet)
  }

  moved(symbol: string): void {
    if (this.#watchers.has(symbol)) this.#moved.add(symbol)
  }

  /** To be called once a window. */
  flush(): void {
    for (const symbol of this.#moved) {
      for (const outlet of this.#watchers.get(symbol) ?? []) {
        const owed = this.#owed.get(outlet)
        if (owed) owed.add(symbol)
        else this.#owed.set(outlet, new Set([symbol]))
      }
    }
    this.#moved.clear()
    for (const [outlet, symbols] of this.#owed) {
      if (!outlet.writable) continue
      const texts = [...symbols].flatMap((symbol) => this.#text(symbol) ?? [])
      if (texts.length === 0 || outlet.write(events.prices, `[${texts.join(',')}]`)) this.#owed.delete(outlet)
    }
  }
}
