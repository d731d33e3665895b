import { ONE, parseFixed } from '../lib/decimal.js'
import type { AlertState } from '../protocol/alerts.js'
import { mistake } from './refusals.js'
import { type AlertRule, REARM_INTERVAL_SECONDS, stateAt } from './rule.js'
import type { AlertChangeInput } from './schema.js'
import type { StoredAlert } from './store.js'

/** What a change makes of an alert. */
export interface Changed {
  readonly rule: AlertRule
  readonly state: AlertState
  readonly snoozedUntil: number | null
  /**
   * Whether it begins anew, because it is another alert by now, or speaks again before it was to; to be silent for a
   * while, or said elsewhere, is neither.
   */
  readonly isAnew: boolean
}

type Field = keyof AlertChangeInput

/** Of which kinds and conditions these are. */
const BELONG: Readonly<Partial<Record<Field, readonly string[]>>> = {
  threshold: ['PRICE above', 'PRICE below', 'PRICE crosses', 'PORTFOLIO above', 'PORTFOLIO below'],
  percent: ['PRICE moves', 'PORTFOLIO dayChange', 'PORTFOLIO share'],
  windowMinutes: ['PRICE moves'],
  direction: ['PRICE moves', 'PORTFOLIO dayChange'],
  events: ['GOAL'],
  percents: ['BUDGET'],
}
const ASIDE: readonly Field[] = ['snoozedUntil', 'channels', 'note']
const WHOLE = 100n * ONE

/** Throws AppError `invalid` where the change does not fit the alert. */
export function changedBy(before: StoredAlert, change: AlertChangeInput, now: number): Changed {
  const given = Object.entries(change).filter(([, value]) => value !== undefined)
  const fields = given.map(([field]) => field as Field)
  checkFields(before, fields)
  const { state, snoozedUntil = before.snoozedUntil, ...rest } = Object.fromEntries(given) as AlertChangeInput
  const rule = { ...ruleIn(before), ...intervalOf(before, change), ...rest } as AlertRule
  checkLimits(rule)
  checkFuture(change, now)
  if (state === 'armed' && rule.expiresAt !== null && rule.expiresAt <= now)
    throw mistake('/expiresAt', 'has passed; give a later one, or null')
  const isOther = fields.some((field) => !ASIDE.includes(field))
  return {
    rule,
    snoozedUntil,
    isAnew: isOther || isWoken(before, snoozedUntil, now),
    state: isOther ? (state ?? stateAfter(before, rule, now)) : before.state,
  }
}

/** What happened while it was to be silent is over, as behind a pause. */
function isWoken(before: StoredAlert, snoozedUntil: number | null, now: number): boolean {
  return snoozedUntil === null && before.snoozedUntil !== null && before.snoozedUntil > now
}

/** Throws AppError `invalid` for an instant that has passed. */
export function checkFuture(
  given: {
    readonly expiresAt?: number | null | undefined
    readonly snoozedUntil?: number | null | undefined
  },
  now: number,
): void {
  for (const field of ['expiresAt', 'snoozedUntil'] as const) {
    const at = given[field]
    if (at !== undefined && at !== null && at <= now) throw mistake(`/${field}`, 'has to lie in the future')
  }
}

function checkFields({ kind, condition }: StoredAlert, fields: readonly Field[]): void {
  const own = condition === null ? kind : `${kind} ${condition}`
  for (const field of fields) {
    if (BELONG[field]?.includes(own) === false)
      throw mistake(`/${field}`, `does not belong to an alert of the kind ${own}`)
  }
}

/** What holds for one kind and not for another that has the same field. */
function checkLimits({ kind, condition, threshold, percent }: AlertRule): void {
  if (kind === 'PRICE' && threshold !== null && parseFixed(threshold) <= 0n)
    throw mistake('/threshold', 'must be more than zero')
  if (condition === 'share' && percent !== null && parseFixed(percent) >= WHOLE)
    throw mistake('/percent', 'must be less than 100')
}

/**
 * What becomes of one that is changed without being told to: who paused it, or was told for good, has the say. Any
 * other begins anew, one that waits to be armed again, too: where it waited for may be nowhere near any more.
 */
function stateAfter(before: StoredAlert, rule: AlertRule, now: number): AlertState {
  if (before.state === 'paused') return 'paused'
  if (before.state === 'fired' && rule.repeat === 'once') return 'fired'
  return stateAt({ ...rule, state: 'armed' }, now)
}

/** Of one that fired once and has no interval yet; others keep theirs. */
function intervalOf(before: StoredAlert, { repeat }: AlertChangeInput): Partial<AlertRule> {
  const isTurned = repeat === 'rearm' && before.repeat === 'once'
  return isTurned && before.minIntervalSeconds === 0 ? { minIntervalSeconds: REARM_INTERVAL_SECONDS } : {}
}

function ruleIn(alert: StoredAlert): AlertRule {
  const { id: _, state: __, armVersion, firedAt, snoozedUntil, version, createdAt, ...rest } = alert
  const { updatedAt, isReached, ...rule } = rest
  return rule
}
