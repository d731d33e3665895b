/**
 * What the readers of REST answers share. Status 200 says nothing: a page, an error in a body of its own shape,
 * an empty body and a zero price all come with it. Numbers are kept as their source text wherever there are prices.
 */
import { parsePair } from '../../instruments/symbol.js'
import { isCurrency } from '../../lib/currency.js'
import { parseFixed } from '../../lib/decimal.js'
import { NumberText, parseLossless } from '../../lib/lossless-json.js'
import { type Interval, LENGTH_MS, type PastCandle } from '../../prices/candle.js'
import type { Question } from '../ask.js'
import { countTime, plainNumber, record, textOf, tickOf } from '../fields.js'
import type { ListedPair } from './rest.js'

export type Fields = Readonly<Record<string, unknown>>

export function get(
  base: string,
  path: string,
  query: Readonly<Record<string, string | number>> = {},
): Question {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return { url: base + path + (pairs.length === 0 ? '' : `?${pairs.join('&')}`) }
}

/** What `read` makes of the JSON in a body, numbers as their text; or the word that says why it is none. */
export function readJson<T>(body: Buffer, read: (value: unknown) => T | string): T | string {
  return readText(body, parseLossless, read)
}

/** The same with numbers as numbers, for long answers in which no price is. */
export function readNames<T>(body: Buffer, read: (value: unknown) => T | string): T | string {
  return readText(body, JSON.parse, read)
}

function readText<T>(
  body: Buffer,
  parse: (text: string) => unknown,
  read: (value: unknown) => T | string,
): T | string {
  const text = body.toString('utf8').trim()
  if (text === '') return 'empty'
  let value: unknown
  try {
    value = parse(text)
  } catch {
    return 'not-json'
  }
  return read(value)
}

/** A code that is a number in one answer and text in another; empty when it is neither. */
export function codeOf(value: unknown): string {
  if (typeof value === 'number') return String(value)
  return value instanceof NumberText ? value.text : textOf(value)
}

/** The pairs of a venue's list that Harta can express, each as `read` finds it in a row. */
export function listedPairs(
  rows: unknown,
  read: (row: Fields) => ListedPair | null,
): readonly ListedPair[] | string {
  if (!Array.isArray(rows)) return 'not-a-list'
  const pairs = rows.flatMap((row) => {
    const fields = record(row)
    return (fields && read(fields)) ?? []
  })
  return pairs.length === 0 ? 'no-pairs' : pairs
}

const SYMBOL = /^[\w:/.-]{1,40}$/

/** Null for what is no pair that Harta can express, or not quoted in a currency. */
export function listed(symbol: unknown, base: unknown, quote: unknown, trading: boolean): ListedPair | null {
  const pair = parsePair(`${textOf(base).toUpperCase()}-${textOf(quote).toUpperCase()}`)
  if (pair === null || !isCurrency(pair.quote) || pair.base === pair.quote) return null
  const name = textOf(symbol)
  return SYMBOL.test(name) ? { symbol: name, pair, trading } : null
}

/** In ms it would be 1973. */
const SECONDS_BELOW = 1e11

/** Ms since the epoch from a count of s or of ms, a JSON number or text; or a word that says why not. */
export function instantOf(value: unknown): number | string {
  const text = value instanceof NumberText ? value.text : value
  return countTime(text, typeof text === 'string' && Number(text) < SECONDS_BELOW ? 's' : 'ms')
}

/** Where a row, list or object, has what. */
export interface CandleColumns {
  readonly at: string | number
  readonly open: string | number
  readonly high: string | number
  readonly low: string | number
  readonly close: string | number
}

/**
 * Candles by time, oldest first, in whatever order the rows are. A row with a fault is left out; when each has
 * one, the fault of the first. No rows at all are no candles: nothing was traded.
 */
export function candlesOf(
  rows: unknown,
  interval: Interval,
  columns: CandleColumns,
): readonly PastCandle[] | string {
  if (!Array.isArray(rows)) return 'not-a-list'
  const read = rows.map((row) => candleOf(record(row) ?? {}, interval, columns))
  const candles = read.filter((candle) => typeof candle !== 'string')
  const fault = read.find((candle) => typeof candle === 'string')
  if (candles.length === 0 && fault !== undefined) return fault
  const byTime = new Map(candles.map((candle) => [candle.at, candle]))
  return [...byTime.values()].sort((a, b) => a.at - b.at)
}

function candleOf(row: Fields, interval: Interval, columns: CandleColumns): PastCandle | string {
  const at = instantOf(row[columns.at])
  if (typeof at === 'string') return at
  if (at % LENGTH_MS[interval] !== 0) return 'time-between-intervals'
  const prices: string[] = []
  for (const column of [columns.open, columns.high, columns.low, columns.close]) {
    const price = tickOf('candle', plainNumber(row[column]), null, null)
    if (typeof price === 'string') return price
    prices.push(price.price)
  }
  const [open = '', high = '', low = '', close = ''] = prices
  return isRange(open, high, low, close) ? { at, open, high, low, close } : 'range-crooked'
}

function isRange(open: string, high: string, low: string, close: string): boolean {
  const [top, bottom] = [parseFixed(high), parseFixed(low)]
  return [open, close].every((price) => parseFixed(price) <= top && parseFixed(price) >= bottom)
}
