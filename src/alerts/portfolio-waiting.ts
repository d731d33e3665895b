import type { Database } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Announce, News, Tell, Told } from '../notifications/news.js'
import type { Holder } from './portfolio-holders.js'
import type { Doubt } from './portfolio-sight.js'
import { portfolioStore } from './portfolio-store.js'
import { waitingWords } from './words.js'

/**
 * Tells users whose alerts cannot be looked at for a whole day, because of what they hold something has no price of
 * now: once in such a time, in the inbox alone. It begins when the price grew old, or later where alerts have been
 * looked at since, so that a restart does not begin it anew; while a process has seen it for only some minutes
 * itself, the prices may still be on their way.
 */
export class PortfolioWaiting {
  readonly #options: PortfolioWaitingOptions
  readonly #blocked = new Map<Holder, Blocked>()

  constructor(options: PortfolioWaitingOptions) {
    this.#options = options
  }

  looked(holder: Holder, at: number): void {
    holder.lookedAt = at
    this.#blocked.delete(holder)
  }

  blocked(holder: Holder, doubts: readonly Doubt[], at: number): void {
    const before = this.#blocked.get(holder)
    // Nothing may have moved for long, but until now they could be looked at.
    if (!before && holder.lookedAt !== null) holder.lookedAt = at
    this.#blocked.set(holder, { from: before?.from ?? at, toldAt: before?.toldAt ?? null, doubts })
  }

  drop(holder: Holder): void {
    holder.lookedAt = null
    this.#blocked.delete(holder)
  }

  /** One whom it fails for does not hold up the others. */
  async run(): Promise<void> {
    const { clock, mine, tell, log } = this.#options
    const at = clock.now()
    for (const [holder, blocked] of [...this.#blocked]) {
      const since = sinceOf(holder, blocked)
      const isLong = at - since >= DAY_MS && at - blocked.from >= SETTLING_MS
      const isTold = blocked.toldAt !== null && blocked.toldAt >= since
      if (!isLong || isTold || !isAwake(holder, at) || !mine(holder.userId)) continue
      try {
        tell(await this.#write(holder, blocked, since, at))
        blocked.toldAt = at
      } catch (error) {
        log.warn({ err: error, userId: holder.userId }, 'a user could not be told that his alerts wait')
      }
    }
  }

  #write({ userId }: Holder, { doubts }: Blocked, since: number, at: number): Promise<readonly Told[]> {
    const { db, announce } = this.#options
    return db.asUser(userId, async (tx) => {
      if (!(await portfolioStore.takeWaiting(tx, userId, since, at))) return []
      return announce(tx, [newsOf(userId, doubts, since, at)])
    })
  }
}

const DAY_MS = 86_400_000
/** Longer than it takes to hear of everything once. */
const SETTLING_MS = 600_000
const MOST_LISTED = 3

export interface PortfolioWaitingOptions {
  readonly db: Database
  readonly announce: Announce
  readonly tell: Tell
  /** Whether this user is this worker's now. */
  readonly mine: (userId: string) => boolean
  readonly clock: Clock
  readonly log: Log
}

interface Blocked {
  /** Since when this process has seen it. */
  readonly from: number
  readonly doubts: readonly Doubt[]
  /** When it was found to be told. */
  toldAt: number | null
}

function sinceOf(holder: Holder, { doubts, from }: Blocked): number {
  const lookedAt = lookedAtOf(holder)
  const begun = doubts.map(({ since }) => since ?? lookedAt ?? from)
  return Math.max(lookedAt ?? 0, Math.min(...begun))
}

/** What an alert began with when it was made was not measured by a look: it has no unit. */
function lookedAtOf({ lookedAt, alerts }: Holder): number | null {
  let latest = lookedAt
  for (const { standing } of alerts.values()) {
    const { seen } = standing
    if (seen !== null && seen.unit !== null) latest = Math.max(latest ?? 0, seen.at)
  }
  return latest
}

function isAwake({ alerts }: Holder, at: number): boolean {
  return [...alerts.values()].some(({ standing: { state }, rule: { snoozedUntil, expiresAt } }) => {
    return state === 'armed' && (snoozedUntil ?? at) <= at && (expiresAt === null || expiresAt > at)
  })
}

function newsOf(userId: string, doubts: readonly Doubt[], since: number, at: number): News {
  const began = new Date(since).toISOString()
  return {
    userId,
    kind: 'alert:waiting',
    key: `portfolio:waiting:${began}`,
    words: waitingWords(doubts.map(({ name }) => name)),
    data: {
      kind: 'PORTFOLIO',
      since: began,
      holdings: doubts.slice(0, MOST_LISTED).map(({ assetId, name }) => ({ assetId, name })),
      count: doubts.length,
    },
    channels: [],
    at,
  }
}
