import { Temporal } from 'temporal-polyfill'

/** Calendar dates are `YYYY-MM-DD` in a user's IANA time zone; instants are ms since the epoch, UTC. */

/** Whether dates can be reckoned in this zone; of the names that `Intl` takes, Temporal forbids a few (`IST`). */
export function isTimeZone(name: string): boolean {
  try {
    dateIn(name, 0)
    return true
  } catch {
    return false
  }
}

/** The calendar date that a clock in this zone shows at this instant. */
export function dateIn(timeZone: string, at: number): string {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(at))
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString()
}

/** The first instant of a date in this zone (not always 00:00: some zones skip it when their clocks change). */
export function startOfDate(timeZone: string, date: string): number {
  return Temporal.PlainDate.from(date).toZonedDateTime({ timeZone }).startOfDay().epochMilliseconds
}

export function addDays(date: string, days: number): string {
  return Temporal.PlainDate.from(date).add({ days }).toString()
}

/**
 * The instant at which clocks in this zone show `time` (`HH:MM`) on this date: the first of two where they are
 * set back over it, and as much later as they are set forward where they skip it.
 */
export function instantOf(timeZone: string, date: string, time: string): number {
  return Temporal.PlainDate.from(date).toZonedDateTime({ timeZone, plainTime: time }).epochMilliseconds
}

/** Day of the week of a date, by ISO 8601: 1 is Monday, 7 is Sunday. */
export function weekdayOf(date: string): number {
  return Temporal.PlainDate.from(date).dayOfWeek
}

/** The same day of the month so many months on; the last day of a month that is too short for it. */
export function addMonths(date: string, months: number): string {
  return Temporal.PlainDate.from(date).add({ months }).toString()
}

/** The first date of the financial month in which a date lies; `startDay` is 1 to 28. */
export function startOfMonth(date: string, startDay: number): string {
  const day = Temporal.PlainDate.from(date)
  const first = day.with({ day: startDay })
  return (day.day < startDay ? first.subtract({ months: 1 }) : first).toString()
}

/** Whole months from one date to a later one, and the days that are left. */
export function monthsAndDays(from: string, to: string): { readonly months: number; readonly days: number } {
  const { months, days } = Temporal.PlainDate.from(from).until(to, { largestUnit: 'month' })
  return { months, days }
}

/** Days from one date to another; negative when that is earlier. */
export function daysBetween(from: string, to: string): number {
  return Temporal.PlainDate.from(from).until(to, { largestUnit: 'day' }).days
}
