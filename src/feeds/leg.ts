import { type Fixed, parseFixed } from '../lib/decimal.js'
import { CLOCK_TOLERANCE_MS } from '../prices/quarantine.js'
import type { Health } from './connection.js'
import type { Hearing } from './decision.js'
import { Pace } from './pace.js'
import type { VenueTick } from './venue.js'

/** How long a price may be reckoned with, from its own time: as long as prices of its kind are called by their state. */
const FRESH_MS = { live: 5 * 60_000, simulated: 60_000 } as const
/** A price that is told so long after its time is no news, or the venue's clock is behind. */
const LATE_MS = 60_000

/** Who wants to hear at once that a leg's price has moved. */
export interface Listener {
  moved(now: number): void
}

/** What a connection was like when it was last looked at. */
export interface Line {
  readonly health: Health
}

/**
 * One pair as it is heard at one venue, for as many routes as need it; the last price is kept for whoever takes
 * over. `hear` is where every tick of the worker passes: a few assignments, and one call for each instrument
 * whose route begins here.
 */
export class Leg implements Hearing {
  readonly venue: string
  readonly pair: string
  /** The venue's own spelling. */
  readonly name: string
  readonly simulated: boolean
  readonly line: Line
  /** Routes that need it, as coin or as bridge. */
  users = 0
  /** Whether its first price was asked for over HTTP. */
  asked = false
  price: string | null = null
  /** Event time, or the time of receipt where the venue gives none. */
  at = 0
  order: number | null = null
  heardAt: number | null = null
  untimelySince: number | null = null
  readonly #pace = new Pace()
  #listeners: readonly Listener[] = []
  #parsed: { readonly text: string; readonly value: Fixed } | null = null

  constructor(options: { venue: string; pair: string; name: string; simulated: boolean; line: Line }) {
    this.venue = options.venue
    this.pair = options.pair
    this.name = options.name
    this.simulated = options.simulated
    this.line = options.line
  }

  get health(): Health {
    return this.line.health
  }

  allows(leastMs: number): number | null {
    return this.#pace.allows(leastMs)
  }

  /** What is not newer than the last tick is not heard: an old price does not become new by being told again. */
  hear(tick: VenueTick, now: number): void {
    if (tick.at !== this.at) this.#noteTime(tick.at ?? now, now)
    if (tick.at !== null && tick.at <= this.at && !this.#isNews(tick, tick.at, now)) return
    this.price = tick.price
    this.at = tick.at ?? now
    this.order = tick.order
    this.heardAt = now
    this.#pace.event(now)
    for (const listener of this.#listeners) listener.moved(now)
  }

  #noteTime(at: number, now: number): void {
    const isTimely = at <= now + CLOCK_TOLERANCE_MS && at > now - LATE_MS
    this.untimelySince = isTimely ? null : (this.untimelySince ?? now)
  }

  /** A last tick from the future does not silence the venue until that comes. */
  #isNews({ price, order }: VenueTick, at: number, now: number): boolean {
    if (this.at > now + CLOCK_TOLERANCE_MS) return true
    if (at < this.at) return false
    if (order !== null && this.order !== null) return order > this.order
    return price !== this.price
  }

  get freshUntil(): number {
    const age = this.simulated ? FRESH_MS.simulated : FRESH_MS.live
    return Math.min(this.at, this.heardAt ?? 0) + age
  }

  /** The last price exactly; null before the first. */
  get exact(): Fixed | null {
    const text = this.price
    if (text === null) return null
    if (this.#parsed?.text !== text) this.#parsed = { text, value: parseFixed(text) }
    return this.#parsed.value
  }

  listen(listener: Listener): void {
    this.#listeners = [...this.#listeners, listener]
  }

  unlisten(listener: Listener): void {
    this.#listeners = this.#listeners.filter((other) => other !== listener)
  }
}
