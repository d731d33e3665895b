import { z } from 'zod'
import type { FeedsReport } from '../protocol/feeds-report.js'

const count = z.number().int().nonnegative()
const ageMs = z.number().nullable()
const counts = z.record(z.string(), count)

const venue = z.object({
  venue: z.string(),
  simulated: z.boolean(),
  state: z.enum(['stopped', 'idle', 'connecting', 'subscribed', 'live', 'waiting']),
  connections: count,
  symbols: count,
  lastTickAgeMs: ageMs,
  /** By how many ms prices reach us after the event; null where no event time is told. */
  lagMs: z.number().nullable(),
  ticksPerSecond: z.number().nonnegative(),
  counts,
  refused: z.array(z.object({ symbol: z.string(), reason: z.string() })),
  silent: z.array(z.string()),
})

const source = z.object({
  id: z.string(),
  breaker: z.enum(['closed', 'open', 'half-open']),
  asked: count,
  answered: count,
  failures: counts,
  rateLimited: count,
  lastAnswerAgeMs: ageMs,
  symbols: count,
  unknown: z.array(z.string()),
})

const instrument = z.object({
  symbol: z.string(),
  /** Where its price comes from now, and what is kept warm beside it; null while there is none. */
  active: z.string().nullable(),
  standby: z.string().nullable(),
  since: z.number().nullable(),
  lastTickAgeMs: ageMs,
  /** Why the route was changed last; null when it never was. */
  reason: z.string().nullable(),
})

const quarantined = z.object({
  symbol: z.string(),
  source: z.string(),
  price: z.string(),
  standing: z.string().nullable(),
  since: z.number(),
  confirmations: count,
})

/** What one worker tells of itself every few seconds. Instants are ms since the epoch. */
export const workerReport = z
  .object({
    member: z.string(),
    at: z.number(),
    /** Slots of instruments that it holds, of 64. */
    slots: count,
    venues: z.array(venue),
    sources: z.array(source),
    /** Of its instruments those whose last price is oldest. */
    instruments: z.array(instrument),
    quarantined: z.array(quarantined),
    /** Offers that changed no price, by reason. */
    refusedOffers: counts,
    admitted: count,
    failovers: count,
    returns: count,
    unserved: z.array(z.string()),
  })
  .meta({ id: 'WorkerReport' })
export type WorkerReport = z.infer<typeof workerReport>

/** `/v1/admin/feeds`: the newest report of every worker that is alive. */
export const feedsReport = z.object({
  at: z.string(),
  workers: z.array(workerReport),
}) satisfies z.ZodType<FeedsReport>
