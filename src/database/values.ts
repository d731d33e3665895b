import type { Prisma } from '../generated/prisma/client.js'

/**
 * Plain decimal text of a column, without trailing zeros and never with an exponent, exact to the last digit:
 * what lib/decimal.ts reads. On the way in, hand Prisma the text itself, never a number.
 */
export function toFixedText(decimal: Prisma.Decimal): string {
  const text = decimal.toFixed()
  return text === '-0' ? '0' : text
}

/** The same for a column that may be empty. */
export function toFixedTextOrNull(decimal: Prisma.Decimal | null): string | null {
  return decimal === null ? null : toFixedText(decimal)
}

/** A `date` column as `YYYY-MM-DD`; Prisma hands it over as that day's midnight in UTC. */
export function toDateText(date: Date): string {
  return date.toISOString().slice(0, 10)
}

/** `YYYY-MM-DD` as Prisma takes a `date` column; throws a RangeError for a day that no calendar has. */
export function fromDateText(text: string): Date {
  const date = new Date(`${text}T00:00:00.000Z`)
  if (Number.isNaN(date.getTime()) || toDateText(date) !== text)
    throw new RangeError(`no calendar date: ${text}`)
  return date
}
