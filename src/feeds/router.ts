import { type Pair, parsePair } from '../instruments/symbol.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Look } from './catalogue.js'
import type { Change, Fault } from './decision.js'
import { type FirstPrice, FirstPrices } from './first-prices.js'
import { InstrumentFeed, type RouteStatus, type Surroundings } from './instrument-feed.js'
import type { VenueLane } from './lane.js'
import type { Leg } from './leg.js'
import type { PriceSink } from './live-route.js'
import { type Refusal, Refusals } from './refusals.js'
import { type Quotation, type Route, routesOf } from './routes.js'

export interface RouterOptions extends PriceSink {
  readonly lanes: readonly VenueLane[]
  readonly catalogue: { look(venue: string, pair: Pair): Look } | null
  readonly firstPrice: FirstPrice | null
  readonly clock: Clock
  readonly log: Log
}

export const REVIEW_MS = 500
/** A review that comes so much too late finds frames that nobody has read yet: it says nothing of the venues. */
const STALLED_MS = 1_000
/** Reviews in which the routes of all instruments are looked up anew once. */
const PLAN_REVIEWS = 60_000 / REVIEW_MS
const HURRIED_PLAN_REVIEWS = 10
const NEVER_PRICED_REVIEWS = 10_000 / REVIEW_MS
/** A tick of less than so long ago proves that a pair is traded, whatever a list says. */
const TRADED_MS = 60_000

/**
 * Sends each instrument on its routes and looks after them twice a second: are the venues alive, which route is in
 * charge, are there new routes or old ones no more. Between two reviews nothing is decided: a tick goes its way.
 */
export class Router {
  readonly #options: RouterOptions
  readonly #lanes: ReadonlyMap<string, VenueLane>
  readonly #firstPrices: FirstPrices | null
  readonly #around: Surroundings
  readonly #refusals = new Refusals()
  readonly #instruments = new Map<string, InstrumentFeed>()
  readonly #counts = { failover: 0, return: 0 }
  /** What venues have refused since the last review. */
  readonly #refused = new Set<Leg>()
  #changes: { readonly symbol: string; readonly reason: string }[] = []
  /** Instruments whose routes are to be looked up anew, and how many in one review. */
  #plans: InstrumentFeed[] = []
  #plansAtOnce = 0
  #reviews = 0
  #reviewedAt: number | null = null
  #isStalled = false

  constructor(options: RouterOptions) {
    this.#options = options
    this.#lanes = new Map(options.lanes.map((lane) => [lane.id, lane]))
    this.#firstPrices = options.firstPrice && new FirstPrices(options.firstPrice, options.clock)
    this.#around = {
      offer: options.offer,
      witness: options.witness,
      take: (quotation) => this.#lane(quotation.venue).take(quotation),
      release: (leg) => this.#lane(leg.venue).release(leg),
      isDown: (route, forMs) => this.#isDown(route, forMs),
      firstPrice: (leg) => this.#firstPrices?.want(leg),
      doubt: (leg, fault) => this.#doubt(leg, fault),
      changed: (symbol, change, reason) => this.#changed(symbol, change, reason),
    }
  }

  stop(): void {
    this.#firstPrices?.stop()
  }

  /** The full set of instrument symbols to hear; what is no pair is left to other sources. */
  want(symbols: Iterable<string>): void {
    const wanted = new Set(symbols)
    for (const [symbol, instrument] of this.#instruments) {
      if (wanted.has(symbol)) continue
      instrument.close()
      this.#instruments.delete(symbol)
    }
    const now = this.#options.clock.now()
    for (const symbol of wanted) {
      const pair = this.#instruments.has(symbol) ? null : parsePair(symbol)
      if (!pair) continue
      const instrument = new InstrumentFeed(symbol, pair, this.#around, now)
      this.#instruments.set(symbol, instrument)
      this.#plan(instrument, now)
    }
    if (this.#instruments.size === 0) for (const lane of this.#lanes.values()) lane.dropProbe()
    this.#flush()
  }

  refused(leg: Leg, reason: string): void {
    this.#refusals.add(leg.venue, leg.pair, { reason, isFinal: true }, this.#options.clock.now())
    this.#refused.add(leg)
  }

  /** A venue's list has changed: routes are looked up anew, soon. */
  relist(): void {
    this.#plans = [...this.#instruments.values()]
    this.#plansAtOnce = Math.ceil(this.#plans.length / HURRIED_PLAN_REVIEWS)
  }

  review(): void {
    const now = this.#options.clock.now()
    const lateMs = now - (this.#reviewedAt ?? now) - REVIEW_MS
    this.#reviewedAt = now
    this.#isStalled = lateMs > STALLED_MS && !this.#isStalled
    if (this.#isStalled) return
    this.#reviews += 1
    for (const lane of this.#lanes.values()) lane.assess(now)
    if (this.#reviews % NEVER_PRICED_REVIEWS === 0) this.#tidy(now)
    this.#planRefused(now)
    this.#planNext(now)
    for (const instrument of this.#instruments.values()) instrument.review(now)
    this.#flush()
    this.#tellChanges()
  }

  get counts(): Readonly<Record<Change, number>> {
    return this.#counts
  }

  routes(): readonly RouteStatus[] {
    const now = this.#options.clock.now()
    return [...this.#instruments.values()].map((instrument) => instrument.status(now))
  }

  hears(symbol: string): boolean {
    return this.#instruments.get(symbol)?.isServed(this.#options.clock.now()) ?? false
  }

  /** Pairs that no venue serves. */
  unserved(): readonly string[] {
    const now = this.#options.clock.now()
    return [...this.#instruments.values()].flatMap((one) => (one.isServed(now) ? [] : [one.symbol]))
  }

  refusalsOf(venue: string): readonly Refusal[] {
    return this.#refusals.of(venue, this.#options.clock.now())
  }

  #plan(instrument: InstrumentFeed, now: number, reason = 'not-listed'): void {
    const venues = [...this.#lanes.keys()]
    const routes = routesOf(instrument.pair, venues, (venue, pair) => this.#quotation(venue, pair, now))
    const doubtful = routes.filter((route) => this.#isDoubtful(route, now))
    const ordered = [...routes.filter((route) => !doubtful.includes(route)), ...doubtful]
    instrument.plan(ordered, reason, now)
  }

  #planRefused(now: number): void {
    if (this.#refused.size === 0) return
    for (const instrument of this.#instruments.values()) {
      if (instrument.uses(this.#refused)) this.#plan(instrument, now, 'refused')
    }
    this.#refused.clear()
  }

  #planNext(now: number): void {
    if (this.#plans.length === 0) {
      this.#plans = [...this.#instruments.values()]
      this.#plansAtOnce = Math.ceil(this.#plans.length / PLAN_REVIEWS)
    }
    for (const instrument of this.#plans.splice(-this.#plansAtOnce, this.#plansAtOnce)) {
      if (this.#instruments.get(instrument.symbol) === instrument) this.#plan(instrument, now)
    }
  }

  #quotation(venue: string, pair: Pair, now: number): Quotation | null {
    const lane = this.#lane(venue)
    const name = `${pair.base}-${pair.quote}`
    if (this.#refusals.stands(venue, name, now) === 'final') return null
    const look = this.#options.catalogue?.look(venue, pair) ?? 'unknown'
    if (typeof look === 'object') return { venue, pair: name, name: look.symbol }
    const spelled = lane.spell(pair)
    if (spelled === null) return null
    if (look === 'unknown') return { venue, pair: name, name: spelled }
    const heard = lane.heard(spelled)
    if (heard === undefined) return null
    if (heard.heardAt !== null && now - heard.heardAt < TRADED_MS) return { venue, pair: name, name: spelled }
    this.#refusals.add(venue, name, { reason: look, isFinal: true }, now)
    return null
  }

  #isDoubtful({ coin, bridge }: Route, now: number): boolean {
    const isDoubted = ({ venue, pair }: Quotation) => this.#refusals.stands(venue, pair, now) === 'doubt'
    return isDoubted(coin) || (bridge !== null && isDoubted(bridge))
  }

  #isDown({ coin, bridge }: Route, forMs: number): boolean {
    const now = this.#options.clock.now()
    const isDown = (venue: string) => this.#lane(venue).faultyMs(now) >= forMs
    return isDown(coin.venue) || (bridge !== null && isDown(bridge.venue))
  }

  #doubt(leg: Leg, fault: Fault | 'no-first-price'): void {
    const now = this.#options.clock.now()
    if (this.#refusals.stands(leg.venue, leg.pair, now) !== null) return
    this.#refusals.add(leg.venue, leg.pair, { reason: fault, isFinal: false }, now)
    this.#refused.add(leg)
  }

  #tidy(now: number): void {
    this.#refusals.forget(now)
    for (const lane of this.#lanes.values()) {
      for (const leg of lane.neverPriced()) this.#doubt(leg, 'no-first-price')
    }
  }

  #lane(venue: string): VenueLane {
    const lane = this.#lanes.get(venue)
    if (!lane) throw new Error(`no lane for ${venue}`)
    return lane
  }

  #flush(): void {
    for (const lane of this.#lanes.values()) lane.flush()
  }

  #changed(symbol: string, change: Change, reason: string): void {
    this.#counts[change] += 1
    this.#changes.push({ symbol, reason })
  }

  #tellChanges(): void {
    if (this.#changes.length === 0) return
    const some = this.#changes.slice(0, 5)
    this.#options.log.info({ changes: this.#changes.length, some }, 'instruments change their routes')
    this.#changes = []
  }
}
