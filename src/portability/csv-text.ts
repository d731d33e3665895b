import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { parse } from 'csv-parse'

/** One line of a table, which may go over several lines of the file. */
export interface CsvRecord {
  /** Its last line in the file, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

export interface CsvTable {
  readonly records: readonly CsvRecord[]
  /** What ended the reading before the end of the file. */
  readonly fault: { readonly line: number; readonly detail: string } | null
}

/** Far more than any table of money has; what is beyond is an attack, or no table. */
const MOST_COLUMNS = 200
const MOST_ROWS = 100_000
const LONGEST_RECORD = 100_000
const PIECE = 64 * 1024
const TURN_EVERY = 500

/** Reads a text as a table, by and by, so that others have their turn; never throws because of what is in it. */
export async function readTable(text: string, delimiter: string): Promise<CsvTable> {
  const records: CsvRecord[] = []
  const parser = parse({
    delimiter,
    bom: true,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_RECORD,
  })
  const source = Readable.from(pieces(text))
  source.pipe(parser)
  try {
    for await (const one of parser) {
      const { record, info } = one as { record: string[]; info: { lines: number } }
      if (record.length > MOST_COLUMNS)
        return { records, fault: { line: info.lines, detail: `has more than ${MOST_COLUMNS} columns` } }
      if (records.length > MOST_ROWS)
        return { records, fault: { line: info.lines, detail: `is beyond the first ${MOST_ROWS} rows` } }
      records.push({ line: info.lines, cells: record })
      if (records.length % TURN_EVERY === 0) await turn()
    }
    return { records, fault: null }
  } catch (error) {
    const { code = '', lines = records.length + 1 } = error as { code?: string; lines?: number }
    return { records, fault: { line: lines, detail: FAULTS[code] ?? 'cannot be read as CSV' } }
  } finally {
    source.destroy()
    parser.destroy()
  }
}

const FAULTS: Readonly<Record<string, string>> = {
  CSV_MAX_RECORD_SIZE: `has more than ${LONGEST_RECORD} characters, as where a quotation mark is not closed`,
  CSV_QUOTE_NOT_CLOSED: 'opens a quotation mark that is not closed',
}

function* pieces(text: string): Generator<string> {
  for (let start = 0; start < text.length; start += PIECE) yield text.slice(start, start + PIECE)
}

const DELIMITERS = [',', ';', '\t', '|'] as const

/** The sign that stands most often in the first line, outside of quotation marks. */
export function guessDelimiter(text: string): string {
  const counts = new Map<string, number>(DELIMITERS.map((sign) => [sign, 0]))
  let quoted = false
  for (const sign of text.slice(0, LONGEST_RECORD)) {
    if (sign === '"') quoted = !quoted
    if (quoted) continue
    if (sign === '\n' || sign === '\r') break
    const count = counts.get(sign)
    if (count !== undefined) counts.set(sign, count + 1)
  }
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0]
}
