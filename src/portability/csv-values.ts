import { plainDecimal } from '../lib/decimal.js'
import type { CsvDateFormat } from '../protocol/resources.js'

/** How people and banks write numbers and dates, read without guessing where the file itself decides. */

const BLANKS = /[\s\u00a0\u202f'’_]/g
const MONEY_SIGNS = /^(?:rp\.?|[a-z]{3}|[$€£¥])|(?:[a-z]{3}|[$€£¥])$/gi

interface Bare {
  readonly negative: boolean
  /** Digits and separators. */
  readonly digits: string
}

function bare(text: string): Bare {
  let rest = text.replace(BLANKS, '').replace(/−/g, '-')
  let negative = false
  const enclosed = /^\((.*)\)$/.exec(rest)
  if (enclosed) [negative, rest] = [true, enclosed[1] ?? '']
  // The sign may stand on either side of the currency.
  for (let turn = 0; turn < 2; turn += 1) {
    if (rest.startsWith('-') || (rest.endsWith('-') && rest.length > 1)) {
      negative = true
      rest = rest.replace(/^-|-$/, '')
    } else if (rest.startsWith('+')) rest = rest.slice(1)
    rest = rest.replace(MONEY_SIGNS, '')
  }
  return { negative, digits: rest }
}

/** Decimal text of a number as it was written; null when it is none. */
export function readNumber(text: string, decimal: '.' | ','): string | null {
  const { negative, digits } = bare(text)
  const thousands = decimal === '.' ? ',' : '.'
  const [whole = '', ...fractions] = digits.split(decimal)
  if (fractions.length > 1 || fractions[0]?.includes(thousands)) return null
  const groups = whole.split(thousands)
  const grouped =
    groups.slice(1).every((group) => /^\d{2,3}$/.test(group)) && (groups.at(-1)?.length ?? 0) !== 2
  if (groups.length > 1 && !(grouped && /^\d{1,3}$/.test(groups[0] ?? ''))) return null
  const plain = [groups.join('') || '0', ...fractions].join('.')
  if (!/\d/.test(digits)) return null
  return plainDecimal(`${negative ? '-' : ''}${plain.replace(/\.$/, '')}`)
}

/** Which of the two signs begins the fraction; where no number decides, `unlessTold`. */
export function guessDecimal(samples: Iterable<string>, unlessTold: '.' | ','): '.' | ',' {
  for (const sample of samples) {
    const { digits } = bare(sample)
    const [dot, comma] = [digits.lastIndexOf('.'), digits.lastIndexOf(',')]
    if (dot >= 0 && comma >= 0) return dot > comma ? '.' : ','
    const sign = dot >= 0 ? '.' : comma >= 0 ? ',' : null
    if (sign === null) continue
    const parts = digits.split(sign)
    if (parts.length > 2) return sign === '.' ? ',' : '.'
    const [whole = '', fraction = ''] = parts
    if (fraction.length !== 3 || whole.length > 3 || whole === '' || whole.startsWith('0')) return sign
  }
  return unlessTold
}

/** The sign with which a language begins the fraction. */
export function decimalOf(locale: string): '.' | ',' {
  const part = new Intl.NumberFormat(locale).formatToParts(1.1).find(({ type }) => type === 'decimal')
  return part?.value === ',' ? ',' : '.'
}

const DATE = /^(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})(?:[T ,].*)?$/
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/

/** `YYYY-MM-DD` of a date as it was written, whether or not a calendar has it; null when it is none. */
export function readDate(text: string, format: CsvDateFormat): string | null {
  const trimmed = text.trim()
  const parts = COMPACT.exec(trimmed) ?? DATE.exec(trimmed)
  if (!parts) return null
  const [, first = '', second = '', third = ''] = parts
  if (first.length === 4) return join(first, second, third)
  return format === 'MM/DD/YYYY' ? join(third, first, second) : join(third, second, first)
}

function join(year: string, month: string, day: string): string | null {
  if (year.length !== 4 || month.length > 2 || day.length > 2) return null
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
}

/** Which order the file itself decides for; where none does, the one of the language. */
export function guessDateFormat(samples: Iterable<string>, locale: string): CsvDateFormat {
  let dotted = false
  for (const sample of samples) {
    const parts = DATE.exec(sample.trim())
    if (!parts) continue
    const [, first = '', second = ''] = parts
    if (first.length === 4) return 'YYYY-MM-DD'
    if (sample.includes('.')) dotted = true
    if (Number(first) > 12) return dotted ? 'DD.MM.YYYY' : 'DD/MM/YYYY'
    if (Number(second) > 12) return 'MM/DD/YYYY'
  }
  if (dotted) return 'DD.MM.YYYY'
  return /^en-US$/i.test(locale) ? 'MM/DD/YYYY' : 'DD/MM/YYYY'
}
