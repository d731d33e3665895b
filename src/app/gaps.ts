import type { Feeds } from '../feeds/feeds.js'
import type { Clock } from '../lib/clock.js'
import type { Lifetime } from '../lib/lifetime.js'

const LOOK_MS = 5_000
/** A venue that told nothing for longer has left a hole in the minutes of what is heard there. */
const GAP_MS = 60_000

/** Notices that a venue speaks again after a while without any price, and tells what was heard nowhere meanwhile. */
export function watchGaps(
  life: Lifetime,
  options: {
    readonly feeds: Feeds
    /** `since` is when the last price came, in ms since the epoch. */
    readonly missed: (symbols: readonly string[], since: number) => void
    readonly clock: Clock
  },
): void {
  const { feeds, missed, clock } = options
  /** Since when a venue has told nothing. */
  const silent = new Map<string, number>()
  const look = (): void => {
    for (const { venue, lastTickAgeMs, symbols } of feeds.status().venues) {
      const since = silent.get(venue)
      if (symbols === 0 || lastTickAgeMs === null) silent.delete(venue)
      else if (lastTickAgeMs > GAP_MS) silent.set(venue, since ?? clock.now() - lastTickAgeMs)
      else if (since !== undefined) {
        silent.delete(venue)
        const heard = feeds
          .routes()
          .filter(({ active }) => active !== null && venuesOf(active).includes(venue))
        missed(
          heard.map(({ symbol }) => symbol),
          since,
        )
      }
    }
  }
  life.add(clock.every(LOOK_MS, look), (cancel) => cancel())
}

/** The venues of a route, see feeds/routes.ts: `binance:BTC-USDT*kraken:USDT-USD`. */
function venuesOf(route: string): readonly string[] {
  return route.split('*').map((leg) => leg.split(':')[0] ?? leg)
}
