const HOUR_MS = 3_600_000

/**
 * How many requests a socket may make where a venue counts them by the hour. Half of them may be made at once
 * and the other half comes back evenly, so no hour sees more than all of them, and a late wish waits for seconds
 * and not for the end of the hour.
 */
export class Allowance {
  readonly #half: number
  #left: number
  #at: number | null = null

  constructor(perHour: number) {
    this.#half = Math.floor(perHour / 2)
    this.#left = this.#half
  }

  /** Whether a request may be made now. */
  has(now: number): boolean {
    const passedMs = this.#at === null ? 0 : Math.max(0, now - this.#at)
    this.#left = Math.min(this.#half, this.#left + (passedMs * this.#half) / HOUR_MS)
    this.#at = now
    return this.#left >= 1
  }

  spend(): void {
    this.#left -= 1
  }
}
