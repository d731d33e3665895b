import { endedAmong } from '../accounts/store.js'
import type { Database } from '../database/database.js'
import type { Gateway } from '../gateway/gateway.js'
import type { Clock } from '../lib/clock.js'
import type { Lifetime } from '../lib/lifetime.js'
import type { Log } from '../lib/log.js'
import type { LiveValuations } from '../valuation/live.js'
import { findOutdated } from '../valuation/service.js'

const SWEEP_MS = 10_000
/** At midnight every portfolio of a zone is outdated; requests have to find the database free all the same. */
const MOST_AT_ONCE = 4
const PATIENCE_MS = 2_000

/**
 * Facts travel between nodes on a channel that may lose a message. Every few seconds each node compares what it
 * shows with what is stored: holdings that have changed are loaded again, sockets whose session has ended are
 * closed, and at midnight in a user's zone his day begins anew.
 */
export function startSweeps(
  life: Lifetime,
  options: { db: Database; live: LiveValuations; gateway: Gateway; clock: Clock; log: Log },
): void {
  const { db, live, gateway, clock, log } = options
  let running: Promise<void> | null = null
  let stopped = false
  let giveUp = (): void => {}

  async function sweep(): Promise<void> {
    const now = clock.now()
    await endSessions(now)
    const outdated = await findOutdated(db, live, now)
    for (let first = 0; first < outdated.length; first += MOST_AT_ONCE) {
      if (stopped) return
      const some = outdated.slice(first, first + MOST_AT_ONCE)
      await atMost(
        PATIENCE_MS,
        some.map((userId) => live.changed(userId)),
      )
    }
  }

  /** Waits for these, but no longer than that: a user who never stops writing is never loaded to the end. */
  async function atMost(ms: number, works: readonly Promise<void>[]): Promise<void> {
    let cancel = (): void => {}
    const over = new Promise<void>((resolve) => {
      cancel = clock.after(ms, resolve)
      giveUp = resolve
    })
    await Promise.race([over, Promise.all(works)])
    cancel()
  }

  async function endSessions(now: number): Promise<void> {
    const open = new Map([...gateway.sessions()].map(({ sessionId, userId }) => [sessionId, userId]))
    if (open.size === 0) return
    const ended = await db.asSystem((tx) => endedAmong(tx, [...open.keys()], now))
    for (const sessionId of ended) gateway.end(open.get(sessionId) ?? '', sessionId)
  }

  const run = (): void => {
    running ??= sweep()
      .catch((error: unknown) => log.warn({ err: error }, 'the sweep failed'))
      .finally(() => {
        running = null
      })
  }
  life.add(clock.every(SWEEP_MS, run), async (cancel) => {
    stopped = true
    giveUp()
    cancel()
    await running
  })
}
