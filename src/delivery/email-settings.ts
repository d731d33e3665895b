import type { Database } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import { notificationStore } from '../notifications/store.js'
import { outboxStore } from './outbox-store.js'
import { readUnsubscribeToken } from './unsubscribe.js'

/** Stops e-mail to whoever has the token of one; asks for no session. */
export type StopEmail = (token: string) => Promise<void>

/**
 * No e-mail means none: not by the settings, not by an alert that names e-mail for itself, and none of what waits
 * to be sent. An account that is gone has none to stop. Throws AppError invalid `invalid-token`.
 */
export function createStopEmail({
  db,
  key,
  clock,
}: {
  readonly db: Database
  readonly key: Buffer
  readonly clock: Clock
}): StopEmail {
  return async (token) => {
    const userId = readUnsubscribeToken(key, token)
    if (userId === null) throw new AppError('invalid', 'invalid-token', 'This link is not one of ours.')
    await db.asUser(userId, async (tx) => {
      const settings = await notificationStore.lockSettings(tx, userId)
      if (!settings) return
      if (settings.email) await notificationStore.changeSettings(tx, userId, { ...settings, email: false })
      await outboxStore.stopEmail(tx, userId, clock.now())
    })
  }
}
