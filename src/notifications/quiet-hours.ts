import { addDays, dateIn, instantOf } from '../lib/calendar.js'
import type { QuietHours } from '../protocol/notifications.js'

/**
 * When the quiet hours in which `now` lies are over, in ms since the epoch; null outside of them. They begin at
 * `from` and are over at `to`, of the next date where that comes first. On the day on which clocks are changed
 * each end lies where `instantOf` finds it: later where its time is skipped, at the first of two where it is
 * shown twice.
 */
export function heldUntil(quietHours: QuietHours | null, timeZone: string, now: number): number | null {
  if (quietHours === null) return null
  const { from, to } = quietHours
  const today = dateIn(timeZone, now)
  for (const date of [today, addDays(today, -1)]) {
    const until = instantOf(timeZone, from < to ? date : addDays(date, 1), to)
    if (instantOf(timeZone, date, from) <= now && now < until) return until
  }
  return null
}
