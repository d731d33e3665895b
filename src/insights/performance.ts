import { isAccount } from '../assets/ledger.js'
import type { LotMethod } from '../assets/lots.js'
import { fractionText } from '../cashflow/money.js'
import { divideFixed, formatFixed } from '../lib/decimal.js'
import type { AssetPerformance, Performance } from '../protocol/insights.js'
import type { Coverage } from '../protocol/resources.js'
import { type Book, dateOf, dayOf, VALUE_SCALE } from './book.js'
import { type AssetGains, type Gains, gainsOf, netOf, sumGains } from './gains.js'
import { averageInvested } from './invested.js'
import { printGains } from './print-gains.js'
import { rateText, returnsOf } from './returns.js'
import { isStale } from './stale.js'
import { tallies } from './steps.js'
import type { Turns } from './turns.js'
import { walk } from './walk.js'
import { xirr } from './xirr.js'

export interface PerformanceAsk {
  /** First and last date, both in the window; from the first activity on, and until today, unless told. */
  readonly from: string | null
  readonly to: string | null
  readonly method: LotMethod
  /** Of one asset alone. */
  readonly assetId: string | null
}

/**
 * What came of what was owned in a window, by DEFINITIONS: the value at the start is that of the end of the day
 * before `from`, so activities of `from` lie inside. An asset of which a price or a rate is missing is left out of
 * every total and named in the coverage; its trades then cross the edge of the rest.
 */
export async function performance(book: Book, ask: PerformanceAsk, turns: Turns): Promise<Performance> {
  const { assets, values, currency } = book
  const first = book.rows.find(({ assetId }) => ask.assetId === null || assetId === ask.assetId)?.date
  const to = ask.to === null || ask.to > book.today ? book.today : ask.to
  const from = ask.from ?? (first !== undefined && first <= to ? first : to)
  const [fromDay, toDay] = [dayOf(from), dayOf(to)]
  const found = await tallies(book, { method: ask.method, fromDay }, turns)
  const window = { start: dateOf(fromDay - 1), to }
  const rows: AssetGains[] = []
  for (const [place, asset] of assets.entries()) {
    const tally = found[place]
    if (!tally || (ask.assetId !== null && asset.id !== ask.assetId)) continue
    if (tally.moves.length === 0 && tally.before.quantity === 0n) continue
    rows.push(gainsOf(asset, tally, values, window))
    if (turns.due()) await turns.give()
  }
  const known = rows.filter(({ unknown }) => unknown === null)
  const gains = sumGains(known.map((row) => row.gains))
  const inside = new Set(known.map(({ asset }) => assets.indexOf(asset)))
  const firstDay = Math.max(fromDay, first === undefined ? toDay : Math.min(dayOf(first), toDay))
  const days = await walk(book, found, { inside, firstDay, toDay }, turns)
  const rates = ratesOf(gains, days, { fromDay, toDay })
  const unpriced = rows.flatMap(({ asset, unknown }) =>
    unknown === null ? [] : [{ assetId: asset.id, reason: unknown }],
  )
  const nothing = known.length === 0 ? unpriced[0]?.reason : undefined
  const roai = roaiOf(known, fromDay, toDay)
  const told = {
    ...printGains(nothing === undefined ? gains : UNKNOWN, currency),
    ...rates.told,
    roai: roai.told,
  }
  return {
    from,
    to,
    currency,
    method: ask.method,
    ...told,
    reasons: reasonsOf(told, { ...rates.reasons, roai: roai.reason }, nothing ?? 'no-rate', nothing),
    coverage: coverageOf(book, rows, to, unpriced),
    assets: rows.map((row) => tellAsset(row, currency)),
  }
}

const UNKNOWN: Gains = {
  startValue: null,
  endValue: null,
  netFlows: null,
  fees: null,
  taxes: null,
  dividends: null,
  interest: null,
  tradeFees: null,
  cost: null,
  investment: null,
  startCost: null,
  realised: null,
  priceGain: null,
}

/** Of each figure that is null, why; `otherwise` of those that say nothing of it themselves. */
function reasonsOf(
  told: Readonly<Record<string, string | null>>,
  reasons: Readonly<Record<string, string | undefined>>,
  otherwise: string,
  nothing: string | undefined,
): Record<string, string> {
  const missing = Object.entries(told).filter(([, text]) => text === null)
  return Object.fromEntries(missing.map(([name]) => [name, nothing ?? reasons[name] ?? otherwise]))
}

type WalkedDays = Awaited<ReturnType<typeof walk>>

function ratesOf(
  gains: Gains,
  days: WalkedDays,
  window: { readonly fromDay: number; readonly toDay: number },
) {
  const blank = { twr: null, twrAnnualised: null, xirr: null, maxDrawdown: null, volatility: null }
  const { startValue, endValue } = gains
  if (startValue === null || endValue === null || days === null)
    return { told: blank, reasons: {} as Readonly<Record<string, string | undefined>> }
  const { reasons, ...returns } = returnsOf(startValue, days)
  const amount = (exact: bigint): number => Number(exact) / 10 ** VALUE_SCALE
  const money = xirr([
    { day: window.fromDay - 1, amount: -amount(startValue) },
    ...days.map(({ day, deposits, withdrawals }) => ({ day, amount: amount(withdrawals - deposits) })),
    { day: window.toDay, amount: amount(endValue) },
  ])
  return {
    told: { ...blank, ...returns, xirr: money.rate === null ? null : rateText(money.rate) },
    reasons: { ...reasons, xirr: money.reason ?? undefined },
  }
}

/** Net performance of the holdings by what was invested in them on average; accounts are no investment. */
function roaiOf(known: readonly AssetGains[], fromDay: number, toDay: number) {
  let [net, invested] = [0n, 0n]
  for (const { asset, tally, gains } of known) {
    if (isAccount(asset.type)) continue
    const [gain, average] = [netOf(gains), averageInvested(tally, gains.startValue ?? 0n, fromDay, toDay)]
    if (gain === null || average === null) return { told: null, reason: 'no-rate' }
    net += gain
    invested += average
  }
  if (invested <= 0n) return { told: null, reason: 'nothing-invested' }
  return { told: fractionText(net, invested), reason: undefined }
}

function coverageOf(
  { values }: Book,
  rows: readonly AssetGains[],
  to: string,
  unpriced: Coverage['unpriced'],
): Coverage {
  const stale = rows.filter(({ asset, tally, unknown }) => {
    const price = unknown === null && tally.after.quantity !== 0n ? values.price(asset, to) : null
    return price !== null && isStale(asset, price)
  })
  return { holdings: rows.length, priced: rows.length - unpriced.length, stale: stale.length, unpriced }
}

function tellAsset({ asset, tally, gains }: AssetGains, currency: string): AssetPerformance {
  const { quantity, cost } = tally.after
  return {
    assetId: asset.id,
    symbol: asset.symbol,
    name: asset.name,
    quantity: formatFixed(asset.type === 'LIABILITY' ? -quantity : quantity),
    averagePrice: quantity === 0n ? null : formatFixed(divideFixed(cost, quantity)),
    ...printGains(gains, currency),
  }
}
