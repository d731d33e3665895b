import type {
  BreakerState,
  Counts,
  FeedsReport,
  InstrumentReport,
  QuarantinedReport,
  SourceReport,
  VenueReport,
  VenueState,
  WorkerReport,
} from '../../src/protocol/feeds-report.js'

/**
 * What the workers report, put together: one row for each venue, source, instrument. Counts and rates are sums.
 * A venue is as the worker sees it that is worst off with it, so that nobody's trouble hides behind the others.
 */
export interface FeedsSummary {
  readonly workers: readonly { readonly slots: number; readonly silentMs: number }[]
  readonly venues: readonly VenueReport[]
  readonly sources: readonly SourceReport[]
  readonly instruments: readonly InstrumentReport[]
  readonly quarantined: readonly QuarantinedReport[]
  readonly unserved: readonly string[]
  readonly offers: readonly Outcome[]
  readonly failovers: number
  readonly returns: number
  readonly admitted: number
  readonly ticksPerSecond: number
  /** Of the live venues the one whose last price is oldest; null while none is live or has told a price. */
  readonly oldest: { readonly venue: string; readonly ageMs: number } | null
}

/** Offers that had the same end; `share` of all offers is between 0 and 1. */
export interface Outcome {
  readonly outcome: string
  readonly count: number
  readonly share: number
}

export function summarize({ at, workers }: FeedsReport): FeedsSummary {
  const now = Date.parse(at)
  const venues = grouped(
    workers.flatMap((worker) => worker.venues),
    ({ venue }) => venue,
  ).map(mergeVenue)
  return {
    workers: workers.map((worker) => ({ slots: worker.slots, silentMs: Math.max(0, now - worker.at) })),
    venues,
    sources: grouped(
      workers.flatMap((worker) => worker.sources),
      ({ id }) => id,
    ).map(mergeSource),
    instruments: instrumentsOf(workers),
    quarantined: grouped(
      workers.flatMap((worker) => worker.quarantined),
      ({ symbol, source }) => `${symbol} ${source}`,
    ).map(([first]) => first),
    unserved: unique(workers.flatMap((worker) => worker.unserved)).sort(),
    offers: offersOf(workers),
    failovers: sum(workers.map((worker) => worker.failovers)),
    returns: sum(workers.map((worker) => worker.returns)),
    admitted: sum(workers.map((worker) => worker.admitted)),
    ticksPerSecond: sum(venues.map((venue) => venue.ticksPerSecond)),
    oldest: oldestOf(venues),
  }
}

const WORST_STATE_FIRST: readonly VenueState[] = [
  'waiting',
  'connecting',
  'subscribed',
  'live',
  'idle',
  'stopped',
]
const WORST_BREAKER_FIRST: readonly BreakerState[] = ['open', 'half-open', 'closed']

/** A worker that asks the venue for nothing has nothing to say of it, unless none does. */
function mergeVenue(all: Some<VenueReport>): VenueReport {
  const asking = all.filter(({ symbols }) => symbols > 0)
  const telling = asking.length > 0 ? asking : all
  return {
    venue: all[0].venue,
    simulated: all.some(({ simulated }) => simulated),
    state:
      worst(
        WORST_STATE_FIRST,
        telling.map(({ state }) => state),
      ) ?? all[0].state,
    connections: sum(all.map(({ connections }) => connections)),
    symbols: sum(all.map(({ symbols }) => symbols)),
    lastTickAgeMs: most(telling.map(({ lastTickAgeMs }) => lastTickAgeMs)),
    lagMs: most(telling.map(({ lagMs }) => lagMs)),
    ticksPerSecond: sum(all.map(({ ticksPerSecond }) => ticksPerSecond)),
    counts: addCounts(all.map(({ counts }) => counts)),
    refused: grouped(
      all.flatMap(({ refused }) => refused),
      ({ symbol }) => symbol,
    ).map(([first]) => first),
    silent: unique(all.flatMap(({ silent }) => silent)).sort(),
  }
}

/** The workers share a source's breaker, so its newest answer to any of them counts. */
function mergeSource(all: Some<SourceReport>): SourceReport {
  const ages = all.flatMap(({ lastAnswerAgeMs }) => lastAnswerAgeMs ?? [])
  return {
    id: all[0].id,
    breaker:
      worst(
        WORST_BREAKER_FIRST,
        all.map(({ breaker }) => breaker),
      ) ?? all[0].breaker,
    asked: sum(all.map(({ asked }) => asked)),
    answered: sum(all.map(({ answered }) => answered)),
    failures: addCounts(all.map(({ failures }) => failures)),
    rateLimited: sum(all.map(({ rateLimited }) => rateLimited)),
    lastAnswerAgeMs: ages.length > 0 ? Math.min(...ages) : null,
    symbols: sum(all.map(({ symbols }) => symbols)),
    unknown: unique(all.flatMap(({ unknown }) => unknown)).sort(),
  }
}

/** Oldest price first, and before those what never had one; of an instrument on its way to another worker, the newer one. */
function instrumentsOf(workers: readonly WorkerReport[]): readonly InstrumentReport[] {
  const age = ({ lastTickAgeMs }: InstrumentReport): number => lastTickAgeMs ?? Number.MAX_SAFE_INTEGER
  const all = workers.flatMap((worker) => worker.instruments)
  return grouped(all, ({ symbol }) => symbol)
    .map((same) => same.reduce((newest, one) => (age(one) < age(newest) ? one : newest)))
    .sort((a, b) => age(b) - age(a) || (a.symbol < b.symbol ? -1 : 1))
}

function offersOf(workers: readonly WorkerReport[]): readonly Outcome[] {
  const admitted = sum(workers.map((worker) => worker.admitted))
  const refused = addCounts(workers.map(({ refusedOffers }) => refusedOffers))
  const counts = [['admitted', admitted] as const, ...byCount(refused)]
  const all = sum(counts.map(([, count]) => count))
  return counts.map(([outcome, count]) => ({ outcome, count, share: all === 0 ? 0 : count / all }))
}

function oldestOf(venues: readonly VenueReport[]): FeedsSummary['oldest'] {
  const live = venues.flatMap(({ venue, state, lastTickAgeMs }) =>
    state === 'live' && lastTickAgeMs !== null ? { venue, ageMs: lastTickAgeMs } : [],
  )
  return live.sort((a, b) => b.ageMs - a.ageMs)[0] ?? null
}

/** Most first. */
export function byCount(counts: Counts): readonly (readonly [word: string, count: number])[] {
  return Object.entries(counts).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
}

type Some<T> = readonly [T, ...T[]]

/** In the order in which the keys come up. */
function grouped<T>(all: readonly T[], key: (one: T) => string): Some<T>[] {
  const groups = new Map<string, [T, ...T[]]>()
  for (const one of all) {
    const group = groups.get(key(one))
    if (group) group.push(one)
    else groups.set(key(one), [one])
  }
  return [...groups.values()]
}

function addCounts(all: readonly Counts[]): Counts {
  const total = new Map<string, number>()
  for (const counts of all) {
    for (const [word, count] of Object.entries(counts)) total.set(word, (total.get(word) ?? 0) + count)
  }
  return Object.fromEntries(total)
}

function worst<T>(worstFirst: readonly T[], states: readonly T[]): T | undefined {
  return worstFirst.find((state) => states.includes(state))
}

function most(values: readonly (number | null)[]): number | null {
  const known = values.flatMap((value) => value ?? [])
  return known.length > 0 ? Math.max(...known) : null
}

function sum(values: readonly number[]): number {
  return values.reduce((so, value) => so + value, 0)
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)]
}
