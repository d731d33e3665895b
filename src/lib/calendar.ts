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
