import { addDays, dateIn, startOfDate } from '../lib/calendar.js'
import { KEPT_MS, LENGTH_MS } from '../prices/candle.js'
import type { CandleInterval } from '../protocol/resources.js'

/** A moment of a history: the last millisecond of an interval, and its date in the user's zone. */
export interface Tick {
  readonly at: number
  readonly date: string
}

/** An instant, ms since the epoch, or a date of the user's zone as a whole. */
export type When = { readonly at: number } | { readonly date: string }

export interface TicksAsk {
  readonly interval: CandleInterval
  readonly from: When | null
  readonly to: When | null
  readonly timeZone: string
  readonly now: number
  /** The date of the user's first activity. */
  readonly first: string
}

/** More points than any chart has pixels; of a longer time only every so many are told. */
const MOST_TICKS = 5_000
const SHOWN_MS = { '1m': LENGTH_MS['1d'], '1h': KEPT_MS['1h'] } as const

/**
 * The ends of intervals from `from` to `to`, none of the time that is still to come: what is now is told live. Days
 * end with the day of the user's zone. Minutes and hours go back no further than their candles are kept. Where they
 * would be too many, they are thinned out evenly, and the last one stays.
 */
export function ticksOf(ask: TicksAsk): readonly Tick[] {
  const { interval, timeZone, now } = ask
  const startOf = (when: When): number => ('at' in when ? when.at : startOfDate(timeZone, when.date))
  const endOf = (when: When): number =>
    'at' in when ? when.at : startOfDate(timeZone, addDays(when.date, 1)) - 1
  const begin = startOfDate(timeZone, ask.first)
  const last = Math.min(ask.to ? endOf(ask.to) : now, now - 1)
  const oldest = interval === '1d' ? begin : Math.max(begin, now - KEPT_MS[interval])
  const shown = interval === '1d' ? begin : last - SHOWN_MS[interval]
  const from = Math.max(ask.from ? startOf(ask.from) : shown, oldest)
  if (from > last) return []
  return interval === '1d' ? dayTicks(from, last, timeZone) : shortTicks(from, last, interval, timeZone)
}

function dayTicks(from: number, last: number, timeZone: string): readonly Tick[] {
  const firstDay = dayNumber(dateIn(timeZone, from))
  const dateOf = (day: number): string => new Date(day * LENGTH_MS['1d']).toISOString().slice(0, 10)
  const endOf = (day: number): number => startOfDate(timeZone, dateOf(day + 1)) - 1
  let lastDay = dayNumber(dateIn(timeZone, last))
  if (endOf(lastDay) > last) lastDay -= 1
  return thinned(firstDay, lastDay).map((day) => ({ at: endOf(day), date: dateOf(day) }))
}

function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / LENGTH_MS['1d']
}

function shortTicks(from: number, last: number, interval: '1m' | '1h', timeZone: string): readonly Tick[] {
  const length = LENGTH_MS[interval]
  let date = dateIn(timeZone, from)
  let dayEnd = startOfDate(timeZone, addDays(date, 1))
  return thinned(Math.floor(from / length), Math.floor((last + 1) / length) - 1).map((place) => {
    const at = (place + 1) * length - 1
    while (at >= dayEnd) {
      date = addDays(date, 1)
      dayEnd = startOfDate(timeZone, addDays(date, 1))
    }
    return { at, date }
  })
}

/** Whole numbers from `first` to `last`, or so many of them that lie evenly, the last one among them. */
function thinned(first: number, last: number): readonly number[] {
  const count = Math.max(0, last - first + 1)
  const step = Math.max(1, Math.ceil(count / MOST_TICKS))
  const kept = Math.ceil(count / step)
  return Array.from({ length: kept }, (_, place) => last - (kept - 1 - place) * step)
}
