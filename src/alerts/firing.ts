import type { Database, Tx } from '../database/database.js'
import { formatFixed } from '../lib/decimal.js'
import type { Announce, News, Tell, Told } from '../notifications/news.js'
import { type Firing, type Fitting, firingStore, type StandingAlert } from './firing-store.js'
import { armOccasion } from './occasions.js'
import type { AlertOp, WriteOps } from './ops.js'
import { alertWords, type PortfolioFacts, type PriceFacts } from './words.js'

/**
 * Where "once" is decided. What was found in memory counts only if the alert, locked, still stands as it was found;
 * that it has fired, its row in alert_firings, the notification and everything that is to be delivered of it are
 * one transaction. Whoever comes second finds another state or another `arm_version` and is refused, also when it
 * is the same one who never learned that his commit went through.
 *
 *   armed --fire--> fired --rearm--> armed with arm_version + 1
 */
export function createFiring(options: {
  readonly db: Database
  readonly announce: Announce
  readonly tell: Tell
}): WriteOps {
  const { db, announce, tell } = options

  async function write(tx: Tx, ops: readonly AlertOp[]) {
    const standing = await firingStore.lock(
      tx,
      ops.map(({ alertId }) => alertId),
    )
    const fitting = ops.flatMap((op) => {
      const alert = standing.get(op.alertId)
      return alert && fits(op, alert) ? [{ op, alert }] : []
    })
    await firingStore.apply(tx, fitting)
    await firingStore.expire(tx, overOf(ops, standing))
    const fired = fitting.filter(({ op }) => op.kind === 'fire')
    const told = await announce(
      tx,
      fired.map(({ op, alert }) => newsOf(op, alert)),
    )
    await firingStore.insertFirings(tx, firingsOf(fired, told))
    const written = new Set(fitting.map(({ op }) => op))
    return { told, written: ops.map((op) => written.has(op)) }
  }

  return async function writeOps(ops): Promise<readonly boolean[]> {
    if (ops.length === 0) return []
    const { told, written } = await db.asSystem((tx) => write(tx, ops))
    if (told.length > 0) tell(told)
    return written
  }
}

function fits(op: AlertOp, { state, armVersion, expiresAt, snoozedUntil }: StandingAlert): boolean {
  if (armVersion !== op.armVersion) return false
  if (op.kind === 'rearm') return state === 'fired'
  const isSnoozed = snoozedUntil !== null && op.at < snoozedUntil
  return state === 'armed' && !isOver(op, expiresAt) && !isSnoozed
}

function isOver({ at }: AlertOp, expiresAt: number | null): boolean {
  return expiresAt !== null && expiresAt <= at
}

/** Written down here, as it would be decided again and again until whoever looks for them has found it. */
function overOf(ops: readonly AlertOp[], standing: ReadonlyMap<string, StandingAlert>): readonly string[] {
  return ops.flatMap((op) => {
    const { state = null, expiresAt = null } = standing.get(op.alertId) ?? {}
    return op.kind === 'fire' && state === 'armed' && isOver(op, expiresAt) ? [op.alertId] : []
  })
}

function newsOf(op: AlertOp, alert: StandingAlert): News {
  const { id: alertId, userId, kind, condition, symbol, per, threshold, percent, windowMinutes, note } = alert
  const [value, from] = [formatFixed(op.value), op.from === null ? null : formatFixed(op.from)]
  // Of a total without a threshold only who saw it knows in which currency it is.
  const currency = alert.currency ?? op.data?.currency ?? null
  const facts = { ...op.data, value, from, threshold, percent, currency, note }
  const words = { ...facts, kind, condition, symbol: symbol ?? '', per, windowMinutes }
  return {
    userId,
    kind: 'alert:fired',
    key: keyOf(op),
    words: alertWords(words as PriceFacts | PortfolioFacts),
    data: {
      ...facts,
      alertId,
      kind,
      condition,
      symbol,
      per,
      windowMinutes,
      at: new Date(op.at).toISOString(),
    },
    channels: alert.channels,
    at: op.at,
  }
}

function keyOf({ alertId, armVersion }: AlertOp): string {
  return `alert:${alertId}:${armOccasion(armVersion)}`
}

function firingsOf(fired: readonly Fitting[], told: readonly Told[]): readonly Firing[] {
  const ids = new Map(told.map(({ notification }) => [notification.data.alertId, notification.id]))
  return fired.map(({ op, alert }) => ({
    ...{ userId: alert.userId, alertId: alert.id, occasion: armOccasion(op.armVersion) },
    ...{ value: formatFixed(op.value), notificationId: ids.get(alert.id) ?? null, at: op.at },
  }))
}
