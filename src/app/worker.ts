import { randomUUID } from 'node:crypto'
import { startReporting } from '../admin/reports.js'
import type { Ask } from '../feeds/ask.js'
import { Catalogue } from '../feeds/catalogue.js'
import { Feeds, type FeedsStatus } from '../feeds/feeds.js'
import { VenueDesk } from '../feeds/rest/venue-desk.js'
import { QuoteDesk } from '../feeds/sources/quote-desk.js'
import { QuoteHistory } from '../feeds/sources/quote-history.js'
import { RateDesk } from '../feeds/sources/rate-desk.js'
import { instrumentStore } from '../instruments/store.js'
import { isQuoted } from '../instruments/symbol.js'
import { addDays, dateIn } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import type { Lifetime } from '../lib/lifetime.js'
import type { Log } from '../lib/log.js'
import { Admission } from '../prices/admission.js'
import { Backfill } from '../prices/backfill.js'
import { type Mark, PriceBoard } from '../prices/board.js'
import { CacheKeeper } from '../prices/cache-keeper.js'
import { CandleRecorder } from '../prices/candles.js'
import { removeOldCandles } from '../prices/history.js'
import { Publisher } from '../prices/publisher.js'
import { SLOT_COUNT, Slots } from '../prices/slots.js'
import { priceStore } from '../prices/store.js'
import type { Offer } from '../prices/tick.js'
import { type Demand, startDemandWatch } from './demand.js'
import { createFeedsReport } from './feeds-report.js'
import { watchGaps } from './gaps.js'
import { pastOf } from './past.js'
import type { Resources } from './resources.js'
import type { ConfiguredSources } from './sources.js'
import type { ConfiguredVenue } from './venues.js'

const FIRST_HOUSEKEEPING_MS = 10_000
const HOUSEKEEPING_MS = 10 * 60_000
const RATES_NEEDED_MS = 10_000
/** Ten years of exchange rates, as of prices. */
const USUAL_DAYS = 3_653

export interface Worker {
  status(): FeedsStatus
}

/** Who has to know of every price that this worker admits. */
export interface Evaluator {
  /** From now on these are this worker's: symbols, and users by the same division; others as `divided` is told. */
  begin(mine: (name: string) => boolean): void
  divided(): void
  admitted(mark: Mark): void
  /** Rows that nobody asks for any more; by one worker alone. */
  tidy(): Promise<void>
}

/**
 * Hears and asks for the prices of what is held and watched, as far as it is this worker's part; what is admitted
 * goes to cache, wire and candles, and what was not heard is read from the past.
 */
export async function startWorker(
  life: Lifetime,
  options: {
    venues: readonly ConfiguredVenue[]
    sources: ConfiguredSources
    ask: Ask
    resources: Resources
    evaluator: Evaluator
    clock: Clock
    log: Log
  },
): Promise<Worker> {
  const { venues, sources, ask, resources, evaluator, clock, log } = options
  const { db, wire, coordination } = resources
  const random = Math.random
  const now = (): number => clock.now()
  const member = randomUUID()

  // Whose instruments: before anything is said of one, and given back after the last word.
  const board = new PriceBoard({ now })
  const admission = new Admission({ board, now })
  const slots = life.add(
    new Slots({
      coordination,
      member,
      clock,
      random,
      log,
      prepare: (taken) => keeper.prepare(taken),
      changed: () => divide(),
    }),
    (open) => open.stop(),
  )
  const mine = (symbol: string): boolean => slots.mine(symbol)
  const refused = (): void => {
    keeper.doubt()
    slots.doubt()
  }

  // Where prices go.
  const holder = (): string | null => slots.holder()
  const publisher = life.add(new Publisher({ wire, holder, refused, clock, log }), (open) => open.stop())
  const keeper = life.add(
    new CacheKeeper({ wire, board, mine, publish: (quote) => publisher.publish(quote), clock, log }),
    (open) => open.stop(),
  )
  const recorder = life.add(
    new CandleRecorder({
      // Looked at again inside: a process that stood still meanwhile has lost what it began to write.
      save: (candles) =>
        db.asSystem((tx) =>
          priceStore.upsertCandles(
            tx,
            candles.filter(({ symbol }) => mine(symbol)),
          ),
        ),
      holds: mine,
      clock,
      log,
    }),
    (open) => open.stop(),
  )
  const report = createFeedsReport({ member, now })

  function offer(offered: Offer): void {
    if (!mine(offered.symbol)) return
    const verdict = admission.decide(offered)
    report.decided(verdict)
    if (!verdict.won) return
    publisher.publish(verdict.mark.quote)
    recorder.record(verdict.mark.quote)
    evaluator.admitted(verdict.mark)
  }

  // Where they come from: venues that speak, sources that are asked.
  const desks = new Map<string, VenueDesk>()
  for (const { venue, rest } of venues) {
    if (rest === null) continue
    const count = (word: string): void => report.count(venue.id, word)
    const desk = new VenueDesk({ ...rest, ask, coordination, clock, log, count })
    desks.set(venue.id, desk)
  }
  const catalogue = life.add(
    new Catalogue({
      desks: [...desks.values()],
      clock,
      random,
      log,
      count: (venue, word) => report.count(venue, word),
      changed(venue) {
        feeds.relist()
        if (slots.holds(0)) keepList(venue)
      },
    }),
    (open) => open.stop(),
  )
  const feeds = life.add(
    new Feeds({
      venues,
      offer,
      witness: (symbol, source, price, at) => admission.witness(symbol, source, price, at),
      catalogue,
      // A last trade without its time may be days old: then the socket's first word is waited for.
      async firstPrice(venue, symbol) {
        const tick = await desks.get(venue)?.ticker(symbol)
        return tick && tick.at !== null ? tick : null
      },
      clock,
      random,
      log,
    }),
    (open) => open.stop(),
  )
  const asked = { ask, coordination, clock, random, log }
  const desk = life.add(
    new QuoteDesk({
      ...asked,
      sources: sources.quotes,
      offer,
      learned: (symbol, what) =>
        later('what a source told', (tx) => instrumentStore.learned(tx, symbol, what)),
      share: () => Math.max(slots.held().size, 1) / SLOT_COUNT,
    }),
    (open) => open.stop(),
  )
  const rates = life.add(
    new RateDesk({
      ...asked,
      sources: sources.rates,
      save: (fixes) => db.asSystem((tx) => priceStore.saveRates(tx, fixes)),
      kept: () => db.asSystem((tx) => priceStore.keptRates(tx)),
    }),
    (open) => open.stop(),
  )

  // What was before.
  const history = new QuoteHistory({
    ...asked,
    sources: sources.quotes.filter((source) => 'source' in source),
  })
  const backfill = life.add(
    new Backfill({ db, ...pastOf({ venues, desks, catalogue, history }), clock, log }),
    (open) => open.stop(),
  )
  // Closed first: whoever waits for an answer need not wait for its turn.
  life.add([...desks.values(), history], (asking) => {
    for (const one of asking) one.stop()
  })
  watchGaps(life, { feeds, missed: (symbols, since) => backfill.missed(symbols, since), clock })

  // What of it is wanted here.
  let demand: Demand = { symbols: new Set(), held: new Set() }
  function divide(): void {
    evaluator.divided()
    // Without leases nothing is said, but who lost them to a Redis that is away does not leave the venues for it.
    if (slots.held().size === 0) return
    const own = new Set([...demand.symbols].filter(mine))
    admission.retain(own)
    feeds.want(own)
    const unheard = new Set(feeds.unserved())
    const asked = [...own].filter((symbol) => unheard.has(symbol) || !isQuoted(symbol))
    desk.want(asked, demand.held)
    backfill.want(own, demand.held)
  }

  function later(what: string, work: Parameters<typeof db.asSystem<unknown>>[0]): void {
    db.asSystem(work).catch((error: unknown) => log.warn({ err: error, what }, 'it could not be kept'))
  }

  function keepList(venue: string): void {
    const list = catalogue.lists().find((one) => one.venue === venue)
    if (list) later('the list of a venue', (tx) => instrumentStore.storeListings(tx, venue, list.pairs))
  }

  feeds.start()
  desk.start()
  await slots.start()
  evaluator.begin(mine)
  await startDemandWatch(life, {
    db,
    wire,
    clock,
    log,
    want(wanted) {
      demand = wanted
      divide()
    },
  })
  catalogue.start()
  rates.start()
  async function needRates(): Promise<void> {
    const from = await db.asSystem((tx) => priceStore.ratesNeededFrom(tx))
    if (from === null) return
    // Further back than anybody has gone yet: an entry in another currency is refused while its date has no rate.
    const usual = addDays(dateIn('UTC', now()), -USUAL_DAYS)
    rates.need(from < usual ? from : usual)
  }
  const needRatesNow = (): void => {
    needRates().catch((error: unknown) => log.warn({ err: error }, 'it is not known which rates are needed'))
  }
  async function keepHouse(): Promise<void> {
    if (!slots.holds(0)) return
    await removeOldCandles(db, now())
    await evaluator.tidy()
  }
  const keepHouseNow = (): void => {
    keepHouse().catch((error: unknown) => log.warn({ err: error }, 'prices could not be kept in order'))
  }
  life.add(clock.after(FIRST_HOUSEKEEPING_MS, keepHouseNow), (cancel) => cancel())
  life.add(clock.every(HOUSEKEEPING_MS, keepHouseNow), (cancel) => cancel())
  life.add(clock.every(RATES_NEEDED_MS, needRatesNow), (cancel) => cancel())
  startReporting(life, {
    coordination,
    member,
    report: () => report.write({ slots: slots.held().size, feeds, desk, rates, held: admission.held() }),
    clock,
    log,
  })
  return { status: () => feeds.status() }
}
