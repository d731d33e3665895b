import { minorDigits } from '../lib/currency.js'
import {
  divideHalfEven,
  FIXED_SCALE,
  type Fixed,
  formatFixed,
  ONE,
  powerOfTen,
  rescale,
} from '../lib/decimal.js'
import type { Direction, PortfolioAlert } from '../protocol/alerts.js'
import { WORTH_SCALE } from '../valuation/value.js'
import type { AlertOp } from './ops.js'

/**
 * What alerts on everything that a user has make of one valuation after the other. Pure: a step takes how the alert
 * stands and what is seen, and tells how it stands then and what has to be written.
 *
 *   armed --the value goes through its mark--> fired --back by the hysteresis, or on the next day--> armed + 1
 *
 * To go through is an edge, (previous, current] upwards and [current, previous) downwards; to be back is a level,
 * so that nothing which was passed over keeps an alert from being armed again. What is measured is an amount (above,
 * below, newHigh) or a percentage (dayChange, share), told by `unit`; two of different units, or of totals that leave
 * out different holdings, are not compared: the new one only takes the place of the old one.
 */
export interface PortfolioRule {
  readonly condition: PortfolioAlert['condition']
  readonly threshold: Fixed | null
  /** Of the threshold. */
  readonly currency: string | null
  readonly percent: Fixed | null
  readonly direction: Direction | null
  readonly assetId: string | null
  readonly repeat: PortfolioAlert['repeat']
  readonly hysteresis: Fixed
  readonly minIntervalSeconds: number
  /** Ms since the epoch. */
  readonly expiresAt: number | null
  readonly snoozedUntil: number | null
}

/** What was measured last; of newHigh the highest so far. */
export interface Seen {
  /** Null: it is not known, but when it was. */
  readonly value: Fixed | null
  /** A currency, or `%`; null: the base currency of then. */
  readonly unit: string | null
  readonly basis: string
  readonly at: number
}

export interface Standing {
  readonly state: 'armed' | 'fired'
  readonly armVersion: number
  readonly firedAt: number | null
  readonly seen: Seen | null
}

/** A portfolio at one instant, none of its prices being old. Amounts as in valuation/value.ts. */
export interface Sight {
  readonly at: number
  readonly currency: string
  readonly total: bigint
  readonly dayChange: bigint | null
  readonly dayBase: bigint
  /** Which holdings the total leaves out (basis.ts). */
  readonly basis: string
  /** The holding, or the largest one; null without a value. */
  readonly holding: (assetId: string | null) => HeldValue | null
  /** Units of this currency for one of the portfolio's. */
  readonly rate: (currency: string) => Fixed | null
  /** The user's date at this instant. */
  readonly dateOf: (at: number) => string
}

export interface HeldValue {
  readonly assetId: string
  readonly name: string
  readonly value: bigint
}

export interface Step {
  readonly standing: Standing
  readonly op: Omit<AlertOp, 'alertId'> | null
}

interface Measured {
  readonly value: Fixed
  readonly unit: string
  readonly holding: HeldValue | null
}

/** Null when this alert cannot be held against what is seen, and stands as it stood. */
export function step(rule: PortfolioRule, standing: Standing, sight: Sight): Step | null {
  const { at, basis } = sight
  if (rule.expiresAt !== null && rule.expiresAt <= at) return null
  if (standing.state === 'fired' && rule.repeat === 'once') return null
  const measured = measure(rule, sight)
  if (measured === null) return null
  const { value, unit } = measured
  const previous = previousOf(rule, standing.seen, unit, sight)
  const seen = { value: rule.condition === 'newHigh' ? highest(previous, value) : value, unit, basis, at }
  if (previous === null) return { standing: { ...standing, seen }, op: null }
  if (standing.seen?.basis !== basis)
    return { standing: { ...standing, seen: anew(rule, standing.seen, seen, sight) }, op: null }
  if (standing.state === 'fired') {
    if (!isBack(rule, standing, value, previous, sight)) return { standing: { ...standing, seen }, op: null }
    return rearm(rule, standing, seen, measured, sight)
  }
  const isHeard = goesThrough(rule, previous, value) && !isQuiet(rule, standing, at)
  if (!isHeard) return { standing: { ...standing, seen }, op: null }
  return {
    standing: { ...standing, state: 'fired', firedAt: at, seen },
    op: { kind: 'fire', armVersion: standing.armVersion, ...told(rule, measured, previous, sight) },
  }
}

/** Rounded as it is shown, so that it fires by what can be read; null for what is unknown or too large to be kept. */
function measure(rule: PortfolioRule, sight: Sight): Measured | null {
  const { condition } = rule
  const found =
    condition === 'share'
      ? shareOf(rule, sight)
      : condition === 'dayChange'
        ? dayChangeOf(sight)
        : amountIn(condition === 'newHigh' ? sight.currency : (rule.currency ?? sight.currency), sight)
  return found !== null && isStorable(found.value) ? found : null
}

function amountIn(unit: string, { total, currency, rate }: Sight): Measured | null {
  const digits = minorDigits(unit)
  const factor = unit === currency ? ONE : rate(unit)
  if (factor === null) return null
  const amount = rescale(total * factor, WORTH_SCALE + FIXED_SCALE, digits)
  return { value: rescale(amount, digits, FIXED_SCALE), unit, holding: null }
}

function shareOf({ assetId }: PortfolioRule, { total, holding }: Sight): Measured | null {
  const held = holding(assetId)
  if (held === null || total <= 0n) return null
  return { value: divideHalfEven(held.value * HUNDRED, total), unit: PERCENT, holding: held }
}

function dayChangeOf({ dayChange, dayBase }: Sight): Measured | null {
  if (dayChange === null || dayBase === 0n) return null
  const value = divideHalfEven(dayChange * 100n * powerOfTen(DAY_DIGITS), size(dayBase))
  return { value: rescale(value, DAY_DIGITS, FIXED_SCALE), unit: PERCENT, holding: null }
}

/** The value before, if it can be compared; a day begins with no change. */
function previousOf(rule: PortfolioRule, seen: Seen | null, unit: string, sight: Sight): Fixed | null {
  if (seen === null) return null
  if (rule.condition === 'dayChange' && isOfEarlierDay(seen.at, sight)) return 0n
  if (rule.condition === 'share' || rule.condition === 'dayChange')
    return seen.unit === PERCENT ? seen.value : null
  return (seen.unit ?? sight.currency) === unit ? seen.value : null
}

/** What is remembered where other holdings are left out than before. */
function anew(rule: PortfolioRule, before: Seen | null, seen: Seen, sight: Sight): Seen {
  const isNewDay = rule.condition === 'dayChange' && before !== null && isOfEarlierDay(before.at, sight)
  return isNewDay ? { ...seen, value: 0n } : seen
}

function goesThrough(rule: PortfolioRule, previous: Fixed, value: Fixed): boolean {
  if (rule.condition === 'newHigh') return value > previous
  const mark = markOf(rule)
  if (mark === null) return false
  const isUp = (by: Fixed): boolean => previous < by && value >= by
  const isDown = (by: Fixed): boolean => previous > by && value <= by
  if (rule.condition === 'below') return isDown(mark)
  if (rule.condition !== 'dayChange') return isUp(mark)
  const direction = rule.direction ?? 'either'
  return (direction !== 'down' && isUp(mark)) || (direction !== 'up' && isDown(-mark))
}

function isBack(
  rule: PortfolioRule,
  { firedAt }: Standing,
  value: Fixed,
  previous: Fixed,
  sight: Sight,
): boolean {
  if (rule.condition === 'dayChange') return firedAt === null || isOfEarlierDay(firedAt, sight)
  const mark = rule.condition === 'newHigh' ? previous : markOf(rule)
  if (mark === null) return false
  const room = divideHalfEven(size(mark) * rule.hysteresis, HUNDRED)
  return rule.condition === 'below' ? value >= mark + room : value <= mark - room
}

/** The high of newHigh outlives the firing: it is what the next one is measured against. */
function rearm(rule: PortfolioRule, standing: Standing, seen: Seen, measured: Measured, sight: Sight): Step {
  const value = rule.condition === 'newHigh' ? (seen.value ?? measured.value) : totalOf(measured, sight)
  const op = {
    kind: 'rearm',
    armVersion: standing.armVersion,
    value,
    from: null,
    version: null,
    at: sight.at,
  } as const
  const after = rule.condition === 'dayChange' ? { ...seen, value: 0n } : seen
  return { standing: { ...standing, state: 'armed', armVersion: standing.armVersion + 1, seen: after }, op }
}

/** `data` in the words of words.ts. */
function told(rule: PortfolioRule, measured: Measured, previous: Fixed, sight: Sight) {
  const { at, currency, total, dayChange } = sight
  const amount = (exact: bigint): Fixed => rescale(exact, WORTH_SCALE, FIXED_SCALE)
  const isAmount = measured.unit !== PERCENT
  const { holding } = measured
  const dayStart = rule.condition === 'dayChange' && dayChange !== null ? amount(total - dayChange) : null
  return {
    value: totalOf(measured, sight),
    from: isAmount ? previous : dayStart,
    version: null,
    at,
    data: {
      total: formatFixed(totalOf(measured, sight)),
      currency: isAmount ? measured.unit : currency,
      ...(rule.condition === 'dayChange' ? { change: percentText(measured.value) } : {}),
      ...(holding === null
        ? {}
        : { assetId: holding.assetId, holding: holding.name, share: percentText(measured.value) }),
    },
  }
}

/** In the unit of what is measured if that is a currency, else in the portfolio's. */
function totalOf(measured: Measured, sight: Sight): Fixed {
  if (measured.unit !== PERCENT) return measured.value
  const value = amountIn(sight.currency, sight)?.value ?? 0n
  return isStorable(value) ? value : 0n
}

function isQuiet(
  { snoozedUntil, minIntervalSeconds }: PortfolioRule,
  { firedAt }: Standing,
  at: number,
): boolean {
  const isSnoozed = snoozedUntil !== null && at < snoozedUntil
  return isSnoozed || (firedAt !== null && at < firedAt + minIntervalSeconds * 1000)
}

function markOf({ condition, threshold, percent }: PortfolioRule): Fixed | null {
  return condition === 'above' || condition === 'below' ? threshold : percent
}

function isOfEarlierDay(at: number, { at: now, dateOf }: Sight): boolean {
  return at < now && dateOf(at) < dateOf(now)
}

function highest(previous: Fixed | null, value: Fixed): Fixed {
  return previous !== null && previous > value ? previous : value
}

function percentText(value: Fixed): string {
  return formatFixed(rescale(value, FIXED_SCALE, 2), 2)
}

function size(value: bigint): bigint {
  return value < 0n ? -value : value
}

/** Twenty digits before the point are what a column holds. */
function isStorable(value: Fixed): boolean {
  return size(value) < MOST
}

const MOST = powerOfTen(20 + FIXED_SCALE)
const PERCENT = '%'
const HUNDRED = 100n * ONE
/** As a day change is told (valuation/encode.ts). */
const DAY_DIGITS = 4
