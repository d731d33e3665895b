/** A refusal stands for 5 min, then four times as long each time, at most a day: symbols get listed later. */
export const REFUSAL_MS = 5 * 60_000
const LONGEST_REFUSAL_MS = 24 * 3_600_000

/**
 * Which venue has refused which instrument, and until when it is not asked again. A refusal that stands is kept
 * though nobody wants the symbol any more: leaving and coming back must not make a venue be asked again.
 */
export class Refusals {
  /** By symbol, then by venue. */
  readonly #known = new Map<string, Map<string, { readonly times: number; readonly until: number }>>()

  add(venue: string, symbol: string, now: number): void {
    const venues = this.#known.get(symbol) ?? new Map()
    this.#known.set(symbol, venues)
    const times = (venues.get(venue)?.times ?? 0) + 1
    const standsMs = Math.min(REFUSAL_MS * 4 ** (times - 1), LONGEST_REFUSAL_MS)
    venues.set(venue, { times, until: now + standsMs })
  }

  stands(venue: string, symbol: string, now: number): boolean {
    return (this.#known.get(symbol)?.get(venue)?.until ?? 0) > now
  }

  /** Forgets what has run out of symbols that are not wanted: anybody may ask for any number of names. */
  forget(isWanted: (symbol: string) => boolean, now: number): void {
    for (const [symbol, venues] of this.#known) {
      if (isWanted(symbol)) continue
      for (const [venue, { until }] of venues) if (until <= now) venues.delete(venue)
      if (venues.size === 0) this.#known.delete(symbol)
    }
  }
}
