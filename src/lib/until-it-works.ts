import { Backoff } from './backoff.js'
import type { Clock } from './clock.js'

/**
 * Does the work, and does it again from its beginning for as long as it fails with what `passes`; rejects with
 * whatever else it fails with. Null once `end` is aborted before it has succeeded.
 */
export async function untilItWorks<T>(
  work: () => Promise<T>,
  options: {
    readonly passes: (error: unknown) => boolean
    /** Told of each failure that passes. */
    readonly failed: (error: unknown) => void
    readonly end: AbortSignal
    readonly clock: Clock
  },
): Promise<T | null> {
  const { passes, failed, end, clock } = options
  const backoff = new Backoff({ baseMs: 200, capMs: 5_000 })
  while (!end.aborted) {
    try {
      return await work()
    } catch (error) {
      if (!passes(error)) throw error
      failed(error)
    }
    await pause(backoff.next() + LEAST_PAUSE_MS, { end, clock })
  }
  return null
}

const LEAST_PAUSE_MS = 50

function pause(ms: number, { end, clock }: { end: AbortSignal; clock: Clock }): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      cancel()
      end.removeEventListener('abort', over)
      resolve()
    }
    const cancel = clock.after(ms, over)
    end.addEventListener('abort', over)
    if (end.aborted) over()
  })
}
