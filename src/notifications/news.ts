import type { Tx } from '../database/database.js'
import type { Channel, Notification, NotificationKind } from '../protocol/notifications.js'

/** Who is told, as far as it matters for the words. */
export interface Reader {
  /** BCP 47; Indonesian is spoken to `id`, English to everybody else. */
  readonly locale: string
  readonly timeZone: string
  readonly baseCurrency: string
}

/** Plain text. */
export interface Words {
  readonly title: string
  readonly body: string
}

/** Something that a user is to be told. */
export interface News {
  readonly userId: string
  readonly kind: NotificationKind
  /** What it tells of; of the same user and key there is one notification at most. */
  readonly key: string
  readonly words: (reader: Reader) => Words
  readonly data: Readonly<Record<string, unknown>>
  /** Ways that were chosen for it; null: those of the user's settings. */
  readonly channels: readonly Channel[] | null
  /** Ms since the epoch. */
  readonly at: number
}

/** A notification that was written and whom it is for. */
export interface Told {
  readonly userId: string
  readonly notification: Notification
}

/**
 * Writes notifications, and what has to be delivered of each by which way, into the transaction that decided them
 * (of one user or of the system); the ones that were not there before. What is returned is handed to `Tell` after
 * the commit.
 */
export type Announce = (tx: Tx, news: readonly News[]) => Promise<readonly Told[]>

/**
 * Tells open sockets, on all nodes, and wakes whoever delivers; after the commit. Never throws: what is lost on
 * the way is found by the sweeps.
 */
export type Tell = (told: readonly Told[]) => void
