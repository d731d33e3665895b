/** What the readers of daily exchange rates share. */
import { isCurrency } from '../../lib/currency.js'
import { dayOf, refused } from './reading.js'
import type { DailyRate, RateAnswer } from './source.js'

/** Units of `quote` for one unit of `base`, plain positive decimal text; null where the source tells none. */
export type Told = readonly [base: string, quote: string, rate: string | null]

/** The rates of a date; those of currencies that Harta does not know (dead ones, a source's own) are left out. */
export function ratesOn(date: string, told: readonly Told[]): DailyRate[] {
  if (dayOf(date) === null) return []
  return told.flatMap(([base, quote, rate]) =>
    rate !== null && base !== quote && isCurrency(base) && isCurrency(quote)
      ? [{ base, quote, date, rate }]
      : [],
  )
}

/** The answer that these rates are; one that holds none is none. */
export function ratesOf(rates: readonly DailyRate[], nextAt: number | null = null): RateAnswer {
  if (rates.length === 0) return refused('not-an-answer')
  return { kind: 'rates', rates: [...rates].sort((a, b) => compare(a.date, b.date)), nextAt }
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** `13 April 2026` -> `2026-04-13`; anything else comes back as it is. */
export function isoDate(text: string): string {
  const [, day = '', month = '', year = ''] = /^(\d{1,2}) ([A-Z][a-z]+) (\d{4})$/.exec(text) ?? []
  const index = MONTHS.indexOf(month)
  return index === -1 ? text : `${year}-${String(index + 1).padStart(2, '0')}-${day.padStart(2, '0')}`
}
