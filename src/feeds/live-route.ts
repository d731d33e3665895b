import { formatFixed, isDecimalText, multiplyFixed } from '../lib/decimal.js'
import type { Offer } from '../prices/tick.js'
import { type Contender, type Fault, faultOf, type HeardRoute } from './decision.js'
import type { Leg, Listener } from './leg.js'
import type { Route } from './routes.js'

/** Where prices go: those of the active route, and those of the one that is kept beside it. */
export interface PriceSink {
  offer(offer: Offer): void
  witness(symbol: string, source: string, price: string, at: number): void
}

/** An offer of a derived price is renewed for its freshness alone when it has less than this left. */
const RENEW_MS = 2 * 60_000
/** A derived price that is not told is worked out no more often than this. */
const WITNESS_MS = 1_000

/**
 * A route that is listened to for one instrument. A derived price is the exact product of its legs, made anew
 * when either has moved: with the coin at once, with the stablecoin when the routes are reviewed, because one
 * stablecoin moves the prices of thousands. Its time is the coin's, so that its ticks stay in order, and it is
 * fresh only as long as both legs are.
 */
export class LiveRoute implements Contender, HeardRoute, Listener {
  readonly route: Route
  readonly coin: Leg
  readonly bridge: Leg | null
  readonly startedAt: number
  rank = 0
  fault: Fault | null = 'starting'
  priced = false
  fitSince: number | null = null
  /** Since when it has a fault; null while it has none. */
  unfitSince: number | null
  isActive = false
  readonly #symbol: string
  readonly #currency: string
  readonly #state: 'live' | 'simulated'
  readonly #sink: PriceSink
  /** What was made of the bridge last, and until when that is fresh. */
  #bridgePrice: string | null = null
  #freshUntil = 0
  #witnessedAt = 0

  constructor(
    instrument: { readonly symbol: string; readonly currency: string; readonly sink: PriceSink },
    route: Route,
    legs: { readonly coin: Leg; readonly bridge: Leg | null },
    now: number,
  ) {
    this.#symbol = instrument.symbol
    this.#currency = instrument.currency
    this.#sink = instrument.sink
    this.route = route
    this.coin = legs.coin
    this.bridge = legs.bridge
    this.#state = legs.coin.simulated || legs.bridge?.simulated ? 'simulated' : 'live'
    this.startedAt = now
    this.unfitSince = now
    legs.coin.listen(this)
  }

  /** The coin's price has moved. */
  moved(now: number): void {
    if (this.isActive) this.tell(now)
    else if (this.bridge === null || now - this.#witnessedAt >= WITNESS_MS) this.#bearWitness(now)
  }

  /** Offers what is known, if anything is. */
  tell(now: number): void {
    const { coin, bridge } = this
    const price = this.#price(now)
    if (price === null) return
    const [symbol, source, currency, state] = [this.#symbol, this.route.source, this.#currency, this.#state]
    if (bridge === null) {
      this.#sink.offer({ symbol, source, price, at: coin.at, order: coin.order, currency, state })
      return
    }
    this.#bridgePrice = bridge.price
    this.#freshUntil = Math.min(coin.freshUntil, bridge.freshUntil)
    // Two prices of one instant of the coin differ by the stablecoin: the coin's order would hide the second.
    const offer = { symbol, source, price, at: coin.at, order: null, currency, state }
    this.#sink.offer({ ...offer, freshUntil: this.#freshUntil })
  }

  /** Looks at both legs, and tells of the stablecoin's movement. `other` is the instrument's other route. */
  review(now: number, other: LiveRoute | null): void {
    this.fault = faultOf(this, other, now)
    this.priced = this.coin.heardAt !== null && (this.bridge === null || this.#areFresh(this.bridge, now))
    if (this.fault === null) {
      this.fitSince ??= now
      this.unfitSince = null
    } else {
      this.fitSince = null
      this.unfitSince ??= now
    }
  }

  /** Offers a derived price anew when its stablecoin has moved, or made it last longer. */
  renew(now: number): void {
    const { coin, bridge } = this
    if (bridge === null) return
    const moved = bridge.price !== this.#bridgePrice
    const ending = this.#freshUntil - now < RENEW_MS
    if (moved || (ending && Math.min(coin.freshUntil, bridge.freshUntil) > this.#freshUntil)) this.tell(now)
  }

  stop(): void {
    this.coin.unlisten(this)
  }

  #bearWitness(now: number): void {
    const price = this.#price(now)
    if (price === null) return
    this.#witnessedAt = now
    this.#sink.witness(this.#symbol, this.route.source, price, this.coin.at)
  }

  #areFresh(bridge: Leg, now: number): boolean {
    return now < this.coin.freshUntil && now < bridge.freshUntil
  }

  #price(now: number): string | null {
    const { coin, bridge } = this
    if (bridge === null) return coin.price
    const [coins, rate] = [coin.exact, bridge.exact]
    if (coins === null || rate === null || !this.#areFresh(bridge, now)) return null
    const product = multiplyFixed(coins, rate)
    const text = formatFixed(product)
    return product > 0n && isDecimalText(text) ? text : null
  }
}
