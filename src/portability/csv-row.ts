import type { CsvReading } from '../protocol/resources.js'
import type { CsvField } from './csv-columns.js'
import { readDate, readNumber } from './csv-values.js'
import { Mistaken } from './names.js'

/** One row: its cells by our fields, as they are read. */
export interface Row {
  readonly row: number
  /** Null where the cell is empty, or there is no such column. */
  text(field: CsvField): string | null
  number(field: CsvField): string | null
  date(): string
}

export function rowOf(
  row: number,
  cells: readonly string[],
  places: ReadonlyMap<string, number>,
  { dateFormat, decimal }: CsvReading,
  own: boolean,
): Row {
  const text = (field: CsvField): string | null => {
    const cell = cells[places.get(field) ?? -1]?.trim() ?? ''
    if (cell === '') return null
    return own && /^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell
  }
  return {
    row,
    text,
    number(field) {
      const cell = text(field)
      if (cell === null) return null
      const found = readNumber(cell, decimal)
      if (found === null) throw new Mistaken(field, `${quote(cell)} is no number that can be kept`)
      return found
    },
    date() {
      const cell = text('date')
      if (cell === null) throw new Mistaken('date', 'is empty')
      const found = readDate(cell, dateFormat)
      if (found === null) throw new Mistaken('date', `${quote(cell)} is no date as ${dateFormat}`)
      return found
    },
  }
}

export function quote(cell: string): string {
  return `“${cell.length > 40 ? `${cell.slice(0, 40)}…` : cell}”`
}
