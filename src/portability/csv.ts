import { setImmediate as turn } from 'node:timers/promises'
import { AppError } from '../lib/errors.js'
import type { CsvReading } from '../protocol/resources.js'
import { type Candidate, enter } from './candidates.js'
import { activityRows } from './csv-activities.js'
import { type CsvField, fieldsOf, guessKind, guessMapping, type Mapping, ownKind } from './csv-columns.js'
import { flowRows } from './csv-flows.js'
import { type Row, rowOf } from './csv-row.js'
import { type CsvTable, guessDelimiter, readTable } from './csv-text.js'
import { decimalOf, guessDateFormat, guessDecimal } from './csv-values.js'
import type { Known, Stored } from './known.js'
import { Mistaken, names } from './names.js'
import type { Draft } from './plan.js'
import type { NewImport } from './schema.js'

const TURN_EVERY = 500
const NUMBERS: readonly CsvField[] = [
  'amount',
  'debit',
  'credit',
  'quantity',
  'unitPrice',
  'fee',
  'tax',
  'rate',
]

/** What of a CSV file will be written. */
export async function readCsv(
  ask: NewImport,
  known: Known,
  stored: Stored,
  draft: Draft,
): Promise<CsvReading | null> {
  const delimiter = ask.options?.delimiter ?? guessDelimiter(ask.content)
  const table = await readTable(ask.content, delimiter)
  const reading = readingOf(ask, table, delimiter, known)
  const [head, ...records] = table.records
  if (head === undefined || reading === null) {
    draft.refuse(table.fault?.line ?? 1, null, table.fault?.detail ?? 'the file is empty')
    return null
  }
  const missing = needed(reading)
  if (missing !== null) {
    draft.refuse(head.line, missing, 'no column was found for it; name one in mapping')
    return reading
  }
  const places = new Map(
    Object.entries(reading.mapping).map(([field, column]) => [field, reading.columns.indexOf(column)]),
  )
  const own = ownKind(reading.columns) !== null
  const resolve = names(draft, known, { aside: true })
  const account = ask.assetId === undefined ? undefined : resolve.byId(ask.assetId)
  if (ask.assetId !== undefined && account === undefined) throw notYours()
  const currency = ask.options?.currency ?? null
  const context = { draft, known, resolve, reading, currency, account, own }
  const reader = reading.kind === 'activities' ? activityRows(context) : flowRows(context, records, places)
  const rows = records.map(({ line, cells }) => rowOf(line, cells, places, reading, own))
  const each = async (
    work: (row: Row, index: number) => void,
    refuse: typeof draft.refuse,
  ): Promise<void> => {
    for (const [index, row] of rows.entries()) {
      if (index % TURN_EVERY === TURN_EVERY - 1) await turn()
      try {
        work(row, index)
      } catch (error) {
        if (!(error instanceof Mistaken)) throw error
        refuse(row.row, error.field, error.message)
      }
    }
  }
  const candidates: Candidate[] = []
  // What is wrong with a row is told when it is read.
  await each(reader.prepare, () => {})
  await each(
    (row, index) => {
      const cells = records[index]?.cells ?? []
      if (cells.slice(head.cells.length).some((cell) => cell.trim() !== ''))
        throw new Mistaken(null, `has ${cells.length} cells under ${head.cells.length} columns`)
      candidates.push(reader.read(row))
    },
    (...problem) => draft.refuse(...problem),
  )
  if (table.fault) draft.refuse(table.fault.line, null, table.fault.detail)
  await enter(draft, candidates, stored)
  return reading
}

/** How the file is read: as it was told, otherwise as the file itself and the user's language suggest. */
function readingOf(ask: NewImport, table: CsvTable, delimiter: string, known: Known): CsvReading | null {
  const [head, ...records] = table.records
  if (head === undefined) return null
  const columns = head.cells.map((cell) => cell.trim())
  const told = toldMapping(ask, columns)
  const kind = ask.kind ?? guessKind(columns, told)
  const unknown = Object.keys(told).find((field) => !fieldsOf(kind).includes(field as CsvField))
  if (unknown !== undefined) throw mistaken(`/mapping/${unknown}`, `is no field of ${kind}`)
  const taken = new Set(Object.values(told))
  const guessed = Object.entries(guessMapping(columns, kind)).filter(([, column]) => !taken.has(column))
  const mapping = { ...Object.fromEntries(guessed), ...told }
  const own = ownKind(columns) !== null
  const samples = (fields: readonly CsvField[]): string[] => {
    const places = fields
      .map((field) => columns.indexOf(mapping[field] ?? '\n'))
      .filter((place) => place >= 0)
    return records.flatMap(({ cells }) => places.map((place) => cells[place] ?? ''))
  }
  return {
    kind,
    columns,
    mapping,
    delimiter,
    dateFormat:
      ask.options?.dateFormat ?? (own ? 'YYYY-MM-DD' : guessDateFormat(samples(['date']), known.locale)),
    decimal: ask.options?.decimal ?? (own ? '.' : guessDecimal(samples(NUMBERS), decimalOf(known.locale))),
  }
}

function toldMapping(ask: NewImport, columns: readonly string[]): Mapping & Readonly<Record<string, string>> {
  const told = Object.entries(ask.mapping ?? {}).filter(([, column]) => column.trim() !== '')
  for (const [field, column] of told) {
    if (!columns.includes(column.trim())) throw mistaken(`/mapping/${field}`, 'is no column of the file')
  }
  return Object.fromEntries(told.map(([field, column]) => [field, column.trim()]))
}

/** A field without which no row can be read. */
function needed({ kind, mapping }: CsvReading): string | null {
  if (mapping.date === undefined) return 'date'
  if (kind === 'activities') return null
  return (mapping.amount ?? mapping.debit ?? mapping.credit) ? null : 'amount'
}

function notYours(): AppError {
  return mistaken('/assetId', 'is no asset of yours')
}

function mistaken(pointer: string, detail: string): AppError {
  return new AppError('invalid', 'invalid-input', 'Some of what was sent cannot be accepted.', {
    errors: [{ pointer, detail }],
  })
}
