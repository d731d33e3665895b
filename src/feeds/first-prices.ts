import type { Clock } from '../lib/clock.js'
import type { Leg } from './leg.js'
import type { VenueTick } from './venue.js'

/** The newest price of a venue's symbol over HTTP; null when there is none to be had. */
export type FirstPrice = (venue: string, symbol: string) => Promise<VenueTick | null>

const MOST_AT_ONCE = 4

interface Queue {
  asking: number
  readonly waiting: Leg[]
}

/**
 * Asks for the first price of what was subscribed and tells none: many sockets speak only when something is
 * traded. What comes is heard like a tick, unless a tick was sooner. A few questions to a venue at a time.
 */
export class FirstPrices {
  readonly #ask: FirstPrice
  readonly #clock: Clock
  readonly #queues = new Map<string, Queue>()
  #running = true

  constructor(ask: FirstPrice, clock: Clock) {
    this.#ask = ask
    this.#clock = clock
  }

  /** What is still asked for is not heard any more. */
  stop(): void {
    this.#running = false
  }

  want(leg: Leg): void {
    const queue = this.#queues.get(leg.venue) ?? { asking: 0, waiting: [] }
    this.#queues.set(leg.venue, queue)
    queue.waiting.push(leg)
    this.#next(queue)
  }

  #next(queue: Queue): void {
    while (queue.asking < MOST_AT_ONCE) {
      const leg = queue.waiting.shift()
      if (!leg) return
      if (isWanted(leg)) void this.#fetch(leg, queue)
    }
  }

  async #fetch(leg: Leg, queue: Queue): Promise<void> {
    queue.asking += 1
    const tick = await this.#ask(leg.venue, leg.name).catch(() => null)
    queue.asking -= 1
    if (!this.#running) return
    if (tick && isWanted(leg)) leg.hear(tick, this.#clock.now())
    this.#next(queue)
  }
}

function isWanted(leg: Leg): boolean {
  return leg.users > 0 && leg.price === null
}
