import { randomUUID } from 'node:crypto'
import type { Tx } from '../../src/database/database.js'

/** A row as JSON, by column. */
export type Row = Readonly<Record<string, unknown>>

/** What a check of the table asks for and a type alone cannot tell. */
const SPECIAL: Readonly<Record<string, Row>> = {
  imports: { format: 'csv' },
  outbox: { topic: 'email' },
  recurring_rules: { kind: 'INCOME', frequency: 'MONTHLY' },
}

const VALUES: Readonly<Record<string, () => unknown>> = {
  uuid: () => randomUUID(),
  text: () => 'mine',
  varchar: () => 'mine',
  numeric: () => '1',
  int4: () => 1,
  int8: () => 1,
  bool: () => false,
  date: () => '2026-03-01',
  timestamptz: () => '2026-03-01T00:00:00Z',
  jsonb: () => ({}),
  bytea: () => `\\x${randomUUID().replaceAll('-', '')}`,
  _text: () => [],
}

interface Column {
  readonly name: string
  readonly type: string
  readonly label: string | null
}

interface Reference {
  readonly columns: readonly string[]
  readonly table: string
  readonly theirs: readonly string[]
}

interface Table {
  readonly name: string
  /** Those that have to be given. */
  readonly columns: readonly Column[]
  readonly references: readonly Reference[]
}

/** Every table of users’ rows, as the database itself lists them, parents before children. */
export async function ownedTables(tx: Tx): Promise<readonly string[]> {
  return (await readTables(tx)).map(({ name }) => name)
}

/** Writes a row of this user into every table of users’ rows; hands the rows back, by table. */
export async function fillEveryTable(tx: Tx, userId: string): Promise<ReadonlyMap<string, Row>> {
  const rows = new Map<string, Row>()
  for (const table of await readTables(tx)) {
    const row = { ...rowOf(table, rows), user_id: userId, ...SPECIAL[table.name] }
    rows.set(table.name, await insertRow(tx, table.name, row))
  }
  return rows
}

export async function insertRow(tx: Tx, table: string, row: Row): Promise<Row> {
  const columns = Object.keys(row)
    .map((name) => `"${name}"`)
    .join(', ')
  const [made] = await tx.$queryRawUnsafe<{ row: Row }[]>(
    `INSERT INTO "${table}" (${columns}) SELECT ${columns} FROM jsonb_populate_record(null::"${table}", $1::jsonb)
     RETURNING to_jsonb("${table}") AS row`,
    JSON.stringify(row),
  )
  if (!made) throw new Error(`nothing was written into ${table}`)
  return made.row
}

function rowOf(table: Table, rows: ReadonlyMap<string, Row>): Row {
  const row: Record<string, unknown> = {}
  for (const { name, type, label } of table.columns) {
    const value = label ?? (/(^|_)currency$/.test(name) ? 'USD' : VALUES[type]?.())
    if (value === undefined) throw new Error(`${table.name}.${name}: a value of type ${type} is needed here`)
    row[name] = value
  }
  for (const { columns, table: parent, theirs } of table.references) {
    columns.forEach((column, index) => {
      if (column in row) row[column] = rows.get(parent)?.[theirs[index] ?? ''] ?? row[column]
    })
  }
  return row
}

async function readTables(tx: Tx): Promise<readonly Table[]> {
  const tables = await tx.$queryRaw<Table[]>`
    SELECT c.relname::text AS name,
           (SELECT json_agg(json_build_object('name', a.attname, 'type', t.typname, 'label',
                     (SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder LIMIT 1)))
              FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attnotnull AND NOT a.atthasdef) AS columns,
           (SELECT coalesce(json_agg(json_build_object('table', p.relname,
                     'columns', (SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(f.conkey) WITH ORDINALITY k(num, place)
                                   JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.num),
                     'theirs', (SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(f.confkey) WITH ORDINALITY k(num, place)
                                  JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.num))), '[]')
              FROM pg_constraint f JOIN pg_class p ON p.oid = f.confrelid
             WHERE f.conrelid = c.oid AND f.contype = 'f') AS references
      FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
       AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'user_id' AND NOT a.attisdropped)
     ORDER BY 1`
  return inOrder(tables)
}

/** Parents first, as far as a row needs its parent. */
function inOrder(tables: readonly Table[]): readonly Table[] {
  const placed = new Map<string, Table>()
  const place = (table: Table): void => {
    if (placed.has(table.name)) return
    const needed = new Set(table.columns.map(({ name }) => name))
    for (const { columns, table: parent } of table.references) {
      const found = tables.find(({ name }) => name === parent)
      if (found && found !== table && columns.every((name) => needed.has(name))) place(found)
    }
    placed.set(table.name, table)
  }
  for (const table of tables) place(table)
  return [...placed.values()]
}
