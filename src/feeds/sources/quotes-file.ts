import { parse } from 'csv-parse/sync'
import { isIsin, isSymbol } from '../../instruments/symbol.js'
import { isDecimalText } from '../../lib/decimal.js'
import { currencyOf, dayOf, inRange, nameOf, priceOf } from './reading.js'
import type { SourceQuote } from './source.js'

/**
 * Prices that the operator keeps himself, for what no source tells: unlisted funds, shares of small exchanges. The
 * first line names the columns, of which `symbol`, `price`, `currency` and `at` have to be there, `name` and `isin`
 * may; others are passed over, and so are empty lines and those that begin with `#`. `at` is an instant with its
 * offset, or a date, which stands for its first instant in UTC. A symbol may have many lines: the newest holds.
 *
 * Each line is read by itself, so a bad one, an open quotation mark included, spoils no other.
 */
export interface QuotesFile {
  /** By symbol. */
  readonly quotes: ReadonlyMap<string, SourceQuote>
  readonly faults: readonly LineFault[]
}

/** `reason` is one of a fixed set of words. */
export interface LineFault {
  /** From 1. */
  readonly line: number
  readonly reason: string
}

const NEEDED = ['symbol', 'price', 'currency', 'at'] as const
const MOST_CHARACTERS = 8 * 1024 * 1024

export function readQuotesFile(text: string): QuotesFile {
  if (text.length > MOST_CHARACTERS) return { quotes: new Map(), faults: [{ line: 1, reason: 'too-long' }] }
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|[\r\n]/)
    .map((content, index) => ({ content, line: index + 1 }))
    .filter(({ content }) => content.trim() !== '' && !content.trimStart().startsWith('#'))
  const [first, ...rest] = lines
  if (!first) return { quotes: new Map(), faults: [] }
  const columns = cellsOf(first.content)?.map((cell) => cell.toLowerCase()) ?? []
  if (!NEEDED.every((name) => columns.includes(name))) {
    return { quotes: new Map(), faults: [{ line: first.line, reason: 'no-heading' }] }
  }
  const quotes = new Map<string, SourceQuote>()
  const faults: LineFault[] = []
  for (const { content, line } of rest) {
    const read = readLine(columns, content)
    if (typeof read === 'string') faults.push({ line, reason: read })
    else if ((quotes.get(read.symbol)?.at ?? 0) <= read.quote.at) quotes.set(read.symbol, read.quote)
  }
  return { quotes, faults }
}

function readLine(
  columns: readonly string[],
  content: string,
): { symbol: string; quote: SourceQuote } | string {
  const cells = cellsOf(content)
  if (cells === null) return 'quotation-mark'
  if (cells.length > columns.length) return 'too-many-cells'
  const cell = (name: string): string => cells[columns.indexOf(name)] ?? ''
  const [symbol, price, currency, at] = [
    cell('symbol'),
    isDecimalText(cell('price')) ? priceOf(cell('price')) : null,
    currencyOf(cell('currency')),
    instantOf(cell('at')),
  ]
  if (!isSymbol(symbol)) return 'symbol'
  if (price === null) return 'price'
  if (currency === null) return 'currency'
  if (at === null) return 'at'
  const [name, isin] = [nameOf(cell('name')), cell('isin')]
  if (isin !== '' && !isIsin(isin)) return 'isin'
  const quote = { price, currency, at, delayMs: null }
  return { symbol, quote: { ...quote, ...(name === null ? {} : { name }), ...(isin === '' ? {} : { isin }) } }
}

function cellsOf(line: string): string[] | null {
  try {
    return parse(line, { trim: true, relax_column_count: true })[0] ?? []
  } catch {
    return null
  }
}

const INSTANT =
  /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,3})?)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/

function instantOf(text: string): number | null {
  const date = INSTANT.exec(text)?.[1]
  if (date === undefined) return dayOf(text)
  return dayOf(date) === null ? null : inRange(Date.parse(text))
}
