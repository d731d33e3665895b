import type { Feeds } from '../feeds/feeds.js'
import type { Clock } from '../lib/clock.js'
import type { Lifetime } from '../lib/lifetime.js'

const LOOK_MS = 5_000
/** A venue that told nothing for longer has left a hole in the minutes of what is heard there. */
const GAP_MS = 60_000

/**
 * Notices that a venue speaks again after a while without any price, and tells what was heard nowhere meanwhile: what
 * is heard there now, and what waits at a venue that has been silent too, since it may go on at this one instead.
 */
export function watchGaps(
  life: Lifetime,
  options: {
    readonly feeds: Pick<Feeds, 'status' | 'routes'>
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
        tell(new Map([...silent, [venue, since]]))
        silent.delete(venue)
      }
    }
  }
  /** Tells of all that is heard at these venues. */
  function tell(silentSince: ReadonlyMap<string, number>): void {
    const bySince = new Map<number, string[]>()
    for (const { symbol, active } of feeds.routes()) {
      const instants = venuesOf(active ?? '').flatMap((name) => silentSince.get(name) ?? [])
      if (instants.length === 0) continue
      const since = Math.min(...instants)
      const symbols = bySince.get(since) ?? []
      bySince.set(since, symbols)
      symbols.push(symbol)
    }
    for (const [since, symbols] of bySince) missed(symbols, since)
  }
  life.add(clock.every(LOOK_MS, look), (cancel) => cancel())
}

/** The venues of a route, see feeds/routes.ts: `binance:BTC-USDT*kraken:USDT-USD`. */
function venuesOf(route: string): readonly string[] {
  return route.split('*').map((leg) => leg.split(':')[0] ?? leg)
}
