import { isCurrency } from '../lib/currency.js'

/**
 * An instrument's symbol names one listing: `BTC-USD` is bitcoin priced in dollars, `BBCA.JK` a share on one
 * exchange. It is never a venue's own spelling; what a venue calls it, the venue knows (feeds/venues).
 */
export interface Pair {
  readonly base: string
  readonly quote: string
}

const PAIR_PATTERN = /^([A-Z0-9]{1,15})-([A-Z]{3,5})$/
const LISTING_PATTERN = /^[A-Z0-9^][A-Z0-9.=^-]{0,23}$/

/** `BTC-USD` -> `{base: 'BTC', quote: 'USD'}`; null when the symbol is not a pair. */
export function parsePair(symbol: string): Pair | null {
  const parts = PAIR_PATTERN.exec(symbol)
  if (!parts?.[1] || !parts[2]) return null
  return { base: parts[1], quote: parts[2] }
}

/** Whether it is a pair in a currency that we know, which venues price; everything else sources are asked for. */
export function isQuoted(symbol: string): boolean {
  const pair = parsePair(symbol)
  return pair !== null && isCurrency(pair.quote)
}

export function isSymbol(text: string): boolean {
  return LISTING_PATTERN.test(text)
}

/** ISO 6166: two letters, nine letters or digits, and the digit that checks them (Luhn, letters as two digits). */
export function isIsin(text: string): boolean {
  if (!/^[A-Z]{2}[A-Z0-9]{9}[0-9]$/.test(text)) return false
  const digits = [...text].map((sign) => Number.parseInt(sign, 36)).join('')
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}
