import type { Tx } from '../database/database.js'
import type {
  Notification as NotificationRow,
  NotificationSettings as SettingsRow,
} from '../generated/prisma/client.js'
import { pageClause, pageOf } from '../http/pages.js'
import { idBefore } from '../lib/rising-ids.js'
import type { Notification, NotificationKind, QuietHours } from '../protocol/notifications.js'
import type { Page } from '../protocol/resources.js'
import type { Told } from './news.js'
import type { NotificationAsk } from './schema.js'

/** How a user wants to be told, as it is stored. */
export interface StoredSettings {
  readonly email: boolean
  readonly push: boolean
  readonly webhook: boolean
  readonly quietHours: QuietHours | null
  /** 0 until he changes something for the first time. */
  readonly version: number
}

const DAY_MS = 24 * 3600 * 1000
const SEEN_KEPT_MS = 90 * DAY_MS
const UNSEEN_KEPT_MS = 365 * DAY_MS
const MOST_TIDIED = 5_000
/** ISO 8601, as to_char writes it. */
const ISO = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'

/** Everything below works inside the transaction of one user (Database.asUser), unless it says otherwise. */
export const notificationStore = {
  async list(tx: Tx, userId: string, ask: NotificationAsk): Promise<Page<Notification>> {
    const { where, ...rest } = pageClause(ask)
    const { unseen, kind } = ask
    const rows = await tx.notification.findMany({
      where: {
        userId,
        ...(kind === undefined ? {} : { kind }),
        ...(unseen === undefined ? {} : { seenAt: unseen ? null : { not: null } }),
        ...where,
      },
      ...rest,
    })
    return pageOf(rows, ask.limit, toNotification)
  },

  async get(tx: Tx, userId: string, id: string): Promise<Notification | null> {
    const row = await tx.notification.findFirst({ where: { userId, id } })
    return row && toNotification(row)
  },

  async countUnseen(tx: Tx, userId: string): Promise<number> {
    return tx.notification.count({ where: { userId, seenAt: null } })
  },

  /** Until the transaction ends nobody else changes what this user has seen, so that a count is one of now. */
  async takeTurn(tx: Tx, userId: string): Promise<void> {
    await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('notifications ' || ${userId}, 0))::text`
  },

  /** Ids of those among these, or among all with null, that had not been seen. */
  async see(tx: Tx, userId: string, ids: readonly string[] | null, now: number): Promise<readonly string[]> {
    const named = ids && [...ids]
    const rows = await tx.$queryRaw<IdsRow[]>`
      WITH seen AS (
        UPDATE notifications SET seen_at = ${new Date(now)}
        WHERE user_id = ${userId}::uuid AND seen_at IS NULL
          AND (${named}::uuid[] IS NULL OR id = ANY (${named}::uuid[]))
        RETURNING id)
      SELECT string_agg(id::text, ' ' ORDER BY id) AS ids FROM seen`
    return idsOf(rows)
  },

  async unsee(tx: Tx, userId: string, id: string): Promise<void> {
    await tx.notification.updateMany({ where: { userId, id }, data: { seenAt: null } })
  },

  async remove(tx: Tx, userId: string, id: string): Promise<void> {
    await tx.notification.deleteMany({ where: { userId, id } })
  },

  async settings(tx: Tx, userId: string): Promise<StoredSettings> {
    const row = await tx.notificationSettings.findUnique({ where: { userId } })
    return row ? toSettings(row) : { ...UNTOUCHED, quietHours: null }
  },

  /** Whether somebody has said that the address of this user is his. */
  async emailConfirmed(tx: Tx, userId: string): Promise<boolean> {
    const select = { email: true, confirmedEmail: true } as const
    const row = await tx.user.findUnique({ where: { id: userId }, select })
    return row !== null && row.confirmedEmail === row.email
  },

  /** The settings, locked until the transaction ends; null when there is no such user any more. */
  async lockSettings(tx: Tx, userId: string): Promise<StoredSettings | null> {
    const { email, push, webhook, version } = UNTOUCHED
    await tx.$executeRaw`
      INSERT INTO notification_settings (user_id, email, push, webhook, version)
      SELECT id, ${email}, ${push}, ${webhook}, ${version}::int FROM users WHERE id = ${userId}::uuid
      ON CONFLICT DO NOTHING`
    await tx.$queryRaw`SELECT 1 FROM notification_settings WHERE user_id = ${userId}::uuid FOR UPDATE`
    const row = await tx.notificationSettings.findUnique({ where: { userId } })
    return row && toSettings(row)
  },

  async changeSettings(tx: Tx, userId: string, settings: Omit<StoredSettings, 'version'>): Promise<void> {
    const { email, push, webhook, quietHours } = settings
    const quiet = { quietFrom: quietHours?.from ?? null, quietTo: quietHours?.to ?? null }
    await tx.notificationSettings.update({
      where: { userId },
      data: { email, push, webhook, ...quiet, version: { increment: 1 } },
      select: { userId: true },
    })
  },

  /** The newest of each of these users that have not been seen, oldest first; for the system alone. */
  async newestUnseen(tx: Tx, userIds: readonly string[], most: number): Promise<readonly Told[]> {
    const rows = await tx.$queryRaw<ToldRow[]>`
      SELECT json_agg(json_build_object('userId', found.user_id, 'notification', json_build_object(
        'id', found.id, 'kind', found.kind, 'at', to_char(found.at AT TIME ZONE 'UTC', ${ISO}),
        'title', found.title, 'body', found.body, 'data', found.data, 'seenAt', NULL)) ORDER BY found.id)::text AS told
      FROM unnest(${[...userIds]}::uuid[]) AS reader (id) CROSS JOIN LATERAL (
        SELECT * FROM notifications WHERE user_id = reader.id AND seen_at IS NULL
        ORDER BY notifications.id DESC LIMIT ${most}::int) AS found`
    return toldOf(rows)
  },

  /**
   * Ids of what these users have not seen and was written since then; for the system alone. What was written
   * lately is little, and lies together by its ids; what thousands of users have not seen does not.
   */
  async unseenSince(tx: Tx, userIds: readonly string[], since: number): Promise<readonly string[]> {
    const rows = await tx.$queryRaw<IdsRow[]>`
      WITH lately AS MATERIALIZED (
        SELECT id, user_id FROM notifications WHERE id >= ${idBefore(since)}::uuid AND seen_at IS NULL)
      SELECT string_agg(id::text, ' ' ORDER BY id) AS ids FROM lately
      WHERE user_id = ANY (${[...userIds]}::uuid[])`
    return idsOf(rows)
  },

  /** Those of these that nobody has seen, in the order of ids; for the system alone. */
  async unseenAmong(tx: Tx, ids: readonly string[]): Promise<readonly Told[]> {
    const rows = await tx.notification.findMany({
      where: { id: { in: [...ids] }, seenAt: null },
      orderBy: { id: 'asc' },
    })
    return rows.map((row) => ({ userId: row.userId, notification: toNotification(row) }))
  },
}

/** Forgets what was seen, or was there to be seen, for long enough; in the system's transaction, some at a time. */
export async function tidyNotifications(tx: Tx, now: number): Promise<number> {
  return tx.$executeRaw`
    DELETE FROM notifications WHERE id IN (
      SELECT id FROM notifications
      WHERE id < ${idBefore(now - SEEN_KEPT_MS)}::uuid
        AND (seen_at < ${new Date(now - SEEN_KEPT_MS)} OR seen_at IS NULL AND at < ${new Date(now - UNSEEN_KEPT_MS)})
      ORDER BY id LIMIT ${MOST_TIDIED}::int)`
}

/** What the columns say unless told. */
const UNTOUCHED = { email: false, push: true, webhook: true, version: 0 } as const

interface IdsRow {
  readonly ids: string | null
}

function idsOf([row]: readonly IdsRow[]): readonly string[] {
  return row?.ids?.split(' ') ?? []
}

interface ToldRow {
  readonly told: string | null
}

function toldOf([row]: readonly ToldRow[]): readonly Told[] {
  return row?.told ? (JSON.parse(row.told) as readonly Told[]) : []
}

function toNotification({ id, kind, at, title, body, data, seenAt }: NotificationRow): Notification {
  return {
    id,
    kind: kind as NotificationKind,
    at: at.toISOString(),
    title,
    body,
    data: data as Readonly<Record<string, unknown>>,
    seenAt: seenAt?.toISOString() ?? null,
  }
}

function toSettings({ email, push, webhook, quietFrom, quietTo, version }: SettingsRow): StoredSettings {
  const quietHours = quietFrom === null || quietTo === null ? null : { from: quietFrom, to: quietTo }
  return { email, push, webhook, quietHours, version }
}
