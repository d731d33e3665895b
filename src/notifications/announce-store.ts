import type { Tx } from '../database/database.js'
import { idBefore } from '../lib/rising-ids.js'
import type { Channel, NotificationKind, QuietHours, WebhookFormat } from '../protocol/notifications.js'
import type { Reader, Told } from './news.js'

/** Somebody who is told, and by which ways he can be. */
export interface Addressee extends Reader {
  readonly userId: string
  readonly channels: readonly Channel[]
  readonly isEmailConfirmed: boolean
  readonly quietHours: QuietHours | null
  /** Ids. */
  readonly subscriptions: readonly string[]
  /** Those that are not switched off. */
  readonly webhooks: readonly {
    readonly id: string
    readonly format: WebhookFormat
    /** Empty: all kinds. */
    readonly events: readonly NotificationKind[]
  }[]
}

export interface Keyed extends Told {
  readonly key: string
}

/** When it may leave, ms since the epoch; `isHeld`: together with what else waits until then. */
export interface Departure {
  readonly at: number
  readonly isHeld: boolean
}

export interface OutboxRow extends Departure {
  readonly userId: string
  readonly notificationId: string
  readonly topic: 'email' | 'push'
  /** The push subscription; empty for e-mail. */
  readonly target: string
}

export interface DeliveryRow extends Departure {
  readonly id: string
  readonly webhookId: string
  readonly notificationId: string
}

/**
 * One statement for each table, whatever the number of rows and users. Works inside the transaction of one user,
 * who then is the only one found, and of the system.
 */
export const announceStore = {
  /**
   * By user id; nobody who is disabled. Users and webhooks stay until the transaction ends, so that nothing is
   * written to one that has gone meanwhile.
   */
  async addressees(tx: Tx, userIds: readonly string[]): Promise<ReadonlyMap<string, Addressee>> {
    const [row] = await tx.$queryRaw<{ all: string | null }[]>`
      WITH asked AS (
        SELECT id, locale, time_zone, base_currency, coalesce(confirmed_email = email, false) AS is_confirmed FROM users
        WHERE id = ANY(${[...userIds]}::uuid[]) AND disabled_at IS NULL ORDER BY id FOR KEY SHARE
      ), hooks AS (
        SELECT id, user_id, format, events FROM webhooks
        WHERE user_id = ANY(${[...userIds]}::uuid[]) AND disabled_at IS NULL ORDER BY id FOR KEY SHARE
      )
      SELECT json_agg(json_build_object(
        'userId', asked.id, 'locale', locale, 'timeZone', time_zone, 'baseCurrency', base_currency,
        'channels', array_remove(ARRAY[
          CASE WHEN coalesce(s.email, false) THEN 'email' END,
          CASE WHEN coalesce(s.push, true) THEN 'push' END,
          CASE WHEN coalesce(s.webhook, true) THEN 'webhook' END
        ], NULL),
        'isEmailConfirmed', is_confirmed,
        'quietHours', CASE WHEN s.quiet_from IS NOT NULL
          THEN json_build_object('from', s.quiet_from, 'to', s.quiet_to) END,
        'subscriptions', coalesce(p.ids, '[]'), 'webhooks', coalesce(h.hooks, '[]')
      ))::text AS all
      FROM asked
      LEFT JOIN notification_settings s ON s.user_id = asked.id
      LEFT JOIN (
        SELECT user_id, json_agg(id) AS ids FROM push_subscriptions
        WHERE user_id = ANY(${[...userIds]}::uuid[]) GROUP BY user_id
      ) p ON p.user_id = asked.id
      LEFT JOIN (
        SELECT user_id, json_agg(json_build_object('id', id, 'format', format, 'events', events)) AS hooks
        FROM hooks GROUP BY user_id
      ) h ON h.user_id = asked.id`
    const all = JSON.parse(row?.all ?? '[]') as readonly Addressee[]
    return new Map(all.map((one) => [one.userId, one]))
  },

  /** The ids of those that were not there before. */
  async insert(tx: Tx, told: readonly Keyed[]): Promise<ReadonlySet<string>> {
    // In one order, so that two who tell the same wait for each other instead of standing in each other's way.
    const rows = [...told].sort((a, b) => order(a.userId, b.userId) || order(a.key, b.key))
    const notifications = rows.map(({ userId, key, notification }) => ({ ...notification, userId, key }))
    const [row] = await tx.$queryRaw<{ ids: string | null }[]>`
      WITH written AS (
        INSERT INTO notifications (id, user_id, kind, title, body, data, key, at)
        SELECT id, "userId", kind, title, body, data, key, at
        FROM json_to_recordset(${JSON.stringify(notifications)}::json) AS given (
          id uuid, "userId" uuid, kind text, title text, body text, data jsonb, key text, at timestamptz)
        ON CONFLICT (user_id, key) DO NOTHING RETURNING id
      )
      SELECT string_agg(id::text, ' ') AS ids FROM written`
    return new Set(row?.ids?.split(' ') ?? [])
  },

  /**
   * How many notifications left by each way since then without having been held, by `user channel`; of webhooks
   * those to chats.
   */
  async sentSince(tx: Tx, userIds: readonly string[], since: number): Promise<ReadonlyMap<string, number>> {
    const [row] = await tx.$queryRaw<{ counts: string | null }[]>`
      SELECT json_object_agg(user_id || ' ' || channel, count)::text AS counts FROM (
        SELECT user_id, topic AS channel, count(DISTINCT notification_id) FROM outbox
        WHERE user_id = ANY(${[...userIds]}::uuid[]) AND notification_id >= ${idBefore(since)}::uuid AND NOT held
        GROUP BY user_id, topic
        UNION ALL
        SELECT w.user_id, 'webhook', count(DISTINCT d.event_id)
        FROM webhooks w JOIN webhook_deliveries d ON d.user_id = w.user_id AND d.webhook_id = w.id
        WHERE w.user_id = ANY(${[...userIds]}::uuid[]) AND w.format <> 'standard'
          AND d.created_at >= ${new Date(since).toISOString()}::timestamptz AND NOT d.held
        GROUP BY w.user_id
      ) AS sent`
    return new Map(Object.entries(JSON.parse(row?.counts ?? '{}') as Record<string, number>))
  },

  async insertOutbox(tx: Tx, rows: readonly OutboxRow[], now: number): Promise<void> {
    if (rows.length === 0) return
    await tx.$executeRaw`
      INSERT INTO outbox (user_id, notification_id, topic, target, available_at, held, created_at)
      SELECT "userId", "notificationId", topic, target, to_timestamp(at / 1000), "isHeld", to_timestamp(${now}::float8 / 1000)
      FROM json_to_recordset(${JSON.stringify(rows)}::json) AS given (
        "userId" uuid, "notificationId" uuid, topic text, target text, at float8, "isHeld" boolean)`
  },

  /** The body is what stands in the inbox: `{type, timestamp, data: Notification}`. */
  async insertDeliveries(tx: Tx, rows: readonly DeliveryRow[], now: number): Promise<void> {
    if (rows.length === 0) return
    await tx.$executeRaw`
      INSERT INTO webhook_deliveries (id, user_id, webhook_id, event_id, event, body, next_attempt_at, held, created_at)
      SELECT given.id, n.user_id, "webhookId", n.id, n.kind,
        jsonb_build_object('type', n.kind, 'timestamp', told.at, 'data', jsonb_build_object(
          'id', n.id, 'kind', n.kind, 'at', told.at, 'title', n.title, 'body', n.body, 'data', n.data, 'seenAt', NULL)),
        to_timestamp(given.at / 1000), "isHeld", to_timestamp(${now}::float8 / 1000)
      FROM json_to_recordset(${JSON.stringify(rows)}::json) AS given (
        id uuid, "webhookId" uuid, "notificationId" uuid, at float8, "isHeld" boolean)
      JOIN notifications n ON n.id = given."notificationId"
      CROSS JOIN LATERAL (
        SELECT to_char(n.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at
      ) AS told`
  },
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
