import { isAccount } from '../assets/ledger.js'
import { type LedgerRow, ledgerStore } from '../assets/ledger-store.js'
import { type Profile, profileStore } from '../cashflow/profile-store.js'
import type { Tx } from '../database/database.js'
import { addDays, dateIn } from '../lib/calendar.js'
import { type Fixed, ONE } from '../lib/decimal.js'
import { AppError } from '../lib/errors.js'
import type { DatedMarket, DatedRates, LoadDated } from '../prices/dated.js'
import type { UnpricedReason } from '../protocol/resources.js'
import { bookStore, type OwnedAsset, type TimedPrices } from './book-store.js'

/**
 * All that a user owned until a date and what it takes to value it on the dates of a window: read in one
 * transaction with a fixed number of questions, reckoned with afterwards, when no connection is held any more.
 * Activities stay rows; what they did is reckoned from them anew each time, so that a later edit of the past shows.
 */
export interface Book {
  readonly currency: string
  readonly timeZone: string
  readonly today: string
  readonly assets: readonly OwnedAsset[]
  /** In the order in which they count. */
  readonly rows: readonly LedgerRow[]
  /** Rates of all dates of activities. */
  readonly rates: DatedRates
  readonly values: Values
}

/** What one unit was worth. */
export interface UnitPrice {
  readonly amount: Fixed
  readonly currency: string
  /** How many days older it is than the date that was asked for; of what is told by hand and of accounts 0. */
  readonly ageDays: number
}

/** Prices and rates of the dates of the window. */
export interface Values {
  price(asset: OwnedAsset, date: string): UnitPrice | null
  /** Units of the base currency for one unit of this one. */
  rate(currency: string, date: string): Fixed | null
}

export interface BookAsk {
  /** The first date on which anything is valued; null: that of the first activity. */
  readonly from: string | null
  /** The last one; today unless told. */
  readonly to?: string
}

/** Throws AppError `unauthenticated` when there is no such user. */
export async function loadBook(
  tx: Tx,
  userId: string,
  { from, to }: BookAsk,
  { dated, now }: { readonly dated: LoadDated; readonly now: number },
): Promise<Book> {
  const profile = await requireProfile(tx, userId)
  const currency = profile.baseCurrency
  const today = dateIn(profile.timeZone, now)
  const last = to === undefined || to > today ? today : to
  const assets = await bookStore.assets(tx, userId)
  const rows = assets.length === 0 ? [] : await ledgerStore.entries(tx, userId, { to: last })
  const told = await bookStore.toldPrices(tx, userId, last)
  const first = rows[0]?.date ?? last
  const symbols = assets.flatMap((asset) =>
    isOfMarket(asset) && asset.symbol !== null ? [asset.symbol] : [],
  )
  const currencies = new Set([currency, ...assets.map((asset) => asset.currency)])
  for (const { marketCurrency } of assets) if (marketCurrency !== null) currencies.add(marketCurrency)
  const start = from === null || from < first ? first : from
  const market = await dated(tx, {
    symbols: [...new Set(symbols)],
    currencies: [...currencies],
    into: [currency],
    from: addDays(start < last ? start : last, -1),
    to: last,
    today,
  })
  const isForeign = assets.some((asset) => asset.currency !== currency)
  const rates =
    isForeign && first < start
      ? await dated(tx, {
          symbols: [],
          currencies: [...currencies],
          into: [currency],
          from: first,
          to: last,
          today,
        })
      : market
  return {
    currency,
    timeZone: profile.timeZone,
    today,
    assets,
    rows,
    rates,
    values: valuesOf(market, told, currency),
  }
}

async function requireProfile(tx: Tx, userId: string): Promise<Profile> {
  const profile = await profileStore.read(tx, userId)
  if (profile) return profile
  throw new AppError('unauthenticated', 'unauthenticated', 'This account does not exist any more.')
}

export function isOfMarket({ type, pricing }: OwnedAsset): boolean {
  return pricing === 'MARKET' && !isAccount(type)
}

function valuesOf(market: DatedMarket, told: ReadonlyMap<string, TimedPrices>, base: string): Values {
  // Dates come one after the other, each with many questions.
  let [dateAsked, dayAsked] = ['', 0]
  const dayAskedFor = (date: string): number => {
    if (date !== dateAsked) [dateAsked, dayAsked] = [date, dayOf(date)]
    return dayAsked
  }
  return {
    price(asset, date) {
      const { currency } = asset
      if (isAccount(asset.type)) return { amount: ONE, currency, ageDays: 0 }
      if (!isOfMarket(asset)) {
        const amount = toldOn(told.get(asset.id), dayAskedFor(date))
        return amount === null ? null : { amount, currency, ageDays: 0 }
      }
      const close = asset.symbol === null ? null : market.close(asset.symbol, date)
      if (!close) return null
      const ageDays = close.date === date ? 0 : dayAskedFor(date) - dayOf(close.date)
      return { amount: close.amount, currency: close.currency, ageDays }
    },
    rate: (currency, date) => (currency === base ? ONE : market.rate(currency, base, date)),
  }
}

function toldOn(series: TimedPrices | undefined, day: number): Fixed | null {
  return series?.values[newestPlace(series, day)] ?? null
}

/** The place of the newest value that is not later; -1 when there is none. */
export function newestPlace({ times }: TimedPrices, time: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? 0) <= time) low = middle + 1
    else high = middle
  }
  return low - 1
}

const DAY_MS = 86_400_000

/** Days since 1970-01-01. */
export function dayOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS
}

export function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** Exact values: a quantity times a price times a rate. */
export const VALUE_SCALE = 54

/** What so much of an asset was worth on a date in the base currency, at VALUE_SCALE; or why that is not known. */
export function worthOn(
  values: Values,
  asset: OwnedAsset,
  quantity: Fixed,
  date: string,
): bigint | UnpricedReason {
  if (quantity === 0n) return 0n
  const price = values.price(asset, date)
  if (price === null) return 'no-price'
  const rate = values.rate(price.currency, date)
  return rate === null ? 'no-rate' : quantity * price.amount * rate
}
