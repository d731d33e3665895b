import { minorDigits } from '../lib/currency.js'
import { toMoney } from '../lib/decimal.js'
import { LENGTH_MS } from '../prices/candle.js'
import type { NetWorthHistory, NetWorthPoint } from '../protocol/insights.js'
import type { CandleInterval } from '../protocol/resources.js'
import { type Book, isOfMarket, newestPlace, type UnitPrice, VALUE_SCALE } from './book.js'
import type { OwnedAsset, TimedPrices } from './book-store.js'
import { externalOf } from './edge.js'
import { isStale } from './stale.js'
import { type Move, plus, tallies } from './steps.js'
import type { Tick } from './ticks.js'
import type { Turns } from './turns.js'
import { movesOf, standing } from './walk.js'

export interface HistoryAsk {
  readonly interval: CandleInterval
  /** The moments that are told, in order. */
  readonly ticks: readonly Tick[]
  /** From when on a move counts; ms since the epoch. */
  readonly timeOf: (move: Move) => number
  /** Candles of the interval by symbol; none of days, of which the book knows the closes. */
  readonly candles: ReadonlyMap<string, TimedPrices & { readonly currency: string }>
}

/**
 * Net worth over time. Worked out of the activities anew each time instead of being stored, so that what is entered
 * late or changed shows at the dates that it is of. A moment at which something that had a price before has none, or
 * nothing has one, is left out: a curve that falls because a price is missing would be a lie.
 */
export async function netWorthHistory(book: Book, ask: HistoryAsk, turns: Turns): Promise<NetWorthHistory> {
  const { assets, values, currency } = book
  const found = await tallies(book, { method: 'fifo', fromDay: null }, turns)
  const inside = new Set(assets.keys())
  const moves = movesOf(found, inside)
    .map((move) => ({ move, at: ask.timeOf(move) }))
    .sort((a, b) => a.at - b.at)
  const quantities = assets.map(() => 0n)
  const wasPriced = new Set<number>()
  const points: NetWorthPoint[] = []
  const digits = minorDigits(currency)
  let contribution: bigint | null = 0n
  let next = 0
  for (const { at, date } of ask.ticks) {
    for (let due = moves[next]; due && due.at <= at; next += 1, due = moves[next]) {
      const { move } = due
      quantities[move.place] = (quantities[move.place] ?? 0n) + move.quantity
      contribution = plus(contribution, externalOf(move, { assets, inside, values }, move.entry.date))
      if (turns.due()) await turns.give()
    }
    let [priced, stale] = [0, 0]
    const moment = {
      price: (asset: OwnedAsset) => candlePrice(asset, at, ask) ?? values.price(asset, date),
      rate: (from: string) => values.rate(from, date),
    }
    const { value, holdings, missing } = standing(assets, quantities, moment, (place, price) => {
      priced += 1
      wasPriced.add(place)
      const asset = assets[place]
      if (asset && price.ageDays > 0 && isStale(asset, price)) stale += 1
    })
    const isUnknown = priced === 0 && holdings > 0
    const isBroken = isUnknown || missing.some((place) => wasPriced.has(place))
    if (!isBroken && next > 0) {
      points.push({
        at: new Date(at).toISOString(),
        value: toMoney(value, VALUE_SCALE, digits),
        contribution: contribution === null ? null : toMoney(contribution, VALUE_SCALE, digits),
        coverage: { holdings, priced, stale },
      })
    }
    if (turns.due()) await turns.give()
  }
  return { currency, interval: ask.interval, points }
}

/** As far back as a close stands for a later moment. */
export const OLDEST_MS = 7 * LENGTH_MS['1d']

/** The close of the newest candle that had begun, unless that is too old. */
function candlePrice(asset: OwnedAsset, at: number, { candles }: HistoryAsk): UnitPrice | null {
  if (!isOfMarket(asset) || asset.symbol === null) return null
  const series = candles.get(asset.symbol)
  const place = series ? newestPlace(series, at) : -1
  const [begun, amount] = [series?.times[place], series?.values[place]]
  if (!series || begun === undefined || amount === undefined || at - begun > OLDEST_MS) return null
  return { amount, currency: series.currency, ageDays: Math.floor((at - begun) / LENGTH_MS['1d']) }
}
