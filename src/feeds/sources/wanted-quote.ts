import { currencyOf, type Market, marketOf } from '../../instruments/markets.js'
import { LIVE_MS, type QuoteState, stateOf } from '../../instruments/quote-state.js'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { Offer } from '../../prices/tick.js'
import type { MarketDays } from './market-days.js'
import { jittered, nextAskAt } from './schedule.js'
import type { NoQuote, SourceQuote } from './source.js'
import type { SourceLane, Useless } from './source-lane.js'

/** What a source knows of an instrument beside its price. */
export interface Learned {
  /** Who told it. */
  readonly source: string
  readonly name: string
  readonly isin?: string
  readonly instrument?: 'STOCK' | 'FUND'
  readonly currency: string
}

export interface WantedQuoteOptions {
  readonly offer: (offer: Offer) => void
  readonly learned: (symbol: string, what: Learned) => void
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/** After a round that brought nothing, twice as long each time. */
const RETRY_MS = 15_000
const LONGEST_RETRY_MS = 120_000
/** Hosts have been seen to run seconds behind the exchanges' clocks. */
const FUTURE_TOLERANCE_MS = 15_000

/**
 * One wanted symbol: what was told of it, and how far the round of sources has come that is asked for it. A round
 * ends with the first fresh price, or when no source is left; its stale prices are offered all the same.
 */
export class WantedQuote {
  readonly symbol: string
  readonly market: Market | null
  dueAt: number
  /** Whether a question for it is under way. */
  isAsked = false
  readonly #options: WantedQuoteOptions
  readonly #days: MarketDays
  readonly #currency: string | null
  /** Sources that have been of no use in this round, and those of them whose price was stale. */
  readonly #tried = new Set<SourceLane>()
  readonly #behind = new Set<SourceLane>()
  /** The newest price, and what has been offered of it. */
  #told: { readonly lane: SourceLane; readonly quote: SourceQuote } | null = null
  #offered: QuoteState | null = null
  #isHeard = false
  /** Rounds in a row that brought nothing. */
  #fruitless = 0
  #learned = ''

  constructor(symbol: string, days: MarketDays, options: WantedQuoteOptions) {
    this.symbol = symbol
    this.market = marketOf(symbol)
    this.dueAt = options.clock.now()
    this.#currency = currencyOf(symbol)
    this.#options = options
    this.#days = days
  }

  /** Who told its price. */
  get home(): SourceLane | null {
    return this.#told?.lane ?? null
  }

  get isNew(): boolean {
    return !this.#told && this.#fruitless === 0
  }

  get isUnserved(): boolean {
    return !this.#told && this.#fruitless > 0
  }

  mayAsk(lane: SourceLane, now: number): boolean {
    return !this.#tried.has(lane) && lane.serves(this.symbol, now)
  }

  /** This source says nothing in this round. */
  pass(lane: SourceLane): void {
    this.#tried.add(lane)
  }

  /** Takes what a source told; true when it is a fresh price, with which the round may end. */
  hear(lane: SourceLane, told: SourceQuote | NoQuote): boolean {
    const now = this.#options.clock.now()
    this.#tried.add(lane)
    if ('missing' in told) {
      lane.refuse(this.symbol, told)
      return false
    }
    const useless = this.#uselessness(told, now)
    if (useless) {
      lane.refuse(this.symbol, useless)
      return false
    }
    lane.accept(this.symbol)
    this.#isHeard = true
    if (told.at >= (this.#told?.quote.at ?? 0)) this.#told = { lane, quote: told }
    if (this.market && lane.isWitness) this.#days.hear(this.market, this.symbol, { ...told, heardAt: now })
    this.#learn(told, lane.id)
    this.#offer(now)
    if (this.#stateOf(told, now).freshUntil <= now) {
      this.#behind.add(lane)
      return false
    }
    for (const other of this.#behind) other.refuse(this.symbol, { missing: 'behind', reason: 'behind' })
    return true
  }

  /** Makes it due again: when there ought to be news, if anything was heard in this round, else to try once more. */
  endRound(periodMs: number): void {
    const { clock, random } = this.#options
    const now = clock.now()
    if (this.#told && this.#offered && this.#isHeard) {
      const { market } = this
      const { quote } = this.#told
      const isFresh = this.#offered.freshUntil > now
      const holidays = this.#days.holidays(market)
      this.dueAt = nextAskAt({ now, market, holidays, quote, isFresh, periodMs, random })
      this.#fruitless = 0
    } else {
      const pauseMs = Math.min(RETRY_MS * 2 ** Math.min(this.#fruitless, 10), LONGEST_RETRY_MS)
      this.dueAt = now + jittered(pauseMs, random)
      this.#fruitless += 1
    }
    this.#isHeard = false
    this.#tried.clear()
    this.#behind.clear()
  }

  /** Offers its price anew if what it is worth has changed: it has aged, or its market has (`hasMoved`). */
  review(now: number, hasMoved: boolean): void {
    if (!this.#told || !this.#offered) return
    const isAged = this.#offered.state === 'live' && now > this.#told.quote.at + LIVE_MS
    if (!isAged && !hasMoved) return
    const { state, freshUntil } = this.#stateOf(this.#told.quote, now)
    if (state !== this.#offered.state || freshUntil !== this.#offered.freshUntil) this.#offer(now)
  }

  #stateOf(quote: SourceQuote, now: number): QuoteState {
    return stateOf(quote, this.market, now, this.#days.holidays(this.market))
  }

  /** Why a price cannot be offered; null when it can. */
  #uselessness(told: SourceQuote, now: number): Useless | null {
    if (this.#currency !== null && told.currency !== this.#currency) {
      return { missing: 'unusable', reason: 'currency-mismatch' }
    }
    if (told.at <= now + FUTURE_TOLERANCE_MS) return null
    return { missing: 'unusable', reason: 'ahead', forMs: told.at - now }
  }

  #offer(now: number): void {
    if (!this.#told) return
    const { symbol } = this
    const { price, at, currency } = this.#told.quote
    const source = this.#told.lane.id
    const state = this.#stateOf(this.#told.quote, now)
    this.#offered = state
    this.#tell(() => this.#options.offer({ symbol, source, price, at, order: null, currency, ...state }))
  }

  #learn({ name, isin, instrument, currency }: SourceQuote, source: string): void {
    if (name === undefined) return
    const what = { source, name, currency, ...(isin ? { isin } : {}), ...(instrument ? { instrument } : {}) }
    const text = JSON.stringify(what)
    if (text === this.#learned) return
    this.#learned = text
    this.#tell(() => this.#options.learned(this.symbol, what))
  }

  /** Whoever is told may fail; the desk goes on. */
  #tell(tell: () => void): void {
    try {
      tell()
    } catch (error) {
      this.#options.log.error({ err: error, symbol: this.symbol }, 'a price could not be handed on')
    }
  }
}
