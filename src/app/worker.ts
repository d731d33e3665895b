import { randomUUID } from 'node:crypto'
import { Feeds, type FeedsStatus } from '../feeds/feeds.js'
import type { Venue } from '../feeds/venue.js'
import { binance } from '../feeds/venues/binance.js'
import { coinbase } from '../feeds/venues/coinbase.js'
import { kraken } from '../feeds/venues/kraken.js'
import { parsePair } from '../instruments/symbol.js'
import type { Clock } from '../lib/clock.js'
import type { Lifetime } from '../lib/lifetime.js'
import type { Log } from '../lib/log.js'
import { Admission } from '../prices/admission.js'
import { PriceBoard } from '../prices/board.js'
import { CacheKeeper } from '../prices/cache-keeper.js'
import { CandleRecorder } from '../prices/candles.js'
import { removeOldCandles } from '../prices/history.js'
import { Publisher } from '../prices/publisher.js'
import { Slots } from '../prices/slots.js'
import { priceStore } from '../prices/store.js'
import type { Quote, Tick } from '../prices/tick.js'
import type { Config, VenueId } from './config.js'
import { startDemandWatch } from './demand.js'
import type { Resources } from './resources.js'

/** A venue to listen to, and whether its prices are invented. */
export interface FeedSource {
  readonly venue: Venue
  readonly url: string
  readonly simulated: boolean
}

export interface Worker {
  status(): FeedsStatus
  /** Ticks that changed no price, by reason. */
  readonly refusals: ReadonlyMap<string, number>
}

const VENUES: Readonly<Record<VenueId, Venue>> = { coinbase, kraken, binance }

export function configuredFeeds(config: Config): readonly FeedSource[] {
  return config.feeds.map((id) => ({
    venue: VENUES[id],
    url: VENUES[id].url(config.feedUrls[id]),
    simulated: false,
  }))
}

/** Listens to the exchanges for what is held and watched; what wins goes to cache, wire and candles. */
export async function startWorker(
  life: Lifetime,
  options: { feeds: readonly FeedSource[]; resources: Resources; clock: Clock; log: Log },
): Promise<Worker> {
  const { resources, clock, log } = options
  const { db, wire, coordination } = resources
  const simulated = new Set(options.feeds.flatMap((feed) => (feed.simulated ? [feed.venue.id] : [])))
  const refusals = new Map<string, number>()

  const board = new PriceBoard({ now: () => clock.now() })
  const admission = new Admission({ board, now: () => clock.now() })
  const slots = life.add(
    new Slots({
      coordination,
      member: randomUUID(),
      clock,
      random: Math.random,
      log,
      prepare: (taken) => keeper.prepare(taken),
      changed: () => hear(),
    }),
    (open) => open.stop(),
  )
  const mine = (symbol: string): boolean => slots.mine(symbol)
  const refused = (): void => {
    keeper.doubt()
    slots.doubt()
  }
  const publisher = life.add(
    new Publisher({ wire, holder: () => slots.holder(), refused, clock, log }),
    (open) => open.stop(),
  )
  const publish = (quote: Quote): void => publisher.publish(quote)
  const keeper = life.add(new CacheKeeper({ wire, board, mine, publish, clock, log }), (open) => open.stop())
  const recorder = life.add(
    new CandleRecorder({
      save: (candles) => db.asSystem((tx) => priceStore.upsertCandles(tx, candles)),
      holds: () => true,
      clock,
      log,
    }),
    (open) => open.stop(),
  )

  function accept(tick: Tick): void {
    const pair = parsePair(tick.symbol)
    if (!pair || !mine(tick.symbol)) return
    const state = simulated.has(tick.source) ? 'simulated' : 'live'
    const verdict = admission.decide({ ...tick, currency: pair.quote, state })
    if (verdict.won) {
      publish(verdict.mark.quote)
      recorder.record(verdict.mark.quote)
    } else refusals.set(verdict.reason, (refusals.get(verdict.reason) ?? 0) + 1)
  }

  const feeds = life.add(
    new Feeds({ venues: options.feeds, accept, clock, random: Math.random, log }),
    (open) => open.stop(),
  )
  let wanted: ReadonlySet<string> = new Set()
  function hear(): void {
    admission.retain(wanted)
    feeds.want(new Set([...wanted].filter(mine)))
  }
  feeds.start()
  await slots.start()
  await startDemandWatch(life, {
    db,
    wire,
    clock,
    log,
    want(symbols) {
      wanted = symbols
      hear()
    },
  })
  const tidy = (): void => {
    removeOldCandles(db, clock.now()).catch((error: unknown) =>
      log.warn({ err: error }, 'old candles could not be removed'),
    )
  }
  life.add(clock.every(60 * 60_000, tidy), (cancel) => cancel())
  return { status: () => feeds.status(), refusals }
}
