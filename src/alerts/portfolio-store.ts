import type { Tx } from '../database/database.js'
import { formatFixed, parseFixed } from '../lib/decimal.js'
import type { Direction, PortfolioAlert } from '../protocol/alerts.js'
import type { PortfolioRule, Seen, Standing } from './portfolio-rules.js'

/** An alert on a portfolio that may fire or be armed again. */
export interface LoadedPortfolioAlert {
  readonly id: string
  readonly userId: string
  readonly rule: PortfolioRule
  readonly standing: Standing
}

/** A user as far as his portfolio depends on it. */
export interface Owner {
  readonly userId: string
  readonly timeZone: string
  /** Rises with every change of the holdings. */
  readonly version: number
}

export interface SeenBy {
  readonly alertId: string
  readonly standing: Standing
  readonly seen: Seen
}

/** What was written since the watermark, once or again, and the watermark for the next time. */
interface PortfolioChanges {
  readonly alerts: readonly LoadedPortfolioAlert[]
  /** Alerts that cannot fire any more. */
  readonly removed: readonly string[]
  readonly owners: readonly Owner[]
  /** Users who have changed goals that the market moves. */
  readonly savers: readonly string[]
  readonly watermark: bigint
}

/**
 * What evaluators read and write of portfolios, across users (Database.asSystem). Rows come as one text. Changes are
 * found by the transaction that wrote them: of alerts by `touched`, of users and goals, which have no such column,
 * by the row's `xmin`, for which these tables are looked through once.
 */
export const portfolioStore = {
  /** The oldest transaction that is open: whatever it and later ones write is found by `changes`. */
  watermark: oldestOpen,

  async changes(tx: Tx, since: bigint): Promise<PortfolioChanges> {
    const watermark = await oldestOpen(tx)
    const alerts = await readRows(tx, TOUCHED, [String(since)])
    const xmin = String(BigInt.asUintN(32, since))
    const [row] = await tx.$queryRaw<{ gone: string | null; owners: string | null; savers: string | null }[]>`
      SELECT
        (SELECT string_agg(id::text, ' ') FROM (
          SELECT id FROM alert_removals WHERE touched >= ${since}
          UNION ALL SELECT id FROM (
            SELECT * FROM alerts WHERE touched BETWEEN ${since} AND ${LAST_TOUCHED} OFFSET 0
          ) AS touched WHERE kind = 'PORTFOLIO' AND NOT (state = 'armed' OR state = 'fired' AND repeat = 'rearm')
        ) AS removed) AS gone,
        (SELECT string_agg(concat_ws(' ', id, holdings_version, time_zone), E'\n') FROM users
          WHERE age(xmin) <= age(${xmin}::text::xid)) AS owners,
        (SELECT string_agg(user_id::text, ' ') FROM goals
          WHERE basis <> 'CONTRIBUTIONS' AND age(xmin) <= age(${xmin}::text::xid)) AS savers`
    return {
      alerts,
      removed: row?.gone?.split(' ') ?? [],
      owners: (row?.owners?.split('\n') ?? []).map(toOwner),
      savers: row?.savers?.split(' ') ?? [],
      watermark,
    }
  },

  /** Alerts behind this id, in the order of ids. */
  page: (tx: Tx, after: string, limit: number): Promise<readonly LoadedPortfolioAlert[]> =>
    readAlerts(tx, `${MAY_FIRE} AND id > $1::text::uuid ORDER BY id LIMIT $2`, [after, limit]),

  byIds: (tx: Tx, ids: readonly string[]): Promise<readonly LoadedPortfolioAlert[]> =>
    readAlerts(tx, `${MAY_FIRE} AND id = ANY($1::text[]::uuid[])`, [[...ids]]),

  /** Users behind this id who have goals that the market moves, in the order of ids. */
  async savers(tx: Tx, after: string, limit: number): Promise<readonly string[]> {
    const [row] = await tx.$queryRaw<{ ids: string | null }[]>`
      SELECT string_agg(user_id::text, ' ' ORDER BY user_id) AS ids FROM (
        SELECT DISTINCT user_id FROM goals WHERE basis <> 'CONTRIBUTIONS' AND user_id > ${after}::uuid
        ORDER BY user_id LIMIT ${limit}
      ) AS found`
    return row?.ids?.split(' ') ?? []
  },

  async owners(tx: Tx, userIds: readonly string[]): Promise<readonly Owner[]> {
    const [row] = await tx.$queryRaw<{ lines: string | null }[]>`
      SELECT string_agg(concat_ws(' ', id, holdings_version, time_zone), E'\n') AS lines
      FROM users WHERE id = ANY(${[...userIds]}::text[]::uuid[])`
    return (row?.lines?.split('\n') ?? []).map(toOwner)
  },

  /**
   * Whether alerts of this user wait of which he was told nothing since then; who asks is the one who tells it. Whoever
   * asks at the same time waits until the transaction ends.
   */
  async takeWaiting(tx: Tx, userId: string, since: number, at: number): Promise<boolean> {
    const now = new Date(at).toISOString()
    const alerts = await tx.$queryRaw<{ isAwake: boolean; toldAt: Date | null }[]>`
      SELECT waiting_told_at AS "toldAt", state = 'armed' AND coalesce(snoozed_until <= ${now}::timestamptz, true)
        AND coalesce(expires_at > ${now}::timestamptz, true) AS "isAwake"
      FROM alerts WHERE user_id = ${userId}::uuid AND kind = 'PORTFOLIO' ORDER BY id FOR UPDATE`
    const isTold = alerts.some(({ toldAt }) => toldAt !== null && toldAt.getTime() >= since)
    if (isTold || !alerts.some(({ isAwake }) => isAwake)) return false
    await tx.$executeRaw`
      UPDATE alerts SET waiting_told_at = ${now}::timestamptz
      WHERE user_id = ${userId}::uuid AND kind = 'PORTFOLIO'`
    return true
  },

  /** Only of alerts that still stand as they stood when it was seen. */
  async save(tx: Tx, all: readonly SeenBy[]): Promise<void> {
    const rows = all.map(({ alertId, standing, seen }) => ({
      id: alertId,
      state: standing.state,
      version: standing.armVersion,
      value: seen.value === null ? null : formatFixed(seen.value),
      basis: basisText(seen),
      at: seen.at,
    }))
    await tx.$executeRaw`
      UPDATE alerts SET previous = value, previous_at = to_timestamp(seen.at / 1000), previous_basis = basis
      FROM json_to_recordset(${JSON.stringify(rows)}::json) AS seen (
        id uuid, state text, version int, value numeric, basis text, at float8)
      WHERE alerts.id = seen.id AND alerts.state = seen.state AND alerts.arm_version = seen.version`
  },
}

async function oldestOpen(tx: Tx): Promise<bigint> {
  const [row] = await tx.$queryRaw<{ oldest: string }[]>`
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS oldest`
  return BigInt(row?.oldest ?? 0)
}

const MAY_FIRE = `kind = 'PORTFOLIO' AND (state = 'armed' OR state = 'fired' AND repeat = 'rearm')`

/** By the index of `touched`, also without statistics, by which a range with two ends is held to be small. */
const LAST_TOUCHED = 2n ** 63n - 1n
const TOUCHED = `
  SELECT * FROM (
    SELECT * FROM alerts WHERE touched BETWEEN $1::text::bigint AND ${LAST_TOUCHED} OFFSET 0
  ) AS touched WHERE ${MAY_FIRE}`

const FIELDS = `json_build_object('id', id, 'userId', user_id, 'condition', condition,
  'threshold', trim_scale(threshold)::text, 'currency', currency, 'percent', trim_scale(percent)::text,
  'direction', direction, 'assetId', asset_id, 'repeat', repeat, 'hysteresis', trim_scale(hysteresis)::text,
  'minIntervalSeconds', min_interval_seconds, 'expiresAt', trunc(extract(epoch FROM expires_at) * 1000),
  'snoozedUntil', trunc(extract(epoch FROM snoozed_until) * 1000), 'state', state, 'armVersion', arm_version,
  'firedAt', trunc(extract(epoch FROM fired_at) * 1000), 'previous', trim_scale(previous)::text,
  'previousAt', trunc(extract(epoch FROM previous_at) * 1000), 'previousBasis', previous_basis)`

interface AlertRow {
  readonly id: string
  readonly userId: string
  readonly condition: PortfolioAlert['condition']
  readonly threshold: string | null
  readonly currency: string | null
  readonly percent: string | null
  readonly direction: Direction | null
  readonly assetId: string | null
  readonly repeat: PortfolioAlert['repeat']
  readonly hysteresis: string
  readonly minIntervalSeconds: number
  readonly expiresAt: number | null
  readonly snoozedUntil: number | null
  readonly state: 'armed' | 'fired'
  readonly armVersion: number
  readonly firedAt: number | null
  readonly previous: string | null
  readonly previousAt: number | null
  readonly previousBasis: string | null
}

function readAlerts(
  tx: Tx,
  which: string,
  values: readonly unknown[],
): Promise<readonly LoadedPortfolioAlert[]> {
  return readRows(tx, `SELECT * FROM alerts WHERE ${which}`, values)
}

async function readRows(
  tx: Tx,
  rows: string,
  values: readonly unknown[],
): Promise<readonly LoadedPortfolioAlert[]> {
  const [row] = await tx.$queryRawUnsafe<{ all: string | null }[]>(
    `SELECT json_agg(${FIELDS} ORDER BY id)::text AS all FROM (${rows}) AS found`,
    ...values,
  )
  return (JSON.parse(row?.all ?? '[]') as readonly AlertRow[]).map(toAlert)
}

function toAlert(row: AlertRow): LoadedPortfolioAlert {
  const { id, userId, state, armVersion, firedAt, threshold, percent, hysteresis } = row
  const rule = {
    condition: row.condition,
    threshold: threshold === null ? null : parseFixed(threshold),
    currency: row.currency,
    percent: percent === null ? null : parseFixed(percent),
    direction: row.direction,
    assetId: row.assetId,
    repeat: row.repeat,
    hysteresis: parseFixed(hysteresis),
    minIntervalSeconds: row.minIntervalSeconds,
    expiresAt: row.expiresAt,
    snoozedUntil: row.snoozedUntil,
  }
  return { id, userId, rule, standing: { state, armVersion, firedAt, seen: seenOf(row) } }
}

/**
 * The unit of what was seen stands before the holdings that it leaves out: `@USD <ids>`, or `@% 12.5 <ids>` with the
 * percentage itself, as `previous` is always an amount to whoever else writes it. Without such a beginning it is a
 * total in the base currency of then.
 */
function basisText({ value, unit, basis }: Seen): string {
  if (unit === null) return basis
  return unit === '%' ? `@% ${value === null ? '' : formatFixed(value)} ${basis}` : `@${unit} ${basis}`
}

function seenOf({ previous, previousAt, previousBasis }: AlertRow): Seen | null {
  if (previousAt === null) return null
  const value = previous === null ? null : parseFixed(previous)
  const text = previousBasis ?? ''
  if (!text.startsWith('@')) return { value, unit: null, basis: text, at: previousAt }
  const [first = '', ...rest] = text.split(' ')
  if (first !== '@%') return { value, unit: first.slice(1), basis: rest.join(' '), at: previousAt }
  const [percent = '', ...ids] = rest
  return {
    value: percent === '' ? null : parseFixed(percent),
    unit: '%',
    basis: ids.join(' '),
    at: previousAt,
  }
}

function toOwner(line: string): Owner {
  const [userId = '', version, timeZone = 'UTC'] = line.split(' ')
  return { userId, version: Number(version), timeZone }
}
