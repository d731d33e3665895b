import type { Tx } from '../database/database.js'
import type { GoalEvent } from '../protocol/alerts.js'
import type { Channel } from '../protocol/notifications.js'

/** A user's wish about what one of his goals becomes. */
export interface GoalWish {
  readonly alertId: string
  readonly goalId: string
  readonly events: readonly GoalEvent[]
  readonly channels: readonly Channel[] | null
  readonly isSnoozed: boolean
}

export interface ToldWish {
  readonly alertId: string
  readonly occasion: string
  readonly notificationId: string
}

/** Inside the transaction of one user. */
export const goalNewsStore = {
  /** Oldest first. `at` is ms since the epoch. */
  async wishes(tx: Tx, userId: string, goalIds: readonly string[], at: number): Promise<readonly GoalWish[]> {
    const now = new Date(at)
    const rows = await tx.alert.findMany({
      where: {
        ...{ userId, kind: 'GOAL', state: 'armed', goalId: { in: [...goalIds] } },
        OR: [{ expiresAt: null }, { expiresAt: { gt: now } }],
      },
      select: { id: true, goalId: true, events: true, channels: true, hasChannels: true, snoozedUntil: true },
      orderBy: { id: 'asc' },
    })
    return rows.map((row) => ({
      alertId: row.id,
      goalId: row.goalId ?? '',
      events: row.events as GoalEvent[],
      channels: row.hasChannels ? (row.channels as Channel[]) : null,
      isSnoozed: row.snoozedUntil !== null && row.snoozedUntil > now,
    }))
  },

  /** It has fired, and stays armed for what the goal becomes next. */
  async fired(tx: Tx, userId: string, wishes: readonly ToldWish[], at: number): Promise<void> {
    if (wishes.length === 0) return
    const when = new Date(at)
    const ids = wishes.map(({ alertId }) => alertId)
    await tx.alert.updateMany({ where: { userId, id: { in: ids } }, data: { firedAt: when } })
    await tx.alertFiring.createMany({
      data: wishes.map((wish) => ({ userId, ...wish, at: when })),
      skipDuplicates: true,
    })
  },
}
