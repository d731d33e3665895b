import { accountMoves } from '../assets/account-moves.js'
import { outdatedAssets } from '../assets/outdated.js'
import { createRecurring } from '../cashflow/recurring.js'
import type { Clock } from '../lib/clock.js'
import type { Lifetime } from '../lib/lifetime.js'
import type { Log } from '../lib/log.js'
import { DatedMarkets } from '../prices/dated-market.js'
import { repeat } from './repeat.js'
import type { Resources } from './resources.js'

const RECURRING_MS = 10_000
const OUTDATED_MS = 15_000
const OUTDATED_AT_ONCE = 100

/**
 * What has to be written in the books without anybody asking for it: entries that come again and again, and costs
 * in another base currency than they were reckoned in. Any number of workers may do it at once. That holdings
 * have changed, the web processes see by their version.
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
  const changed = (): void => {}
  const moves = accountMoves({ dated, clock })
  const recurring = createRecurring({ db, clock, moves, changed, log })
  repeat(life, { everyMs: RECURRING_MS, what: 'recurring entries', clock, log }, () => recurring.run())
  const recountOutdated = outdatedAssets({ db, clock, dated, changed, log })
  const recount = () => recountOutdated(OUTDATED_AT_ONCE)
  repeat(life, { everyMs: OUTDATED_MS, what: 'costs in base currency', clock, log }, recount)
}
