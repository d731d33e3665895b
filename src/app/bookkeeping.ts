import { accountMoves } from '../assets/account-moves.js'
import { createRecurring } from '../cashflow/recurring.js'
import type { Clock } from '../lib/clock.js'
import type { Lifetime } from '../lib/lifetime.js'
import type { Log } from '../lib/log.js'
import { DatedMarkets } from '../prices/dated-market.js'
import type { Resources } from './resources.js'

const RECURRING_MS = 30_000

/**
 * What has to be written in the books without anybody asking for it: entries that come again and again. Any number
 * of workers may do it at once. That holdings have changed, the web processes see by their version.
 */
export function startBookkeeping(
  life: Lifetime,
  { resources, clock, log }: { resources: Resources; clock: Clock; log: Log },
): void {
  const { db } = resources
  const dated = new DatedMarkets({
    now: () => clock.now(),
    // A worker keeps no rates of now; those of the day are what it books at.
    live: { price: () => undefined, rate: () => null },
  }).load
  const recurring = createRecurring({
    db,
    clock,
    moves: accountMoves({ dated, clock }),
    changed: () => {},
    log,
  })
  repeat(life, { everyMs: RECURRING_MS, what: 'recurring entries', clock, log }, () => recurring.run())
}

/** Runs the work every so often, one at a time, and waits at the end for the one that is under way. */
function repeat(
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
