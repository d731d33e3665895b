import type { Pair } from '../instruments/symbol.js'
import { type Change, decide, type Fault } from './decision.js'
import type { Leg } from './leg.js'
import { LiveRoute, type PriceSink } from './live-route.js'
import { chooseStandby, type Quotation, type Route } from './routes.js'

/** Where an instrument's price comes from now. */
export interface RouteStatus {
  readonly symbol: string
  /** Null while no route is known. */
  readonly active: string | null
  readonly standby: string | null
  /** Since when the active route is in charge, in ms since the epoch. */
  readonly since: number | null
  /** Ms since the active route's last price; null before the first. */
  readonly lastTickAgeMs: number | null
  /** Why the active route was changed last: a fault, `refused`, `not-listed`, or `better`; null when it never was. */
  readonly reason: string | null
}

/** What all instruments share. */
export interface Surroundings extends PriceSink {
  take(quotation: Quotation): Leg
  release(leg: Leg): void
  /** Whether a route's venue has not worked for so many ms. */
  isDown(route: Route, forMs: number): boolean
  firstPrice(leg: Leg): void
  /** The venue tells no price of this pair, although it is in order. */
  doubt(leg: Leg, fault: Fault): void
  changed(symbol: string, change: Change, reason: string): void
}

const FIRST_PRICE_MS = 2_000
/** A venue that has not worked for so long is not waited for beside the active route. */
const GIVEN_UP_MS = 30_000
/** A pair that has not been fit for so long, at a venue that works, is left alone for a while. */
const DOUBTED_MS = 10 * 60_000
/** A pair that nobody has told a price of for so long is for other sources. */
const UNSERVED_MS = 60_000
const FIRST_ROTATION_MS = 1_500
const LAST_ROTATION_MS = 5 * 60_000

/**
 * One instrument and the two of its routes that are listened to: the active one tells its price, the standby is
 * kept beside it. Which is which is decided in decision.ts; here it is done. Nothing of a route is offered before
 * it is made active, nor after another one is.
 */
export class InstrumentFeed {
  readonly symbol: string
  readonly pair: Pair
  readonly #around: Surroundings
  readonly #followedAt: number
  #routes: readonly Route[] = []
  #active: LiveRoute | null = null
  #standby: LiveRoute | null = null
  #since: number | null = null
  #changedAt: number | null = null
  #reason: string | null = null
  #wasPriced = false
  /** When another standby is tried because neither route is fit, and how long after that the next. */
  #rotateAt: number | null = null
  #rotationMs = FIRST_ROTATION_MS

  constructor(symbol: string, pair: Pair, around: Surroundings, now: number) {
    this.symbol = symbol
    this.pair = pair
    this.#around = around
    this.#followedAt = now
  }

  /** The routes that there are now. `reason` is why one that is listened to may be missing. */
  plan(routes: readonly Route[], reason: string, now: number): void {
    this.#routes = routes
    for (const live of [this.#active, this.#standby]) if (live) live.rank = this.#rankOf(live.route)
    if (this.#standby?.rank === -1) this.#dropStandby()
    if (this.#active?.rank === -1) this.#replace(reason, now)
    const best = routes[0]
    if (this.#active === null && best) this.#activate(this.#open(best, now), now)
    this.#fillStandby(now)
  }

  review(now: number): void {
    const [active, standby] = [this.#active, this.#standby]
    if (active === null) return
    active.review(now, standby)
    standby?.review(now, active)
    this.#wasPriced ||= active.coin.heardAt !== null
    const change = decide(active, standby, this.#changedAt, now)
    if (change !== null && standby !== null) this.#exchange(active, standby, change, now)
    this.#active?.renew(now)
    this.#askFirst(this.#active, now)
    this.#askFirst(this.#standby, now)
    this.#fillStandby(now)
  }

  close(): void {
    this.#dropStandby()
    if (this.#active) this.#shut(this.#active)
    this.#active = null
  }

  uses(legs: ReadonlySet<Leg>): boolean {
    const isUsed = (live: LiveRoute | null) =>
      live !== null && (legs.has(live.coin) || (live.bridge !== null && legs.has(live.bridge)))
    return isUsed(this.#active) || isUsed(this.#standby)
  }

  /** Whether a venue tells its price, or may be about to. */
  isServed(now: number): boolean {
    if (this.#active === null) return false
    const isPriced = this.#wasPriced || this.#active.coin.heardAt !== null
    return isPriced || now - this.#followedAt < UNSERVED_MS
  }

  status(now: number): RouteStatus {
    const heardAt = this.#active?.coin.heardAt ?? null
    return {
      symbol: this.symbol,
      active: this.#active?.route.source ?? null,
      standby: this.#standby?.route.source ?? null,
      since: this.#since,
      lastTickAgeMs: heardAt === null ? null : now - heardAt,
      reason: this.#reason,
    }
  }

  #exchange(active: LiveRoute, standby: LiveRoute, change: Change, now: number): void {
    active.isActive = false
    this.#standby = active
    this.#tellChange(change, change === 'return' ? 'better' : (active.fault ?? 'lost'), now)
    this.#activate(standby, now)
  }

  /** The active route is no route any more. */
  #replace(reason: string, now: number): void {
    if (this.#active) this.#shut(this.#active)
    this.#active = null
    const next = this.#standby
    this.#standby = null
    if (this.#routes.length > 0) this.#tellChange('failover', reason, now)
    if (next) this.#activate(next, now)
  }

  #tellChange(change: Change, reason: string, now: number): void {
    this.#changedAt = now
    this.#reason = reason
    this.#around.changed(this.symbol, change, reason)
  }

  #activate(live: LiveRoute, now: number): void {
    live.isActive = true
    this.#active = live
    this.#since = now
    if (live.coin.price === null) live.coin.asked = false
    live.tell(now)
  }

  #fillStandby(now: number): void {
    const [active, standby] = [this.#active, this.#standby]
    if (active === null || this.#routes.length < 2) return
    if (active.fault === null) {
      this.#rotateAt = null
      this.#rotationMs = FIRST_ROTATION_MS
    }
    if (active.rank === 0 && standby?.fault === null) return
    const chosen = this.#choose(active, standby, now)
    if (chosen === null || chosen.source === standby?.route.source) return
    this.#dropStandby()
    this.#standby = this.#open(chosen, now)
  }

  #choose(active: LiveRoute, standby: LiveRoute | null, now: number): Route | null {
    const isWaiting = active.fault === 'starting' || standby?.fault === 'starting'
    if (active.fault !== null && standby !== null) {
      return standby.fault === null || isWaiting ? null : this.#rotate(active, standby, now)
    }
    if (standby) this.#doubt(standby, now)
    const isDown = (route: Route) => this.#around.isDown(route, GIVEN_UP_MS)
    const isWorthKeeping = standby !== null && now - (standby.unfitSince ?? now) < GIVEN_UP_MS
    return chooseStandby(this.#routes, active.route, isWorthKeeping ? standby.route : null, isDown)
  }

  /** Neither route is fit: each other one is tried in turn, at longer and longer intervals. */
  #rotate(active: LiveRoute, standby: LiveRoute, now: number): Route | null {
    this.#rotateAt ??= now + FIRST_ROTATION_MS
    if (now < this.#rotateAt) return null
    this.#rotationMs = Math.min(2 * this.#rotationMs, LAST_ROTATION_MS)
    this.#rotateAt = now + this.#rotationMs
    const after = [...this.#routes.slice(standby.rank + 1), ...this.#routes.slice(0, standby.rank)]
    const isTried = (route: Route) => route.source !== active.route.source && !this.#around.isDown(route, 1)
    return after.find(isTried) ?? null
  }

  #doubt(standby: LiveRoute, now: number): void {
    const { fault, unfitSince, coin, bridge } = standby
    if (unfitSince === null || now - unfitSince < DOUBTED_MS) return
    const isUnfit =
      fault === 'quiet' || fault === 'wrong-time' || (fault === 'no-price' && coin.price === null)
    if (isUnfit) this.#around.doubt(coin, fault)
    else if ((fault === 'old-bridge' || fault === 'no-price') && bridge) this.#around.doubt(bridge, fault)
  }

  #askFirst(live: LiveRoute | null, now: number): void {
    if (live === null || now - live.startedAt < FIRST_PRICE_MS) return
    for (const leg of [live.coin, live.bridge]) {
      if (leg === null || leg.price !== null || leg.asked || leg.health.downMs > 0) continue
      leg.asked = true
      this.#around.firstPrice(leg)
    }
  }

  #rankOf({ source, coin, bridge }: Route): number {
    return this.#routes.findIndex(
      (route) =>
        route.source === source && route.coin.name === coin.name && route.bridge?.name === bridge?.name,
    )
  }

  #open(route: Route, now: number): LiveRoute {
    const { symbol, pair } = this
    const coin = this.#around.take(route.coin)
    const bridge = route.bridge && this.#around.take(route.bridge)
    const instrument = { symbol, currency: pair.quote, sink: this.#around }
    const live = new LiveRoute(instrument, route, { coin, bridge }, now)
    live.rank = this.#rankOf(route)
    return live
  }

  #dropStandby(): void {
    if (this.#standby) this.#shut(this.#standby)
    this.#standby = null
  }

  #shut(live: LiveRoute): void {
    live.stop()
    this.#around.release(live.coin)
    if (live.bridge) this.#around.release(live.bridge)
  }
}
