import type { Tx } from '../database/database.js'
import { idBefore } from '../lib/rising-ids.js'
import { goByIndex } from './by-index.js'
import type { SealedTarget } from './webhook-attempt.js'
import type { Event, Message } from './webhook-message.js'

/** What is under way here already, of each webhook and of each host. */
export interface UnderWay {
  readonly webhooks: ReadonlyMap<string, number>
  readonly hosts: ReadonlyMap<string, number>
}

interface Ask {
  readonly now: number
  readonly until: number
  readonly most: number
  readonly underWay: UnderWay
  /** Where the last claim of this process ended. */
  readonly after: Place
}

interface Claim {
  readonly parcels: readonly Parcel[]
  readonly after: Place
}

/** A delivery's in the line of all that waits. */
interface Place {
  /** As the database writes an instant. */
  readonly due: string
  readonly id: string
}

interface Lines {
  /** Of webhooks. */
  readonly ids: readonly string[]
  readonly after: Place
}

/** Deliveries of one webhook that go out in one piece, claimed until then. */
export interface Parcel {
  readonly userId: string
  readonly target: SealedTarget
  readonly message: Message
  readonly rows: readonly { readonly id: string; readonly attempts: number }[]
  /** Whether webhook or account were switched off meanwhile. */
  readonly isOff: boolean
  readonly claimedUntil: number
}

/** What became of one row. */
export interface Settled {
  readonly id: string
  readonly webhookId: string
  readonly claimedUntil: number
  readonly state: 'pending' | 'delivered' | 'failed'
  /** Until now, with this one. */
  readonly attempts: number
  /** Of `pending`. */
  readonly nextAttemptAt: number | null
  readonly responseCode: number | null
  readonly responseBody: string | null
  readonly error: string | null
  /** When the attempt began. */
  readonly at: number
}

/** Failed attempts of one webhook; `isOk`: something was delivered as well. */
export interface Health {
  readonly webhookId: string
  readonly isOk: boolean
  readonly failed: number
  readonly since: number
}

export interface SwitchedOff {
  readonly id: string
  readonly userId: string
  readonly name: string | null
  readonly url: string
}

/** Before everything. */
export const START: Place = { due: '-infinity', id: '00000000-0000-0000-0000-000000000000' }
/** Of what is due for longest and of the latest; webhooks on the way through all, and what is passed over on it. */
const LOOKED_AT = 128
const PASSED = 2_000
const MOST_OF_WEBHOOK = 4
/** Of one that failed last, so that those which hang leave the others room. */
const MOST_OF_FAILING = 1
const MOST_OF_HOST = 8
const MOST_IN_ONE = 100
const DAY_MS = 24 * 3_600_000
const KEPT_MS = 30 * DAY_MS
const MOST_TIDIED = 5_000

/** Everything below works inside a transaction of the system. */
export const webhookQueue = {
  /**
   * Takes at most `most` parcels that are due. Webhooks take turns, so that many of one do not hold up others; what
   * was held back for a chat is one parcel, taken by whoever gets the first of it.
   *
   * It looks at a few, however many wait: at the webhooks of the deliveries that are due for longest. Where these
   * are so many that there may be others, also at those of the latest, which are often somebody's only one, and,
   * claim by claim, at the next ones on the way through all that is due: `after` is where the last look ended.
   */
  async claim(tx: Tx, { now, until, most, underWay, after }: Ask): Promise<Claim> {
    const [at, end] = [instant(now), instant(until)]
    const { webhooks, hosts } = underWay
    await goByIndex(tx)
    const lines = await linesOf(tx, at, after)
    if (lines.ids.length === 0) return { parcels: [], after: START }
    const claimed = await tx.$queryRaw<ClaimedRow[]>`
      WITH due AS (
        SELECT d.id, lines.webhook_id, next_attempt_at, held AND format <> 'standard' AS together,
          split_part(url, '/', 3) AS host,
          CASE WHEN failures > 0 THEN ${MOST_OF_FAILING}::int ELSE ${MOST_OF_WEBHOOK}::int END AS most,
          row_number() OVER (
            PARTITION BY lines.webhook_id, held AND format <> 'standard' ORDER BY next_attempt_at, d.id
          ) AS turn
        FROM unnest(${[...lines.ids]}::uuid[]) AS lines (webhook_id)
        CROSS JOIN LATERAL (
          SELECT id, next_attempt_at, held FROM webhook_deliveries
          WHERE webhook_id = lines.webhook_id AND state = 'pending' AND next_attempt_at <= ${at}::timestamptz
            AND (claimed_until IS NULL OR claimed_until <= ${at}::timestamptz)
          ORDER BY next_attempt_at, id LIMIT ${MOST_OF_WEBHOOK}::int
        ) AS d
        CROSS JOIN LATERAL (SELECT format, url, failures FROM webhooks WHERE id = lines.webhook_id OFFSET 0) AS w
      ), among AS (
        SELECT due.*, row_number() OVER (PARTITION BY host ORDER BY turn, next_attempt_at, due.id) AS host_turn
        FROM due LEFT JOIN unnest(${[...webhooks.keys()]}::uuid[], ${[...webhooks.values()]}::int[]) AS busy (id, n)
          ON busy.id = due.webhook_id
        WHERE turn <= most - coalesce(busy.n, 0) AND (turn = 1 OR NOT together)
      ), picked AS MATERIALIZED (
        SELECT among.id, together
        FROM among LEFT JOIN unnest(${[...hosts.keys()]}::text[], ${[...hosts.values()]}::int[]) AS busy (host, n)
          ON busy.host = among.host
        WHERE host_turn <= ${MOST_OF_HOST}::int - coalesce(busy.n, 0)
        ORDER BY turn, next_attempt_at, among.id LIMIT ${most}::int
      ), free AS MATERIALIZED (
        SELECT d.id, together FROM picked CROSS JOIN LATERAL (
          SELECT id FROM webhook_deliveries WHERE id = picked.id AND state = 'pending'
            AND (claimed_until IS NULL OR claimed_until <= ${at}::timestamptz)
          FOR UPDATE SKIP LOCKED
        ) AS d
      )
      UPDATE webhook_deliveries d SET claimed_until = ${end}::timestamptz FROM free WHERE d.id = free.id
      RETURNING d.id, d.webhook_id AS "webhookId", together`
    const first = new Map(claimed.filter(({ together }) => together).map((one) => [one.webhookId, one.id]))
    const others = first.size === 0 ? [] : await claimHeld(tx, [...first.keys()], at, end)
    const rows = await read(
      tx,
      [...claimed, ...others].map(({ id }) => id),
    )
    return { parcels: parcelsOf(rows, new Set(first.keys()), until), after: lines.after }
  },

  /** Ids of the rows that were still this claim's to settle; what was delivered is, in any case. */
  async settle(tx: Tx, settled: readonly Settled[]): Promise<ReadonlySet<string>> {
    const rows = settled.map((one) => ({
      ...one,
      claimedUntil: instant(one.claimedUntil),
      nextAttemptAt: one.nextAttemptAt === null ? null : instant(one.nextAttemptAt),
      deliveredAt: one.state === 'delivered' ? instant(one.at) : null,
    }))
    const [row] = await tx.$queryRaw<{ ids: string | null }[]>`
      WITH settled AS (
        UPDATE webhook_deliveries d SET
          state = given.state, attempts = given.attempts, claimed_until = NULL,
          next_attempt_at = coalesce("nextAttemptAt", d.next_attempt_at), delivered_at = "deliveredAt",
          response_code = "responseCode", response_body = "responseBody", error = given.error
        FROM json_to_recordset(${JSON.stringify(rows)}::json) AS given (
          id uuid, "claimedUntil" timestamptz, state text, attempts int, "nextAttemptAt" timestamptz, "deliveredAt" timestamptz,
          "responseCode" int, "responseBody" text, error text)
        WHERE d.id = given.id AND d.state = 'pending'
          AND (given.state = 'delivered' OR d.claimed_until = given."claimedUntil")
        RETURNING d.id)
      SELECT string_agg(id::text, ' ') AS ids FROM settled`
    return new Set(row?.ids?.split(' ') ?? [])
  },

  /** Counts failures until something is delivered again. */
  async noteHealth(tx: Tx, health: readonly Health[]): Promise<void> {
    const rows = health.map((one) => ({ ...one, since: instant(one.since) }))
    await tx.$executeRaw`
      UPDATE webhooks w SET
        failures = CASE WHEN "isOk" THEN 0 ELSE failures + failed END,
        failing_since = CASE WHEN "isOk" THEN NULL ELSE coalesce(failing_since, since) END
      FROM json_to_recordset(${JSON.stringify(rows)}::json) AS given (
        "webhookId" uuid, "isOk" boolean, failed int, since timestamptz)
      WHERE w.id = "webhookId" AND (failed > 0 OR failures > 0)`
  },

  /** Switches off those among them that are `gone`, or that have failed for a day, and gives up what they wait for. */
  async switchOff(
    tx: Tx,
    { among, gone, now }: { among: readonly string[]; gone: readonly string[]; now: number },
  ): Promise<readonly SwitchedOff[]> {
    const at = instant(now)
    const off = await tx.$queryRaw<SwitchedOff[]>`
      UPDATE webhooks SET disabled_at = ${at}::timestamptz, version = version + 1, updated_at = ${at}::timestamptz,
        disabled_reason = CASE WHEN id = ANY(${[...gone]}::uuid[]) THEN 'gone' ELSE 'failing' END
      WHERE id = ANY(${[...among]}::uuid[]) AND disabled_at IS NULL
        AND (id = ANY(${[...gone]}::uuid[]) OR failing_since <= ${instant(now - DAY_MS)}::timestamptz)
      RETURNING id, user_id AS "userId", name, url`
    await giveUp(
      tx,
      off.map(({ id }) => id),
    )
    return off
  },
}

/** Of webhooks that were switched off: what still waits is over; of a user's transaction too. */
export async function giveUp(tx: Tx, webhookIds: readonly string[]): Promise<void> {
  if (webhookIds.length === 0) return
  await tx.webhookDelivery.updateMany({
    where: { webhookId: { in: [...webhookIds] }, state: 'pending' },
    data: { state: 'failed', error: 'switched-off', claimedUntil: null },
  })
}

/** Forgets what was done with long ago; in the system's transaction, some at a time. Tells how many. */
export async function tidyDeliveries(tx: Tx, now: number): Promise<number> {
  return tx.$executeRaw`
    DELETE FROM webhook_deliveries WHERE id IN (
      SELECT id FROM webhook_deliveries
      WHERE id < ${idBefore(now - KEPT_MS)}::uuid AND state IN ('delivered', 'failed')
        AND created_at < ${instant(now - KEPT_MS)}::timestamptz
      ORDER BY id LIMIT ${MOST_TIDIED}::int)`
}

/** The webhooks that are looked at, and where the look along what is due has ended. */
async function linesOf(tx: Tx, at: string, after: Place): Promise<Lines> {
  const [row] = await tx.$queryRaw<{ ids: string | null }[]>`
    SELECT string_agg(webhook_id::text, ' ') AS ids FROM (
      SELECT webhook_id FROM webhook_deliveries
      WHERE state = 'pending' AND next_attempt_at <= ${at}::timestamptz
        AND (claimed_until IS NULL OR claimed_until <= ${at}::timestamptz)
      ORDER BY next_attempt_at, id LIMIT ${LOOKED_AT}::int
    ) AS oldest`
  const oldest = row?.ids?.split(' ') ?? []
  if (oldest.length < LOOKED_AT) return { ids: [...new Set(oldest)], after: START }
  const [more] = await tx.$queryRaw<{ ids: string | null; due: string | null; id: string | null }[]>`
    WITH latest AS MATERIALIZED (
      SELECT webhook_id FROM webhook_deliveries
      WHERE state = 'pending' AND next_attempt_at <= ${at}::timestamptz
        AND (claimed_until IS NULL OR claimed_until <= ${at}::timestamptz)
      ORDER BY next_attempt_at DESC, id DESC LIMIT ${LOOKED_AT}::int
    ), passed AS MATERIALIZED (
      SELECT webhook_id, next_attempt_at, id, row_number() OVER () AS place FROM (
        SELECT webhook_id, next_attempt_at, id FROM webhook_deliveries
        WHERE state = 'pending' AND next_attempt_at <= ${at}::timestamptz
          AND (next_attempt_at, id) > (${after.due}::timestamptz, ${after.id}::uuid)
        ORDER BY next_attempt_at, id LIMIT ${PASSED}::int
      ) AS line
    ), others AS MATERIALIZED (
      SELECT webhook_id, min(place) AS place FROM passed GROUP BY webhook_id ORDER BY place LIMIT ${LOOKED_AT}::int
    ), ended AS (
      SELECT next_attempt_at, id FROM passed WHERE place = CASE (SELECT count(*) FROM others)
        WHEN ${LOOKED_AT}::int THEN (SELECT max(place) FROM others) ELSE ${PASSED}::int END
    )
    SELECT (SELECT next_attempt_at::text FROM ended) AS due, (SELECT id::text FROM ended) AS id,
      (SELECT string_agg(webhook_id::text, ' ') FROM (
        SELECT webhook_id FROM latest UNION SELECT webhook_id FROM others) AS these) AS ids`
  const ids = new Set([...oldest, ...(more?.ids?.split(' ') ?? [])])
  const { due = null, id = null } = more ?? {}
  return { ids: [...ids], after: due === null || id === null ? START : { due, id } }
}

/** What else was held back for these chats and is due. */
async function claimHeld(
  tx: Tx,
  webhookIds: readonly string[],
  at: string,
  end: string,
): Promise<readonly { id: string }[]> {
  return tx.$queryRaw<{ id: string }[]>`
    WITH free AS MATERIALIZED (
      SELECT id FROM webhook_deliveries
      WHERE webhook_id = ANY(${[...webhookIds]}::uuid[]) AND held AND state = 'pending'
        AND next_attempt_at <= ${at}::timestamptz AND (claimed_until IS NULL OR claimed_until <= ${at}::timestamptz)
      ORDER BY next_attempt_at, id LIMIT ${MOST_IN_ONE * webhookIds.length}::int FOR UPDATE SKIP LOCKED
    )
    UPDATE webhook_deliveries d SET claimed_until = ${end}::timestamptz FROM free WHERE d.id = free.id
    RETURNING d.id`
}

interface ClaimedRow {
  readonly id: string
  readonly webhookId: string
  readonly together: boolean
}

interface Row {
  readonly id: string
  readonly userId: string
  readonly eventId: string
  readonly body: Event
  readonly held: boolean
  readonly attempts: number
  readonly locale: string
  readonly isOff: boolean
  readonly target: Omit<SealedTarget, 'secret' | 'formerSecret'> & {
    /** Both in base64. */
    readonly secret: string
    readonly formerSecret: string | null
  }
}

/** As one text, in the order of ids. */
async function read(tx: Tx, ids: readonly string[]): Promise<readonly Row[]> {
  if (ids.length === 0) return []
  const [row] = await tx.$queryRaw<{ rows: string | null }[]>`
    SELECT json_agg(json_build_object(
      'id', d.id, 'userId', d.user_id, 'eventId', event_id, 'body', body, 'held', held, 'attempts', attempts,
      'locale', locale, 'isOff', w.disabled_at IS NOT NULL OR users.disabled_at IS NOT NULL,
      'target', json_build_object('webhookId', w.id, 'format', format, 'url', url, 'chatId', chat_id,
        'secret', encode(secret, 'base64'), 'formerSecret', encode(former_secret, 'base64'),
        'formerUntil', trunc(extract(epoch FROM former_until) * 1000))) ORDER BY d.id)::text AS rows
    FROM unnest(${[...ids]}::uuid[]) AS asked (id)
    CROSS JOIN LATERAL (SELECT * FROM webhook_deliveries WHERE id = asked.id OFFSET 0) AS d
    JOIN webhooks w ON w.id = d.webhook_id JOIN users ON users.id = d.user_id`
  return JSON.parse(row?.rows ?? '[]') as readonly Row[]
}

function parcelsOf(
  rows: readonly Row[],
  together: ReadonlySet<string>,
  claimedUntil: number,
): readonly Parcel[] {
  const parcels = new Map<string, [Row, ...Row[]]>()
  for (const row of rows) {
    const key = row.held && together.has(row.target.webhookId) ? row.target.webhookId : row.id
    const parcel = parcels.get(key)
    if (parcel) parcel.push(row)
    else parcels.set(key, [row])
  }
  return [...parcels.values()].map(([first, ...others]) => ({
    userId: first.userId,
    target: unpacked(first.target),
    message: {
      id: first.eventId,
      // As notifications/announce wrote them.
      events: [first.body, ...others.map(({ body }) => body)],
      locale: first.locale,
    },
    rows: [first, ...others].map(({ id, attempts }) => ({ id, attempts })),
    isOff: first.isOff,
    claimedUntil,
  }))
}

function unpacked({ secret, formerSecret, ...target }: Row['target']): SealedTarget {
  return {
    ...target,
    secret: Buffer.from(secret, 'base64'),
    formerSecret: formerSecret === null ? null : Buffer.from(formerSecret, 'base64'),
  }
}

function instant(at: number): string {
  return new Date(at).toISOString()
}
