import type { Fixed } from '../lib/decimal.js'
import { versionAt } from '../prices/tick.js'

/** Of about twenty seconds, longer than it should take until an alert that was made or changed is heard of. */
export const RECENT_VERSIONS = versionAt(20_000)

/** A price as far as alerts are held against it; `at` is the instant of its quote in ms since the epoch. */
export interface Quoted {
  readonly price: Fixed
  readonly version: number
  readonly at: number
}

/**
 * Where a price has been of late, for whoever was not there yet: of all quotes since any version the highest and the
 * lowest, and those of after them. Kept are only the quotes which none has gone beyond since, upwards or downwards,
 * so that a thousand of them leave a few dozen.
 */
export class RecentQuotes {
  /** Oldest first, so that prices fall in the one and rise in the other. */
  readonly #highs: Quoted[] = []
  readonly #lows: Quoted[] = []

  /** It is newer than all before; those of below `least` are forgotten. */
  add(quoted: Quoted, least: number): void {
    const { price } = quoted
    while ((this.#highs.at(-1)?.price ?? price + 1n) <= price) this.#highs.pop()
    while ((this.#lows.at(-1)?.price ?? price - 1n) >= price) this.#lows.pop()
    for (const kept of [this.#highs, this.#lows]) {
      kept.push(quoted)
      while ((kept[0]?.version ?? least) < least) kept.shift()
    }
  }

  /** Those of after this version, in the order in which they came. */
  since(version: number): readonly Quoted[] {
    const after = [...this.#highs, ...this.#lows].filter((one) => one.version > version)
    return [...new Set(after)].sort((one, other) => one.version - other.version)
  }
}
