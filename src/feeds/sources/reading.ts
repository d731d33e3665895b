/**
 * What the readers of asked sources share. Nothing in a body is believed before it is checked: a price is a
 * positive decimal read from its source text, a time lies in [1990, 2100), a currency is one that Harta knows.
 * What does not pass is named by a word and left out, never repaired.
 */
import { instantOf } from '../../lib/calendar.js'
import { isCurrency } from '../../lib/currency.js'
import { isDecimalText, parseFixed, plainDecimal } from '../../lib/decimal.js'
import { type LosslessJson, NumberText, parseLossless } from '../../lib/lossless-json.js'
import { type Interval, LENGTH_MS, type PastCandle } from '../../prices/candle.js'
import type { NoQuote, SourceAnswer, SourceQuote, SourceRefusal } from './source.js'

export type Json = LosslessJson | undefined

/** The JSON in a body, numbers as their text; undefined when it is none. */
export function jsonOf(body: Buffer): Json {
  try {
    return parseLossless(body.toString('utf8').trim())
  } catch {
    return undefined
  }
}

export function isRecord(value: Json): value is { readonly [key: string]: LosslessJson } {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText)
  )
}

/** What lies at the end of a path of keys; undefined where there is nothing. */
export function at(value: Json, ...path: readonly (string | number)[]): Json {
  let here = value
  for (const key of path) {
    if (typeof key === 'number') here = Array.isArray(here) ? here[key] : undefined
    else here = isRecord(here) && Object.hasOwn(here, key) ? here[key] : undefined
  }
  return here
}

export function listAt(value: Json, ...path: readonly (string | number)[]): readonly LosslessJson[] {
  const list = at(value, ...path)
  return Array.isArray(list) ? list : []
}

export function textAt(value: Json, ...path: readonly (string | number)[]): string {
  const text = at(value, ...path)
  return typeof text === 'string' ? text : ''
}

/** A number or a text that holds one, as plain decimal text; null for anything else. */
export function decimalOf(value: Json): string | null {
  if (value instanceof NumberText) return plainDecimal(value.text)
  return typeof value === 'string' && isDecimalText(value) ? plainDecimal(value) : null
}

/** The same, positive. */
export function priceOf(value: Json): string | null {
  const plain = decimalOf(value)
  return plain === null || plain === '0' || plain.startsWith('-') ? null : plain
}

const EARLIEST = Date.UTC(1990, 0, 1)
const LATEST = Date.UTC(2100, 0, 1)

/** Ms since the epoch from a count of seconds, or null. */
export function secondsOf(value: Json): number | null {
  const count = decimalOf(value)
  return count === null || !/^\d{1,12}$/.test(count) ? null : inRange(Number(count) * 1000)
}

export function inRange(ms: number): number | null {
  return ms >= EARLIEST && ms < LATEST ? ms : null
}

/** 00:00 UTC of a calendar date `YYYY-MM-DD`, or null when there is no such date. */
export function dayOf(date: string): number | null {
  const ms = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== date ? null : inRange(ms)
}

/** The instant of a date and a time `HH:MM` on the clocks of a zone; null when there is no such date or zone. */
export function clockTime(timeZone: string, date: string, time: string): number | null {
  if (dayOf(date) === null) return null
  try {
    return instantOf(timeZone, date, time)
  } catch {
    return null
  }
}

/** Spellings of price units that differ from Harta's. */
const UNITS: ReadonlyMap<string, string> = new Map([
  ['GBp', 'GBX'],
  ['ZAC', 'ZAc'],
  ['ILa', 'ILA'],
])

/** A currency as Harta spells it; null for one that it does not know. Case matters: `GBp` is pence. */
export function currencyOf(text: string): string | null {
  const code = UNITS.get(text) ?? text
  return isCurrency(code) ? code : null
}

const MOST_NAME = 120

/** A company's or fund's name, fit to be shown; null when there is none. */
export function nameOf(text: string): string | null {
  return (
    text
      .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
      .trim()
      .slice(0, MOST_NAME) || null
  )
}

export function missing(kind: NoQuote['missing'], reason: string): NoQuote {
  return { missing: kind, reason }
}

interface Told {
  readonly price: Json
  readonly currency: string
  readonly at: number | null
  readonly name?: string
  readonly instrument?: 'STOCK' | 'FUND' | null
}

/** A quote of what a source told, or the word that says what is amiss. */
export function quoteOf(told: Told): SourceQuote | NoQuote {
  const price = priceOf(told.price)
  if (price === null) return missing('unusable', 'no-price')
  const currency = currencyOf(told.currency)
  if (currency === null) return missing('unusable', 'no-currency')
  if (told.at === null) return missing('unusable', 'no-time')
  const name = nameOf(told.name ?? '')
  return {
    price,
    currency,
    at: told.at,
    delayMs: null,
    ...(name === null ? {} : { name }),
    ...(told.instrument ? { instrument: told.instrument } : {}),
  }
}

export function quotes(entries: Iterable<readonly [string, SourceQuote | NoQuote]>): SourceAnswer {
  return { kind: 'quotes', quotes: new Map(entries) }
}

export function refused(reason: SourceRefusal['reason'], retryAfterMs: number | null = null): SourceRefusal {
  return { kind: 'refused', reason, retryAfterMs }
}

const QUOTA = /too many requests|rate.?limit|hits limit|quota/i

/** The refusal of a body that is not of the kind that was asked for: a page, a text, nothing at all. */
export function notAnAnswer(body: Buffer): SourceRefusal {
  return refused(QUOTA.test(body.toString('utf8', 0, 2048)) ? 'quota' : 'not-an-answer')
}

export interface Row {
  readonly at: number | null
  readonly open: Json
  readonly high: Json
  readonly low: Json
  readonly close: Json
}

/**
 * Candles of an interval from rows that are no longer than it, by time: rows of one interval become one candle, as
 * where a source tells hours in halves or adds the newest price as a row of its own. Rows with a hole, without a
 * time, or whose prices contradict each other are left out.
 */
export function candlesOf(rows: readonly Row[], interval: Interval): readonly PastCandle[] {
  const candles = new Map<number, PastCandle>()
  const byTime = rows.flatMap((row) => candleOf(row) ?? []).sort((a, b) => a.at - b.at)
  for (const row of byTime) {
    const start = Math.floor(row.at / LENGTH_MS[interval]) * LENGTH_MS[interval]
    const before = candles.get(start)
    candles.set(start, before ? joined(before, row) : { ...row, at: start })
  }
  return [...candles.values()]
}

function candleOf(row: Row): PastCandle | null {
  const [open, high, low, close] = [
    priceOf(row.open),
    priceOf(row.high),
    priceOf(row.low),
    priceOf(row.close),
  ]
  if (row.at === null || open === null || high === null || low === null || close === null) return null
  const [top, bottom] = [parseFixed(high), parseFixed(low)]
  const crooked = [open, close].some((price) => parseFixed(price) > top || parseFixed(price) < bottom)
  return crooked ? null : { at: row.at, open, high, low, close }
}

function joined(first: PastCandle, next: PastCandle): PastCandle {
  return {
    at: first.at,
    open: first.open,
    high: parseFixed(next.high) > parseFixed(first.high) ? next.high : first.high,
    low: parseFixed(next.low) < parseFixed(first.low) ? next.low : first.low,
    close: next.close,
  }
}
