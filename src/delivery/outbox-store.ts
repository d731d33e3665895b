import type { Tx } from '../database/database.js'
import type { NotificationKind } from '../protocol/notifications.js'
import { goByIndex } from './by-index.js'
import type { Browser, Item, Parcel, Topic } from './way.js'

/** A parcel whose rows are this process's until the claim ends. */
export interface Claimed extends Parcel {
  readonly rows: readonly bigint[]
  /** Attempts that failed. */
  readonly attempts: number
  readonly claimedUntil: number
  readonly isDisabled: boolean
}

interface Row {
  readonly id: bigint
  readonly first: bigint
  readonly attempts: number
  readonly userId: string
  readonly notificationId: string
  readonly kind: string
  readonly title: string
  readonly body: string
  readonly at: Date
  readonly email: string
  readonly isEmailConfirmed: boolean
  readonly name: string | null
  readonly locale: string
  readonly timeZone: string
  readonly disabledAt: Date | null
  readonly browserId: string | null
  readonly endpoint: string | null
  readonly p256dh: string | null
  readonly auth: string | null
}

interface Ask {
  readonly topic: Topic
  readonly most: number
  readonly now: number
  readonly until: number
  /** The user at whom the last claim of this process ended. */
  readonly after: string
}

interface Claim {
  readonly parcels: readonly Claimed[]
  readonly after: string
}

/** Before the first id. */
export const FIRST = '00000000-0000-0000-0000-000000000000'
const LOOKED_AT = 128
const MOST_IN_ONE = 1_000
const MOST_TIDIED = 5_000
const KEPT_MS = 7 * 86_400_000

/** Everything below works inside a transaction of the system (Database.asSystem), unless it says otherwise. */
export const outboxStore = {
  /**
   * Takes the next parcels of a topic that are due and nobody else's: each user's first, then each user's second.
   * What was held back of one user for one target is one parcel. Its first row is the gate: whoever gets that gets
   * all of it, so that two who look at once do not share it. It looks at a few users, however many wait, as the queue
   * of webhooks does (webhook-queue.ts): at those of whom something is due for longest, and where there may be
   * others, at those of the latest and in the order of ids from `after` on.
   */
  async claim(tx: Tx, { topic, most, now, until, after }: Ask): Promise<Claim> {
    const at = instant(now)
    await goByIndex(tx)
    const lines = await linesOf(tx, { topic, at, after })
    if (lines.userIds.length === 0) return { parcels: [], after: FIRST }
    const rows = await tx.$queryRaw<Row[]>`
      WITH parcels AS (
        SELECT user_id, held, target, (array_agg(id ORDER BY available_at, id))[1] AS first, min(available_at) AS since
        FROM unnest(${[...lines.userIds]}::uuid[]) AS lines (user_id) CROSS JOIN LATERAL (
          SELECT id, available_at, held, target FROM outbox
          WHERE topic = ${topic} AND outbox.user_id = lines.user_id AND done_at IS NULL AND available_at <= ${at}::timestamptz
            AND (claimed_until IS NULL OR claimed_until <= ${at}::timestamptz)
          ORDER BY available_at, id LIMIT ${LOOKED_AT}::int
        ) AS due GROUP BY user_id, held, target, CASE WHEN held THEN 0 ELSE id END
      ), next AS MATERIALIZED (
        SELECT user_id, held, target, first FROM (
          SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY since, first) AS turn FROM parcels
        ) AS turns ORDER BY turn, since, first LIMIT ${most}::int
      ), gates AS MATERIALIZED (
        SELECT id FROM outbox WHERE id IN (SELECT first FROM next) AND done_at IS NULL
          AND (claimed_until IS NULL OR claimed_until <= ${at}::timestamptz)
        FOR UPDATE SKIP LOCKED
      ), picked AS MATERIALIZED (
        SELECT first, together.id FROM next JOIN gates ON gates.id = first CROSS JOIN LATERAL (
          SELECT id FROM outbox
          WHERE topic = ${topic} AND user_id = next.user_id AND done_at IS NULL AND available_at <= ${at}::timestamptz
            AND (claimed_until IS NULL OR claimed_until <= ${at}::timestamptz) AND held AND target = next.target
          ORDER BY available_at, id LIMIT ${MOST_IN_ONE}::int
        ) AS together WHERE next.held
        UNION ALL SELECT first, first FROM next JOIN gates ON gates.id = first WHERE NOT next.held
      ), taken AS (
        UPDATE outbox SET claimed_until = ${instant(until)}::timestamptz FROM picked
        WHERE outbox.id = picked.id AND done_at IS NULL
          AND (claimed_until IS NULL OR claimed_until <= ${at}::timestamptz)
        RETURNING outbox.id, first, outbox.user_id, notification_id, target, attempts
      )
      SELECT taken.id, first, attempts, taken.user_id AS "userId", notification_id AS "notificationId",
        kind, title, body, at, email, coalesce(confirmed_email = email, false) AS "isEmailConfirmed", name, locale,
        time_zone AS "timeZone", disabled_at AS "disabledAt", browsers.id AS "browserId", endpoint, p256dh, auth
      FROM taken
      JOIN users ON users.id = taken.user_id
      JOIN notifications ON notifications.user_id = taken.user_id AND notifications.id = notification_id
      LEFT JOIN push_subscriptions AS browsers
        ON browsers.user_id = taken.user_id AND browsers.id::text = taken.target
      ORDER BY taken.id`
    const parcels = new Map<bigint, Row[]>()
    for (const row of rows) {
      const parcel = parcels.get(row.first)
      if (parcel) parcel.push(row)
      else parcels.set(row.first, [row])
    }
    return {
      parcels: [...parcels.values()].flatMap((some) => toClaimed(some, until)),
      after: lines.after,
    }
  },

  /** They are over and will not be sent again; `error` tells why they were not sent. */
  async done(tx: Tx, rows: readonly bigint[], { now, error }: { now: number; error: string | null }) {
    await tx.$executeRaw`
      UPDATE outbox SET done_at = ${instant(now)}::timestamptz, claimed_until = NULL, error = ${error}
      WHERE id = ANY(${texts(rows)}::bigint[]) AND done_at IS NULL`
  },

  /** They are tried again later, all at once; not if another process has taken them over meanwhile. */
  async again(
    tx: Tx,
    { rows, claimedUntil }: Pick<Claimed, 'rows' | 'claimedUntil'>,
    { attempts, at, error }: { attempts: number; at: number; error: string },
  ): Promise<void> {
    await tx.$executeRaw`
      UPDATE outbox SET attempts = ${attempts}::int, available_at = ${instant(at)}::timestamptz,
        claimed_until = NULL, error = ${error}
      WHERE id = ANY(${texts(rows)}::bigint[]) AND done_at IS NULL
        AND claimed_until = ${instant(claimedUntil)}::timestamptz`
  },

  /** Neither what waits nor what an alert names e-mail for is sent to this user by e-mail; in his transaction. */
  async stopEmail(tx: Tx, userId: string, now: number): Promise<void> {
    await tx.$executeRaw`
      UPDATE alerts SET channels = array_remove(channels, 'email'), version = version + 1, updated_at = now()
      WHERE user_id = ${userId}::uuid AND has_channels AND 'email' = ANY(channels)`
    await tx.$executeRaw`
      UPDATE outbox SET done_at = ${instant(now)}::timestamptz, error = 'e-mail was switched off'
      WHERE user_id = ${userId}::uuid AND topic = 'email' AND done_at IS NULL`
  },
}

/** The users who are looked at, and where the look in the order of ids has ended. */
async function linesOf(
  tx: Tx,
  { topic, at, after }: { readonly topic: Topic; readonly at: string; readonly after: string },
): Promise<{ readonly userIds: readonly string[]; readonly after: string }> {
  const [row] = await tx.$queryRaw<{ ids: string | null }[]>`
    SELECT string_agg(user_id::text, ' ') AS ids FROM (
      SELECT user_id FROM outbox
      WHERE topic = ${topic} AND done_at IS NULL AND available_at <= ${at}::timestamptz
        AND (claimed_until IS NULL OR claimed_until <= ${at}::timestamptz)
      ORDER BY available_at, id LIMIT ${LOOKED_AT}::int
    ) AS oldest`
  const oldest = row?.ids?.split(' ') ?? []
  if (oldest.length < LOOKED_AT) return { userIds: [...new Set(oldest)], after: FIRST }
  const [more] = await tx.$queryRaw<{ ids: string | null; lookedUpTo: string | null }[]>`
    WITH RECURSIVE latest AS (
      SELECT user_id FROM outbox
      WHERE topic = ${topic} AND done_at IS NULL AND available_at <= ${at}::timestamptz
        AND (claimed_until IS NULL OR claimed_until <= ${at}::timestamptz)
      ORDER BY available_at DESC, id DESC LIMIT ${LOOKED_AT}::int
    ), others AS (
      (SELECT user_id, 1 AS place FROM outbox
        WHERE topic = ${topic} AND done_at IS NULL AND user_id > ${after}::uuid ORDER BY user_id LIMIT 1)
      UNION ALL
      SELECT next.user_id, place + 1 FROM others CROSS JOIN LATERAL (
        SELECT user_id FROM outbox
        WHERE topic = ${topic} AND done_at IS NULL AND user_id > others.user_id ORDER BY user_id LIMIT 1
      ) AS next WHERE place < ${LOOKED_AT}::int
    )
    SELECT (SELECT user_id::text FROM others WHERE place = ${LOOKED_AT}::int) AS "lookedUpTo",
      (SELECT string_agg(user_id::text, ' ') FROM (
        SELECT user_id FROM latest UNION SELECT user_id FROM others) AS these) AS ids`
  const userIds = new Set([...oldest, ...(more?.ids?.split(' ') ?? [])])
  return { userIds: [...userIds], after: more?.lookedUpTo ?? FIRST }
}

/** Forgets what was over a week ago, so many rows at most; how many. For the system alone. */
export async function tidyOutbox(tx: Tx, now: number): Promise<number> {
  return tx.$executeRaw`
    DELETE FROM outbox WHERE id IN (
      SELECT id FROM outbox WHERE done_at < ${instant(now - KEPT_MS)}::timestamptz
      ORDER BY done_at LIMIT ${MOST_TIDIED})`
}

function instant(at: number): string {
  return new Date(at).toISOString()
}

function texts(rows: readonly bigint[]): string[] {
  return rows.map(String)
}

function toClaimed(rows: readonly Row[], claimedUntil: number): readonly Claimed[] {
  const [first, ...others] = rows
  if (!first) return []
  const { userId, email, isEmailConfirmed, name, locale, timeZone } = first
  return [
    {
      to: { userId, email, isEmailConfirmed, name, locale, timeZone },
      items: [toItem(first), ...others.map(toItem)],
      browser: toBrowser(first),
      rows: rows.map(({ id }) => id),
      attempts: Math.max(...rows.map(({ attempts }) => attempts)),
      claimedUntil,
      isDisabled: first.disabledAt !== null,
    },
  ]
}

function toItem({ notificationId, kind, title, body, at }: Row): Item {
  return { id: notificationId, kind: kind as NotificationKind, title, body, at: at.getTime() }
}

function toBrowser({ browserId, endpoint, p256dh, auth }: Row): Browser | null {
  if (browserId === null || endpoint === null || p256dh === null || auth === null) return null
  return { id: browserId, endpoint, p256dh, auth }
}
