import { type Fixed, parseFixed } from '../lib/decimal.js'
import type { Mark } from './board.js'
import type { Offer } from './tick.js'

/**
 * Where a price waits that is too far from the one that stands, until something else than itself speaks for it:
 *
 *   far from what stands --> suspect --> a second source is near it             --> it passes
 *                               |------> the next offers, three later ones, too --> it passes
 *                               '------> a later offer near what stands         --> it is forgotten
 *
 * So a single wild price never shows, and a true crash shows after a few ticks. Ticks of one source may come within
 * a moment, so they do not suffice while another source says that what stands is true; but not for long, because
 * two sources may differ for good. A suspect follows the offers that confirm it, because a market that falls does
 * not stand still. Where no price stands there is nothing to be far from: then the first one passes, however odd,
 * unless other sources have just said something else.
 */
export class Quarantine {
  readonly #now: () => number
  readonly #bandShare: bigint
  readonly #suspects = new Map<string, Suspect>()
  /** The newest price of each source that is not the one in charge, by symbol and source. */
  readonly #witnesses = new Map<string, Map<string, Witness>>()

  /** `bandShare`: how far from what stands is too far, as a share of it. */
  constructor(options: { now: () => number; bandShare: number }) {
    this.#now = options.now
    this.#bandShare = BigInt(Math.round(options.bandShare * PARTS))
  }

  /** Whether a sane offer that is newer than `standing` may take its place. */
  passes(offer: Offer, standing: Mark | undefined): boolean {
    const price = parseFixed(offer.price)
    if (this.#isPlausible(offer, price, standing)) {
      const suspect = this.#suspects.get(offer.symbol)
      if (suspect && !isLater(suspect.offer, offer)) this.#suspects.delete(offer.symbol)
      return true
    }
    if (this.#isWitnessed(offer, price, standing) || this.#isConfirmed(offer, price, standing)) {
      this.#suspects.delete(offer.symbol)
      return true
    }
    this.witness(offer.symbol, offer.source, offer.price, offer.at)
    return false
  }

  /** Remembers what a source says that is not the one in charge; `price` is sane, `at` not from the future. */
  witness(symbol: string, source: string, price: string, at: number): void {
    const said = this.#witnesses.get(symbol) ?? new Map<string, Witness>()
    this.#witnesses.set(symbol, said)
    if (at >= (said.get(source)?.at ?? 0)) said.set(source, { price: parseFixed(price), at })
  }

  held(): readonly HeldPrice[] {
    return [...this.#suspects.values()].map(({ offer, standing, since, confirmations }) => ({
      symbol: offer.symbol,
      source: offer.source,
      price: offer.price,
      standing,
      since,
      confirmations,
    }))
  }

  /** Forgets all other symbols. */
  retain(symbols: ReadonlySet<string>): void {
    for (const known of [this.#suspects, this.#witnesses])
      for (const symbol of known.keys()) if (!symbols.has(symbol)) known.delete(symbol)
  }

  #isPlausible(offer: Offer, price: Fixed, standing: Mark | undefined): boolean {
    if (standing) return isNear(price, standing.amount, this.#bandShare)
    const others = this.#others(offer, this.#now() - WITNESS_MS)
    return others.length === 0 || others.some((other) => isNear(price, other.price, this.#bandShare))
  }

  /** Only those count who have seen the market since the price that stands. */
  #isWitnessed(offer: Offer, price: Fixed, standing: Mark | undefined): boolean {
    const since = (standing?.quote.at ?? 0) - CLOCK_TOLERANCE_MS
    return this.#others(offer, since).some((other) => isNear(price, other.price, AGREEMENT))
  }

  #others({ symbol, source }: Offer, since: number): readonly Witness[] {
    const said = [...(this.#witnesses.get(symbol) ?? [])]
    return said.flatMap(([name, witness]) => (name !== source && witness.at >= since ? [witness] : []))
  }

  /** Counts the offer for the suspect, or makes it the suspect. */
  #isConfirmed(offer: Offer, price: Fixed, standing: Mark | undefined): boolean {
    const now = this.#now()
    const suspect = this.#suspects.get(offer.symbol)
    const next = { offer, price, standing: standing?.quote.price ?? null, receivedAt: now }
    if (!suspect || !isNear(price, suspect.price, AGREEMENT)) {
      if (!suspect || !isLater(suspect.offer, offer))
        this.#suspects.set(offer.symbol, { ...next, since: now, confirmations: 0 })
      return false
    }
    if (!isLater(offer, suspect.offer) && !isAskedAgain(offer, suspect, now)) return false
    const confirmations = suspect.confirmations + 1
    this.#suspects.set(offer.symbol, { ...next, since: suspect.since, confirmations })
    return confirmations >= CONFIRMATIONS && !this.#isContradicted(offer, standing, suspect.since)
  }

  /** Whether another source has told just before the suspect came, or since, what stands. */
  #isContradicted(offer: Offer, standing: Mark | undefined, since: number): boolean {
    if (!standing || this.#now() - since >= CONTRADICTED_MS) return false
    const others = this.#others(offer, since - SHORTLY_MS)
    return others.some((other) => isNear(other.price, standing.amount, AGREEMENT))
  }
}

/** A price that waits. `since` is when the first like it came, in ms since the epoch. */
export interface HeldPrice {
  readonly symbol: string
  readonly source: string
  readonly price: string
  /** What stands meanwhile; null when nothing does. */
  readonly standing: string | null
  readonly since: number
  readonly confirmations: number
}

interface Suspect {
  readonly offer: Offer
  readonly price: Fixed
  readonly standing: string | null
  readonly since: number
  readonly receivedAt: number
  readonly confirmations: number
}

interface Witness {
  readonly price: Fixed
  readonly at: number
}

/** Clocks of venues differ by as much. */
export const CLOCK_TOLERANCE_MS = 15_000
const CONFIRMATIONS = 3
const SHORTLY_MS = 3_000
const CONTRADICTED_MS = 30_000
/** Where no price stands, what was said this long ago still counts. */
const WITNESS_MS = 60 * 60_000
/** A source that tells the same instant when it is asked again so much later has not changed its mind. */
const ASKED_AGAIN_MS = 60_000

/** Shares are counted in ten thousandths. */
const PARTS = 10_000
/** Two prices this near to each other agree. */
const AGREEMENT = 500n

function isNear(price: Fixed, reference: Fixed, share: bigint): boolean {
  const distance = price > reference ? price - reference : reference - price
  return distance * BigInt(PARTS) <= reference * share
}

function isLater(one: Offer, other: Offer): boolean {
  if (one.at !== other.at) return one.at > other.at
  return one.source === other.source && one.order !== null && other.order !== null && one.order > other.order
}

function isAskedAgain(offer: Offer, suspect: Suspect, now: number): boolean {
  const isPolled = offer.state === 'delayed' || offer.state === 'closed'
  return isPolled && offer.at === suspect.offer.at && now - suspect.receivedAt >= ASKED_AGAIN_MS
}
