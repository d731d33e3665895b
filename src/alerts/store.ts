import type { Tx } from '../database/database.js'
import { toFixedText, toFixedTextOrNull } from '../database/values.js'
import type { Prisma } from '../generated/prisma/client.js'
import { pageClause, pageOf } from '../http/pages.js'
import { versionAt } from '../prices/tick.js'
import type { AlertRepeat, AlertState, Direction, GoalEvent } from '../protocol/alerts.js'
import type { Channel } from '../protocol/notifications.js'
import type { Page } from '../protocol/resources.js'
import { type Baseline, NO_BASELINE } from './baseline.js'
import type { AlertRule } from './rule.js'
import type { AlertQuery } from './schema.js'

/** An alert as it is stored; instants in ms since the epoch. */
export interface StoredAlert extends AlertRule {
  readonly id: string
  /** As it was written; stateAt (rule.ts) tells how it stands. */
  readonly state: AlertState
  readonly armVersion: number
  readonly firedAt: number | null
  readonly snoozedUntil: number | null
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
  /** Whether its goal is reached and has not fallen back; null without a goal. */
  readonly isReached: boolean | null
}

/** An alert that was one elsewhere; there is no price yet from which it begins. */
export interface KeptAlert {
  readonly id: string
  readonly rule: AlertRule
  readonly state: AlertState
  readonly firedAt: number | null
  readonly snoozedUntil: number | null
  readonly createdAt: number
  /** Occasions of which it has told already. */
  readonly told: readonly string[]
}

const WHOLE = { goal: { select: { reachedAt: true, fellBackAt: true } } } as const
type AlertRow = Prisma.AlertGetPayload<{ include: typeof WHOLE }>

const EXPIRING_BATCH = 1_000

/** Everything below works inside the transaction of one user (Database.asUser). */
export const alertStore = {
  async list(tx: Tx, userId: string, query: AlertQuery, now: number): Promise<Page<StoredAlert>> {
    const { where, ...rest } = pageClause(query)
    const { kind, symbol, state } = query
    const asked = {
      ...(kind === undefined ? {} : { kind }),
      ...(symbol === undefined ? {} : { symbol }),
      ...(state === undefined ? {} : standingAs(state, new Date(now))),
    }
    const rows = await tx.alert.findMany({ where: { userId, ...where, ...asked }, include: WHOLE, ...rest })
    return pageOf(rows, query.limit, toAlert)
  },

  async find(tx: Tx, userId: string, id: string): Promise<StoredAlert | null> {
    const row = await tx.alert.findFirst({ where: { userId, id }, include: WHOLE })
    return row && toAlert(row)
  },

  /** The same, locked until the transaction ends. */
  async lock(tx: Tx, userId: string, id: string): Promise<StoredAlert | null> {
    await tx.$queryRaw`SELECT 1 FROM alerts WHERE user_id = ${userId}::uuid AND id = ${id}::uuid FOR UPDATE`
    return alertStore.find(tx, userId, id)
  },

  /** Whoever else makes alerts of this user waits until the transaction ends. */
  async takeTurn(tx: Tx, userId: string): Promise<void> {
    await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`
  },

  async count(tx: Tx, userId: string): Promise<number> {
    return tx.alert.count({ where: { userId } })
  },

  /** Whether it is the user's own; if so it stays until the transaction ends. */
  async owns(tx: Tx, userId: string, what: 'goal' | 'budget' | 'asset', id: string): Promise<boolean> {
    const rows = await {
      goal: () => tx.$queryRaw<unknown[]>`
        SELECT 1 FROM goals WHERE user_id = ${userId}::uuid AND id = ${id}::uuid FOR KEY SHARE`,
      budget: () => tx.$queryRaw<unknown[]>`
        SELECT 1 FROM budgets WHERE user_id = ${userId}::uuid AND id = ${id}::uuid FOR KEY SHARE`,
      asset: () => tx.$queryRaw<unknown[]>`
        SELECT 1 FROM assets WHERE user_id = ${userId}::uuid AND id = ${id}::uuid FOR KEY SHARE`,
    }[what]()
    return rows.length > 0
  },

  async insert(
    tx: Tx,
    userId: string,
    rule: AlertRule,
    baseline: Baseline,
    now: number,
  ): Promise<StoredAlert> {
    const data = { userId, ...columns(rule), ...baseColumns(rule, baseline, now) }
    return toAlert(await tx.alert.create({ data, include: WHOLE }))
  },

  async insertKept(tx: Tx, userId: string, kept: readonly KeptAlert[], now: number): Promise<void> {
    await tx.alert.createMany({
      data: kept.map(({ id, rule, state, firedAt, snoozedUntil, createdAt }) => ({
        ...{ id, userId, ...columns(rule), ...baseColumns(rule, unknownAt(rule, now), now) },
        ...{ state, firedAt: dateOrNull(firedAt), snoozedUntil: dateOrNull(snoozedUntil) },
        createdAt: new Date(createdAt),
      })),
    })
    const firings = kept.flatMap(({ id, told }) =>
      told.map((occasion) => ({ userId, alertId: id, occasion })),
    )
    await tx.alertFiring.createMany({ data: firings, skipDuplicates: true })
  },

  /** With a baseline it is armed anew, or would be: what was decided of it before does not count any more. */
  async change(
    tx: Tx,
    userId: string,
    id: string,
    after: { readonly rule: AlertRule; readonly state: AlertState; readonly snoozedUntil: number | null },
    anew: { readonly baseline: Baseline; readonly now: number } | null,
  ): Promise<StoredAlert> {
    const row = await tx.alert.update({
      where: { userId_id: { userId, id } },
      data: {
        ...columns(after.rule),
        snoozedUntil: dateOrNull(after.snoozedUntil),
        version: { increment: 1 },
        ...(anew && {
          state: after.state,
          armVersion: { increment: 1 },
          ...baseColumns(after.rule, anew.baseline, anew.now),
        }),
      },
      include: WHOLE,
    })
    return toAlert(row)
  },

  async remove(tx: Tx, userId: string, id: string): Promise<void> {
    await tx.alert.delete({ where: { userId_id: { userId, id } }, select: { id: true } })
  },

  /** Occasions of which nobody has to be told any more. */
  async passOver(
    tx: Tx,
    userId: string,
    alertId: string,
    occasions: readonly string[],
    now: number,
  ): Promise<void> {
    const data = occasions.map((occasion) => ({ userId, alertId, occasion, at: new Date(now) }))
    if (data.length > 0) await tx.alertFiring.createMany({ data, skipDuplicates: true })
  },
}

/**
 * Writes down whose time is over, a batch of them; whether there may be more. Lets go of alerts that have been gone
 * for an hour, too. For the system alone.
 */
export async function expireAlerts(tx: Tx, now: number): Promise<boolean> {
  const at = new Date(now)
  const count = await tx.$executeRaw`
    UPDATE alerts SET state = 'expired', updated_at = ${at} WHERE id IN (
      SELECT id FROM alerts
      WHERE (state = 'armed' OR state = 'fired' AND repeat = 'rearm') AND expires_at <= ${at}
      ORDER BY expires_at LIMIT ${EXPIRING_BATCH}::int FOR UPDATE SKIP LOCKED
    )`
  await tx.$executeRaw`DELETE FROM alert_removals WHERE at < ${at}::timestamptz - interval '1 hour'`
  return count === EXPIRING_BATCH
}

/** Those of which stateAt (rule.ts) says so. */
function standingAs(state: AlertState, now: Date): Prisma.AlertWhereInput {
  const isDone = { state: 'fired', repeat: 'once' }
  if (state === 'expired') {
    return { OR: [{ state }, { expiresAt: { lte: now }, NOT: isDone }] }
  }
  return { state, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }, isDone] }
}

function columns(rule: AlertRule) {
  const { events, percents, channels, expiresAt, ...rest } = rule
  return {
    ...rest,
    events: [...events],
    percents: [...percents].sort((a, b) => a - b),
    expiresAt: dateOrNull(expiresAt),
    hasChannels: channels !== null,
    channels: [...(channels ?? [])],
  }
}

/** Of a price nothing of before is its own; of a ratio one of the prices may stand since days. */
function unknownAt({ kind, per }: AlertRule, now: number): Baseline {
  return kind === 'PRICE' && per === null ? { ...NO_BASELINE, version: versionAt(now) } : NO_BASELINE
}

/** A budget is looked at once more: something may have been spent since its baseline. */
function baseColumns({ kind }: AlertRule, { previous, version, basis }: Baseline, now: number) {
  return {
    previous,
    previousVersion: version,
    previousAt: previous === null ? null : new Date(now),
    previousBasis: basis,
    ...(kind === 'BUDGET' ? { checkDue: new Date(now), checkAfter: null } : {}),
  }
}

function toAlert(row: AlertRow): StoredAlert {
  const { goal } = row
  return {
    id: row.id,
    kind: row.kind,
    symbol: row.symbol,
    per: row.per,
    goalId: row.goalId,
    budgetId: row.budgetId,
    assetId: row.assetId,
    condition: row.condition as AlertRule['condition'],
    threshold: toFixedTextOrNull(row.threshold),
    currency: row.currency,
    percent: toFixedTextOrNull(row.percent),
    direction: row.direction as Direction | null,
    windowMinutes: row.windowMinutes,
    events: row.events as GoalEvent[],
    percents: row.percents,
    repeat: row.repeat as AlertRepeat,
    hysteresis: toFixedText(row.hysteresis),
    minIntervalSeconds: row.minIntervalSeconds,
    expiresAt: row.expiresAt?.getTime() ?? null,
    channels: row.hasChannels ? (row.channels as Channel[]) : null,
    note: row.note,
    state: row.state as AlertState,
    armVersion: row.armVersion,
    firedAt: row.firedAt?.getTime() ?? null,
    snoozedUntil: row.snoozedUntil?.getTime() ?? null,
    version: row.version,
    createdAt: row.createdAt.getTime(),
    updatedAt: row.updatedAt.getTime(),
    isReached: goal && goal.reachedAt !== null && goal.fellBackAt === null,
  }
}

function dateOrNull(at: number | null): Date | null {
  return at === null ? null : new Date(at)
}
