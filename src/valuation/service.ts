import { assetStore } from '../assets/store.js'
import type { Database } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import type { LiveValuations } from './live.js'
import type { Market } from './value.js'
import { type LoadedPortfolio, WatchedPortfolio } from './watched.js'

/**
 * A user's valuation for whoever asks once. When he is watched on this node it is what his sockets were told
 * last, caught up with the stored holdings first; otherwise it is made for this question alone.
 */
export function currentValuation(options: {
  db: Database
  live: LiveValuations
  load: (userId: string) => Promise<LoadedPortfolio | null>
  market: (currency: string) => Market
  clock: Clock
}) {
  const { db, live, load, market, clock } = options

  async function watchedOne(userId: string): Promise<WatchedPortfolio | null> {
    // Most who ask once are not: of them nothing is read twice.
    if (!live.isWatched(userId)) return null
    const profile = await db.asUser(userId, (tx) => assetStore.profile(tx, userId))
    return profile && live.current(userId, profile.version)
  }

  return async (userId: string): Promise<string> => {
    const watched = await watchedOne(userId)
    if (watched) return watched.snapshot()
    const loaded = await load(userId)
    if (!loaded)
      throw new AppError('unauthenticated', 'unauthenticated', 'This account does not exist any more.')
    const epoch = live.newEpoch()
    return new WatchedPortfolio({
      epoch,
      loaded,
      market: market(loaded.currency),
      at: clock.now(),
    }).snapshot()
  }
}

/** Users among the watched ones whose stored holdings are newer, or whose day has ended. */
export async function findOutdated(
  db: Database,
  live: LiveValuations,
  now: number,
): Promise<readonly string[]> {
  const watched = [...live.watched()]
  const over = watched.filter(({ loaded }) => now >= loaded.dayEndsAt).map(({ userId }) => userId)
  if (watched.length === 0) return over
  const versions = await db.asSystem((tx) =>
    assetStore.versions(
      tx,
      watched.map(({ userId }) => userId),
    ),
  )
  const changed = watched.filter(
    ({ userId, loaded }) => (versions.get(userId) ?? loaded.version) > loaded.version,
  )
  return [...new Set([...over, ...changed.map(({ userId }) => userId)])]
}
