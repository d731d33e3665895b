import { minorDigits } from '../lib/currency.js'
import { formatFixed, quotientText, toMoney } from '../lib/decimal.js'
import {
  amountOf,
  costOf,
  dayChangeOf,
  isStale,
  reasonOf,
  type Totals,
  WORTH_SCALE,
  type Worth,
} from './value.js'

/**
 * Valuations as the JSON text that goes to REST and socket alike. Written by hand, because a price shared by
 * thousands of users is turned into text once, not once for every user and window. The shapes are Valuation, ValuationUpdate and Holding of the protocol.
 */
export interface Stamp {
  readonly epoch: string
  readonly seq: number
  /** ms since the epoch, UTC. */
  readonly at: number
}

export function encodeSnapshot(
  stamp: Stamp,
  currency: string,
  worths: readonly Worth[],
  totals: Totals,
): string {
  const digits = minorDigits(currency)
  const holdings = worths.map((worth) => encodeHolding(worth, digits)).join(',')
  return (
    `{"epoch":"${stamp.epoch}","seq":${stamp.seq},"at":"${instant(stamp.at)}","currency":"${currency}",` +
    `"total":"${money(totals.total, digits)}","cost":"${money(totals.cost, digits)}",` +
    `"gain":"${money(totals.total - totals.cost, digits)}",` +
    `"dayChange":${encodeDayChange(totals.dayChange, totals.dayBase, digits)},` +
    `"coverage":${encodeCoverage(worths)},"holdings":[${holdings}]}`
  )
}

export function encodeUpdate(
  stamp: Stamp,
  currency: string,
  worths: readonly Worth[],
  totals: Totals,
  changed: Iterable<number>,
  coverage: string,
  costMoved: boolean,
): string {
  const digits = minorDigits(currency)
  let holdings = ''
  for (const index of changed) {
    const worth = worths[index]
    if (worth) holdings += (holdings === '' ? '' : ',') + encodeHolding(worth, digits)
  }
  return (
    `{"epoch":"${stamp.epoch}","seq":${stamp.seq},"at":"${instant(stamp.at)}",` +
    `"total":"${money(totals.total, digits)}",${costMoved ? `"cost":"${money(totals.cost, digits)}",` : ''}` +
    `"gain":"${money(totals.total - totals.cost, digits)}",` +
    `"dayChange":${encodeDayChange(totals.dayChange, totals.dayBase, digits)},` +
    `"coverage":${coverage},"changed":[${holdings}]}`
  )
}

export function encodeCoverage(worths: readonly Worth[]): string {
  let priced = 0
  let stale = 0
  const unpriced: { assetId: string; reason: string }[] = []
  for (let index = 0; index < worths.length; index += 1) {
    const worth = worths[index]
    if (!worth) continue
    const reason = reasonOf(worth)
    if (reason !== null) unpriced.push({ assetId: worth.position.assetId, reason })
    else {
      priced += 1
      if (isStale(worth)) stale += 1
    }
  }
  return JSON.stringify({ holdings: worths.length, priced, stale, unpriced })
}

function encodeHolding(worth: Worth, digits: number): string {
  const { assetId, type, name, symbol } = worth.position
  const value = amountOf(worth)
  const cost = costOf(worth)
  const dayChange = dayChangeOf(worth, value)
  const gain = value === null || cost === null ? 'null' : `"${money(value - cost, digits)}"`
  const base = value === null || dayChange === null ? 0n : value - dayChange
  // A debt counts negative and is told as what is owed; an overdrawn account is told as it is.
  const quantity = type === 'LIABILITY' ? -worth.position.quantity : worth.position.quantity
  return (
    `{"assetId":${JSON.stringify(assetId)},"type":"${type}","name":${JSON.stringify(name)},` +
    `"symbol":${JSON.stringify(symbol)},"quantity":"${formatFixed(quantity)}",` +
    `"price":${worth.mark === null ? 'null' : worth.mark.json},` +
    `"rate":${worth.rate === null ? 'null' : `"${worth.rate.text}"`},` +
    `"value":${value === null ? 'null' : `"${money(value, digits)}"`},` +
    `"cost":${cost === null ? 'null' : `"${money(cost, digits)}"`},"gain":${gain},` +
    `"dayChange":${encodeDayChange(dayChange, base, digits)}}`
  )
}

function encodeDayChange(change: bigint | null, base: bigint, digits: number): string {
  if (change === null) return 'null'
  return `{"amount":"${money(change, digits)}","percent":${percent(change, base)}}`
}

/** change / |base| in per cent with four decimals; null when there was nothing to change. */
function percent(change: bigint, base: bigint): string {
  if (base === 0n) return 'null'
  return `"${quotientText(change * 100n, base < 0n ? -base : base, 4)}"`
}

function money(amount: bigint, digits: number): string {
  return toMoney(amount, WORTH_SCALE, digits)
}

let lastAt = -1
let lastInstant = ''

/** ISO text of an instant; a flush writes the same one for every user, so the last is kept. */
function instant(at: number): string {
  if (at !== lastAt) {
    lastAt = at
    lastInstant = new Date(at).toISOString()
  }
  return lastInstant
}
