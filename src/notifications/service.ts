import type { Database, Tx } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import type { Notification, NotificationPage, NotificationSettings } from '../protocol/notifications.js'
import type { NotificationAsk, SettingsChange } from './schema.js'
import { notificationStore, type StoredSettings } from './store.js'

/** Ids that one word to the sockets names. */
const MOST_IN_A_WORD = 500

export interface InboxOptions {
  readonly db: Database
  readonly clock: Clock
  /** Ways that this server has. */
  readonly available: NotificationSettings['available']
  /** Tells all sockets of the user what is not unseen any more, and how many still are. */
  readonly tellSeen: (userId: string, notice: SeenWord) => void
}

interface SeenWord {
  readonly ids: readonly string[]
  readonly unseen: number
}

/** What a user was told, what of it he has seen, and how he wants to be told. */
export type Inbox = ReturnType<typeof inbox>

export function inbox({ db, clock, available, tellSeen }: InboxOptions) {
  function tell(userId: string, { ids, unseen }: SeenWord): void {
    for (let first = 0; first === 0 || first < ids.length; first += MOST_IN_A_WORD)
      tellSeen(userId, { ids: ids.slice(first, first + MOST_IN_A_WORD), unseen })
  }

  /** Marks those, or all with null, as seen, and tells the sockets of what that changed. */
  async function see(userId: string, ids: readonly string[] | null): Promise<{ unseen: number }> {
    const done = await db.asUser(userId, async (tx) => {
      await notificationStore.takeTurn(tx, userId)
      const seen = await notificationStore.see(tx, userId, ids, clock.now())
      return { ids: seen, unseen: await notificationStore.countUnseen(tx, userId) }
    })
    if (done.ids.length > 0) tell(userId, done)
    return { unseen: done.unseen }
  }

  const withAddress = async (
    tx: Tx,
    userId: string,
    stored: StoredSettings,
  ): Promise<NotificationSettings> => ({
    ...stored,
    available,
    emailConfirmed: await notificationStore.emailConfirmed(tx, userId),
  })

  return {
    see,

    list: (userId: string, ask: NotificationAsk): Promise<NotificationPage> =>
      db.asUser(userId, async (tx) => {
        const page = await notificationStore.list(tx, userId, ask)
        return { ...page, unseen: await notificationStore.countUnseen(tx, userId) }
      }),

    async get(userId: string, id: string): Promise<Notification> {
      const found = await db.asUser(userId, (tx) => notificationStore.get(tx, userId, id))
      if (!found) throw noNotification()
      return found
    },

    async change(userId: string, id: string, { seen }: { readonly seen: boolean }): Promise<Notification> {
      const done = await db.asUser(userId, async (tx) => {
        await notificationStore.takeTurn(tx, userId)
        const before = await notificationStore.get(tx, userId, id)
        if (!before) throw noNotification()
        if (seen === (before.seenAt !== null)) return { after: before, ids: null, unseen: 0 }
        if (seen) await notificationStore.see(tx, userId, [id], clock.now())
        else await notificationStore.unsee(tx, userId, id)
        const after = (await notificationStore.get(tx, userId, id)) ?? before
        return { after, ids: seen ? [id] : [], unseen: await notificationStore.countUnseen(tx, userId) }
      })
      if (done.ids) tell(userId, { ids: done.ids, unseen: done.unseen })
      return done.after
    },

    async remove(userId: string, id: string): Promise<void> {
      const left = await db.asUser(userId, async (tx) => {
        await notificationStore.takeTurn(tx, userId)
        const before = await notificationStore.get(tx, userId, id)
        if (!before) throw noNotification()
        await notificationStore.remove(tx, userId, id)
        return before.seenAt === null ? notificationStore.countUnseen(tx, userId) : null
      })
      if (left !== null) tell(userId, { ids: [id], unseen: left })
    },

    settings: (userId: string): Promise<NotificationSettings> =>
      db.asUser(userId, async (tx) => withAddress(tx, userId, await notificationStore.settings(tx, userId))),

    /** `check` is given the settings as they stand and throws when the client expects others. */
    changeSettings: (
      userId: string,
      change: SettingsChange,
      check: (current: NotificationSettings) => void,
    ): Promise<NotificationSettings> => {
      requireAvailable(change, available)
      return db.asUser(userId, async (tx) => {
        const before = await notificationStore.lockSettings(tx, userId)
        if (!before)
          throw new AppError('unauthenticated', 'unauthenticated', 'This account does not exist any more.')
        check(await withAddress(tx, userId, before))
        const { email, push, webhook, quietHours } = change
        await notificationStore.changeSettings(tx, userId, {
          email: email ?? before.email,
          push: push ?? before.push,
          webhook: webhook ?? before.webhook,
          quietHours: quietHours === undefined ? before.quietHours : quietHours,
        })
        return withAddress(tx, userId, await notificationStore.settings(tx, userId))
      })
    },
  }
}

function requireAvailable(change: SettingsChange, available: NotificationSettings['available']): void {
  const errors = (['email', 'push'] as const)
    .filter((way) => change[way] === true && !available[way])
    .map((way) => ({ pointer: `/${way}`, detail: 'is not available on this server' }))
  if (errors.length === 0) return
  throw new AppError('invalid', 'not-available', 'This server cannot tell you in that way.', { errors })
}

function noNotification(): AppError {
  return new AppError('missing', 'not-found', 'There is no such notification.')
}
