import type { Alert } from '../protocol/alerts.js'
import { stateAt } from './rule.js'
import type { StoredAlert } from './store.js'

/** An alert as it is told: with what belongs to its kind alone. */
export function toAlert(alert: StoredAlert, alreadyTrue: boolean | null, now: number): Alert {
  const { kind, condition, threshold, currency, percent, direction } = alert
  const facts = {
    id: alert.id,
    repeat: alert.repeat,
    hysteresis: alert.hysteresis,
    minIntervalSeconds: alert.minIntervalSeconds,
    expiresAt: instantOrNull(alert.expiresAt),
    snoozedUntil: instantOrNull(alert.snoozedUntil),
    channels: alert.channels,
    note: alert.note,
    state: stateAt(alert, now),
    firedAt: instantOrNull(alert.firedAt),
    alreadyTrue,
    version: alert.version,
    createdAt: new Date(alert.createdAt).toISOString(),
    updatedAt: new Date(alert.updatedAt).toISOString(),
  }
  if (kind === 'GOAL') return { ...facts, kind, goalId: alert.goalId ?? '', events: alert.events }
  if (kind === 'BUDGET') return { ...facts, kind, budgetId: alert.budgetId ?? '', percents: alert.percents }
  if (kind === 'PORTFOLIO') {
    const { assetId } = alert
    const of = condition as Extract<Alert, { kind: 'PORTFOLIO' }>['condition']
    return { ...facts, kind, condition: of, threshold, currency, percent, direction, assetId }
  }
  const { symbol, per, windowMinutes } = alert
  const of = condition as Extract<Alert, { kind: 'PRICE' }>['condition']
  return {
    ...facts,
    kind,
    symbol: symbol ?? '',
    per,
    condition: of,
    threshold,
    percent,
    windowMinutes,
    direction,
  }
}

function instantOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
