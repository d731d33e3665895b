import { dateIn } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import type { Lifetime } from '../lib/lifetime.js'
import type { Log } from '../lib/log.js'
import { type Mark, PriceBoard } from '../prices/board.js'
import type { LoadDated } from '../prices/dated.js'
import { DatedMarkets } from '../prices/dated-market.js'
import { DayStarts } from '../prices/day-starts.js'
import { RateBook } from '../prices/rate-book.js'
import { PriceReader } from '../prices/reader.js'
import { priceStore } from '../prices/store.js'
import { LiveValuations, type Tell } from '../valuation/live.js'
import { type LoadedPortfolios, portfolioLoader, portfoliosLoader } from '../valuation/load.js'
import { currentValuation } from '../valuation/service.js'
import type { Market } from '../valuation/value.js'
import type { Config } from './config.js'
import type { Resources } from './resources.js'

/** Prices, rates and watched portfolios of one web process. */
export interface LiveMarket {
  readonly board: PriceBoard
  readonly live: LiveValuations
  /** Prices and rates of calendar dates; of today as they are now. */
  readonly dated: LoadDated
  /** What many users hold. */
  readonly load: (userIds: readonly string[]) => Promise<LoadedPortfolios>
  /** Prices, and rates into this currency. */
  readonly into: (currency: string) => Market
  /** A user's valuation as JSON text. */
  readonly current: (userId: string) => Promise<string>
  /** Ms since the newest price of each source. */
  ages(): Readonly<Record<string, number>>
}

/** The workers write new fixes without a word to us; at the very first start there are none before that. */
const RATES_EVERY_MS = 15_000
const FIRST_RATES_MS = [1_000, 3_000, 7_000] as const

export async function createMarket(
  life: Lifetime,
  options: {
    config: Config
    resources: Pick<Resources, 'db' | 'wire'>
    clock: Clock
    log: Log
    tell: Tell & { priceMoved(symbol: string): void; rateMoved?(name: string): void }
  },
): Promise<LiveMarket> {
  const { config, resources, clock, log, tell } = options
  const { db, wire } = resources
  const board = new PriceBoard({ now: () => clock.now() })
  const rates = new RateBook({
    live: (symbol) => board.get(symbol)?.amount,
    isStale: (symbol) => board.get(symbol)?.price.state === 'stale',
  })
  const markets = new Map<string, Market>()
  const market = (currency: string): Market => {
    const known = markets.get(currency)
    if (known) return known
    const made: Market = {
      mark: (symbol) => board.get(symbol),
      rate: (from) => rates.get(from, currency),
    }
    markets.set(currency, made)
    return made
  }

  const dated = new DatedMarkets({
    now: () => clock.now(),
    live: {
      price: (symbol) => {
        const mark = board.get(symbol)
        return mark && { amount: mark.amount, currency: mark.price.currency }
      },
      rate: (from, to) => rates.get(from, to)?.amount ?? null,
    },
  })
  const dayStarts = new DayStarts({ db, pairs: () => rates.pairs() })
  const load = portfolioLoader({ db, dayStarts, clock })
  const live = life.add(
    new LiveValuations({ load, market, tell, clock, log, windowMs: config.pushWindowMs }),
    (open) => open.stop(),
  )

  function rateMoved(name: string): void {
    live.moved(name)
    tell.rateMoved?.(name)
  }

  function moved({ quote: { symbol } }: Mark): void {
    live.moved(symbol)
    for (const rate of rates.moved(symbol)) rateMoved(rate)
    tell.priceMoved(symbol)
  }

  async function readRates(): Promise<void> {
    const fixes = await db.asSystem((tx) => priceStore.ratesOn(tx, dateIn('UTC', clock.now())))
    for (const rate of rates.setDaily(fixes)) rateMoved(rate)
  }

  await readRates()
  const again = (): void => {
    readRates().catch((error: unknown) => log.warn({ err: error }, 'exchange rates could not be read'))
  }
  for (const ms of FIRST_RATES_MS) life.add(clock.after(ms, again), (cancel) => cancel())
  life.add(clock.every(RATES_EVERY_MS, again), (cancel) => cancel())
  const reader = life.add(new PriceReader({ wire, board, clock, log, moved }), (open) => open.stop())
  await reader.start()
  return {
    board,
    live,
    dated: dated.load,
    load: portfoliosLoader({ db, dayStarts, clock }),
    into: market,
    current: currentValuation({ db, live, load, market, clock }),
    ages: () => agesBySource(board, clock.now()),
  }
}

function agesBySource(board: PriceBoard, now: number): Record<string, number> {
  const newest: Record<string, number> = {}
  for (const { quote } of board.marks()) {
    const source = venuesOf(quote.source)
    newest[source] = Math.max(newest[source] ?? 0, quote.at)
  }
  return Object.fromEntries(Object.entries(newest).map(([source, at]) => [source, Math.round(now - at)]))
}

/**
 * A route (feeds/routes.ts) without its pairs, `binance:BTC-USDT*kraken:USDT-USD` -> `binance*kraken`: there are as
 * many routes as instruments, and each would be a series of its own for whoever scrapes.
 */
function venuesOf(source: string): string {
  return source.replaceAll(/:[^*]*/g, '')
}
