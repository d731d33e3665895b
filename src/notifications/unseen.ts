import type { Database } from '../database/database.js'
import type { Notification } from '../protocol/notifications.js'
import { notificationStore } from './store.js'

const MOST_OF_EACH = 100
const USERS_AT_ONCE = 50

interface Waiting {
  readonly userId: string
  readonly resolve: (found: readonly Notification[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * What a user has not seen, the newest of it, oldest first: for each socket that connects. After a restart
 * thousands do so at once, so those who ask while a question is under way share the next one.
 */
export function unseenReader(db: Database): (userId: string) => Promise<readonly Notification[]> {
  let waiting: Waiting[] = []
  let asking = false

  async function ask(): Promise<void> {
    asking = true
    while (waiting.length > 0) {
      const some = waiting.slice(0, USERS_AT_ONCE)
      waiting = waiting.slice(USERS_AT_ONCE)
      const users = [...new Set(some.map(({ userId }) => userId))]
      try {
        const told = await db.asSystem((tx) => notificationStore.newestUnseen(tx, users, MOST_OF_EACH))
        for (const { userId, resolve } of some)
          resolve(told.flatMap((one) => (one.userId === userId ? [one.notification] : [])))
      } catch (error) {
        for (const { reject } of some) reject(error)
      }
    }
    asking = false
  }

  return (userId) =>
    new Promise((resolve, reject) => {
      waiting.push({ userId, resolve, reject })
      if (!asking) void ask()
    })
}
