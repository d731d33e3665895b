import type { Clock } from '../lib/clock.js'
import type { Lifetime } from '../lib/lifetime.js'
import type { Log } from '../lib/log.js'

/** Runs the work every so often, one at a time, and waits at the end for the one that is under way. */
export function repeat(
  life: Lifetime,
  options: { everyMs: number; what: string; clock: Clock; log: Log },
  work: () => Promise<unknown>,
): void {
  const { everyMs, what, clock, log } = options
  let running: Promise<unknown> | null = null
  const run = (): void => {
    running ??= work()
      .catch((error: unknown) => log.warn({ err: error, what }, 'it could not be done'))
      .finally(() => {
        running = null
      })
  }
  life.add(clock.every(everyMs, run), async (cancel) => {
    cancel()
    await running
  })
}
