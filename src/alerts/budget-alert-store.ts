import type { Tx } from '../database/database.js'
import { type Fixed, formatFixed } from '../lib/decimal.js'
import type { Channel } from '../protocol/notifications.js'

/** An alert on a budget that had to be looked at, and is by now. */
export interface DueAlert {
  readonly id: string
  readonly budgetId: string
  readonly percents: readonly number[]
  /** Null: as the user's settings say. */
  readonly channels: readonly Channel[] | null
  /** Neither paused nor expired. */
  readonly isArmed: boolean
  /** It is snoozed, or was when it had to be looked at. */
  readonly isSilent: boolean
  /** Its user's financial months have begun on other days since it was looked at last. */
  readonly isMonthMoved: boolean
  /** Since when it had to be looked at, ms since the epoch. */
  readonly dueAt: number
}

/** A financial month `YYYY-MM` and the instant at which it began, ms since the epoch. */
export interface BegunMonth {
  readonly month: string
  readonly before: string
  readonly after: string
  readonly beganAt: number
}

export interface BudgetFiring {
  readonly alertId: string
  readonly occasion: string
  /** What was spent; null for more than a column can hold. */
  readonly value: Fixed | null
}

interface DueUser {
  readonly userId: string
  /** For how long, by the database's clock. */
  readonly overdueMs: number
}

/** All but `users` and `postpone` work inside the transaction of one user (Database.asUser). */
export const budgetAlertStore = {
  /** Whose alerts have to be looked at, the longest waiting first; for the system alone. */
  async users(tx: Tx, limit: number): Promise<readonly DueUser[]> {
    return tx.$queryRaw<DueUser[]>`
      SELECT user_id AS "userId",
        (extract(epoch FROM now() - min(greatest(check_due, check_after))) * 1000)::float8 AS "overdueMs"
      FROM alerts WHERE check_due <= now() AND coalesce(check_after <= now(), true) GROUP BY user_id ORDER BY min(check_due) LIMIT ${limit}`
  },

  /** Takes what is due of this user and nobody else has taken: whoever spends meanwhile waits, and makes it due again. */
  async take(tx: Tx, userId: string, at: number): Promise<readonly DueAlert[]> {
    const now = new Date(at).toISOString()
    const rows = await tx.$queryRaw<
      (Omit<DueAlert, 'channels'> & { channels: Channel[]; hasChannels: boolean })[]
    >`
      WITH due AS MATERIALIZED (
        SELECT id, check_due, month_moved FROM alerts
        WHERE user_id = ${userId}::uuid AND check_due <= now() AND coalesce(check_after <= now(), true)
        ORDER BY id FOR UPDATE SKIP LOCKED
      )
      UPDATE alerts SET check_due = NULL, check_after = NULL, month_moved = false FROM due WHERE alerts.id = due.id
      RETURNING alerts.id, budget_id AS "budgetId", percents, channels, has_channels AS "hasChannels",
        (extract(epoch FROM due.check_due) * 1000)::float8 AS "dueAt",
        due.month_moved AS "isMonthMoved",
        coalesce(snoozed_until > least(due.check_due, ${now}::timestamptz), false) AS "isSilent",
        state = 'armed' AND coalesce(expires_at > ${now}::timestamptz, true) AS "isArmed"`
    return rows.map(({ hasChannels, channels, ...alert }) => ({
      ...alert,
      channels: hasChannels ? channels : null,
    }))
  },

  /** Looks again at these after a while: they had to be looked at since when they had to be before. */
  async later(tx: Tx, due: readonly DueAlert[], seconds: number): Promise<void> {
    await tx.$executeRaw`
      UPDATE alerts SET check_due = to_timestamp(due.at / 1000),
        check_after = now() + make_interval(secs => ${seconds}::float8)
      FROM unnest(${due.map(({ id }) => id)}::text[], ${due.map(({ dueAt }) => dueAt)}::float8[]) AS due (id, at)
      WHERE alerts.id = due.id::uuid`
  },

  /**
   * Financial months begin on other days from here on, and one and the same name may be that of other days: what was
   * told since the month under way began is of it, and what else has its name, or a later one, is of none.
   */
  async moveMonth(
    tx: Tx,
    ids: readonly string[],
    { month, before, after, beganAt }: BegunMonth,
  ): Promise<void> {
    const alerts = [...ids]
    const began = new Date(beganAt).toISOString()
    await tx.$executeRaw`
      DELETE FROM alert_firings WHERE alert_id = ANY(${alerts}::text[]::uuid[])
        AND occasion LIKE ${`${month}:%`} AND at < ${began}::timestamptz`
    await tx.$executeRaw`
      INSERT INTO alert_firings (user_id, alert_id, occasion, value, notification_id, at)
      SELECT user_id, alert_id, ${month} || substr(occasion, 8), value, notification_id, at FROM alert_firings
      WHERE alert_id = ANY(${alerts}::text[]::uuid[]) AND left(occasion, 7) IN (${before}, ${after})
        AND at >= ${began}::timestamptz
      ORDER BY at DESC ON CONFLICT DO NOTHING`
    await tx.$executeRaw`
      DELETE FROM alert_firings WHERE alert_id = ANY(${alerts}::text[]::uuid[])
        AND left(occasion, 7) IN (${before}, ${after}) AND at >= ${began}::timestamptz`
  },

  /** The same for all that are due of a user; for the system alone. */
  async postpone(tx: Tx, userId: string, seconds: number): Promise<void> {
    await tx.$executeRaw`
      UPDATE alerts SET check_after = now() + make_interval(secs => ${seconds}::float8)
      WHERE user_id = ${userId}::uuid AND check_due IS NOT NULL`
  },

  /** Writes firings; those that were not there before. */
  async fire(
    tx: Tx,
    userId: string,
    firings: readonly BudgetFiring[],
    at: number,
  ): Promise<readonly { readonly alertId: string; readonly occasion: string }[]> {
    return tx.$queryRaw<{ alertId: string; occasion: string }[]>`
      INSERT INTO alert_firings (user_id, alert_id, occasion, value, at)
      SELECT ${userId}::uuid, alert_id::uuid, occasion, value::numeric, ${new Date(at).toISOString()}::timestamptz
      FROM unnest(
        ${firings.map(({ alertId }) => alertId)}::text[], ${firings.map(({ occasion }) => occasion)}::text[],
        ${firings.map(({ value }) => (value === null ? null : formatFixed(value)))}::text[]
      ) AS passed (alert_id, occasion, value)
      ON CONFLICT DO NOTHING RETURNING alert_id AS "alertId", occasion`
  },

  /** When the alerts told something last, and which notification told it. */
  async told(
    tx: Tx,
    told: readonly { readonly alertId: string; readonly occasion: string; readonly notificationId: string }[],
    at: number,
  ): Promise<void> {
    const ids = told.map(({ alertId }) => alertId)
    await tx.$executeRaw`
      UPDATE alert_firings SET notification_id = told.id::uuid FROM unnest(
        ${ids}::text[], ${told.map(({ occasion }) => occasion)}::text[],
        ${told.map(({ notificationId }) => notificationId)}::text[]
      ) AS told (alert_id, occasion, id)
      WHERE alert_firings.alert_id = told.alert_id::uuid AND alert_firings.occasion = told.occasion`
    await tx.$executeRaw`
      UPDATE alerts SET fired_at = ${new Date(at).toISOString()}::timestamptz
      WHERE id = ANY(${ids}::text[]::uuid[])`
  },

  async categoryNames(tx: Tx, userId: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await tx.category.findMany({
      where: { userId, id: { in: [...ids] } },
      select: { id: true, name: true },
    })
    return new Map(rows.map(({ id, name }) => [id, name]))
  },
}
