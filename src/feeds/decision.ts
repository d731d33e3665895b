import type { Health } from './connection.js'

/**
 * Which of an instrument's two routes tells its price. Pure: all is given, times are by our own clock.
 *
 *            active unfit, standby fit                  active unfit, standby fit
 *   best ------------------------------> next best  ------------------------------> ...
 *    ^                                       |
 *    +---------------------------------------+
 *       the better one fit for 60 s without a break
 *
 * Between two changes lie five seconds at least. When neither is fit nothing changes: a price that stands still is
 * better than one that comes and goes, and what is quiet everywhere is no outage.
 */
export interface Contender {
  /** Place among the routes of the instrument; the lowest is the best. */
  readonly rank: number
  readonly fault: Fault | null
  /** Whether it can tell a price at once. */
  readonly priced: boolean
  /** Since when it has been fit without a break, in ms since the epoch; null while it is not. */
  readonly fitSince: number | null
}

export type Change = 'failover' | 'return'

const DWELL_MS = 5_000
const RETURN_MS = 60_000

/** Whether `standby` takes over from `active` now, and why; null when all stays as it is. */
export function decide(
  active: Contender,
  standby: Contender | null,
  changedAt: number | null,
  now: number,
): Change | null {
  if (standby === null || standby.fault !== null || !standby.priced) return null
  if (changedAt !== null && now - changedAt < DWELL_MS) return null
  if (active.fault !== null && active.fault !== 'starting') return 'failover'
  if (standby.rank > active.rank || standby.fitSince === null) return null
  return now - standby.fitSince >= RETURN_MS ? 'return' : null
}

/** What is wrong with a route:
 *
 *   starting      it has no price yet and needs none yet
 *   no-price      it has told no price, and there was time
 *   disconnected  its socket is closed, refused or being opened anew
 *   no-frames     nothing at all comes, not even the heartbeats that came before
 *   silent        no price of any symbol comes, and such pauses are not its pace
 *   quiet         no price of this symbol comes, while the other route has fresh ones
 *   wrong-time    its prices are dated long before or after they come, while those of the other route are not
 *   old-bridge    the stablecoin's price is too old to reckon with
 */
export type Fault =
  | 'starting'
  | 'no-price'
  | 'disconnected'
  | 'no-frames'
  | 'silent'
  | 'quiet'
  | 'wrong-time'
  | 'old-bridge'

/** One pair as it is heard at one venue. */
export interface Hearing {
  /** Of the connection that it is heard on. */
  readonly health: Health
  /** When its last price came, in ms since the epoch; null before the first. */
  readonly heardAt: number | null
  readonly freshUntil: number
  /** Since when its prices bear times that no new price can have; null while the last one's was right. */
  readonly untimelySince: number | null
  /** How long it may pause by its own pace, at least `leastMs`; null while too little is known. */
  allows(leastMs: number): number | null
}

export interface HeardRoute {
  readonly coin: Hearing
  readonly bridge: Hearing | null
  readonly startedAt: number
  readonly isActive: boolean
}

const FIRST_PRICE_MS = 2_000
const DOWN_MS = 1_500
/** A few old prices are told again after a socket was opened anew. */
const UNTIMELY_MS = 1_500
const QUIET_MS = 3 * 60_000
const FRESH_MS = 60_000

/** `other` is the instrument's other route, by which a pace that is not known yet is judged. */
export function faultOf(route: HeardRoute, other: HeardRoute | null, now: number): Fault | null {
  const { coin, bridge } = route
  if (coin.heardAt === null || bridge?.heardAt === null) {
    if (now - route.startedAt < FIRST_PRICE_MS) return 'starting'
    return connectionFault(coin.health, null) ?? 'no-price'
  }
  const elsewhere = other?.coin ?? null
  return (
    connectionFault(coin.health, elsewhere?.health.silentAllowedMs ?? null) ??
    (bridge && connectionFault(bridge.health, null)) ??
    (bridge && now >= bridge.freshUntil ? 'old-bridge' : null) ??
    (elsewhere && isUntimely(coin, elsewhere, now) ? 'wrong-time' : null) ??
    (elsewhere && isQuiet(route, elsewhere, now) ? 'quiet' : null)
  )
}

/** `peerAllowedMs` is how long another connection's prices may pause. */
export function connectionFault(health: Health, peerAllowedMs: number | null): Fault | null {
  if (health.downMs > DOWN_MS) return 'disconnected'
  if (health.framelessMs > (health.framelessAllowedMs ?? Number.POSITIVE_INFINITY)) return 'no-frames'
  const allowedMs = health.silentAllowedMs ?? peerAllowedMs ?? Number.POSITIVE_INFINITY
  return health.silentMs > allowedMs ? 'silent' : null
}

/** Nobody takes such a price for the newest, so another venue that has a right one is needed. */
function isUntimely({ untimelySince }: Hearing, elsewhere: Hearing, now: number): boolean {
  if (untimelySince === null || now - untimelySince < UNTIMELY_MS) return false
  return elsewhere.untimelySince === null && now < elsewhere.freshUntil
}

/**
 * A symbol is measured by its other route: that it trades seldom is no fault where it does so everywhere. A
 * standby whose own pauses would have it passed over again is not one to return to.
 */
function isQuiet({ coin, isActive }: HeardRoute, elsewhere: Hearing, now: number): boolean {
  const allowedMs = elsewhere.allows(QUIET_MS)
  if (allowedMs === null || now - (elsewhere.heardAt ?? 0) > FRESH_MS) return false
  if (now - (coin.heardAt ?? 0) > allowedMs) return true
  return !isActive && (coin.allows(QUIET_MS) ?? 0) > allowedMs
}
