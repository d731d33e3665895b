import type { Pair } from '../../instruments/symbol.js'

/**
 * Invented prices: a geometric random walk that is pulled back to where it began and never leaves a band of
 * half to double. Nobody's money depends on them, so they are the one place where prices are computed as floats.
 */

/** Rough worth in dollars, to begin with. */
const USD_WORTH: Readonly<Record<string, number>> = {
  USD: 1,
  EUR: 1.09,
  GBP: 1.28,
  CHF: 1.13,
  AUD: 0.66,
  CAD: 0.73,
  SGD: 0.75,
  JPY: 0.0066,
  CNY: 0.138,
  IDR: 1 / 16_300,
  MYR: 0.225,
  THB: 0.028,
  INR: 0.0119,
  KRW: 0.00072,
  TRY: 0.03,
  BRL: 0.18,
  USDT: 1,
  USDC: 1,
  FDUSD: 1,
  BTC: 64_000,
  ETH: 3_300,
  BNB: 580,
  SOL: 150,
  XRP: 0.6,
  ADA: 0.45,
  DOGE: 0.12,
  DOT: 6.5,
  AVAX: 27,
  LINK: 14,
  LTC: 72,
  MATIC: 0.55,
  TRX: 0.13,
  SHIB: 0.000018,
  PAXG: 2_400,
}
const STEADY = new Set(
  'USD EUR GBP CHF AUD CAD SGD JPY CNY IDR MYR THB INR KRW TRY BRL USDT USDC FDUSD'.split(' '),
)
const WIDEST = Math.LN2

export class PriceWalk {
  readonly #random: () => number
  readonly #step: number
  #start: number
  #drift = 0
  #text: string

  constructor(pair: Pair, random: () => number, start: string | null = null) {
    this.#random = random
    this.#step = STEADY.has(pair.base) && STEADY.has(pair.quote) ? 0.00003 : 0.0004
    this.#start = start === null ? startPrice(pair) : Number(start)
    this.#text = start ?? priceText(this.#start)
  }

  get price(): string {
    return this.#text
  }

  next(): string {
    const push = (this.#random() + this.#random() + this.#random() - 1.5) * 2 * this.#step
    this.#drift = Math.min(WIDEST, Math.max(-WIDEST, this.#drift * 0.999 + push))
    this.#text = priceText(this.#start * Math.exp(this.#drift))
    return this.#text
  }

  /** Jumps to exactly this price and walks on from there. */
  set(price: string): void {
    this.#start = Number(price)
    this.#drift = 0
    this.#text = price
  }
}

/** Whether prices can be quoted in this currency. */
export function isQuotable(currency: string): boolean {
  return Object.hasOwn(USD_WORTH, currency)
}

function startPrice(pair: Pair): number {
  return usdWorth(pair.base) / usdWorth(pair.quote)
}

/** Names without an entry are worth between 0.1 and 1,000 dollars, each always the same. */
function usdWorth(name: string): number {
  if (isQuotable(name)) return USD_WORTH[name] ?? 1
  let hash = 2_166_136_261
  for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619) >>> 0
  return 10 ** ((hash / 2 ** 32) * 4 - 1)
}

/** Seven significant digits, at least two behind the point and never an exponent. */
function priceText(price: number): string {
  const decimals = Math.min(18, Math.max(2, 6 - Math.floor(Math.log10(price))))
  return price.toFixed(decimals)
}

/** Numbers in [0, 1) that come in the same order for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
