import { locale } from './preferences.js'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** When people who sleep want to hear of something again. */
const MORNING = '08:00'

/** The instant of a time of day (`HH:MM:SS`) on a date in a time zone, in ms since the epoch. */
function instantOf(date: string, time: string, timeZone: string | undefined): number {
  const wall = Date.parse(`${date}T${time}Z`)
  // Twice, because the first guess may be on the other side of a change of the clocks.
  const first = wall - offsetAt(wall, timeZone)
  return wall - offsetAt(first, timeZone)
}

export function endOfDay(date: string, timeZone: string | undefined): string {
  return new Date(instantOf(date, '23:59:59', timeZone)).toISOString()
}

/** The date of an instant in a time zone, `YYYY-MM-DD`. */
export function dateOf(instant: string, timeZone: string | undefined): string {
  const at = Date.parse(instant)
  return new Date(at + offsetAt(at, timeZone)).toISOString().slice(0, 10)
}

/** The morning of the next day. */
export function tomorrow(now: number, timeZone: string | undefined): string {
  const local = new Date(now + offsetAt(now, timeZone))
  const date = new Date(local.getTime() + DAY_MS).toISOString().slice(0, 10)
  return new Date(instantOf(date, `${MORNING}:00`, timeZone)).toISOString()
}

/** An instant in few words: its time on the same day, and its date as well on another. */
export function momentText(instant: string, timeZone: string | undefined, now = Date.now()): string {
  const day = { day: 'numeric', month: 'short' } as const
  const time = { hour: '2-digit', minute: '2-digit' } as const
  const write = (options: Intl.DateTimeFormatOptions, at: number): string =>
    new Intl.DateTimeFormat(locale(), { ...options, ...zoneOf(timeZone) }).format(at)
  const at = Date.parse(instant)
  const isToday = write({ ...day, year: 'numeric' }, at) === write({ ...day, year: 'numeric' }, now)
  return write(isToday ? time : { ...day, ...time }, at)
}

/** How far a time zone is ahead of UTC. */
function offsetAt(at: number, timeZone: string | undefined): number {
  const parts = new Intl.DateTimeFormat('en-CA', {
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
    hourCycle: 'h23',
    ...zoneOf(timeZone),
  } as Intl.DateTimeFormatOptions).formatToParts(at)
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? '00'
  const wall = Date.parse(`${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}Z`)
  return wall - Math.floor(at / MINUTE_MS) * MINUTE_MS
}

/** A zone that this browser does not know is passed over for its own. */
function zoneOf(timeZone: string | undefined): { readonly timeZone?: string } {
  if (timeZone === undefined) return {}
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return { timeZone }
  } catch {
    return {}
  }
}
