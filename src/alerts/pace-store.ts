import type { Tx } from '../database/database.js'
import { toDateText } from '../database/values.js'
import type { Channel } from '../protocol/notifications.js'

/** An alert that tells when its goal falls behind, and on whose calendar. */
export interface PaceAlert {
  readonly id: string
  readonly userId: string
  readonly goalId: string
  readonly deadline: string
  /** Of the goal; ms since the epoch. */
  readonly createdAt: number
  readonly timeZone: string
  readonly monthStartDay: number
  /** The last occasion on which it told that. */
  readonly told: string | null
}

export const paceStore = {
  /** Those behind this id that are awake, in the order of ids; for the system alone. */
  async page(tx: Tx, after: string, limit: number, at: number): Promise<readonly PaceAlert[]> {
    const now = new Date(at).toISOString()
    const rows = await tx.$queryRaw<(Omit<PaceAlert, 'deadline' | 'createdAt'> & Dates)[]>`
      SELECT alerts.id, alerts.user_id AS "userId", goal_id AS "goalId", deadline, goals.created_at AS "createdAt",
        time_zone AS "timeZone", month_start_day AS "monthStartDay",
        (SELECT max(occasion) FROM alert_firings WHERE alert_id = alerts.id AND occasion LIKE 'pace:%') AS told
      FROM alerts JOIN goals ON goals.user_id = alerts.user_id AND goals.id = goal_id
      JOIN users ON users.id = alerts.user_id
      WHERE alerts.kind = 'GOAL' AND alerts.state = 'armed' AND 'behindPace' = ANY(events) AND deadline IS NOT NULL
        AND coalesce(snoozed_until <= ${now}::timestamptz, true) AND coalesce(expires_at > ${now}::timestamptz, true)
        AND alerts.id > ${after}::uuid
      ORDER BY alerts.id LIMIT ${limit}`
    return rows.map(({ deadline, createdAt, ...alert }) => {
      return { ...alert, deadline: toDateText(deadline), createdAt: createdAt.getTime() }
    })
  },

  /** The alert, locked, if it is awake still; inside the transaction of its user. */
  async lock(tx: Tx, userId: string, id: string, at: number): Promise<Ways | null> {
    const now = new Date(at).toISOString()
    const [row] = await tx.$queryRaw<{ channels: Channel[]; hasChannels: boolean }[]>`
      SELECT channels, has_channels AS "hasChannels" FROM alerts
      WHERE user_id = ${userId}::uuid AND id = ${id}::uuid AND state = 'armed'
        AND coalesce(snoozed_until <= ${now}::timestamptz, true) AND coalesce(expires_at > ${now}::timestamptz, true)
      FOR UPDATE`
    return row ? { channels: row.hasChannels ? row.channels : null } : null
  },
}

interface Ways {
  /** Null: as the user's settings say. */
  readonly channels: readonly Channel[] | null
}

interface Dates {
  readonly deadline: Date
  readonly createdAt: Date
}
