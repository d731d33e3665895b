import type { Coordination } from '../../prices/coordination.js'
import type { SourceLimit } from './source.js'

/**
 * The questions that all workers together may ask of one source. Whoever asks a source, whatever for, takes here
 * first. A hold lies on a name of its own, so that it is told from an empty bucket; the shortest window is taken
 * from first, so that a question that has to wait for it costs nothing of the day's. The past, of which there may
 * be hours to be asked for, has a part of each limit alone, so that it never keeps the newest prices waiting.
 */
export interface Bucket {
  /** Null when a question may be asked now; it is counted then. Rejects as Coordination does. */
  take(): Promise<{ readonly waitMs: number; readonly isHold: boolean } | null>
  /** Nobody asks this source for so long. Rejects as Coordination does. */
  hold(forMs: number): Promise<void>
}

/** Nothing reaches it, so whoever has to wait for it waits for a hold. */
const HOLD: SourceLimit = { count: 1_000, windowMs: 1 }
const PAST_PART = 0.5

export function createBucket(
  coordination: Coordination,
  source: { readonly id: string; readonly limits: readonly SourceLimit[] },
  isForPast: boolean,
): Bucket {
  const name = `source:${source.id}`
  const limits = [...source.limits]
    .sort((a, b) => a.windowMs - b.windowMs)
    .flatMap(({ count, windowMs }) => {
      const whole = { name: `${name}:${windowMs}`, count, windowMs }
      const part = { name: `${name}:past:${windowMs}`, count: Math.ceil(count * PAST_PART), windowMs }
      return isForPast ? [part, whole] : [whole]
    })
  return {
    async take() {
      const heldMs = await coordination.take(name, HOLD)
      if (heldMs > 0) return { waitMs: heldMs, isHold: true }
      for (const limit of limits) {
        const waitMs = await coordination.take(limit.name, limit)
        if (waitMs > 0) return { waitMs, isHold: false }
      }
      return null
    },
    hold: (forMs) => coordination.hold(name, forMs),
  }
}
