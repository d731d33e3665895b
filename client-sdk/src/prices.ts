import { commands } from '../../src/protocol/events.js'
import type { Candle, CandleInterval, CandlePage, Instant, Price } from '../../src/protocol/resources.js'
import type { Connection } from './connection.js'
import { HartaError } from './errors.js'
import { guard, Listeners, type Report } from './listeners.js'
import type { Request } from './request.js'
import { at, type Listing, listing, type PageSize } from './resource.js'
import { jitter, type Random } from './retry.js'

/** How many symbols one `prices:watch` names at most. */
const BATCH = 50
const UNWATCH_AFTER_MS = 1_000
const PATH = '/v1/prices'

export interface CandleQuery extends PageSize {
  readonly interval: CandleInterval
  readonly from?: Instant
  readonly to?: Instant
}

/**
 * Prices of symbols, live. What the watchers want is counted by symbol, what the server was asked for is kept
 * beside it, and `#reconcile` brings the second to the first; a new connection begins with nothing asked for.
 */
export class Prices {
  readonly #connection: () => Connection
  readonly #request: Request
  readonly #report: Report
  readonly #random: Random
  readonly #listeners: Listeners
  readonly #wanted = new Map<string, number>()
  readonly #asked = new Set<string>()
  readonly #known = new Map<string, Price>()
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(options: { connection: () => Connection; request: Request; report: Report; random: Random }) {
    this.#connection = options.connection
    this.#request = options.request
    this.#report = options.report
    this.#random = options.random
    this.#listeners = new Listeners(options.report)
  }

  /** The prices known now, asked for once. */
  async get(symbols: readonly string[]): Promise<readonly Price[]> {
    return (await this.#request<{ data: readonly Price[] }>('GET', PATH, { query: { symbols } })).data
  }

  /** The past of one symbol, oldest first; a page also tells the currency. */
  candles(symbol: string, query: CandleQuery): Listing<Candle, CandlePage> {
    return listing(this.#request, `${at(PATH, symbol)}/candles`, query)
  }

  /**
   * Calls back with all known prices of these symbols, now and whenever one of them moved; answers how to stop.
   * A symbol without a price is missing from the list.
   */
  watch(symbols: readonly string[], callback: (prices: readonly Price[]) => unknown): () => void {
    const mine = [...new Set(symbols)]
    const release = this.#connection().claim()
    for (const symbol of mine) this.#wanted.set(symbol, (this.#wanted.get(symbol) ?? 0) + 1)
    let shown: readonly Price[] = []
    let watching = true
    const show = (): unknown => {
      if (!watching) return undefined
      const prices = mine.flatMap((symbol) => this.#known.get(symbol) ?? [])
      if (prices.length === shown.length && prices.every((price, i) => price === shown[i])) return undefined
      shown = prices
      return callback(prices)
    }
    const remove = this.#listeners.add(show)
    queueMicrotask(() => guard(show, this.#report))
    this.#reconcileIn(0)
    return () => {
      if (!watching) return
      watching = false
      remove()
      release()
      for (const symbol of mine) this.#unwant(symbol)
      this.#reconcileIn(UNWATCH_AFTER_MS)
    }
  }

  /** @internal */
  receive(prices: readonly Price[]): void {
    for (const price of prices) {
      const known = this.#known.get(price.symbol)
      const newer = known === undefined || Date.parse(price.at) >= Date.parse(known.at)
      // Nobody may look for a moment; as long as the server sends it, the next who looks is shown the newest.
      const isFollowed = this.#wanted.has(price.symbol) || this.#asked.has(price.symbol)
      if (newer && isFollowed) this.#known.set(price.symbol, price)
    }
    this.#listeners.notify()
  }

  /** @internal */
  connected(): void {
    this.#asked.clear()
    this.#failures = 0
    this.#reconcileIn(0)
  }

  /** @internal */
  forget(): void {
    this.#known.clear()
    this.#asked.clear()
  }

  #unwant(symbol: string): void {
    const count = (this.#wanted.get(symbol) ?? 1) - 1
    if (count > 0) this.#wanted.set(symbol, count)
    else this.#wanted.delete(symbol)
  }

  /** The soonest of several calls counts; one timer is enough, for reconciling looks at everything. */
  #reconcileIn(delayMs: number): void {
    if (this.#timer && delayMs > 0) return
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#reconcile(), delayMs)
  }

  #reconcile(): void {
    this.#timer = null
    if (this.#connection().state !== 'connected') return
    const missing = [...this.#wanted.keys()].filter((symbol) => !this.#asked.has(symbol))
    for (let i = 0; i < missing.length; i += BATCH) void this.#ask(missing.slice(i, i + BATCH))
    const spare = [...this.#asked].filter((symbol) => !this.#wanted.has(symbol))
    if (spare.length === 0) return
    for (const symbol of spare) {
      this.#asked.delete(symbol)
      this.#known.delete(symbol)
    }
    this.#connection().ask(commands.unwatch, { symbols: spare }).catch(ignore)
  }

  async #ask(symbols: readonly string[]): Promise<void> {
    for (const symbol of symbols) this.#asked.add(symbol)
    try {
      this.receive(await this.#connection().ask<readonly Price[]>(commands.watch, { symbols }))
      this.#failures = 0
    } catch (error) {
      this.#refused(symbols, error)
    }
  }

  /** One bad symbol must not take its neighbours along: a refused list is asked for one by one. */
  #refused(symbols: readonly string[], error: unknown): void {
    const status = error instanceof HartaError ? error.status : 0
    const final = status >= 400 && status < 500 && status !== 429
    if (final) {
      if (symbols.length === 1) this.#report(error)
      else for (const symbol of symbols) void this.#ask([symbol])
      return
    }
    for (const symbol of symbols) this.#asked.delete(symbol)
    this.#failures += 1
    this.#reconcileIn(1 + jitter(this.#failures, 500, 20_000, this.#random))
  }
}

/** An unwatch that fails costs the server a list entry until the socket ends, and the user nothing. */
function ignore(): void {}
