import type { Ending } from './session.js'

/** Pause after a venue said that it is going down (Kraken asks for 5 s in maintenance). */
const AFTER_ENDING_MS = 5_000
/** Pause after a refused handshake that names none: Binance bans for 2 min at least, then longer. */
const AFTER_REFUSAL_MS: ReadonlyMap<number, number> = new Map([
  [403, 60_000],
  [418, 120_000],
  [429, 60_000],
  [451, 600_000],
])
const LONGEST_HOLD_MS = 3 * 24 * 3_600_000

/**
 * How often one venue may be dialled, over all its connections: they share our address, and exchanges ban
 * addresses that storm them. An attempt is counted when it is made; a venue that answered "not now" is left
 * alone until the time it named.
 */
export class ConnectBudget {
  readonly #count: number
  readonly #windowMs: number
  readonly #attempts: number[] = []
  #heldUntil = 0

  constructor(limit: { readonly count: number; readonly windowMs: number }) {
    this.#count = limit.count
    this.#windowMs = limit.windowMs
  }

  /** 0 when an attempt may be made now, which counts it; otherwise how many ms to wait. */
  take(now: number): number {
    if (now < this.#heldUntil) return this.#heldUntil - now
    const oldest = this.#attempts[0]
    if (oldest !== undefined && this.#attempts.length >= this.#count) {
      const free = oldest + this.#windowMs
      if (now < free) return free - now
      this.#attempts.shift()
    }
    this.#attempts.push(now)
    return 0
  }

  hold(until: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, until)
  }
}

/** How long to stay away after a socket ended so, in ms; 0 leaves it to the back-off. */
export function pauseAfter(ending: Ending): number {
  if (ending.retryAfterMs !== null) return Math.min(ending.retryAfterMs, LONGEST_HOLD_MS)
  if (ending.status !== null) return AFTER_REFUSAL_MS.get(ending.status) ?? 0
  return ending.reason === 'ending' ? AFTER_ENDING_MS : 0
}
