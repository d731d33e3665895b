import type { Database } from '../database/database.js'
import { startOfDate } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import { minorDigits } from '../lib/currency.js'
import { FIXED_SCALE, type Fixed, rescale, toMoney } from '../lib/decimal.js'
import { AppError } from '../lib/errors.js'
import { LENGTH_MS } from '../prices/candle.js'
import type { LoadDated } from '../prices/dated.js'
import type { NetWorthHistory, Performance } from '../protocol/insights.js'
import type { CandleInterval } from '../protocol/resources.js'
import { type Book, isOfMarket, loadBook, VALUE_SCALE, worthOn } from './book.js'
import { bookStore, type TimedPrices } from './book-store.js'
import { netWorthHistory, OLDEST_MS } from './history.js'
import { type PerformanceAsk, performance } from './performance.js'
import type { PastNetWorth } from './service.js'
import { type Move, tallies } from './steps.js'
import { ticksOf, type When } from './ticks.js'
import { inTurn, turns } from './turns.js'

interface Source {
  readonly db: Database
  readonly dated: LoadDated
  readonly clock: Clock
}

export interface HistoryQuery {
  readonly interval: CandleInterval
  readonly from: When | null
  readonly to: When | null
}

export type PerformanceInsight = (userId: string, ask: PerformanceAsk) => Promise<Performance>
export type HistoryInsight = (userId: string, query: HistoryQuery) => Promise<NetWorthHistory>

/** Throws AppError `missing` when the asset that is asked for is none of the user's. */
export function performanceInsight({ db, dated, clock }: Source): PerformanceInsight {
  const reckon: PerformanceInsight = async (userId, ask) => {
    const { from, to, assetId } = ask
    const book = await db.asUser(userId, (tx) =>
      loadBook(tx, userId, { from, ...(to === null ? {} : { to }) }, { dated, now: clock.now() }),
    )
    if (assetId !== null && !book.assets.some(({ id }) => id === assetId))
      throw new AppError('missing', 'not-found', 'There is no such asset.')
    if (from !== null && from > book.today)
      throw new AppError('invalid', 'invalid-input', 'Some of what was sent cannot be accepted.', {
        errors: [{ pointer: '/from', detail: 'lies in the future' }],
      })
    return performance(book, ask, turns())
  }
  return async (userId, ask) => inTurn(userId, await sizeOf(db, userId), () => reckon(userId, ask))
}

export function historyInsight({ db, dated, clock }: Source): HistoryInsight {
  const reckon: HistoryInsight = async (userId, { interval, from, to }) => {
    const now = clock.now()
    const read = await db.asUser(userId, async (tx) => {
      const book = await loadBook(tx, userId, { from: null }, { dated, now })
      const { timeZone, today } = book
      const first = book.rows[0]?.date
      const ticks = first === undefined ? [] : ticksOf({ interval, from, to, timeZone, now, first })
      const [begin, end] = [ticks[0], ticks.at(-1)]
      if (interval === '1d' || !begin || !end)
        return { book, ticks, candles: new Map<string, never>(), entered: new Map<string, number>() }
      const entered = await bookStore.sameDayEntries(tx, userId, { from: begin.date, to: today, timeZone })
      const length = LENGTH_MS[interval]
      const candles = await bookStore.candleCloses(tx, symbolsOf(book), {
        interval,
        from: begin.at + 1 - length,
        to: end.at,
        backMs: OLDEST_MS,
      })
      return { book, ticks, candles, entered }
    })
    const { book, ticks, entered } = read
    const candles: ReadonlyMap<string, TimedPrices & { readonly currency: string }> = read.candles
    const timeOf = timesIn(book.timeZone, entered)
    return netWorthHistory(book, { interval, ticks, timeOf, candles }, turns())
  }
  return async (userId, query) => inTurn(userId, await sizeOf(db, userId), () => reckon(userId, query))
}

function sizeOf(db: Database, userId: string): Promise<number> {
  return db.asUser(userId, (tx) => bookStore.size(tx, userId))
}

function symbolsOf({ assets }: Book): readonly string[] {
  const symbols = assets.flatMap((asset) =>
    isOfMarket(asset) && asset.symbol !== null ? [asset.symbol] : [],
  )
  return [...new Set(symbols)]
}

/** An activity counts from the start of its date; from when it was entered where that was on the same day. */
function timesIn(timeZone: string, entered: ReadonlyMap<string, number>): (move: Move) => number {
  const starts = new Map<number, number>()
  return ({ entry, day }) => {
    const at = entered.get(entry.id)
    if (at !== undefined) return at
    const known = starts.get(day)
    if (known !== undefined) return known
    const start = startOfDate(timeZone, entry.date)
    starts.set(day, start)
    return start
  }
}

/** What each asset that was held at the end of a date was worth, in the base currency; null where that is not known. */
export type WorthsOn = (userId: string, date: string) => Promise<ReadonlyMap<string, Fixed | null> | null>

/** Null when the user's first activity is of a later date: what he owned then nobody knows. */
export function worthsOn(source: Source): WorthsOn {
  return async (userId, date) => {
    const found = await exactWorths(source, userId, date)
    if (found === null) return null
    return new Map(
      found.worths.map(([id, worth]) => [
        id,
        worth === null ? null : rescale(worth, VALUE_SCALE, FIXED_SCALE),
      ]),
    )
  }
}

/** The sum of what is known of it; null as above, and when nothing of it is known. */
export function netWorthOn(source: Source): (userId: string, date: string) => Promise<PastNetWorth | null> {
  return async (userId, date) => {
    const found = await exactWorths(source, userId, date)
    if (found === null) return null
    const known = found.worths.flatMap(([, worth]) => (worth === null ? [] : [worth]))
    if (known.length === 0 && found.worths.length > 0) return null
    const sum = known.reduce((total, worth) => total + worth, 0n)
    return {
      value: toMoney(sum, VALUE_SCALE, minorDigits(found.currency)),
      complete: known.length === found.worths.length,
    }
  }
}

async function exactWorths(source: Source, userId: string, date: string) {
  return inTurn(userId, await sizeOf(source.db, userId), () => reckonWorths(source, userId, date))
}

async function reckonWorths({ db, dated, clock }: Source, userId: string, date: string) {
  const book = await db.asUser(userId, (tx) =>
    loadBook(tx, userId, { from: date, to: date }, { dated, now: clock.now() }),
  )
  if (book.rows.length === 0) return null
  const found = await tallies(book, { method: 'fifo', fromDay: null }, turns())
  const worths = book.assets.flatMap((asset, place) => {
    const quantity = found[place]?.after.quantity ?? 0n
    if (quantity === 0n) return []
    const worth = worthOn(book.values, asset, quantity, date)
    return [[asset.id, typeof worth === 'bigint' ? worth : null] as const]
  })
  return { currency: book.currency, worths }
}
