/**
 * Full-jitter exponential back-off: a delay drawn evenly from [0, min(cap, base * 2^attempt)), which spreads
 * the reconnects of many clients best. Source: AWS Architecture Blog, "Exponential Backoff and Jitter".
 */
export class Backoff {
  readonly #baseMs: number
  readonly #capMs: number
  readonly #random: () => number
  #attempt = 0

  constructor(options: { baseMs: number; capMs: number; random?: () => number }) {
    this.#baseMs = options.baseMs
    this.#capMs = options.capMs
    this.#random = options.random ?? Math.random
  }

  get attempt(): number {
    return this.#attempt
  }

  /** The delay before the next attempt, in ms; each call counts as one failed attempt. */
  next(): number {
    const ceiling = Math.min(this.#capMs, this.#baseMs * 2 ** Math.min(this.#attempt, 30))
    this.#attempt += 1
    return Math.floor(this.#random() * ceiling)
  }

  reset(): void {
    this.#attempt = 0
  }
}
