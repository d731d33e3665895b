import type { Mark, PriceBoard } from './board.js'
import { CLOCK_TOLERANCE_MS, type HeldPrice, Quarantine } from './quarantine.js'
import { isInstant, isPrice, type Offer, type Quote, versionAt } from './tick.js'

/**
 * Decides, in the worker whose symbol it is, which offers become quotes, and puts those on the board. An offer is
 * admitted when it is a positive decimal, not from the future, newer than what stands, and not so far from it that
 * it has to be confirmed first (quarantine.ts); everything else changes nothing and is named by its reason.
 *
 * Newer means: of the same source, by its own time and order; of another one, which the router has put in charge,
 * not older by more than clocks differ, or still fresh where what stands is not. The version of a quote is taken
 * from the clock and always above the one before, so it rises across sources, workers and restarts.
 */
export class Admission {
  readonly #board: PriceBoard
  readonly #now: () => number
  readonly #quarantine: Quarantine

  /** `bandShare`: an offer farther than this share from what stands is held until it is confirmed. */
  constructor(options: { board: PriceBoard; now: () => number; bandShare?: number }) {
    this.#board = options.board
    this.#now = options.now
    this.#quarantine = new Quarantine({ now: options.now, bandShare: options.bandShare ?? 0.25 })
  }

  decide(offer: Offer): Verdict {
    const now = this.#now()
    const standing = this.#board.get(offer.symbol)
    const freshUntil = freshUntilOf(offer)
    const reason = insane(offer, now) ?? (standing ? notNewer(offer, freshUntil, standing.quote, now) : null)
    if (reason) return { won: false, reason }
    if (!this.#quarantine.passes(offer, standing)) return { won: false, reason: 'quarantined' }
    const version = Math.max((standing?.quote.version ?? 0) + 1, versionAt(now))
    const mark = this.#board.take(quoteOf(offer, freshUntil, version))
    return mark ? { won: true, mark } : { won: false, reason: 'older' }
  }

  /** What a source says that is not in charge: it is never shown, but it can confirm or contradict. */
  witness(symbol: string, source: string, price: string, at: number): void {
    if (!isPrice(price) || !isInstant(at) || at > this.#now() + CLOCK_TOLERANCE_MS) return
    this.#quarantine.witness(symbol, source, price, at)
  }

  /** The prices that wait for confirmation. */
  held(): readonly HeldPrice[] {
    return this.#quarantine.held()
  }

  /** Forgets what waits, and what was said, of all other symbols. */
  retain(symbols: ReadonlySet<string>): void {
    this.#quarantine.retain(symbols)
  }
}

export type Refusal =
  | 'price-invalid'
  | 'time-invalid'
  | 'from-the-future'
  | 'older'
  | 'duplicate'
  | 'quarantined'

export type Verdict =
  | { readonly won: true; readonly mark: Mark }
  | { readonly won: false; readonly reason: Refusal }

/** How long a price may be called by its state, from its own time, unless its source knows better. */
const FRESH_MS: Readonly<Record<Offer['state'], number>> = {
  live: 5 * 60_000,
  simulated: 60_000,
  delayed: 60 * 60_000,
  closed: 5 * 24 * 60 * 60_000,
}

function freshUntilOf({ freshUntil, at, state }: Offer): number {
  return freshUntil !== undefined && Number.isFinite(freshUntil) ? freshUntil : at + FRESH_MS[state]
}

/** Named one by one: where every price passes, an object that was spread is slow to make and slow to read. */
function quoteOf(
  { symbol, source, price, at, order, currency, state }: Offer,
  freshUntil: number,
  version: number,
): Quote {
  return { symbol, source, price, at, order, currency, state, freshUntil, version }
}

function insane(offer: Offer, now: number): Refusal | null {
  if (!isPrice(offer.price)) return 'price-invalid'
  if (!isInstant(offer.at)) return 'time-invalid'
  // Hosts have been seen to run seconds behind the exchanges' clocks, so a little future is tolerated.
  return offer.at > now + CLOCK_TOLERANCE_MS ? 'from-the-future' : null
}

function notNewer(offer: Offer, freshUntil: number, standing: Quote, now: number): Refusal | null {
  if (offer.source !== standing.source) {
    if (offer.at >= standing.at - CLOCK_TOLERANCE_MS) return null
    return now > standing.freshUntil && now <= freshUntil ? null : 'older'
  }
  if (offer.at !== standing.at) return offer.at < standing.at ? 'older' : null
  const isRestated = offer.state !== standing.state || freshUntil !== standing.freshUntil
  if (offer.order !== null && standing.order !== null && offer.order !== standing.order)
    return offer.order < standing.order ? 'older' : null
  if (offer.price === standing.price) return isRestated ? null : 'duplicate'
  return offer.order !== null && standing.order !== null ? 'duplicate' : null
}
