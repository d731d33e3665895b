import type { Coordination } from '../../prices/coordination.js'
import type { Ask } from '../ask.js'
import { FileLane } from './file-lane.js'
import { MarketDays } from './market-days.js'
import type { QuoteSource } from './source.js'
import type { SourceStatus } from './source-door.js'
import { AskedLane, type SourceLane } from './source-lane.js'
import { WantedQuote, type WantedQuoteOptions } from './wanted-quote.js'

/** A source that is asked, or a file of quotes that the operator keeps. */
export type DeskSource =
  | { readonly source: QuoteSource; readonly base: string; readonly key: string | null }
  | { readonly file: string }

export interface QuoteDeskOptions extends WantedQuoteOptions {
  /** In order of preference. */
  readonly sources: readonly DeskSource[]
  readonly ask: Ask
  readonly coordination: Coordination
  /** The part of all workers' symbols that is this one's, as far as it knows: (0, 1]. */
  readonly share: () => number
}

export interface QuoteDeskStatus {
  readonly sources: readonly SourceStatus[]
  readonly wanted: number
  /** Wanted symbols of which no source has told a price. */
  readonly unserved: readonly string[]
}

interface Served {
  readonly all: number
  readonly held: number
}

const TICK_MS = 1_000
/** Between two questions for one symbol, at the least. */
const PERIOD_MS = 60_000
/** A source that can be asked only after longer than this is passed over. */
const LONGEST_WAIT_MS = 60_000

/**
 * Asks sources for the prices of what is wanted and no exchange tells: shares, and coins that no venue lists.
 *
 * A symbol that is due goes to the first source, in the given order, whose breaker lets it, that names it and has
 * not said lately that it has no price of it; when that brings nothing or a stale price, to the next in the same
 * round. What somebody holds goes before what is only watched, since anybody may watch any number of names; then
 * what is new before what is due. Each source is asked one question at a time. How often, says schedule.ts; the
 * period is stretched to what the source's limits bear for all symbols that it serves. What a price is worth is
 * reckoned when it comes, and again when its market opens, closes or shows to be on holiday.
 */
export class QuoteDesk {
  readonly #options: QuoteDeskOptions
  readonly #lanes: readonly SourceLane[]
  readonly #wanted = new Map<string, WantedQuote>()
  readonly #days = new MarketDays()
  #held: ReadonlySet<string> = new Set()
  /** How many wanted symbols each source has told last, and how many of them somebody holds. */
  #served: ReadonlyMap<SourceLane, Served> = new Map()
  #stopTicking: (() => void) | null = null

  constructor(options: QuoteDeskOptions) {
    this.#options = options
    this.#lanes = options.sources.map((entry) =>
      'file' in entry
        ? new FileLane({ ...options, path: entry.file, changed: (symbols) => this.#hurry(symbols) })
        : new AskedLane({ ...options, ...entry }),
    )
  }

  start(): void {
    this.#stopTicking ??= this.#options.clock.every(TICK_MS, () => this.#tick())
    for (const lane of this.#lanes) lane.start()
    this.#tick()
  }

  /** What is answered after this is not heard. */
  async stop(): Promise<void> {
    this.#stopTicking?.()
    this.#stopTicking = null
    await Promise.all(this.#lanes.map((lane) => lane.stop()))
  }

  /** The full set of instrument symbols to ask for, and what of it somebody holds: all, where that is not told. */
  want(symbols: Iterable<string>, held?: ReadonlySet<string>): void {
    const all = new Set(symbols)
    this.#held = held ?? all
    for (const [symbol, { market }] of this.#wanted) {
      if (all.has(symbol)) continue
      this.#wanted.delete(symbol)
      if (market) this.#days.forget(market, symbol)
    }
    for (const lane of this.#lanes) lane.forget((symbol) => all.has(symbol))
    for (const symbol of all) {
      if (!this.#wanted.has(symbol))
        this.#wanted.set(symbol, new WantedQuote(symbol, this.#days, this.#options))
    }
    this.#askDue()
  }

  status(): QuoteDeskStatus {
    const unserved = [...this.#wanted.values()].filter(({ isUnserved }) => isUnserved)
    return {
      sources: this.#lanes.map((lane) => lane.status(this.#served.get(lane)?.all ?? 0)),
      wanted: this.#wanted.size,
      unserved: unserved.map(({ symbol }) => symbol),
    }
  }

  #tick(): void {
    const now = this.#options.clock.now()
    const markets = new Set([...this.#wanted.values()].map(({ market }) => market))
    const moved = [...markets].filter((market) => market && this.#days.hasMoved(market, now))
    const served = new Map<SourceLane, Served>()
    for (const quote of this.#wanted.values()) {
      if (quote.home) {
        const { all, held } = served.get(quote.home) ?? { all: 0, held: 0 }
        served.set(quote.home, { all: all + 1, held: held + Number(this.#isHeld(quote)) })
      }
      quote.review(now, moved.includes(quote.market))
    }
    this.#served = served
    this.#askDue()
  }

  /** These are due now: the file that names them has changed. */
  #hurry(symbols: Iterable<string>): void {
    const now = this.#options.clock.now()
    for (const symbol of symbols) {
      const quote = this.#wanted.get(symbol)
      if (quote) quote.dueAt = now
    }
    this.#askDue()
  }

  #askDue(): void {
    if (!this.#stopTicking) return
    const now = this.#options.clock.now()
    const batches = new Map<SourceLane, WantedQuote[]>()
    for (const quote of this.#due(now)) {
      const lane = this.#laneFor(quote, now)
      if (lane === null) this.#endRound(quote)
      else if (lane !== 'busy') {
        const batch = batches.get(lane) ?? []
        batches.set(lane, batch)
        if (batch.length < lane.batch) batch.push(quote)
      }
    }
    for (const [lane, batch] of batches) void this.#ask(lane, batch)
  }

  /** What somebody holds comes first, and what has never been asked for. */
  #due(now: number): readonly WantedQuote[] {
    const rank = (quote: WantedQuote) => 2 * Number(this.#isHeld(quote)) + Number(quote.isNew)
    return [...this.#wanted.values()]
      .filter(({ isAsked, dueAt }) => !isAsked && dueAt <= now)
      .sort((a, b) => rank(b) - rank(a) || a.dueAt - b.dueAt)
  }

  #isHeld({ symbol }: WantedQuote): boolean {
    return this.#held.has(symbol)
  }

  /** The source that is to be asked for it; null when none is left in this round. */
  #laneFor(quote: WantedQuote, now: number): SourceLane | 'busy' | null {
    for (const lane of this.#lanes) {
      if (!quote.mayAsk(lane, now)) continue
      const waitMs = lane.waitMs(now)
      if (waitMs <= LONGEST_WAIT_MS) return waitMs > 0 ? 'busy' : lane
    }
    return null
  }

  async #ask(lane: SourceLane, batch: readonly WantedQuote[]): Promise<void> {
    for (const quote of batch) quote.isAsked = true
    const answer = await lane.ask(batch.map(({ symbol }) => symbol))
    for (const quote of batch) quote.isAsked = false
    if (!this.#stopTicking) return
    for (const quote of batch) {
      if (this.#wanted.get(quote.symbol) !== quote) continue
      if (answer === 'refused') quote.pass(lane)
      else if (answer !== 'later') {
        const told = answer.get(quote.symbol) ?? { missing: 'unusable', reason: 'not-told' }
        if (quote.hear(lane, told)) this.#endRound(quote)
      }
    }
    this.#askDue()
  }

  #endRound(quote: WantedQuote): void {
    quote.endRound(quote.home ? this.#periodMs(quote.home, this.#isHeld(quote)) : PERIOD_MS)
  }

  /**
   * Between questions for one symbol: what the source's limits bear for all that it serves, over all workers. What
   * somebody holds is not asked for more rarely because of what is only watched, which has what is left.
   */
  #periodMs(lane: SourceLane, isHeld: boolean): number {
    const { all, held } = this.#served.get(lane) ?? { all: 0, held: 0 }
    const symbols = Math.max(1, isHeld ? held : all) / Math.max(this.#options.share(), 0.01)
    return Math.max(PERIOD_MS, Math.ceil(symbols / lane.batch) * lane.paceMs)
  }
}
