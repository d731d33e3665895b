import { formatMoney } from '../src/widgets/format.js'
import { h } from './dom.js'

/** Numbers and dates of the ledger in a locale. What is null is written as a dash by `orUnknown`, never as zero. */
export interface Figures {
  money(text: string, currency: string, options?: { readonly signed?: boolean }): string
  /** A fraction such as `0.25` in per cent. */
  percent(fraction: string, options?: { readonly signed?: boolean; readonly digits?: number }): string
  number(text: string, digits: number): string
  /** Of an amount that only has to be roughly right, such as beside an axis. */
  compact(value: number): string
  /** Of `YYYY-MM-DD`. */
  date(date: string, style?: 'long' | 'short'): string
  /** Of `YYYY-MM`. */
  month(month: string, style?: 'long' | 'short'): string
}

const UNKNOWN = '—'

const DATES = {
  long: { day: 'numeric', month: 'long', year: 'numeric' },
  short: { day: 'numeric', month: 'short', year: 'numeric' },
} as const
const MONTHS = { long: { month: 'long', year: 'numeric' }, short: { month: 'short' } } as const

export function figures(locale: string): Figures {
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 })
  const exactly = (text: string, options: Intl.NumberFormatOptions): string =>
    new Intl.NumberFormat(locale, options).format(text as Intl.StringNumericLiteral)
  const utc = (text: string, options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(new Date(`${text}T00:00:00Z`))
  return {
    money: (text, currency, options) => formatMoney(text, currency, locale, options),
    percent: (fraction, { signed = false, digits = 1 } = {}) =>
      exactly(fraction, {
        style: 'percent',
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
        signDisplay: signed ? 'exceptZero' : 'auto',
      }),
    number: (text, digits) => exactly(text, { maximumFractionDigits: digits }),
    compact: (value) => compact.format(value),
    date: (date, style = 'short') => utc(date, DATES[style]),
    month: (month, style = 'long') => utc(`${month}-01`, MONTHS[style]),
  }
}

/** A figure, or a dash with the reason why there is none: as a hint, and spoken. */
export function orUnknown(text: string | null, reason: string): Node | string {
  if (text !== null) return text
  return h(
    'span',
    { class: 'unknown', title: reason },
    UNKNOWN,
    h('span', { class: 'unseen' }, ` (${reason})`),
  )
}

/** Which way a figure points. */
export function toneOf(text: string | null): 'up' | 'down' | undefined {
  if (text === null || /^-?0*(\.0*)?$/.test(text)) return undefined
  return text.startsWith('-') ? 'down' : 'up'
}

/** The calendar month in which the financial month of a date begins. */
export function monthOf(date: string, startDay: number): string {
  return Number(date.slice(8, 10)) < startDay ? addMonths(date.slice(0, 7), -1) : date.slice(0, 7)
}

export function addMonths(month: string, months: number): string {
  const at = new Date(`${month}-01T00:00:00Z`)
  at.setUTCMonth(at.getUTCMonth() + months)
  return at.toISOString().slice(0, 7)
}

/** First and last date of a financial month. */
export function daysOf(month: string, startDay: number): { from: string; to: string } {
  const day = String(startDay).padStart(2, '0')
  return { from: `${month}-${day}`, to: addDays(`${addMonths(month, 1)}-${day}`, -1) }
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}
