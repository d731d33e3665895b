import { type Fixed, parseFixed } from '../lib/decimal.js'
import type { Price } from '../protocol/resources.js'
import { isInstant, isPrice, type Quote } from './tick.js'

/**
 * The quote that stands for every instrument, as this process knows it. Of two quotes of a symbol the higher
 * version stands, whatever their order of arrival, so that messages that come twice or late are harmless. Which
 * quotes there are was decided before, in one worker (admission.ts); what is no sane quote is refused all the same,
 * because it may come from outside. Worker and web keep a board each.
 */
export class PriceBoard {
  readonly #marks = new Map<string, Mark>()
  readonly #now: () => number

  constructor(options: { now: () => number }) {
    this.#now = options.now
  }

  /** The mark that it makes, or null when it changes nothing. */
  take(quote: Quote): Mark | null {
    const standing = this.#marks.get(quote.symbol)
    if (standing && standing.quote.version >= quote.version) return null
    return this.adopt(quote)
  }

  /** Takes what the cache holds for a symbol whose word was another worker's until now, whatever stood here. */
  adopt(quote: Quote): Mark | null {
    if (!isSane(quote)) return null
    const mark = new StandingMark(quote, this.#now())
    this.#marks.set(quote.symbol, mark)
    return mark
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
      if (mark.price.state === 'stale' || now <= mark.quote.freshUntil) continue
      this.#marks.set(symbol, new StandingMark(mark.quote, now))
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

function isSane({ price, at, freshUntil, version }: Quote): boolean {
  return isPrice(price) && isInstant(at) && Number.isFinite(freshUntil) && Number.isSafeInteger(version)
}

/** Workers tell nobody a price, and web processes few of all there are, so the text is made when it is asked for. */
class StandingMark implements Mark {
  readonly quote: Quote
  readonly amount: Fixed
  readonly price: Price
  #json: string | null = null

  constructor(quote: Quote, now: number) {
    this.quote = quote
    this.amount = parseFixed(quote.price)
    this.price = {
      symbol: quote.symbol,
      amount: quote.price,
      currency: quote.currency,
      at: new Date(Math.floor(quote.at)).toISOString(),
      source: quote.source,
      state: now > quote.freshUntil ? 'stale' : quote.state,
    }
  }

  get json(): string {
    this.#json ??= JSON.stringify(this.price)
    return this.#json
  }
}
