import { parsePair } from '../instruments/symbol.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Tick } from '../prices/tick.js'
import { VenueLane, type VenueStatus } from './lane.js'
import { REFUSAL_MS, Refusals } from './refusals.js'
import type { Venue } from './venue.js'

export interface FeedsStatus {
  readonly venues: readonly VenueStatus[]
  /** Wanted symbols that no venue serves. */
  readonly unserved: readonly string[]
}

/**
 * Listens to the exchanges for whatever is wanted. Each instrument goes to the first venue, in the given order,
 * that quotes such a pair and has not refused it; a refusal sends it to the next. An instrument stays where it
 * is while it is wanted, so two venues never tell its price at once.
 */
export class Feeds {
  readonly #clock: Clock
  readonly #lanes: readonly VenueLane[]
  /** Instrument symbol to the lane that serves it; null while none does. */
  readonly #homes = new Map<string, VenueLane | null>()
  readonly #refusals = new Refusals()
  #cancelRetry: (() => void) | null = null

  constructor(options: {
    venues: readonly { readonly venue: Venue; readonly url: string; readonly simulated: boolean }[]
    accept: (tick: Tick) => void
    clock: Clock
    random: () => number
    log: Log
  }) {
    const { accept, clock, random, log } = options
    this.#clock = clock
    this.#lanes = options.venues.map(
      (entry) =>
        new VenueLane({
          ...entry,
          accept,
          clock,
          random,
          log,
          refused: (lane, symbol) => this.#refused(lane, symbol),
        }),
    )
  }

  start(): void {
    for (const lane of this.#lanes) lane.start()
  }

  async stop(): Promise<void> {
    this.#cancelRetry?.()
    this.#cancelRetry = null
    await Promise.all(this.#lanes.map((lane) => lane.stop()))
  }

  /** The full set of instrument symbols to hear; what is no pair of currencies is left to other sources. */
  want(symbols: Iterable<string>): void {
    const wanted = new Set(symbols)
    for (const symbol of this.#homes.keys()) if (!wanted.has(symbol)) this.#forget(symbol)
    for (const symbol of wanted) if (!this.#homes.get(symbol)) this.#homes.set(symbol, this.#route(symbol))
    this.#refusals.forget((symbol) => wanted.has(symbol), this.#clock.now())
    this.#tellLanes()
  }

  status(): FeedsStatus {
    const unserved = [...this.#homes].flatMap(([symbol, home]) => (home ? [] : [symbol]))
    return { venues: this.#lanes.map((lane) => lane.status()), unserved }
  }

  #route(symbol: string): VenueLane | null {
    const pair = parsePair(symbol)
    if (!pair) return null
    const now = this.#clock.now()
    const serves = (lane: VenueLane) =>
      lane.names(pair) !== null && !this.#refusals.stands(lane.id, symbol, now)
    return this.#lanes.find(serves) ?? null
  }

  #refused(lane: VenueLane, symbol: string): void {
    this.#refusals.add(lane.id, symbol, this.#clock.now())
    if (this.#homes.get(symbol) === lane) this.#homes.set(symbol, this.#route(symbol))
    this.#tellLanes()
    this.#retryLater()
  }

  /** Asks again for what nobody serves, once refusals have run out. */
  #retryLater(): void {
    this.#cancelRetry ??= this.#clock.after(REFUSAL_MS, () => {
      this.#cancelRetry = null
      this.want([...this.#homes.keys()])
      if (this.status().unserved.some((symbol) => parsePair(symbol))) this.#retryLater()
    })
  }

  #forget(symbol: string): void {
    this.#homes.delete(symbol)
    for (const lane of this.#lanes) lane.forget(symbol)
  }

  #tellLanes(): void {
    for (const lane of this.#lanes) {
      lane.want([...this.#homes].flatMap(([symbol, home]) => (home === lane ? [symbol] : [])))
    }
  }
}
