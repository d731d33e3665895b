import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { WorkerReport } from '../admin/schema.js'

/** What `/metrics` tells. */
export function createRegistry(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}

export function watchWeb(
  registry: Registry,
  web: { sockets: () => number; ages: () => Readonly<Record<string, number>> },
): void {
  new Gauge({
    name: 'harta_sockets',
    help: 'Open sockets on this node',
    registers: [registry],
    collect() {
      this.set(web.sockets())
    },
  })
  new Gauge({
    name: 'harta_price_age_seconds',
    help: 'Age of the newest price of each source, as this node knows it',
    labelNames: ['source'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [source, ageMs] of Object.entries(web.ages())) this.set({ source }, ageMs / 1000)
    },
  })
}

/** What the workers report, as every web process tells it: scrape one of them. */
export function watchFeeds(registry: Registry, reports: () => Promise<readonly WorkerReport[]>): void {
  const gauge = (
    name: string,
    help: string,
    label: string,
    read: (report: WorkerReport) => readonly (readonly [label: string, value: number | null])[],
  ): void => {
    new Gauge({
      name,
      help,
      labelNames: ['worker', label],
      registers: [registry],
      async collect() {
        this.reset()
        for (const report of await known()) {
          for (const [text, value] of read(report)) {
            if (value !== null) this.set({ worker: report.member, [label]: text }, value)
          }
        }
      },
    })
  }
  const events = (
    name: string,
    help: string,
    labels: readonly [string, string],
    read: (report: WorkerReport) => readonly (readonly [string, Readonly<Record<string, number>>])[],
  ): void => {
    const [first, second] = labels
    new Counter({
      name,
      help,
      labelNames: ['worker', first, second],
      registers: [registry],
      async collect() {
        this.reset()
        for (const report of await known()) {
          for (const [text, counts] of read(report)) {
            for (const [word, count] of Object.entries(counts))
              this.inc({ worker: report.member, [first]: text, [second]: word }, count)
          }
        }
      },
    })
  }
  const known = (): Promise<readonly WorkerReport[]> => reports().catch(() => [])
  const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000)

  gauge('harta_feed_last_tick_age_seconds', 'Time since the last price of each venue', 'venue', (report) =>
    report.venues.map((venue) => [venue.venue, seconds(venue.lastTickAgeMs)]),
  )
  gauge('harta_feed_lag_seconds', 'From the event at the venue until it is heard', 'venue', (report) =>
    report.venues.map((venue) => [venue.venue, seconds(venue.lagMs)]),
  )
  gauge('harta_feed_symbols', 'Symbols that each venue is asked for', 'venue', (report) =>
    report.venues.map((venue) => [venue.venue, venue.symbols]),
  )
  gauge('harta_feed_ticks_per_second', 'Prices of each venue in the last seconds', 'venue', (report) =>
    report.venues.map((venue) => [venue.venue, venue.ticksPerSecond]),
  )
  gauge(
    'harta_instrument_last_tick_age_seconds',
    'Of the instruments that wait longest',
    'symbol',
    (report) => report.instruments.map((one) => [one.symbol, seconds(one.lastTickAgeMs)]),
  )
  gauge('harta_slots', 'Slots of instruments that each worker holds, of 64', 'part', (report) => [
    ['held', report.slots],
  ])
  gauge('harta_quarantined', 'Prices that wait for confirmation', 'part', (report) => [
    ['held', report.quarantined.length],
  ])
  events(
    'harta_feed_events_total',
    'Events of each venue: tick, reconnect, refused, rate-limited, malformed frames by reason, ...',
    ['venue', 'event'],
    (report) => report.venues.map(({ venue, counts }) => [venue, counts]),
  )
  events(
    'harta_source_events_total',
    'Questions to each source, and what came of them',
    ['source', 'event'],
    (report) =>
      report.sources.map(({ id, asked, answered, rateLimited, failures }) => [
        id,
        { asked, answered, 'rate-limited': rateLimited, ...failures },
      ]),
  )
  events('harta_offers_total', 'Prices offered, by what became of them', ['part', 'outcome'], (report) => [
    ['board', { admitted: report.admitted, ...report.refusedOffers }],
  ])
  events(
    'harta_route_changes_total',
    'Instruments that changed their route',
    ['part', 'change'],
    (report) => [['feeds', { failover: report.failovers, return: report.returns }]],
  )
}
