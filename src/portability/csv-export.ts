import { stringify } from 'csv-stringify/sync'
import type { Tx } from '../database/database.js'
import type { CsvKind } from '../protocol/resources.js'
import { OWN_COLUMNS } from './csv-columns.js'
import { PAGE } from './export-store.js'

type Cell = string | null
type ReadRows = (tx: Tx, userId: string, offset: number) => Promise<readonly (readonly Cell[])[]>

/** Lines of a table of ours, page by page; empty behind the last one. */
export async function csvPage(tx: Tx, userId: string, kind: CsvKind, offset: number): Promise<string> {
  return csvText(await ROWS[kind](tx, userId, offset))
}

export function csvHead(kind: CsvKind): string {
  return csvText([OWN_COLUMNS[kind]])
}

/**
 * A cell that a spreadsheet would take for a formula is written behind an apostrophe, which it shows as text; a
 * plain number stays one, whatever its sign. Reading takes the apostrophe off again.
 */
function csvText(rows: readonly (readonly Cell[])[]): string {
  return stringify(rows.map((cells) => cells.map((cell) => (cell === null ? '' : harmless(cell)))))
}

function harmless(cell: string): string {
  return /^[=+\-@\t\r]/.test(cell) && !/^-?\d+(\.\d+)?$/.test(cell) ? `'${cell}` : cell
}

interface Row {
  readonly items: string | null
}

const rowsOf = ([row]: readonly Row[]): readonly (readonly Cell[])[] =>
  JSON.parse(row?.items ?? '[]') as (readonly Cell[])[]

/** Cells in the order of OWN_COLUMNS, each a text or null; inside the transaction of one user. */
const ROWS: Readonly<Record<CsvKind, ReadRows>> = {
  // What follows from another activity is told beside it, what follows from an income or expense with that one.
  activities: async (tx, userId, offset) =>
    rowsOf(
      await tx.$queryRaw<Row[]>`
      SELECT json_agg(cells)::text AS items FROM (
        SELECT json_build_array(a.date::text, a.type::text, o.type::text, o.name, o.symbol, o.currency,
          o.pricing::text, trim_scale(a.quantity)::text, trim_scale(a.unit_price)::text,
          trim_scale(a.amount)::text, nullif(trim_scale(a.fee), 0)::text, nullif(trim_scale(a.tax), 0)::text,
          a.currency, trim_scale(CASE f.type WHEN 'TRANSFER_IN' THEN f.rate ELSE a.rate END)::text,
          CASE WHEN a.quantity IS NULL THEN a.split_numerator || ':' || a.split_denominator END,
          CASE WHEN f.type <> 'TRANSFER_IN' THEN fo.name END, CASE f.type WHEN 'TRANSFER_IN' THEN fo.name END,
          CASE WHEN f.type <> 'TRANSFER_IN' THEN NULL
               WHEN f.quantity IS NOT NULL THEN CASE WHEN f.quantity <> a.quantity THEN trim_scale(f.quantity)::text END
               WHEN f.rate IS NULL AND f.currency = fo.currency AND (f.currency, f.amount) <> (a.currency, a.amount)
               THEN trim_scale(f.amount)::text END,
          a.note) AS cells
        FROM activities AS a
        JOIN assets AS o ON o.user_id = a.user_id AND o.id = a.asset_id
        LEFT JOIN activities AS f ON f.user_id = a.user_id AND f.cause_id = a.id
        LEFT JOIN assets AS fo ON fo.user_id = f.user_id AND fo.id = f.asset_id
        WHERE a.user_id = ${userId}::uuid AND num_nonnulls(a.cause_id, a.income_id, a.expense_id) = 0
        ORDER BY a.date, a.sequence LIMIT ${PAGE}::int OFFSET ${offset}::int) AS page`,
    ),

  incomes: async (tx, userId, offset) =>
    rowsOf(
      await tx.$queryRaw<Row[]>`
      SELECT json_agg(cells)::text AS items FROM (
        SELECT json_build_array(f.date::text, trim_scale(f.amount)::text, f.currency, c.name, o.name,
          array_to_string(f.tags, ';'), f.note) AS cells
        FROM incomes AS f
        LEFT JOIN categories AS c ON c.user_id = f.user_id AND c.id = f.category_id
        LEFT JOIN assets AS o ON o.user_id = f.user_id AND o.id = f.asset_id
        WHERE f.user_id = ${userId}::uuid
        ORDER BY f.date, f.id LIMIT ${PAGE}::int OFFSET ${offset}::int) AS page`,
    ),

  expenses: async (tx, userId, offset) =>
    rowsOf(
      await tx.$queryRaw<Row[]>`
      SELECT json_agg(cells)::text AS items FROM (
        SELECT json_build_array(f.date::text, trim_scale(f.amount)::text, f.currency, c.name, o.name,
          array_to_string(f.tags, ';'), f.note) AS cells
        FROM expenses AS f
        LEFT JOIN categories AS c ON c.user_id = f.user_id AND c.id = f.category_id
        LEFT JOIN assets AS o ON o.user_id = f.user_id AND o.id = f.asset_id
        WHERE f.user_id = ${userId}::uuid
        ORDER BY f.date, f.id LIMIT ${PAGE}::int OFFSET ${offset}::int) AS page`,
    ),
}
