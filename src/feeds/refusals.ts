/** A refusal stands for 5 min, then four times as long each time, at most a day: symbols get listed later. */
const REFUSAL_MS = 5 * 60_000
const LONGEST_REFUSAL_MS = 24 * 3_600_000

/** Why a pair is not asked for at a venue, in the venue's words or ours. */
export interface Refusal {
  readonly symbol: string
  readonly reason: string
}

interface Entry {
  readonly reason: string
  /** Whether the venue said so. If not, the pair is still asked for there when nobody else has it. */
  readonly isFinal: boolean
  readonly times: number
  readonly until: number
  readonly forgetAt: number
}

/**
 * Which venue does not tell the price of which pair, and until when it is not asked again. What has run out is
 * remembered for as long again, so that a second refusal follows from the first whoever left in between; then it
 * is forgotten, because anybody may ask for any number of names.
 */
export class Refusals {
  /** By venue, then by pair. */
  readonly #known = new Map<string, Map<string, Entry>>()

  add(venue: string, symbol: string, why: { reason: string; isFinal: boolean }, now: number): void {
    const symbols = this.#known.get(venue) ?? new Map<string, Entry>()
    this.#known.set(venue, symbols)
    const times = (symbols.get(symbol)?.times ?? 0) + 1
    const standsMs = Math.min(REFUSAL_MS * 4 ** (times - 1), LONGEST_REFUSAL_MS)
    symbols.set(symbol, { ...why, times, until: now + standsMs, forgetAt: now + 2 * standsMs })
  }

  /** `final` where the venue has refused it, `doubt` where it accepted and told nothing; null when nothing stands. */
  stands(venue: string, symbol: string, now: number): 'final' | 'doubt' | null {
    const entry = this.#known.get(venue)?.get(symbol)
    if (!entry || entry.until <= now) return null
    return entry.isFinal ? 'final' : 'doubt'
  }

  /** What stands at a venue. */
  of(venue: string, now: number): readonly Refusal[] {
    const entries = [...(this.#known.get(venue) ?? [])]
    return entries.flatMap(([symbol, { reason, until }]) => (until > now ? [{ symbol, reason }] : []))
  }

  forget(now: number): void {
    for (const symbols of this.#known.values()) {
      for (const [symbol, entry] of symbols) if (entry.forgetAt <= now) symbols.delete(symbol)
    }
  }
}
