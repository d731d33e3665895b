/**
 * How lively a stream of events is, and from when on a pause says that it has ended. The measure is the longest
 * pause of late: a stream of trades pauses at random, one of heartbeats hardly at all, and both are known by it
 * without being told apart. It fades with a half-life of ten minutes, or of 200 events where those take longer,
 * so a night's pace is unlearned in the morning.
 *
 * A pause far longer than any before is more likely an outage than the pace, so it stretches the measure by half
 * at most: the next outage is noticed as soon as this one, and a market that really went quiet is learned within
 * a few such pauses. What is known of few events is trusted less, and of fewer than eight nothing is said.
 */
const HALF_LIFE_MS = 10 * 60_000
const HALF_LIFE_EVENTS = 200
/** Events nearer to each other than this are one. */
const STEP_MS = 250
const LEAST_LONGEST_MS = 1_000
const KNOWN_FROM = 8
/** Times the longest pause that is still a pause. */
const PLAUSIBLE = 3
const STRETCH = 1.5

export class Pace {
  #lastAt: number | null = null
  #countedAt: number | null = null
  #count = 0
  #longestMs = LEAST_LONGEST_MS

  /** When the last event came, in ms since the epoch; null before the first. */
  get lastAt(): number | null {
    return this.#lastAt
  }

  event(now: number): void {
    const pauseMs = now - (this.#lastAt ?? now)
    this.#lastAt = now
    const passedMs = now - (this.#countedAt ?? now - STEP_MS)
    if (passedMs < STEP_MS) return
    if (this.#countedAt !== null) this.#learn(pauseMs, passedMs)
    this.#countedAt = now
  }

  /** The pause that runs was made by us: it says nothing of the pace. */
  interrupted(): void {
    this.#countedAt = null
  }

  /** How long a pause may be, at least `leastMs`; null while too little is known. */
  allows(leastMs: number): number | null {
    if (this.#count < KNOWN_FROM) return null
    return Math.max(leastMs, this.#longestMs * (STRETCH + 2 * (KNOWN_FROM / this.#count)))
  }

  #learn(pauseMs: number, passedMs: number): void {
    this.#count += 1
    if (this.#count <= KNOWN_FROM) {
      this.#longestMs = Math.max(this.#longestMs, pauseMs)
      return
    }
    const halves = Math.min(passedMs / HALF_LIFE_MS, 1 / HALF_LIFE_EVENTS)
    const faded = Math.max(LEAST_LONGEST_MS, this.#longestMs * (1 - Math.LN2 * halves))
    const isPlausible = pauseMs <= PLAUSIBLE * faded
    this.#longestMs = Math.max(faded, isPlausible ? pauseMs : STRETCH * faded)
  }
}
