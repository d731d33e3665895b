/** What administrators are told of the feeds, at `/v1/admin/feeds`: the newest report of every living worker. */
export interface FeedsReport {
  readonly at: string
  readonly workers: readonly WorkerReport[]
}

export type Counts = Readonly<Record<string, number>>

/** What one worker tells of itself every few seconds. Instants are ms since the epoch, ages are null before the first. */
export interface WorkerReport {
  readonly member: string
  readonly at: number
  /** Slots of instruments that it holds, of 64. */
  readonly slots: number
  readonly venues: readonly VenueReport[]
  readonly sources: readonly SourceReport[]
  /** Of its instruments those whose last price is oldest. */
  readonly instruments: readonly InstrumentReport[]
  readonly quarantined: readonly QuarantinedReport[]
  /** Offers that changed no price, by reason. */
  readonly refusedOffers: Counts
  readonly admitted: number
  readonly failovers: number
  readonly returns: number
  readonly unserved: readonly string[]
}

export type VenueState = 'stopped' | 'idle' | 'connecting' | 'subscribed' | 'live' | 'waiting'

export interface VenueReport {
  readonly venue: string
  readonly simulated: boolean
  readonly state: VenueState
  readonly connections: number
  readonly symbols: number
  readonly lastTickAgeMs: number | null
  /** By how many ms prices reach us after the event; null where no event time is told. */
  readonly lagMs: number | null
  readonly ticksPerSecond: number
  readonly counts: Counts
  readonly refused: readonly { readonly symbol: string; readonly reason: string }[]
  readonly silent: readonly string[]
}

export type BreakerState = 'closed' | 'open' | 'half-open'

export interface SourceReport {
  readonly id: string
  readonly breaker: BreakerState
  readonly asked: number
  readonly answered: number
  readonly failures: Counts
  readonly rateLimited: number
  readonly lastAnswerAgeMs: number | null
  readonly symbols: number
  readonly unknown: readonly string[]
}

export interface InstrumentReport {
  readonly symbol: string
  /** Where its price comes from now, and what is kept warm beside it; null while there is none. */
  readonly active: string | null
  readonly standby: string | null
  readonly since: number | null
  readonly lastTickAgeMs: number | null
  /** Why the route was changed last; null when it never was. */
  readonly reason: string | null
}

export interface QuarantinedReport {
  readonly symbol: string
  readonly source: string
  readonly price: string
  readonly standing: string | null
  readonly since: number
  readonly confirmations: number
}
