import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Worker } from './worker.js'

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

export function watchWorker(registry: Registry, worker: Worker): void {
  new Gauge({
    name: 'harta_feed_last_tick_age_seconds',
    help: 'Time since the last tick of each venue',
    labelNames: ['venue'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { venue, lastTickAgeMs } of worker.status().venues) {
        if (lastTickAgeMs !== null) this.set({ venue }, lastTickAgeMs / 1000)
      }
    },
  })
  new Gauge({
    name: 'harta_feed_symbols',
    help: 'Symbols that each venue is asked for',
    labelNames: ['venue'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { venue, symbols } of worker.status().venues) this.set({ venue }, symbols)
    },
  })
  new Counter({
    name: 'harta_feed_events_total',
    help: 'Events of each venue by kind: ticks, reconnects, refusals, malformed frames by reason',
    labelNames: ['venue', 'event'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { venue, counts } of worker.status().venues) {
        for (const [event, count] of Object.entries(counts)) this.inc({ venue, event }, count)
      }
    },
  })
  new Counter({
    name: 'harta_ticks_refused_total',
    help: 'Ticks that changed no price, by reason',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [reason, count] of worker.refusals) this.inc({ reason }, count)
    },
  })
}
