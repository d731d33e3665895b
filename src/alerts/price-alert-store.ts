import type { Tx } from '../database/database.js'
import { type Fixed, formatFixed, parseFixed } from '../lib/decimal.js'
import type { LoadedAlert } from './alert-table.js'

/** The price up to which all alerts of an instrument, or of a ratio `A/B`, were evaluated. */
export interface StoredMark extends Mark {
  /** Alerts that were touched before it were among those. */
  readonly watermark: bigint
}

interface Mark {
  readonly name: string
  readonly price: Fixed
  /** Version of its quote. */
  readonly version: number
  /** Ms since the epoch. */
  readonly at: number
}

interface StoredMinute {
  readonly name: string
  readonly low: Fixed
  readonly high: Fixed
  /** Its start, ms since the epoch. */
  readonly at: number
}

interface Changes {
  /** Of those that were touched, the ones that may still fire or be armed again. */
  readonly alerts: readonly LoadedAlert[]
  /** Those that may not (any more). */
  readonly removed: readonly string[]
  /** What to ask for the next time. */
  readonly watermark: bigint
}

/**
 * What evaluators read and write of price alerts, across users (Database.asSystem). Rows come as one text: read one
 * by one, a million of them would take minutes.
 */
export const priceAlertStore = {
  /**
   * What was touched since the watermark, once or again, and the watermark for the next time: the oldest transaction
   * that was open before this looked. Whatever that one, or a later one, still writes is found then.
   */
  async changes(tx: Tx, since: bigint): Promise<Changes> {
    const watermark = await oldestOpen(tx)
    const touched = await readRows(tx, TOUCHED, [since.toString()])
    const gone = await tx.$queryRaw<{ ids: string | null }[]>`
      SELECT string_agg(id::text, ' ') AS ids FROM (
        SELECT id FROM alert_removals WHERE touched >= ${since}
        UNION ALL SELECT id FROM (
          SELECT * FROM alerts WHERE touched BETWEEN ${since} AND ${LAST_TOUCHED} OFFSET 0
        ) AS touched WHERE kind = 'PRICE' AND NOT (state = 'armed' OR state = 'fired' AND repeat = 'rearm')
      ) AS gone`
    return { alerts: touched, removed: gone[0]?.ids?.split(' ') ?? [], watermark }
  },

  /**
   * Where to begin: everything that is committed by now is read by its symbol. A dump of another server may bring
   * along transactions of a time that has not come here; they count as of the past.
   */
  async begin(tx: Tx): Promise<bigint> {
    const watermark = await oldestOpen(tx)
    await tx.$executeRaw`UPDATE alerts SET touched = 0 WHERE touched > pg_current_xact_id()::text::bigint`
    await tx.$executeRaw`DELETE FROM alert_removals WHERE touched > pg_current_xact_id()::text::bigint`
    return watermark
  },

  /** The first symbols of all alerts that may fire or be armed again. */
  async symbols(tx: Tx): Promise<readonly string[]> {
    const [row] = await tx.$queryRaw<{ symbols: string | null }[]>`
      SELECT string_agg(symbol, ' ') AS symbols FROM (
        SELECT DISTINCT symbol FROM alerts WHERE kind = 'PRICE' AND (
          state = 'armed' OR state = 'fired' AND repeat = 'rearm')
      ) AS asked`
    return row?.symbols?.split(' ') ?? []
  },

  /** Those of these symbols behind the last one of the page before, in the order of symbol and id. */
  page: (
    tx: Tx,
    symbols: readonly string[],
    last: { readonly symbol: string; readonly id: string } | null,
    limit: number,
  ): Promise<readonly LoadedAlert[]> =>
    readRows(tx, PAGE, [symbols, last?.symbol ?? '', last?.id ?? BEFORE_ALL, limit]),

  byIds: (tx: Tx, ids: readonly string[]): Promise<readonly LoadedAlert[]> => readAlerts(tx, BY_IDS, [ids]),

  /**
   * Alerts of these symbols that may not have been evaluated up to the mark of their name: they were touched when
   * whoever kept the mark had not looked for changes yet.
   */
  unmarked: (tx: Tx, symbols: readonly string[]): Promise<readonly LoadedAlert[]> =>
    readRows(tx, UNMARKED, [symbols]),

  /** Marks of these instruments and of the ratios that begin with them. */
  async marks(tx: Tx, symbols: readonly string[]): Promise<readonly Mark[]> {
    const [row] = await tx.$queryRaw<{ lines: string | null }[]>`
      SELECT string_agg(concat_ws(' ', symbol, price, version, (extract(epoch FROM at) * 1000)::bigint), E'\n') AS lines
      FROM alert_marks WHERE split_part(symbol, '/', 1) = ANY(${[...symbols]})`
    return (row?.lines?.split('\n') ?? []).map((line) => {
      const [name = '', price = '', version, at] = line.split(' ')
      return { name, price: parseFixed(price), version: Number(version), at: Number(at) }
    })
  },

  /** Highest and lowest price of each minute since then, of these symbols; oldest first. */
  async minutes(tx: Tx, symbols: readonly string[], since: number): Promise<readonly StoredMinute[]> {
    const [row] = await tx.$queryRaw<{ lines: string | null }[]>`
      SELECT string_agg(
        concat_ws(' ', symbol, low, high, (extract(epoch FROM at) * 1000)::bigint), E'\n' ORDER BY at
      ) AS lines
      FROM candles JOIN instruments ON instruments.id = instrument_id
      WHERE symbol = ANY(${[...symbols]}) AND interval = '1m' AND at >= to_timestamp(${since / 1000}::float8)`
    return (row?.lines?.split('\n') ?? []).map((line) => {
      const [name = '', low = '', high = '', at] = line.split(' ')
      return { name, low: parseFixed(low), high: parseFixed(high), at: Number(at) }
    })
  },

  /** Only ever forward: whoever comes late says nothing. */
  async saveMarks(tx: Tx, marks: readonly StoredMark[]): Promise<void> {
    await tx.$executeRaw`
      INSERT INTO alert_marks (symbol, price, version, at, watermark)
      SELECT symbol, price::numeric, version::bigint, to_timestamp(at::float8 / 1000), watermark::bigint FROM unnest(
        ${marks.map(({ name }) => name)}::text[], ${marks.map(({ price }) => formatFixed(price))}::text[],
        ${marks.map(({ version }) => String(version))}::text[], ${marks.map(({ at }) => String(at))}::text[],
        ${marks.map(({ watermark }) => String(watermark))}::text[]
      ) AS told (symbol, price, version, at, watermark) ORDER BY symbol
      ON CONFLICT (symbol) DO UPDATE SET
        price = excluded.price, version = excluded.version, at = excluded.at, watermark = excluded.watermark
      WHERE alert_marks.version < excluded.version`
  },
}

/** Removes marks of a while ago of which nobody asks to be told any more; how many. */
export async function tidyMarks(tx: Tx, now: number): Promise<number> {
  return tx.$executeRaw`
    DELETE FROM alert_marks WHERE at < to_timestamp(${now / 1000}::float8) - interval '1 day' AND NOT EXISTS (
      SELECT FROM alerts WHERE kind = 'PRICE' AND alerts.symbol = split_part(alert_marks.symbol, '/', 1)
        AND concat_ws('/', alerts.symbol, alerts.per) = alert_marks.symbol)`
}

async function oldestOpen(tx: Tx): Promise<bigint> {
  const [row] = await tx.$queryRaw<{ oldest: string }[]>`
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS oldest`
  return BigInt(row?.oldest ?? 0)
}

const MAY_FIRE = `kind = 'PRICE' AND (state = 'armed' OR state = 'fired' AND repeat = 'rearm')`
const LAST_TOUCHED = 2n ** 63n - 1n
/**
 * Asked every second, so by the index of `touched` in any case: without statistics a range with two ends is held to be
 * small, one with a single end to be a third of all, and `OFFSET 0` keeps other indexes from being preferred.
 */
const TOUCHED = `
  SELECT * FROM (
    SELECT * FROM alerts WHERE touched BETWEEN $1::text::bigint AND ${LAST_TOUCHED} OFFSET 0
  ) AS touched WHERE ${MAY_FIRE}`
const BY_IDS = `${MAY_FIRE} AND id = ANY($1::text[]::uuid[])`

const BEFORE_ALL = '00000000-0000-0000-0000-000000000000'
/**
 * Those of one symbol, by the index, which keeps their order; `OFFSET 0` makes it so where the database has no
 * statistics yet and would rather read all alerts each time.
 */
const OF_ONE = `SELECT * FROM alerts WHERE ${MAY_FIRE} AND alerts.symbol = asked.symbol`
const PAGE = `
  SELECT of_one.*
  FROM (SELECT DISTINCT symbol FROM unnest($1::text[]) AS symbol WHERE symbol >= $2 ORDER BY symbol) AS asked
  CROSS JOIN LATERAL (${OF_ONE} AND (alerts.symbol, id) > ($2, $3::uuid) OFFSET 0) AS of_one
  ORDER BY asked.symbol, of_one.id LIMIT $4`
// How far prices have moved is counted from an alert's own beginning, whatever others have seen.
const UNMARKED = `
  SELECT of_one.*
  FROM unnest($1::text[]) AS asked (symbol)
  CROSS JOIN LATERAL (${OF_ONE} AND condition <> 'moves' OFFSET 0) AS of_one
  JOIN alert_marks ON alert_marks.symbol = concat_ws('/', of_one.symbol, of_one.per)
  WHERE of_one.touched >= alert_marks.watermark`

/** One line for each alert, its fields apart by blanks; none of them can hold one. */
const LINE = [
  'id',
  'symbol',
  'per',
  'condition',
  'trim_scale(threshold)',
  'trim_scale(percent)',
  'direction',
  'window_minutes',
  'repeat',
  'trim_scale(hysteresis)',
  'min_interval_seconds',
  'state',
  'arm_version',
  '(extract(epoch FROM fired_at) * 1000)::bigint',
  '(extract(epoch FROM snoozed_until) * 1000)::bigint',
  'trim_scale(previous)',
  'previous_version',
  '(extract(epoch FROM previous_at) * 1000)::bigint',
]
  .map((field) => `coalesce((${field})::text, '-')`)
  .join(`, `)

function readAlerts(tx: Tx, which: string, values: readonly unknown[]): Promise<readonly LoadedAlert[]> {
  return readRows(tx, `SELECT * FROM alerts WHERE ${which}`, values)
}

async function readRows(tx: Tx, rows: string, values: readonly unknown[]): Promise<readonly LoadedAlert[]> {
  const [row] = await tx.$queryRawUnsafe<{ lines: string | null }[]>(
    `SELECT string_agg(concat_ws(' ', ${LINE}), E'\\n') AS lines FROM (${rows}) AS found`,
    ...values,
  )
  return (row?.lines?.split('\n') ?? []).map(toAlert)
}

function toAlert(line: string): LoadedAlert {
  const fields = line.split(' ')
  const text = (place: number): string | null => {
    const field = fields[place] ?? '-'
    return field === '-' ? null : field
  }
  const fixed = (place: number): Fixed | null => {
    const field = text(place)
    return field === null ? null : parseFixed(field)
  }
  const number = (place: number): number | null => {
    const field = text(place)
    return field === null ? null : Number(field)
  }
  return {
    id: text(0) ?? '',
    symbol: text(1) ?? '',
    per: text(2),
    condition: text(3) as LoadedAlert['condition'],
    threshold: fixed(4),
    percent: fixed(5),
    direction: text(6) as LoadedAlert['direction'],
    windowMinutes: number(7),
    repeat: text(8) as LoadedAlert['repeat'],
    hysteresis: fixed(9) ?? 0n,
    minIntervalSeconds: number(10) ?? 0,
    state: text(11) as LoadedAlert['state'],
    armVersion: number(12) ?? 0,
    firedAt: number(13),
    snoozedUntil: number(14),
    previous: fixed(15),
    previousVersion: number(16),
    previousAt: number(17),
  }
}
