import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { FirstPrice } from './first-prices.js'
import type { RouteStatus } from './instrument-feed.js'
import { type FeedSource, type LaneStatus, VenueLane } from './lane.js'
import type { PriceSink } from './live-route.js'
import type { Refusal } from './refusals.js'
import { REVIEW_MS, Router, type RouterOptions } from './router.js'

export interface VenueStatus extends LaneStatus {
  /** Pairs that are not asked for at the venue now, and why: its own words, or what we saw. */
  readonly refused: readonly Refusal[]
}

export interface FeedsStatus {
  readonly venues: readonly VenueStatus[]
  /** Wanted pairs that no venue serves. */
  readonly unserved: readonly string[]
  /** How often an instrument has left its route because of a fault, and come back to a better one. */
  readonly failovers: number
  readonly returns: number
}

/**
 * Listens to the exchanges for whatever is wanted. Each instrument is heard on the best of its routes that is
 * alive (routes.ts), with the next best kept warm beside it; only the one in charge tells the price, so two venues
 * never tell it at once. `witness` hears what the other one says.
 *
 *   frame -> Connection -> VenueLane -> Leg -> LiveRoute -> offer
 *                              |                   ^
 *                              +---> Router -------+   who is in charge, twice a second
 */
export class Feeds {
  readonly #clock: Clock
  readonly #lanes: readonly VenueLane[]
  readonly #router: Router
  #cancelReview: (() => void) | null = null

  constructor(
    options: PriceSink & {
      /** In the order in which they are asked for a pair. */
      venues: readonly FeedSource[]
      /** What the venues list; where it does not know, each venue's own rule counts. */
      catalogue?: RouterOptions['catalogue']
      /** Where the first price of a symbol is had whose socket tells none. Its failure is null. */
      firstPrice?: FirstPrice
      clock: Clock
      random: () => number
      log: Log
    },
  ) {
    const { offer, witness, catalogue = null, firstPrice = null, clock, random, log } = options
    this.#clock = clock
    this.#lanes = options.venues.map(
      (source) =>
        new VenueLane({
          ...source,
          clock,
          random,
          log,
          refused: (leg, reason) => this.#router.refused(leg, reason),
        }),
    )
    this.#router = new Router({ lanes: this.#lanes, offer, witness, catalogue, firstPrice, clock, log })
  }

  start(): void {
    for (const lane of this.#lanes) lane.start()
    this.#cancelReview ??= this.#clock.every(REVIEW_MS, () => this.#router.review())
  }

  async stop(): Promise<void> {
    this.#cancelReview?.()
    this.#cancelReview = null
    this.#router.stop()
    await Promise.all(this.#lanes.map((lane) => lane.stop()))
  }

  /** The full set of instrument symbols to hear; what is no pair of currencies is left to other sources. */
  want(symbols: Iterable<string>): void {
    this.#router.want(symbols)
  }

  /** Looks routes up anew within seconds: what a venue lists has changed. */
  relist(): void {
    this.#router.relist()
  }

  status(): FeedsStatus {
    const { failover, return: returned } = this.#router.counts
    return {
      venues: this.#lanes.map((lane) => ({ ...lane.status(), refused: this.#router.refusalsOf(lane.id) })),
      unserved: this.#router.unserved(),
      failovers: failover,
      returns: returned,
    }
  }

  /** Whether a venue tells the price of this symbol, or may be about to. */
  hears(symbol: string): boolean {
    return this.#router.hears(symbol)
  }

  unserved(): readonly string[] {
    return this.#router.unserved()
  }

  /** Where each instrument's price comes from now. */
  routes(): readonly RouteStatus[] {
    return this.#router.routes()
  }
}
