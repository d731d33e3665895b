import { type Effect, type Entry, isAccount, Position, replay } from '../assets/ledger.js'
import { toEntry } from '../assets/ledger-store.js'
import type { Lot, LotMethod } from '../assets/lots.js'
import { divideHalfEven, type Fixed } from '../lib/decimal.js'
import { type Book, dayOf } from './book.js'
import type { Turns } from './turns.js'

/**
 * What activities did to each asset before and in a window, in the base currency: each amount at the rate of its
 * own date, exact at scale 36; null where a rate is not known. What is transferred moves at what it had cost in
 * the base currency, so that a transfer by itself makes no gain, not even of the currency.
 */
export interface Tally {
  /** At the end of the day before the window, and at its end. */
  before: Standing
  after: Standing
  flow: bigint | null
  fees: bigint | null
  taxes: bigint | null
  dividends: bigint | null
  interest: bigint | null
  /** The part of `fees` that belongs to purchases and sales of holdings. */
  tradeFees: bigint | null
  realised: bigint | null
  /** The part of `realised` that is of the price: at the rate at which the lots were bought. */
  realisedPrice: bigint | null
  /** In the window, in order. */
  readonly moves: Move[]
}

/** What was held. */
export interface Standing {
  readonly quantity: Fixed
  /** In the asset's currency. */
  readonly cost: Fixed
  readonly baseCost: bigint | null
  readonly baseInvestment: bigint | null
  /** Sums of each lot's quantity, and of its cost, at the rate of its purchase, at scale 36. */
  readonly ratedQuantity: bigint | null
  readonly ratedCost: bigint | null
}

export interface Move {
  readonly entry: Entry
  readonly day: number
  /** Its asset's place in the book. */
  readonly place: number
  /** Changes of what is held. */
  readonly quantity: Fixed
  readonly investment: bigint | null
  /** Cash that came in from whoever settles it, at scale 36; below zero what went out. */
  readonly external: bigint | null
  /** The same of what settle each other: a trade and the row of the account that pays, both halves of a transfer. */
  readonly key: string
  /** Of units that come or go without cash. */
  readonly transfer: Transfer | null
}

export interface Transfer {
  /** Place of the asset at its other end; null when that is not here. */
  readonly partner: number | null
  /** Fees and taxes of it. */
  readonly costs: bigint | null
}

/** `fromDay` is the first day of the window; null: it begins with the first activity. */
export async function tallies(
  { assets, rows, rates, currency }: Book,
  { method, fromDay }: { readonly method: LotMethod; readonly fromDay: number | null },
  turns: Turns,
): Promise<readonly Tally[]> {
  const places = new Map(assets.map(({ id }, place) => [id, place]))
  const positions = new Map(assets.map((asset) => [asset.id, new Position(asset, method)]))
  const standings = () => assets.map(({ id }) => standingOf(positions.get(id)?.lots ?? []))
  const entries: Entry[] = []
  const otherEnds = new Map<string, number>()
  for (const row of rows) {
    entries.push(toEntry(row, { dated: rates, base: currency }))
    if (row.causeId !== null) otherEnds.set(row.causeId, places.get(row.assetId) ?? -1)
    if (turns.due()) await turns.give()
  }
  const found: Tally[] = assets.map(() => ({ ...blank(), moves: [] }))
  const leaving = new Map<string, Left>()
  const owners = new Map<string, number>()
  const steps = replay(positions, entries)
  let before: readonly Standing[] | null = null
  let [date, day] = ['', 0]
  for (const entry of entries) {
    if (entry.date !== date) [date, day] = [entry.date, dayOf(entry.date)]
    if (before === null && (fromDay === null || day >= fromDay)) before = standings()
    const step = steps.next()
    const place = places.get(entry.assetId)
    const [tally, asset] = [found[place ?? -1], assets[place ?? -1]]
    if (step.done || place === undefined || !tally || !asset) break
    owners.set(entry.id, place)
    const isHolding = !isAccount(asset.type)
    const left = isHolding ? leftBy(step.value, leaving) : null
    const partner = entry.type === 'TRANSFER_IN' ? owners.get(entry.causeId ?? '') : otherEnds.get(entry.id)
    if (before !== null) add(tally, step.value, { day, place, isHolding, left, partner: partner ?? null })
    if (turns.due()) await turns.give()
  }
  const after = standings()
  before ??= after
  found.forEach((tally, place) => {
    tally.before = before[place] ?? tally.before
    tally.after = after[place] ?? tally.after
  })
  return found
}

/** What lots that are transferred had cost, in the base currency. */
interface Left {
  readonly cost: bigint | null
  readonly investment: bigint | null
}

/** Of a transfer; null where it is none, or where what comes in is bought by it. */
function leftBy({ entry, closed }: Effect, leaving: Map<string, Left>): Left | null {
  if (entry.type === 'TRANSFER_OUT') {
    const left = sumsOf(closed)
    leaving.set(entry.id, left)
    return left
  }
  if (entry.type !== 'TRANSFER_IN' || entry.causeId === null || closed.length > 0) return null
  return leaving.get(entry.causeId) ?? null
}

function sumsOf(lots: readonly Lot[]): Left {
  return lots.reduce<Left>(
    (sum, lot) => ({
      cost: plus(sum.cost, lot.baseCost),
      investment: plus(sum.investment, lot.baseInvestment),
    }),
    { cost: 0n, investment: 0n },
  )
}

interface Place {
  readonly day: number
  readonly place: number
  readonly isHolding: boolean
  readonly left: Left | null
  readonly partner: number | null
}

function add(tally: Tally, effect: Effect, { day, place, isHolding, left, partner }: Place): void {
  const { entry, closed, quantity } = effect
  const rate = entry.baseRate
  const isOut = entry.type === 'TRANSFER_OUT'
  const flow = left ? (isOut ? negated(left.cost) : left.cost) : inBase(effect.flow, rate)
  const [fee, tax] = [inBase(effect.fee, rate), inBase(effect.tax, rate)]
  const [dividend, interest] = [inBase(effect.dividend, rate), inBase(effect.interest, rate)]
  tally.flow = plus(tally.flow, flow)
  tally.fees = plus(tally.fees, fee)
  tally.taxes = plus(tally.taxes, tax)
  tally.dividends = plus(tally.dividends, dividend)
  tally.interest = plus(tally.interest, interest)
  if (isHolding && (entry.type === 'BUY' || entry.type === 'SELL'))
    tally.tradeFees = plus(tally.tradeFees, fee)
  if (closed.length > 0 && !(left && isOut)) {
    const gain = plus(inBase(effect.proceeds, rate), negated(sumsOf(closed).cost))
    tally.realised = plus(tally.realised, gain)
    tally.realisedPrice = plus(tally.realisedPrice, priceGainOf(effect))
  }
  const costs = plus(fee, tax)
  tally.moves.push({
    entry,
    day,
    place,
    quantity,
    investment: investmentOf(effect, left),
    external: plus(plus(flow, costs), negated(plus(dividend, interest))),
    key: entry.causeId ?? entry.id,
    transfer: isHolding && entry.type.startsWith('TRANSFER') ? { partner, costs } : null,
  })
}

/** By what the investment (cost without fees) of what is held grew. */
function investmentOf({ entry, flow, quantity, closed }: Effect, left: Left | null): bigint | null {
  if (left && entry.type === 'TRANSFER_IN') return left.investment
  const ended = negated(sumsOf(closed).investment)
  const opened = closed.reduce((rest, lot) => rest + lot.quantity, quantity)
  if (opened === 0n || entry.type === 'TRANSFER_OUT' || quantity === 0n) return ended
  return plus(ended, inBase(divideHalfEven(flow * opened, quantity), entry.baseRate))
}

/** What was closed brought so much more than it had cost, each lot at the rate of its purchase. */
function priceGainOf({ proceeds, closed }: Effect): bigint | null {
  const quantity = closed.reduce((sum, lot) => sum + lot.quantity, 0n)
  let gain: bigint | null = 0n
  let rest = proceeds
  closed.forEach((lot, place) => {
    const isLast = place === closed.length - 1
    const part = isLast || quantity === 0n ? rest : divideHalfEven(proceeds * lot.quantity, quantity)
    rest -= part
    gain = plus(gain, inBase(part - lot.cost, lot.rate))
  })
  return gain
}

function standingOf(lots: readonly Lot[]): Standing {
  let [quantity, cost] = [0n, 0n]
  let ratedQuantity: bigint | null = 0n
  let ratedCost: bigint | null = 0n
  for (const lot of lots) {
    quantity += lot.quantity
    cost += lot.cost
    ratedQuantity = plus(ratedQuantity, inBase(lot.quantity, lot.rate))
    ratedCost = plus(ratedCost, inBase(lot.cost, lot.rate))
  }
  const { cost: baseCost, investment: baseInvestment } = sumsOf(lots)
  return { quantity, cost, baseCost, baseInvestment, ratedQuantity, ratedCost }
}

function blank() {
  const sums = { flow: 0n, fees: 0n, taxes: 0n, dividends: 0n, interest: 0n, tradeFees: 0n }
  const nothing = standingOf([])
  return { ...sums, realised: 0n, realisedPrice: 0n, before: nothing, after: nothing }
}

function inBase(amount: Fixed, rate: Fixed | null): bigint | null {
  if (amount === 0n) return 0n
  return rate === null ? null : amount * rate
}

export function plus(a: bigint | null, b: bigint | null): bigint | null {
  return a === null || b === null ? null : a + b
}

function negated(value: bigint | null): bigint | null {
  return value === null ? null : -value
}
