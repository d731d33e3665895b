/**
 * Decimal text for people, without a detour over binary floating point: `Intl.NumberFormat` formats a string
 * exactly, and comparing and dividing are done in whole numbers.
 */
const DASH = '–'

const made = new Map<string, Intl.NumberFormat>()

function formatter(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${JSON.stringify(options)}`
  let found = made.get(key)
  if (!found) {
    found = new Intl.NumberFormat(locale, options)
    made.set(key, found)
  }
  return found
}

function exactly(format: Intl.NumberFormat, text: string): string {
  return format.format(text as Intl.StringNumericLiteral)
}

/** An amount of money. Rupiah are shown whole, as they are everywhere; a crypto amount keeps its digits. */
export function formatMoney(
  text: string | null,
  currency: string,
  locale: string,
  options: { signed?: boolean } = {},
): string {
  if (text === null) return DASH
  return withCurrency(text, currency, locale, {
    signDisplay: options.signed ? 'exceptZero' : 'auto',
    ...(currency === 'IDR' ? { minimumFractionDigits: 0, maximumFractionDigits: 0 } : {}),
  })
}

/** The price of one unit: below 1 with as many digits as it takes to see something. */
export function formatPrice(text: string, currency: string, locale: string): string {
  const small = compareDecimals(absolute(text), '1') < 0
  const whole = currency === 'IDR' && compareDecimals(absolute(text), '1000') >= 0
  const digits = small ? { maximumSignificantDigits: 6 } : { maximumFractionDigits: whole ? 0 : 2 }
  return withCurrency(text, currency, locale, { minimumFractionDigits: whole || small ? 0 : 2, ...digits })
}

/** Intl knows currencies of three letters; another code, such as USDT, is written behind the number. */
function withCurrency(
  text: string,
  currency: string,
  locale: string,
  options: Intl.NumberFormatOptions,
): string {
  if (/^[A-Z]{3}$/.test(currency)) {
    const style = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' } as const
    return exactly(formatter(locale, { ...style, ...options }), text)
  }
  return `${exactly(formatter(locale, options), text)} ${currency}`
}

export function formatQuantity(text: string, locale: string): string {
  return exactly(formatter(locale, { maximumFractionDigits: 8 }), text)
}

/** Per cent as decimal text, `"1.25"` for 1.25 %. */
export function formatPercent(
  text: string,
  locale: string,
  options: { signed?: boolean; digits?: number } = {},
): string {
  const digits = options.digits ?? 2
  return exactly(
    formatter(locale, {
      style: 'unit',
      unit: 'percent',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      signDisplay: options.signed ? 'exceptZero' : 'auto',
    }),
    text,
  )
}

/** Per cent with as many digits as it has, two at most. */
export function formatUpToPercent(text: string, locale: string): string {
  return exactly(formatter(locale, { style: 'unit', unit: 'percent', maximumFractionDigits: 2 }), text)
}

/** A fraction in per cent, cut after one digit: what is not all is never shown as all. */
export function formatPart(text: string, locale: string): string {
  return exactly(
    formatter(locale, { style: 'percent', maximumFractionDigits: 1, roundingMode: 'floor' }),
    text,
  )
}

/** A number of no currency. */
export function formatNumber(text: string, locale: string): string {
  return exactly(formatter(locale, { maximumFractionDigits: 18 }), text)
}

/** A length of time in its largest whole unit. */
export function formatSpan(minutes: number, locale: string): string {
  const [unit, of] =
    minutes % 1_440 === 0
      ? (['day', 1_440] as const)
      : minutes % 60 === 0
        ? (['hour', 60] as const)
        : (['minute', 1] as const)
  return formatter(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(minutes / of)
}

/** A day of the calendar. */
export function formatDate(date: string, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' })
  return format.format(new Date(`${date}T00:00:00Z`))
}

/** When something is, by the reader's own clock. */
export function formatMoment(at: string | null, locale: string): string {
  if (at === null) return DASH
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  return format.format(new Date(at))
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** How long ago, in a few letters; under five seconds counts as now. */
export function formatAge(at: string, now: number, locale: string): string {
  const ageMs = Math.max(0, now - Date.parse(at))
  if (Number.isNaN(ageMs)) return DASH
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'narrow' })
  if (ageMs < 5_000) return relative.format(0, 'second')
  for (const [unit, ms] of UNITS) {
    if (ageMs >= ms) return relative.format(-Math.floor(ageMs / ms), unit)
  }
  return relative.format(-Math.floor(ageMs / 1_000), 'second')
}

function absolute(text: string): string {
  return text.replace(/^-/, '')
}

/** -1, 0 or 1. */
export function compareDecimals(a: string, b: string): number {
  const [x, y] = aligned(a, b)
  return x < y ? -1 : x > y ? 1 : 0
}

/** -1, 0 or 1. */
export function signOf(text: string | null): number {
  return text === null ? 0 : compareDecimals(text, '0')
}

/** Sum of decimal texts. */
export function sumDecimals(texts: readonly string[]): string {
  const scale = Math.max(0, ...texts.map((text) => text.split('.')[1]?.length ?? 0))
  const sum = texts.reduce((so, text) => so + scaled(text, scale), 0n)
  const digits = (sum < 0n ? -sum : sum).toString().padStart(scale + 1, '0')
  const cut = digits.length - scale
  return `${sum < 0n ? '-' : ''}${digits.slice(0, cut)}${scale === 0 ? '' : `.${digits.slice(cut)}`}`
}

/** `part` in per cent of `whole` with one digit, rounded half up; null without a positive whole. */
export function shareOf(part: string, whole: string): string | null {
  const [x, y] = aligned(part, whole)
  if (y <= 0n || x < 0n) return null
  const tenths = (x * 2_000n + y) / (y * 2n)
  return `${tenths / 10n}.${tenths % 10n}`
}

function aligned(a: string, b: string): readonly [bigint, bigint] {
  const scale = Math.max(a.split('.')[1]?.length ?? 0, b.split('.')[1]?.length ?? 0)
  return [scaled(a, scale), scaled(b, scale)]
}

function scaled(text: string, scale: number): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(scale, '0'))
}
