import type { NotificationKind } from '../protocol/notifications.js'

/** What is in the outbox, by its column `topic`. */
export const TOPICS = ['email', 'push'] as const
export type Topic = (typeof TOPICS)[number]

/** A notification as it is sent; plain text in the reader's language. */
export interface Item {
  readonly id: string
  readonly kind: NotificationKind
  readonly title: string
  readonly body: string
  /** Ms since the epoch. */
  readonly at: number
}

export interface Recipient {
  readonly userId: string
  readonly email: string
  /** Whether whoever reads that address has said that it is his; nothing is sent there before. */
  readonly isEmailConfirmed: boolean
  readonly name: string | null
  /** BCP 47 */
  readonly locale: string
  readonly timeZone: string
}

/** A browser, as it told how it can be reached. */
export interface Browser {
  readonly id: string
  readonly endpoint: string
  readonly p256dh: string
  readonly auth: string
}

/** What goes out in one piece: a notification, or several that were held back, oldest first. */
export interface Parcel {
  readonly to: Recipient
  readonly items: readonly [Item, ...Item[]]
  /** Of push; null where the subscription is gone, and of e-mail. */
  readonly browser: Browser | null
}

/**
 * What became of an attempt. `again` is tried later, at the earliest after `afterMs`; `never` would fail the same
 * way each time; `gone`: nobody is behind the subscription any more.
 */
export type Outcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'again'; readonly error: string; readonly afterMs?: number }
  | { readonly kind: 'never' | 'gone'; readonly error: string }

/** A way out of the house. */
export interface Way {
  /** How many it sends at once. */
  readonly atOnce: number
  /** Never rejects, and ends within `LONGEST_SEND_MS`. */
  send(parcel: Parcel): Promise<Outcome>
  close(): Promise<void>
}

/** Well below the time for which a claim holds. */
export const LONGEST_SEND_MS = 45_000
