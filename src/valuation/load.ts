import { type HeldAsset, type Holdings, holdingsOf } from '../assets/holdings.js'
import { isAccount } from '../assets/ledger.js'
import type { Database } from '../database/database.js'
import { addDays, startOfDate } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import { FIXED_SCALE, type Fixed, formatFixed, ONE, powerOfTen } from '../lib/decimal.js'
import type { DayStart, DayStarts } from '../prices/day-starts.js'
import { pairsBetween } from '../prices/rates.js'
import type { Price } from '../protocol/resources.js'
import { type DayReference, type Position, type PriceMark, valueAtDayStart, WORTH_SCALE } from './value.js'
import type { LoadedPortfolio } from './watched.js'

interface LoaderOptions {
  readonly db: Database
  readonly dayStarts: DayStarts
  readonly clock: Clock
}

/** Reads what a user holds in the form in which it is valued. */
export function portfolioLoader({ db, dayStarts, clock }: LoaderOptions) {
  /** Null when there is no such user (any more). */
  return async function load(userId: string): Promise<LoadedPortfolio | null> {
    const now = clock.now()
    const held = await db.asUser(userId, (tx) => holdingsOf(tx, [userId], now))
    const loaded = (await valued(held, dayStarts, now)).get(userId) ?? null
    if (loaded instanceof Error) throw loaded
    return loaded
  }
}

/** By user, without those who are not there (any more); an error stands for whose portfolio cannot be read. */
export type LoadedPortfolios = ReadonlyMap<string, LoadedPortfolio | Error>

/** The same of many users in one transaction of the system. */
export function portfoliosLoader({ db, dayStarts, clock }: LoaderOptions) {
  return async function load(userIds: readonly string[]): Promise<LoadedPortfolios> {
    const now = clock.now()
    const held = await db.asSystem((tx) => holdingsOf(tx, userIds, now))
    return valued(held, dayStarts, now)
  }
}

async function valued(
  held: ReadonlyMap<string, Holdings | Error>,
  dayStarts: DayStarts,
  now: number,
): Promise<LoadedPortfolios> {
  const loaded = new Map<string, LoadedPortfolio | Error>()
  const zones = new Map<string, Holdings[]>()
  for (const [userId, holdings] of held) {
    if (holdings instanceof Error) {
      loaded.set(userId, holdings)
      continue
    }
    const zone = zones.get(holdings.timeZone)
    if (zone) zone.push(holdings)
    else zones.set(holdings.timeZone, [holdings])
  }
  const days = new Map<string, Day>()
  for (const [timeZone, all] of zones) days.set(timeZone, await dayOf(timeZone, all, dayStarts, now))
  for (const [userId, holdings] of held) {
    const day = holdings instanceof Error ? undefined : days.get(holdings.timeZone)
    if (holdings instanceof Error || !day) continue
    loaded.set(userId, {
      version: holdings.version,
      currency: holdings.baseCurrency,
      positions: holdings.assets.map((asset) => toPosition(asset, holdings.baseCurrency, day)),
      dayEndsAt: day.endsAt,
    })
  }
  return loaded
}

/** A date in a zone, on which all of these are looked at, with what it began with. */
interface Day {
  readonly today: string
  readonly endsAt: number
  price(symbol: string): Fixed | null
  currency(symbol: string): string | null
  rate(from: string, to: string): Fixed | null
  /** The instant at which a date begins here, ISO 8601. */
  startOf(date: string): string
}

async function dayOf(
  timeZone: string,
  all: readonly Holdings[],
  dayStarts: DayStarts,
  now: number,
): Promise<Day> {
  const symbols = new Set<string>()
  const pairs = new Pairs()
  for (const { assets, baseCurrency } of all) {
    for (const { symbol, currency } of assets) {
      if (symbol !== null) symbols.add(symbol)
      // Asked for by name: a process that has just begun has not heard of any pair yet.
      pairs.need(currency, baseCurrency)
    }
  }
  const load = (): Promise<DayStart> => dayStarts.load(timeZone, now, [...symbols, ...pairs.symbols])
  let start = await load()
  const known = pairs.symbols.size
  for (const { assets, baseCurrency } of all) {
    for (const { symbol } of assets) {
      const currency = symbol === null ? null : start.currency(symbol)
      if (currency !== null) pairs.need(currency, baseCurrency)
    }
  }
  if (pairs.symbols.size > known) start = await load()
  const today = all[0]?.today ?? ''
  return {
    today,
    endsAt: startOfDate(timeZone, addDays(today, 1)),
    price: start.price,
    currency: start.currency,
    rate: remembered(start.rate),
    // A date begins at another instant in each zone; its midnight in UTC may still lie in the future.
    startOf: remembered((date) => new Date(startOfDate(timeZone, date)).toISOString()),
  }
}

/** The pairs over which some currencies lead to others. */
class Pairs {
  readonly symbols = new Set<string>()
  readonly #known = new Set<string>()

  need(from: string, to: string): void {
    const key = `${from} ${to}`
    if (this.#known.has(key)) return
    this.#known.add(key)
    for (const symbol of pairsBetween(from, to)) this.symbols.add(symbol)
  }
}

/** Many people ask the same. */
function remembered<T>(find: (...asked: string[]) => T): (...asked: string[]) => T {
  const found = new Map<string, T>()
  return (...asked) => {
    const key = asked.join(' ')
    const known = found.get(key)
    if (known !== undefined || found.has(key)) return known as T
    const made = find(...asked)
    found.set(key, made)
    return made
  }
}

function toPosition(asset: HeldAsset, baseCurrency: string, day: Day): Position {
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
      asset.baseCost === null || asset.baseCurrency !== baseCurrency ? null : sign * asset.baseCost * LIFT,
    fixedPrice: fixedPrice(asset, day),
    day: dayReference(asset, baseCurrency, day),
  }
}

/** Accounts are worth their balance; what is priced by hand has its newest price, or no price at all. */
function fixedPrice(asset: HeldAsset, { today, startOf }: Day): PriceMark | null {
  const { id, symbol, currency, pricing, prices } = asset
  if (isAccount(asset.type)) return manualMark(currency, currency, ONE, startOf(today))
  const [newest] = prices
  if (pricing === 'MARKET' || !newest) return null
  return manualMark(symbol ?? id, currency, newest.unitPrice, startOf(newest.date))
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

function dayReference(asset: HeldAsset, baseCurrency: string, day: Day): DayReference {
  const { symbol, moves } = asset
  const account = isAccount(asset.type)
  const priced = asset.pricing === 'MARKET' && symbol !== null ? day.currency(symbol) : null
  const rate = day.rate(priced ?? asset.currency, baseCurrency)
  // What was transferred has neither gained nor lost by it: it counts as if it had been here from the start.
  const quantity = signOf(asset) * asset.quantity - moves.quantity + (account ? 0n : moves.transferred)
  const flow = account ? moves.quantity : moves.flow
  return { start: valueAtDayStart(quantity, priceAtStart(asset, day), rate), flow }
}

function priceAtStart({ type, pricing, symbol, prices }: HeldAsset, day: Day): Fixed | null {
  if (isAccount(type)) return ONE
  if (pricing === 'MARKET') return symbol === null ? null : day.price(symbol)
  return prices.find(({ date }) => date < day.today)?.unitPrice ?? null
}

/** What is owed counts negative. */
function signOf({ type }: HeldAsset): bigint {
  return type === 'LIABILITY' ? -1n : 1n
}
