import type { Coordination } from '../prices/coordination.js'
import type { Dial } from './connection.js'
import type { Venue } from './venue.js'

/**
 * Dials of several workers behind one address: a venue counts and bans by address, so all of them together keep
 * within its limit, and stay away when it has told one of them to. Without word of the others a worker keeps to
 * its own count (connects.ts).
 */
export function sharedDial(options: {
  readonly venue: Venue
  readonly dial: Dial
  readonly coordination: Pick<Coordination, 'take' | 'hold'>
}): { readonly dial: Dial; readonly held: (forMs: number) => void } {
  const { venue, dial, coordination } = options
  const name = `connect-${venue.id}`
  return {
    async dial() {
      const waitMs = await coordination.take(name, venue.limits.connectsPer).catch(() => 0)
      return waitMs > 0 ? { reason: 'connect-held', status: null, retryAfterMs: waitMs } : dial()
    },
    held: (forMs) => void coordination.hold(name, forMs).catch(() => {}),
  }
}
