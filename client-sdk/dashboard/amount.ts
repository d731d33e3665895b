import type { Language } from './words.js'

/**
 * What a person typed as decimal text for the server, or null when it is no number. Both marks are understood:
 * the last of two different ones is the decimal mark, one that repeats groups thousands, and a single one before
 * exactly three digits groups them when the language uses it so (`1.000` is a thousand in Indonesian).
 */
export function parseAmount(typed: string, language: Language): string | null {
  const text = typed.replace(/[\s\u00a0\u202f_']/g, '')
  if (!/^\d[\d.,]*$|^[.,]\d+$/.test(text)) return null
  const mark = decimalMark(text, language)
  const [whole = '', fraction = '', ...more] = mark === null ? [text] : text.split(mark)
  const digits = whole.replace(/[.,]/g, '')
  if (more.length > 0 || /[.,]/.test(fraction) || !isGrouped(whole)) return null
  const start = digits.replace(/^0+(?=\d)/, '') || '0'
  return fraction === '' ? start : `${start}.${fraction}`
}

function decimalMark(text: string, language: Language): '.' | ',' | null {
  const dots = text.split('.').length - 1
  const commas = text.split(',').length - 1
  if (dots > 0 && commas > 0) return text.lastIndexOf('.') > text.lastIndexOf(',') ? '.' : ','
  if (dots + commas !== 1) return null
  const mark = dots === 1 ? '.' : ','
  const groups = mark === (language === 'id' ? '.' : ',')
  return groups && /^[1-9]\d{0,2}[.,]\d{3}$/.test(text) ? null : mark
}

function isGrouped(whole: string): boolean {
  return !/[.,]/.test(whole) || /^\d{1,3}(([.])\d{3})+$|^\d{1,3}(([,])\d{3})+$/.test(whole)
}

/** Decimal text as `parseAmount` reads it in this language: `147.930` is not a hundred thousand in Indonesian. */
export function writeAmount(text: string, language: Language): string {
  return language === 'id' ? text.replace('.', ',') : text
}
