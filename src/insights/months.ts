/**
 * Financial months. A month begins on its user's `startDay`, 1 to 28, so that every calendar month has that day,
 * and is named by the calendar month in which it begins: with startDay 25, `2026-03` is 25 March to 24 April.
 * Months are made of calendar dates, so a zone only matters to say which date it is (lib/calendar.ts). The months
 * of a startDay follow each other without a gap and without sharing a day.
 */

/** Dates from `from` to the last one before `next`. */
export interface DateRange {
  readonly from: string
  readonly next: string
}

/** The month, as `YYYY-MM`, in which a date lies. */
export function monthOf(date: string, startDay: number): string {
  const month = date.slice(0, 7)
  return Number(date.slice(8, 10)) < startDay ? shiftMonth(month, -1) : month
}

export function rangeOf(month: string, startDay: number): DateRange {
  const day = String(startDay).padStart(2, '0')
  return { from: `${month}-${day}`, next: `${shiftMonth(month, 1)}-${day}` }
}

export function shiftMonth(month: string, months: number): string {
  return textOf(countOf(month) + months)
}

/** Months from `first` to `last`, both among them, the oldest first; none when `last` is before `first`. */
export function monthsBetween(first: string, last: string): readonly string[] {
  const start = countOf(first)
  return Array.from({ length: Math.max(0, countOf(last) - start + 1) }, (_, index) => textOf(start + index))
}

/** Whether all days of the month are over, `today` being still under way. */
export function isComplete(month: string, startDay: number, today: string): boolean {
  return rangeOf(month, startDay).next <= today
}

/** The last month of which all days are over before `date`. */
export function lastMonthBefore(date: string, startDay: number): string {
  return shiftMonth(monthOf(date, startDay), -1)
}

/** Months since the year 0. */
function countOf(month: string): number {
  return Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1
}

function textOf(count: number): string {
  const year = Math.floor(count / 12)
  return `${String(year).padStart(4, '0')}-${String(count - year * 12 + 1).padStart(2, '0')}`
}
