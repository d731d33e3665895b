import type { Instant } from './resources.js'

/** What a user is told, and by which ways, as it travels between server and browser. */

export const NOTIFICATION_KINDS = [
  'alert:fired',
  'alert:waiting',
  'goal:milestone',
  'goal:reached',
  'goal:fellBack',
  'goal:behindPace',
  'webhook:disabled',
  'test',
] as const
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number]

/** Beside the inbox and the open sockets, which are always told. */
export const CHANNELS = ['email', 'push', 'webhook'] as const
export type Channel = (typeof CHANNELS)[number]

/** Plain text in the user's language; never HTML. */
export interface Notification {
  readonly id: string
  readonly kind: NotificationKind
  readonly at: Instant
  readonly title: string
  readonly body: string
  /** What it tells of, by kind: `alertId`, `goalId`, `symbol`, `value`, `threshold`, `percent` ... */
  readonly data: Readonly<Record<string, unknown>>
  /** Null while nobody has seen it: it is then sent again on connect. */
  readonly seenAt: Instant | null
}

export interface NotificationPage {
  readonly data: readonly Notification[]
  readonly nextCursor: string | null
  /** How many the user has not seen, in all. */
  readonly unseen: number
}

export interface QuietHours {
  /** `HH:MM` in the user's time zone; until after midnight where `to` comes before `from`. */
  readonly from: string
  readonly to: string
}

/** Which ways are used where an alert does not name its own. */
export interface NotificationSettings {
  readonly email: boolean
  readonly push: boolean
  readonly webhook: boolean
  /** E-mail, push and chats wait until they are over and are then sent as one; null: never. */
  readonly quietHours: QuietHours | null
  /** What this server can do: e-mail needs SMTP_URL. */
  readonly available: { readonly email: boolean; readonly push: boolean }
  /** Whether the user has followed the link that was sent to his address; nothing else is sent there before. */
  readonly emailConfirmed: boolean
  readonly version: number
}

/** The link that confirms an address was sent. */
export interface SentConfirmation {
  readonly sentTo: string
  readonly expiresAt: Instant
}

export interface NotificationSettingsChange {
  readonly email?: boolean
  readonly push?: boolean
  readonly webhook?: boolean
  readonly quietHours?: QuietHours | null
}

/** A browser that wants to be woken (Push API, RFC 8030, 8291, 8292). */
export interface PushSubscription {
  readonly id: string
  readonly endpoint: string
  readonly userAgent: string | null
  readonly createdAt: Instant
  readonly lastUsedAt: Instant | null
}

/** As `PushSubscription.toJSON()` of the browser gives it. */
export interface NewPushSubscription {
  readonly endpoint: string
  readonly keys: { readonly p256dh: string; readonly auth: string }
  readonly expirationTime?: number | null
}

export type WebhookFormat = 'standard' | 'telegram' | 'ntfy'

/** Where notifications are sent to: an own server by the Standard Webhooks scheme, or a chat. */
export interface Webhook {
  readonly id: string
  readonly name: string | null
  readonly format: WebhookFormat
  /** Of telegram without its token. */
  readonly url: string
  readonly chatId: string | null
  /** Kinds that are sent; empty: all. */
  readonly events: readonly NotificationKind[]
  /** Null while it is used; it is switched off after lasting failure, or by hand. */
  readonly disabledAt: Instant | null
  readonly disabledReason: string | null
  readonly version: number
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** `secret` (`whsec_...`) is told only when it is made: at creation and at rotation; of the presets it is null. */
export interface WebhookWithSecret extends Webhook {
  readonly secret: string | null
}

export type NewWebhook =
  | {
      readonly format?: 'standard'
      readonly url: string
      readonly name?: string | null
      readonly events?: readonly NotificationKind[]
    }
  | {
      readonly format: 'telegram'
      /** The bot's token. */
      readonly token: string
      readonly chatId: string
      readonly name?: string | null
      readonly events?: readonly NotificationKind[]
    }
  | {
      readonly format: 'ntfy'
      /** The topic's address. */
      readonly url: string
      /** Access token, where the topic is protected. */
      readonly token?: string
      readonly name?: string | null
      readonly events?: readonly NotificationKind[]
    }

export interface WebhookDelivery {
  readonly id: string
  /** What the receiver sees as `webhook-id`, the same for every attempt: the notification's id. */
  readonly eventId: string
  readonly event: NotificationKind
  readonly state: 'pending' | 'delivered' | 'failed'
  readonly attempts: number
  readonly nextAttemptAt: Instant | null
  readonly responseCode: number | null
  /** At most 1,000 characters. */
  readonly responseBody: string | null
  readonly error: string | null
  readonly createdAt: Instant
  readonly deliveredAt: Instant | null
}
