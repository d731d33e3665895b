import { rateKey } from '../prices/rate-book.js'
import { encodeCoverage, encodeSnapshot, encodeUpdate } from './encode.js'
import {
  type Book,
  bookOf,
  isStale,
  type Market,
  movePrice,
  type Position,
  reasonOf,
  sumWorths,
  type Totals,
  value,
  valuePosition,
  type Worth,
} from './value.js'

/** A user's holdings as they are loaded for valuation. */
export interface LoadedPortfolio {
  /** Rises with every change of the holdings; tells whether what is watched is what is stored. */
  readonly version: number
  readonly currency: string
  readonly positions: readonly Position[]
  /** The next 00:00 in the user's zone, ms since the epoch: from then on the day references are others. */
  readonly dayEndsAt: number
}

/**
 * One watched portfolio: its worths as they were last told, under one epoch and a seq that rises by one with
 * every telling. A snapshot repeats what was last told; only `tell...` moves on.
 */
export class WatchedPortfolio {
  readonly epoch: string
  #seq = 0
  #at: number
  #loaded: LoadedPortfolio
  #book: Book
  #market: Market
  #worths: Worth[]
  #totals: Totals
  #coverage: string

  constructor(options: { epoch: string; loaded: LoadedPortfolio; market: Market; at: number }) {
    this.epoch = options.epoch
    this.#at = options.at
    this.#loaded = options.loaded
    this.#book = bookOf(options.loaded.positions)
    this.#market = options.market
    const { totals, worths } = value(this.#book, options.market)
    this.#worths = worths
    this.#totals = totals
    this.#coverage = encodeCoverage(this.#worths)
  }

  get seq(): number {
    return this.#seq
  }

  get loaded(): LoadedPortfolio {
    return this.#loaded
  }

  /** Everything as it was last told. */
  snapshot(): string {
    return encodeSnapshot(
      { epoch: this.epoch, seq: this.#seq, at: this.#at },
      this.#loaded.currency,
      this.#worths,
      this.#totals,
    )
  }

  /** Takes holdings that have changed and values them anew. */
  tellHoldings(loaded: LoadedPortfolio, market: Market, at: number): string {
    this.#loaded = loaded
    this.#book = bookOf(loaded.positions)
    this.#market = market
    const { totals, worths } = value(this.#book, market)
    this.#worths = worths
    this.#totals = totals
    this.#coverage = encodeCoverage(this.#worths)
    this.#seq += 1
    this.#at = at
    return this.snapshot()
  }

  /** Values the holdings at these places anew and writes the update that says so. */
  tellMoves(places: readonly number[], at: number): string {
    let covers = false
    const { cost } = this.#totals
    let totals: Totals | null = this.#totals
    for (const place of places) {
      const position = this.#loaded.positions[place]
      const before = this.#worths[place]
      if (!position || !before) continue
      const now = valuePosition(position, this.#market)
      this.#worths[place] = now
      covers ||= reasonOf(now) !== reasonOf(before) || isStale(now) !== isStale(before)
      totals &&= movePrice(totals, before, now)
    }
    this.#totals = totals ?? sumWorths(this.#book, this.#worths)
    if (covers) this.#coverage = encodeCoverage(this.#worths)
    this.#seq += 1
    this.#at = at
    return encodeUpdate(
      { epoch: this.epoch, seq: this.#seq, at },
      this.#loaded.currency,
      this.#worths,
      this.#totals,
      places,
      this.#coverage,
      this.#totals.cost !== cost,
    )
  }
}

/** Most names stand at one place, which is kept without a list around it. */
export type Places = ReadonlyMap<string, number | readonly number[]>

/** The names (symbols and rates) on which each holding's value depends, place by place. */
export function dependencies(loaded: LoadedPortfolio): Places {
  const places = new Map<string, number | number[]>()
  const add = (name: string, place: number): void => {
    const known = places.get(name)
    if (known === undefined) places.set(name, place)
    else if (typeof known === 'number') places.set(name, [known, place])
    else known.push(place)
  }
  loaded.positions.forEach((position, place) => {
    if (position.byMarket && position.symbol !== null) add(position.symbol, place)
    if (position.currency !== loaded.currency) add(rateKey(position.currency, loaded.currency), place)
  })
  return places
}
