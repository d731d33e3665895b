import type { WorkerReport } from '../admin/schema.js'
import type { Feeds } from '../feeds/feeds.js'
import type { QuoteDesk } from '../feeds/sources/quote-desk.js'
import type { RateDesk } from '../feeds/sources/rate-desk.js'
import type { Verdict } from '../prices/admission.js'
import type { HeldPrice } from '../prices/quarantine.js'

/** Instruments in a report. */
const MOST_INSTRUMENTS = 500
const MOST_NAMES = 200

/** Gathers what a worker tells of its feeds; see WorkerReport. */
export function createFeedsReport({ member, now }: { readonly member: string; readonly now: () => number }) {
  const refusedOffers: Record<string, number> = {}
  const venueCounts = new Map<string, Record<string, number>>()
  const ticks = new Map<string, number>()
  let admitted = 0
  let writtenAt = now()

  /** Ticks a second since the last report. */
  function rate(venue: string, all: number, at: number): number {
    const since = all - (ticks.get(venue) ?? 0)
    ticks.set(venue, all)
    return at > writtenAt ? Math.round((since * 10_000) / (at - writtenAt)) / 10 : 0
  }

  return {
    decided(verdict: Verdict): void {
      if (verdict.won) admitted += 1
      else refusedOffers[verdict.reason] = (refusedOffers[verdict.reason] ?? 0) + 1
    },

    /** Something happened to a venue that its sockets do not count. */
    count(venue: string, word: string): void {
      const counts = venueCounts.get(venue) ?? {}
      venueCounts.set(venue, counts)
      counts[word] = (counts[word] ?? 0) + 1
    },

    write(parts: {
      readonly slots: number
      readonly feeds: Feeds
      readonly desk: QuoteDesk
      readonly rates: RateDesk
      readonly held: readonly HeldPrice[]
    }): WorkerReport {
      const at = now()
      const { venues, failovers, returns } = parts.feeds.status()
      const asked = parts.desk.status()
      const report: WorkerReport = {
        member,
        at,
        slots: parts.slots,
        venues: venues.map((venue) => ({
          ...venue,
          ticksPerSecond: rate(venue.venue, venue.counts.tick ?? 0, at),
          counts: { ...venue.counts, ...venueCounts.get(venue.venue) },
          refused: venue.refused.slice(0, MOST_NAMES),
          silent: venue.silent.slice(0, MOST_NAMES),
        })),
        sources: [...asked.sources, ...parts.rates.status().sources].map((source) => ({
          ...source,
          unknown: source.unknown.slice(0, MOST_NAMES),
        })),
        instruments: parts.feeds
          .routes()
          .toSorted((a, b) => age(b.lastTickAgeMs) - age(a.lastTickAgeMs))
          .slice(0, MOST_INSTRUMENTS),
        quarantined: parts.held.slice(0, MOST_NAMES),
        refusedOffers: { ...refusedOffers },
        admitted,
        failovers,
        returns,
        // The desk is asked for whatever no venue serves.
        unserved: asked.unserved.slice(0, MOST_NAMES),
      }
      writtenAt = at
      return report
    },
  }
}

/** What never had a price goes first. */
function age(ms: number | null): number {
  return ms ?? Number.MAX_SAFE_INTEGER
}
