/**
 * The fields of a frame that decide about money, read strictly: a price is a positive plain decimal, an event
 * time lies in [2010, 2100). What does not pass is named, never repaired: a zero price is an everyday answer of
 * exchanges for "no trades yet", and a wrong price is worse than none.
 */
import { plainDecimal } from '../lib/decimal.js'
import { NumberText, parseLossless } from '../lib/lossless-json.js'
import type { VenueTick } from './venue.js'

const EARLIEST = Date.UTC(2010, 0, 1)
const LATEST = Date.UTC(2100, 0, 1)
/** Above this a count since the epoch is in microseconds: in ms it would be the year 5138. */
const MICROSECONDS_FROM = 1e14

const ZERO = 48
const NINE = 57
const POINT = 46
const MAX_WHOLE = 20
const MAX_DECIMALS = 18

/** A positive plain decimal text without needless zeros, or null; `priceFault` then says why. */
function plainPrice(value: unknown): string | null {
  if (typeof value !== 'string') return null
  let point = -1
  let significant = 0
  const { length } = value
  for (let index = 0; index < length; index += 1) {
    const code = value.charCodeAt(index)
    if (code === POINT) {
      if (point !== -1 || index === 0) return null
      point = index
    } else if (code < ZERO || code > NINE) return null
    else if (code !== ZERO) significant = index + 1
  }
  if (significant === 0 || point === length - 1) return null
  const whole = point === -1 ? length : point
  if (whole > MAX_WHOLE || (whole > 1 && value.charCodeAt(0) === ZERO)) return null
  if (point === -1) return value
  if (significant <= point) return value.slice(0, point)
  return significant - point - 1 > MAX_DECIMALS ? null : value.slice(0, significant)
}

const STRICT = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/

/** Why `plainPrice` gave null, or why a plain decimal is not positive. */
function priceFault(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'price-missing'
  if (typeof value !== 'string' || !STRICT.test(value)) return 'price-not-a-number'
  if (!/[1-9]/.test(value)) return 'price-zero'
  return value.startsWith('-') ? 'price-negative' : 'price-out-of-range'
}

/** Ms since the epoch from a count of ms or of microseconds, or a word that says why not. */
export function epochTime(value: unknown): number | string {
  if (value === undefined || value === null) return 'time-missing'
  if (typeof value !== 'number') return 'time-not-a-number'
  return inRange(value >= MICROSECONDS_FROM ? value / 1000 : value)
}

const DIGITS = /^\d{1,20}$/

/** The same from a count that is text. */
export function epochTextTime(value: unknown): number | string {
  if (value === undefined || value === null || value === '') return 'time-missing'
  return typeof value === 'string' && DIGITS.test(value) ? epochTime(Number(value)) : 'time-not-a-number'
}

const COUNT = /^\d{1,20}(?:\.\d{1,9})?$/
/** By which power of ten a count of these becomes one of ms. */
const TO_MS = { s: 3, ms: 0, ns: -6 } as const

/**
 * Ms since the epoch from a count of a known unit: a number, its text, or a number that was read losslessly, as
 * nanoseconds must be. The digits that a double cannot hold are lost behind the point, never before it.
 */
export function countTime(value: unknown, unit: keyof typeof TO_MS): number | string {
  if (value === undefined || value === null || value === '') return 'time-missing'
  const text = value instanceof NumberText ? value.text : typeof value === 'number' ? `${value}` : value
  if (typeof text !== 'string' || !COUNT.test(text)) return 'time-not-a-number'
  return inRange(Number(`${text}e${TO_MS[unit]}`))
}

const ISO_INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d{1,9}))?Z$/

/** Ms since the epoch, microseconds as the fraction, from an ISO 8601 instant in UTC; or a word that says why not. */
export function isoTime(value: unknown): number | string {
  if (value === undefined || value === null || value === '') return 'time-missing'
  const parts = typeof value === 'string' ? ISO_INSTANT.exec(value) : null
  if (!parts) return 'time-not-an-instant'
  const seconds = Date.parse(`${parts[0].slice(0, 19)}Z`)
  return inRange(seconds + Number((parts[1] ?? '').padEnd(9, '0')) / 1e6)
}

function inRange(at: number): number | string {
  return at >= EARLIEST && at < LATEST ? at : 'time-out-of-range'
}

/** A trade id or sequence, a number or its digits; null when it is none or too large to be exact. */
export function orderOf(value: unknown): number | null {
  const text = value instanceof NumberText ? value.text : value
  const order = typeof text === 'string' && DIGITS.test(text) ? Number(text) : text
  return typeof order === 'number' && Number.isSafeInteger(order) && order >= 0 ? order : null
}

/** A price that may be a JSON number or have an exponent, as `tickOf` takes it; anything else as it is. */
export function plainNumber(value: unknown): unknown {
  const text = value instanceof NumberText ? value.text : value
  return typeof text === 'string' && /\d[eE]/.test(text) ? (plainDecimal(text) ?? text) : text
}

/** The tick of one entry, or the word that says why it is none. `at` is what epochTime or isoTime gave. */
export function tickOf(
  symbol: unknown,
  price: unknown,
  at: number | string | null,
  order: number | null,
): VenueTick | string {
  if (typeof symbol !== 'string' || symbol === '' || symbol.length > 64) return 'symbol-missing'
  const plain = plainPrice(price)
  if (plain === null) return priceFault(price)
  if (typeof at === 'string') return at
  return { symbol, price: plain, at, order }
}

/** An object of a parsed frame, arrays included; null for anything else. */
export function record(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
}

/** A string of a parsed frame; anything else says nothing: an object may be one that cannot become text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Strings of a parsed list, everything else left out. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}

/** JSON, or undefined when the text is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The same with each number as its source text. */
export function parseExactJson(text: string): unknown {
  try {
    return parseLossless(text)
  } catch {
    return undefined
  }
}
