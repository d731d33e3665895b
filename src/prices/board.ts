import { type Fixed, isDecimalText, parseFixed } from '../lib/decimal.js'
import type { Price, PriceState } from '../protocol/resources.js'
import type { Quote } from './tick.js'

/**
 * The newest sane price of every instrument, as this process knows it. A quote wins when it is a positive
 * decimal, not from the future, and newer than the one that stands; everything else changes nothing and is
 * named by its reason. Worker and web keep a board each: the worker's decides what is written to the cache,
 * the web's is filled from the cache, so that messages that arrive twice or out of order are harmless.
 */
export class PriceBoard {
  readonly #marks = new Map<string, Mark>()
  readonly #now: () => number

  constructor(options: { now: () => number }) {
    this.#now = options.now
  }

  accept(quote: Quote): Verdict {
    const fault = insane(quote, this.#now())
    if (fault) return { won: false, reason: fault }
    const current = this.#marks.get(quote.symbol)
    if (current) {
      const late = notNewer(quote, current.quote)
      if (late) return { won: false, reason: late }
    }
    const mark = createMark(quote, this.#now())
    this.#marks.set(quote.symbol, mark)
    return { won: true, mark }
  }

  get(symbol: string): Mark | undefined {
    return this.#marks.get(symbol)
  }

  *marks(): Iterable<Mark> {
    yield* this.#marks.values()
  }

  /** Marks as stale what has grown too old since the last call, and names it. */
  sweep(): readonly string[] {
    const now = this.#now()
    const aged: string[] = []
    for (const [symbol, mark] of this.#marks) {
      if (mark.price.state === 'stale' || !isStale(mark.quote, now)) continue
      this.#marks.set(symbol, createMark(mark.quote, now))
      aged.push(symbol)
    }
    return aged
  }
}

/** A quote that stands, with what every valuation needs of it worked out once. */
export interface Mark {
  readonly quote: Quote
  readonly amount: Fixed
  readonly price: Price
  /** `price` as JSON text, shared by all messages that carry it. */
  readonly json: string
}

export type Refusal = 'price-invalid' | 'from-the-future' | 'older' | 'duplicate'
export type Verdict =
  | { readonly won: true; readonly mark: Mark }
  | { readonly won: false; readonly reason: Refusal }

/** Hosts have been seen to run seconds behind the exchanges' clocks, so a little future is tolerated. */
const FUTURE_TOLERANCE_MS = 15_000

const STALE_AFTER_MS: Readonly<Record<Quote['state'], number>> = {
  live: 5 * 60_000,
  simulated: 60_000,
  delayed: 60 * 60_000,
  closed: 5 * 24 * 60 * 60_000,
}

function insane(quote: Quote, now: number): Refusal | null {
  if (!isDecimalText(quote.price) || quote.price.startsWith('-') || !/[1-9]/.test(quote.price)) {
    return 'price-invalid'
  }
  if (!Number.isFinite(quote.at) || quote.at > now + FUTURE_TOLERANCE_MS) return 'from-the-future'
  // Not every number is an instant of the calendar; nothing was priced here before the epoch.
  return quote.at < 0 ? 'older' : null
}

function notNewer(quote: Quote, current: Quote): Refusal | null {
  if (quote.at !== current.at) return quote.at < current.at ? 'older' : null
  if (quote.source !== current.source) return 'older'
  if (quote.order !== null && current.order !== null) {
    if (quote.order === current.order) return 'duplicate'
    return quote.order < current.order ? 'older' : null
  }
  return quote.price === current.price && quote.state === current.state ? 'duplicate' : null
}

function isStale(quote: Quote, now: number): boolean {
  return now - quote.at > STALE_AFTER_MS[quote.state]
}

function createMark(quote: Quote, now: number): Mark {
  const state: PriceState = isStale(quote, now) ? 'stale' : quote.state
  const price: Price = {
    symbol: quote.symbol,
    amount: quote.price,
    currency: quote.currency,
    at: new Date(Math.floor(quote.at)).toISOString(),
    source: quote.source,
    state,
  }
  return { quote, amount: parseFixed(quote.price), price, json: JSON.stringify(price) }
}
