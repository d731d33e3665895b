import { addDays, addMonths, daysBetween, weekdayOf } from '../lib/calendar.js'
import type { DueOn, Frequency } from '../protocol/flows.js'

/**
 * When a recurring rule is due. Every due date is counted from `startsOn`, never from the one before, so that
 * nothing drifts: what starts on the 31st falls on the 28th of February and on the 31st of March again, and 29
 * February comes back with the next leap year. No due date is before `startsOn` or after `endsOn`.
 */
export interface Schedule {
  readonly frequency: Frequency
  /** Every so many days, weeks, months or years. */
  readonly every: number
  /** LAST_DAY and LAST_WEEKDAY are of the month in which the date would fall; for months and years only. */
  readonly dueOn: DueOn
  readonly startsOn: string
  readonly endsOn: string | null
}

/** The first due date on `from` or after it; null when there is none. */
export function firstDue(schedule: Schedule, from: string): string | null {
  const { startsOn, endsOn } = schedule
  const earliest = from > startsOn ? from : startsOn
  // The last one that may be too early by its number alone; the day within the month decides the rest.
  for (let place = placeBefore(schedule, earliest); ; place += 1) {
    const due = dueAt(schedule, place)
    if (due >= earliest) return endsOn !== null && due > endsOn ? null : due
  }
}

/** The due date that follows a date. */
export function nextDue(schedule: Schedule, after: string): string | null {
  return firstDue(schedule, addDays(after, 1))
}

/** Due dates from `from` to `to`, both among them, oldest first, at most so many. */
export function dueDates(schedule: Schedule, from: string, to: string, most: number): readonly string[] {
  const dates: string[] = []
  let due = firstDue(schedule, from)
  while (due !== null && due <= to && dates.length < most) {
    dates.push(due)
    due = nextDue(schedule, due)
  }
  return dates
}

/** A place in the count from `startsOn` that is not beyond the first due date on `date` or after it. */
function placeBefore({ frequency, every, startsOn }: Schedule, date: string): number {
  if (frequency === 'DAILY' || frequency === 'WEEKLY') {
    return Math.floor(daysBetween(startsOn, date) / (every * DAYS[frequency]))
  }
  return Math.floor((monthCount(date) - monthCount(startsOn)) / (every * MONTHS[frequency]))
}

function dueAt({ frequency, every, dueOn, startsOn }: Schedule, place: number): string {
  if (frequency === 'DAILY' || frequency === 'WEEKLY') {
    return addDays(startsOn, place * every * DAYS[frequency])
  }
  const date = addMonths(startsOn, place * every * MONTHS[frequency])
  if (dueOn === 'DATE') return date
  const last = lastDayOfMonth(date)
  return dueOn === 'LAST_DAY' ? last : addDays(last, -Math.max(0, weekdayOf(last) - FRIDAY))
}

const DAYS = { DAILY: 1, WEEKLY: 7 } as const
const MONTHS = { MONTHLY: 1, YEARLY: 12 } as const
const FRIDAY = 5

/** Months since the year 0. */
function monthCount(date: string): number {
  return Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7))
}

function lastDayOfMonth(date: string): string {
  return addDays(addMonths(`${date.slice(0, 7)}-01`, 1), -1)
}
