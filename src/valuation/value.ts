import type { Fixed } from '../lib/decimal.js'
import type { AssetType, Price, UnpricedReason } from '../protocol/resources.js'

/**
 * What a portfolio is worth. Pure, and the only place where quantity, price and rate meet: REST, socket, jobs
 * and alerts all come here, so they cannot disagree. All amounts below are exact, in the portfolio's currency,
 * as integers times 10^-54 (WORTH_SCALE); rounding happens once, when they are written as text.
 */
export const WORTH_SCALE = 54

/** One asset as it is held. Liabilities have a negative quantity, cost and day flow. */
export interface Position {
  readonly assetId: string
  readonly type: AssetType
  readonly name: string
  readonly symbol: string | null
  /** Whether the market's price is asked for; otherwise it is `fixedPrice`, or unknown. */
  readonly byMarket: boolean
  /** Currency of `cost` and `day.flow`, and of a price typed in by hand. */
  readonly currency: string
  readonly quantity: Fixed
  readonly cost: Fixed
  /** `cost` in the portfolio's currency at the rates of the purchases; null: at today's, as they are not known. */
  readonly baseCost: bigint | null
  /** A price that does not come from the market. */
  readonly fixedPrice: PriceMark | null
  readonly day: DayReference
}

/** How the position stood at 00:00 in the user's zone, and what flowed in since. */
export interface DayReference {
  /** Its value then, in the portfolio's currency (see `valueAtDayStart`); null when it is not known. */
  readonly start: bigint | null
  /** Purchases minus sales of today at their own prices. */
  readonly flow: Fixed
}

/** Positions as they are valued, see `bookOf`. */
export interface Book {
  readonly positions: readonly Position[]
  readonly runs: readonly Run[]
}

/** Neighbours of one currency, from place `begin` to before `end`, and the sums of theirs. */
interface Run {
  readonly currency: string
  readonly begin: number
  readonly end: number
  /** In the portfolio's currency, of those whose rates of purchase are known. */
  readonly baseCost: bigint
  /** `cost` of the others and `day.flow`, at scale 36: to be multiplied by a rate. */
  readonly cost: bigint
  readonly flow: bigint
  /** Null when one of them is not known. */
  readonly start: bigint | null
}

export interface PriceMark {
  readonly amount: Fixed
  readonly price: Price
  readonly json: string
  /** Of a price of the market: until when it counts as of now, ms since the epoch. */
  readonly quote?: { readonly freshUntil: number }
}

export interface RateMark {
  readonly amount: Fixed
  readonly text: string
  readonly isStale?: boolean
}

/** Where prices and rates are looked up; undefined and null mean unknown. */
export interface Market {
  mark(symbol: string): PriceMark | undefined
  /** Units of the portfolio's currency for one unit of `currency`. */
  rate(currency: string): RateMark | null
}

/**
 * What a position was found to be worth: the facts, of which `amountOf`, `costOf` and `dayChangeOf` work out the
 * amounts in the portfolio's currency when they are told. The sums do not need them one by one.
 */
export interface Worth {
  readonly position: Position
  readonly mark: PriceMark | null
  /** Of the price's currency; of the position's own while there is no price. */
  readonly rate: RateMark | null
  /** Of the position's own currency, in which its cost and flow are; the same as `rate` but for foreign prices. */
  readonly ownRate: RateMark | null
  /** Quantity times price in the price's currency, at scale 36; null when price or rate is missing. */
  readonly local: bigint | null
}

export interface Totals {
  readonly total: bigint
  readonly cost: bigint
  /** Null when no holding's is known. */
  readonly dayChange: bigint | null
  /** Value of the holdings whose day change is known, less that change. */
  readonly dayBase: bigint
}

export interface Valued {
  readonly totals: Totals
  /** Place by place as the positions; the caller's to keep. */
  readonly worths: Worth[]
}

interface Sums {
  total: bigint
  cost: bigint
  /** Whether the day change of any is known, and the value of those of which it is not. */
  dated: boolean
  undated: bigint
  dayBase: bigint
}

/** Lifts an amount (scale 18) times a rate (scale 18) to WORTH_SCALE. */
const UNIT = 10n ** 18n

/** What was held at 00:00 at the price and rate of then, at WORTH_SCALE; null when one of them is not known. */
export function valueAtDayStart(quantity: Fixed, price: Fixed | null, rate: Fixed | null): bigint | null {
  if (quantity === 0n) return 0n
  return price === null || rate === null ? null : quantity * price * rate
}

/** Positions with the sums that no price or rate of today moves, added up once instead of at every valuation. */
export function bookOf(positions: readonly Position[]): Book {
  const runs: Run[] = []
  let begin = 0
  while (begin < positions.length) {
    const run = runOf(positions, begin)
    runs.push(run)
    begin = run.end
  }
  return { positions, runs }
}

function runOf(positions: readonly Position[], begin: number): Run {
  const currency = positions[begin]?.currency ?? ''
  let baseCost = 0n
  let cost = 0n
  let flow = 0n
  let start: bigint | null = 0n
  let end = begin
  for (; positions[end]?.currency === currency; end += 1) {
    const { cost: own = 0n, baseCost: base = null, day } = positions[end] ?? {}
    if (base === null) cost += own
    else baseCost += base
    flow += day?.flow ?? 0n
    start = start === null || !day || day.start === null ? null : start + day.start
  }
  return { currency, begin, end, baseCost, cost: cost * UNIT, flow: flow * UNIT, start }
}

export function value(book: Book, market: Market): Valued {
  const worths: Worth[] = []
  for (const { currency, begin, end } of book.runs) {
    const rate = market.rate(currency)
    for (let place = begin; place < end; place += 1) {
      const position = book.positions[place]
      if (position) worths.push(worthOf(position, market, rate))
    }
  }
  return { totals: sumWorths(book, worths), worths }
}

/** The worth of one position. */
export function valuePosition(position: Position, market: Market): Worth {
  return worthOf(position, market, market.rate(position.currency))
}

/** Value now; null without a price or a rate, never zero. */
export function amountOf({ local, rate }: Worth): bigint | null {
  return local === null || rate === null ? null : local * rate.amount
}

/** Null without a rate, unless it is known at the rates of the purchases; known without a price. */
export function costOf({ position, mark, ownRate, local }: Worth): bigint | null {
  if (position.baseCost !== null) return position.baseCost
  if (ownRate === null || (mark !== null && local === null)) return null
  return position.cost * ownRate.amount * UNIT
}

/** `amount` (see amountOf) less the value at the start of the day less what flowed in; null when one is unknown. */
export function dayChangeOf({ position, ownRate }: Worth, amount: bigint | null): bigint | null {
  const { start, flow } = position.day
  if (amount === null || start === null || ownRate === null) return null
  return flow === 0n ? amount - start : amount - start - flow * ownRate.amount * UNIT
}

/** Whether the value is of a while ago, because its price or its rate is. */
export function isStale({ mark, rate }: Worth): boolean {
  return mark?.price.state === 'stale' || rate?.isStale === true
}

export function reasonOf({ mark, local }: Worth): UnpricedReason | null {
  if (mark === null) return 'no-price'
  return local === null ? 'no-rate' : null
}

/** Exact sums over what is priced; the rest is left out of every sum. */
export function sumWorths(book: Book, worths: readonly Worth[]): Totals {
  const sums = { total: 0n, cost: 0n, dated: false, undated: 0n, dayBase: 0n }
  for (const run of book.runs) {
    const rate = worths[run.begin]?.ownRate ?? null
    const local = rate === null || run.start === null ? null : sumAlike(run, worths, rate)
    if (rate === null || run.start === null || local === null) addEach(sums, run, worths)
    else {
      sums.total += local * rate.amount
      sums.cost += run.cost === 0n ? run.baseCost : run.baseCost + run.cost * rate.amount
      sums.dayBase += run.flow === 0n ? run.start : run.start + run.flow * rate.amount
      sums.dated = true
    }
  }
  const { total, cost, dated, undated, dayBase } = sums
  return { total, cost, dayChange: dated ? total - undated - dayBase : null, dayBase }
}

/** The sum of a run in its own currency, if all of it is priced in it and at this rate. */
function sumAlike(run: Run, worths: readonly Worth[], rate: RateMark): bigint | null {
  let local = 0n
  for (let place = run.begin; place < run.end; place += 1) {
    const worth = worths[place]
    if (!worth || worth.local === null || worth.rate !== rate || worth.ownRate !== rate) return null
    local += worth.local
  }
  return local
}

/** Adds up a run in which something is missing, or not as everywhere else. */
function addEach(sums: Sums, run: Run, worths: readonly Worth[]): void {
  for (const worth of worths.slice(run.begin, run.end)) {
    const amount = amountOf(worth)
    if (amount === null) continue
    const dayChange = dayChangeOf(worth, amount)
    sums.total += amount
    sums.cost += costOf(worth) ?? 0n
    if (dayChange === null) sums.undated += amount
    else {
      sums.dayBase += amount - dayChange
      sums.dated = true
    }
  }
}

/**
 * The totals after the price of one position has moved: `sumWorths` without going through all of them. Null when
 * more than a price has moved, and all have to be summed.
 */
export function movePrice(totals: Totals, before: Worth, now: Worth): Totals | null {
  const { rate } = now
  if (before.local === null || now.local === null || rate === null || before.position !== now.position)
    return null
  if (before.rate?.amount !== rate.amount || before.ownRate?.amount !== now.ownRate?.amount) return null
  const grown = (now.local - before.local) * rate.amount
  const dated = now.position.day.start !== null && totals.dayChange !== null
  return {
    total: totals.total + grown,
    cost: totals.cost,
    dayChange: dated ? totals.dayChange + grown : totals.dayChange,
    dayBase: totals.dayBase,
  }
}

/** `ownRate` is the one of the position's own currency. */
function worthOf(position: Position, market: Market, ownRate: RateMark | null): Worth {
  const mark = markOf(position, market)
  const rate =
    mark === null || mark.price.currency === position.currency ? ownRate : market.rate(mark.price.currency)
  const priced = mark !== null && rate !== null && ownRate !== null
  return { position, mark, rate, ownRate, local: priced ? position.quantity * mark.amount : null }
}

function markOf(position: Position, market: Market): PriceMark | null {
  if (!position.byMarket) return position.fixedPrice
  return position.symbol === null ? null : (market.mark(position.symbol) ?? null)
}
