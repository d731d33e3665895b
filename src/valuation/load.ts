import { type DayMoves, dayMoves, NO_MOVES } from '../assets/day-moves.js'
import { assetStore, type StoredAsset } from '../assets/store.js'
import type { Database } from '../database/database.js'
import { addDays, dateIn, startOfDate } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import { FIXED_SCALE, type Fixed, formatFixed, ONE, powerOfTen } from '../lib/decimal.js'
import type { DayStart, DayStarts } from '../prices/day-starts.js'
import { pairsBetween } from '../prices/rates.js'
import type { Price } from '../protocol/resources.js'
import { type DayReference, type Position, type PriceMark, valueAtDayStart, WORTH_SCALE } from './value.js'
import type { LoadedPortfolio } from './watched.js'

/** Reads what a user holds in the form in which it is valued. */
export function portfolioLoader(options: { db: Database; dayStarts: DayStarts; clock: Clock }) {
  const { db, dayStarts, clock } = options

  /** Null when there is no such user (any more). */
  return async function load(userId: string): Promise<LoadedPortfolio | null> {
    const now = clock.now()
    const stored = await db.asUser(userId, async (tx) => {
      const profile = await assetStore.profile(tx, userId)
      if (!profile) return null
      const today = dateIn(profile.timeZone, now)
      const assets = await assetStore.held(tx, userId)
      return {
        profile,
        today,
        assets,
        manual: await assetStore.manualPrices(tx, userId, today),
        moves: await dayMoves(tx, userId, today, assets),
      }
    })
    if (!stored) return null
    const { profile, today } = stored
    const symbols = stored.assets.flatMap((asset) => (asset.symbol === null ? [] : [asset.symbol]))
    // Asked for by name: a process that has just begun has not heard of any pair yet.
    const currencies = new Set(stored.assets.map((asset) => asset.currency))
    const startWith = (known: Iterable<string>): Promise<DayStart> => {
      const pairs = [...known].flatMap((currency) => pairsBetween(currency, profile.baseCurrency))
      return dayStarts.load(profile.timeZone, now, [...symbols, ...pairs])
    }
    let dayStart = await startWith(currencies)
    const foreign = symbols.flatMap((symbol) => dayStart.currency(symbol) ?? [])
    if (foreign.some((currency) => !currencies.has(currency)))
      dayStart = await startWith(new Set([...currencies, ...foreign]))
    const day = { today, timeZone: profile.timeZone, baseCurrency: profile.baseCurrency, dayStart }
    const positions = stored.assets.map((asset) => {
      const prices = stored.manual.filter((price) => price.assetId === asset.id)
      return toPosition(asset, prices, stored.moves.get(asset.id) ?? NO_MOVES, day)
    })
    return {
      version: profile.version,
      currency: profile.baseCurrency,
      positions,
      dayEndsAt: startOfDate(profile.timeZone, addDays(today, 1)),
    }
  }
}

interface Day {
  readonly today: string
  readonly timeZone: string
  readonly baseCurrency: string
  readonly dayStart: DayStart
}

function toPosition(
  asset: StoredAsset,
  prices: readonly { readonly date: string; readonly unitPrice: Fixed }[],
  moves: DayMoves,
  day: Day,
): Position {
  const sign = signOf(asset)
  return {
    assetId: asset.id,
    type: asset.type,
    name: asset.name,
    symbol: asset.symbol,
    currency: asset.currency,
    byMarket: asset.pricing === 'MARKET',
    quantity: sign * asset.quantity,
    cost: sign * asset.cost,
    baseCost:
      asset.baseCost === null || asset.baseCurrency !== day.baseCurrency
        ? null
        : sign * asset.baseCost * LIFT,
    fixedPrice: fixedPrice(asset, prices[0], day),
    day: dayReference(asset, prices, moves, day),
  }
}

/** Accounts are worth their balance; what is priced by hand has its newest price, or no price at all. */
function fixedPrice(
  asset: StoredAsset,
  newest: { readonly date: string; readonly unitPrice: Fixed } | undefined,
  { today, timeZone }: Day,
): PriceMark | null {
  // A date begins at another instant in each zone; its midnight in UTC may still lie in the future.
  const startOf = (date: string): string => new Date(startOfDate(timeZone, date)).toISOString()
  if (asset.type === 'CASH' || asset.type === 'LIABILITY') {
    return manualMark(asset.currency, asset.currency, ONE, startOf(today))
  }
  if (asset.pricing === 'MARKET' || !newest) return null
  return manualMark(asset.symbol ?? asset.id, asset.currency, newest.unitPrice, startOf(newest.date))
}

function manualMark(symbol: string, currency: string, amount: Fixed, at: string): PriceMark {
  const price: Price = {
    symbol,
    amount: formatFixed(amount),
    currency,
    at,
    source: 'manual',
    state: 'manual',
  }
  return { amount, price, json: JSON.stringify(price) }
}

/** From the scale of a Fixed to WORTH_SCALE. */
const LIFT = powerOfTen(WORTH_SCALE - FIXED_SCALE)

function dayReference(
  asset: StoredAsset,
  prices: readonly { readonly date: string; readonly unitPrice: Fixed }[],
  moves: DayMoves,
  day: Day,
): DayReference {
  const sign = signOf(asset)
  const account = asset.type === 'CASH' || asset.type === 'LIABILITY'
  const price = account ? ONE : referencePrice(asset, prices, day)
  const byMarket = asset.pricing === 'MARKET' && asset.symbol !== null
  const priced = byMarket ? (day.dayStart.currency(asset.symbol) ?? asset.currency) : asset.currency
  const rate = day.dayStart.rate(priced, day.baseCurrency)
  // What was transferred has neither gained nor lost by it: it counts as if it had been here from the start.
  const quantity = sign * asset.quantity - moves.quantity + (account ? 0n : moves.transferred)
  const flow = account ? moves.quantity : moves.flow
  return { start: valueAtDayStart(quantity, price, rate), flow }
}

/** What is owed counts negative. */
function signOf(asset: StoredAsset): bigint {
  return asset.type === 'LIABILITY' ? -1n : 1n
}

function referencePrice(
  asset: StoredAsset,
  prices: readonly { readonly date: string; readonly unitPrice: Fixed }[],
  day: Day,
): Fixed | null {
  if (asset.pricing === 'MARKET') return asset.symbol === null ? null : day.dayStart.price(asset.symbol)
  return prices.find((price) => price.date < day.today)?.unitPrice ?? null
}
