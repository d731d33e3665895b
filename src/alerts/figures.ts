import { isCurrency, minorDigits } from '../lib/currency.js'
import type { DecimalText } from '../protocol/resources.js'

/**
 * Amounts and percentages as a reader's locale writes them. `Intl` reads decimal text digit by digit (ECMA-402,
 * Intl mathematical values), so what is shown is what was stored, rounded at most once and never a double.
 */
export interface Figures {
  /**
   * An amount of money, or a bare ratio where `currency` is null. Whole amounts go without decimals; a price keeps as
   * many as tell it apart from `beside`.
   */
  readonly amount: (text: DecimalText, currency: string | null, beside?: DecimalText | null) => string
  readonly percent: (text: DecimalText) => string
}

const FEWEST_SIGNIFICANT = 5
const MOST_DECIMALS = 18
const MOST_FORMATS = 1_000
const formats = new Map<string, Intl.NumberFormat>()

export function figuresOf(locale: string): Figures {
  return {
    amount: (text, currency, beside = null) => {
      const decimals = Math.max(decimalsOf(text, currency), beside === null ? 0 : writtenDecimals(beside))
      const options = { minimumFractionDigits: minorOf(currency, decimals), maximumFractionDigits: decimals }
      const trimmed = { ...options, trailingZeroDisplay: 'stripIfInteger' } as Intl.NumberFormatOptions
      if (currency === null) return write(locale, trimmed, text)
      if (isPlainCode(currency)) return write(locale, { ...trimmed, style: 'currency', currency }, text)
      return `${write(locale, trimmed, text)} ${currency}`
    },
    percent: (text) =>
      write(
        locale,
        { style: 'unit', unit: 'percent', maximumFractionDigits: Math.abs(Number(text)) < 1 ? 4 : 2 },
        text,
      ),
  }
}

/** The money's own, or so many that a small price still has a few digits that say something. */
function decimalsOf(text: DecimalText, currency: string | null): number {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const leadingZeros = whole === '0' ? (/^0*/.exec(fraction)?.[0].length ?? 0) : -whole.length
  const telling = Math.min(Math.max(FEWEST_SIGNIFICANT + leadingZeros, 0), fraction.length)
  return Math.min(Math.max(telling, minorOf(currency, MOST_DECIMALS)), MOST_DECIMALS)
}

function writtenDecimals(text: DecimalText): number {
  return Math.min(text.split('.')[1]?.length ?? 0, MOST_DECIMALS)
}

function minorOf(currency: string | null, most: number): number {
  if (currency === null) return 0
  return Math.min(isCurrency(currency) ? minorDigits(currency) : 2, most)
}

/** What `Intl` takes as a currency: three capital letters; others (`USDT`, `ZAc`) stand behind the number. */
function isPlainCode(currency: string): boolean {
  return /^[A-Z]{3}$/.test(currency)
}

/** Formats are dear to make and few in number. */
function write(locale: string, options: Intl.NumberFormatOptions, text: DecimalText): string {
  const key = `${locale} ${Object.values(options).join(' ')}`
  let format = formats.get(key)
  if (!format) {
    if (formats.size >= MOST_FORMATS) formats.clear()
    format = new Intl.NumberFormat(locale, options)
    formats.set(key, format)
  }
  return format.format(text as Intl.StringNumericLiteral)
}
