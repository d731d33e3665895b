import type { CsvDateFormat, CsvKind, CsvReading, Instant } from './resources.js'

/** What is brought along, as it travels between server and browser. */

export type ImportFormat = 'csv' | 'ghostfolio' | 'harta'

export interface ImportProblem {
  /** Line of the file, or place in the list, from 1. */
  readonly row: number
  readonly field: string | null
  readonly detail: string
}

export interface NewImport {
  readonly format: ImportFormat
  /** The file's text. */
  readonly content: string
  readonly fileName?: string
  /** Of a CSV: what its rows are; guessed from its columns when left out. */
  readonly kind?: CsvKind
  /** Of a CSV: what is of no named asset or account is of this one. */
  readonly assetId?: string
  /** Of a CSV: its column for each field of ours; guessed from their names where left out. */
  readonly mapping?: Readonly<Record<string, string>>
  readonly options?: {
    readonly delimiter?: string
    readonly dateFormat?: CsvDateFormat
    readonly decimal?: '.' | ','
    /** Of rows that name none. */
    readonly currency?: string
    /** End with the first row that cannot be written; otherwise such rows are passed over. */
    readonly stopOnProblem?: boolean
  }
}

/** `import:progress`: how far an import is. */
export interface ImportProgress {
  readonly id: string
  readonly state: Import['state']
  readonly done: number
  readonly total: number
}

/** A file that is being taken over; nothing is written before it is confirmed. */
export interface Import {
  readonly id: string
  readonly format: ImportFormat
  readonly fileName: string | null
  readonly state: 'previewed' | 'running' | 'done' | 'failed'
  /** Rows that will be written, or are. */
  readonly total: number
  readonly done: number
  /** Null unless it is a CSV file that could be read. */
  readonly csv: CsvReading | null
  /** What there is in the file, by kind: `expenses`, `activities`, ... */
  readonly counts: Readonly<Record<string, number>>
  readonly problems: readonly ImportProblem[]
  /** Rows that are here already and will be passed over. */
  readonly duplicates: readonly number[]
  readonly error: string | null
  readonly version: number
  readonly createdAt: Instant
  readonly updatedAt: Instant
}
