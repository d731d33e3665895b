import { z } from 'zod'
import { isTimeZone } from '../lib/calendar.js'
import { isCurrency } from '../lib/currency.js'
import { DECIMAL_PATTERN, parseFixed } from '../lib/decimal.js'

/** Pieces that every room's schemas are made of. NUL and unpaired surrogates are refused by the guard itself. */

const decimalDetail = 'must be a decimal number as text, at most 20 digits before the point and 18 behind it'
// The longest text that DECIMAL_PATTERN accepts; a longer one is refused before the pattern looks at it.
const DECIMAL_LENGTH = 40

/** Decimal text, e.g. `"-12.50"`; never a JSON number. */
export const decimal = z
  .string(decimalDetail)
  .max(DECIMAL_LENGTH, decimalDetail)
  .regex(DECIMAL_PATTERN, decimalDetail)
  .meta({ examples: ['12.50'] })
export const positiveDecimal = decimal.refine((text) => sign(text) > 0, 'must be more than zero')
export const nonNegativeDecimal = decimal.refine((text) => sign(text) >= 0, 'must not be negative')

function sign(text: string): number {
  // Checks run on after a failed one, so that the text may be no decimal here.
  if (!DECIMAL_PATTERN.test(text)) return 1
  const value = parseFixed(text)
  return value > 0n ? 1 : value < 0n ? -1 : 0
}

export const currency = z
  .string()
  .max(5)
  .refine(isCurrency, 'is not a currency code that we know (ISO 4217)')
  .meta({ examples: ['USD'] })

const dateDetail = 'must be a calendar date YYYY-MM-DD'

/** A date that exists, in the years 1900 to 2200. */
export const calendarDate = z
  .string(dateDetail)
  .regex(/^(19|20|21)\d\d-\d\d-\d\d$/, dateDetail)
  .refine(isRealDate, 'is not a date in the calendar')
  .meta({ examples: ['2026-03-01'] })

function isRealDate(text: string): boolean {
  const instant = new Date(`${text}T00:00:00.000Z`)
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text)
}

export const uuid = z.guid('must be a UUID').toLowerCase()

/** Params of a route of one item. */
export const idParams = z.strictObject({ id: uuid })

/** IANA time zone by its name, e.g. `Asia/Jakarta`; bare offsets are none. */
export const timeZone = z
  .string()
  .max(64)
  .refine(isNamedZone, 'is not an IANA time zone')
  .meta({ examples: ['Asia/Jakarta'] })

function isNamedZone(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name) && isTimeZone(name)
}

/** BCP 47 language tag, e.g. `id-ID`. */
export const locale = z
  .string()
  .max(35)
  .refine(isLocale, 'is not a language tag (BCP 47)')
  .meta({ examples: ['id-ID'] })

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}

/** A name or title: trimmed, not empty, at most `max` characters. */
export function nameText(max = 100) {
  return z
    .string()
    .max(max * 4)
    .trim()
    .min(1, 'must not be empty')
    .max(max)
}

/** Free text, which may be empty; at most `max` characters. */
export function freeText(max = 1000) {
  return z.string().max(max)
}

/** An instant in an answer: a Date from the database as ISO 8601 UTC. */
export const instant = z.iso.datetime()
