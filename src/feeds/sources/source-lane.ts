import type { Clock } from '../../lib/clock.js'
import type { NoQuote, QuoteSource, SourceQuote } from './source.js'
import { type DoorOptions, SourceDoor, type SourceStatus } from './source-door.js'

/** A source in the order of a QuoteDesk: one that is asked by HTTP, or a file. */
export interface SourceLane {
  readonly id: string
  /** Symbols in one question. */
  readonly batch: number
  /** The least ms between two questions that its limits bear for ever, with some left for what is new. */
  readonly paceMs: number
  /** Whether what it tells is news of the market, and not what somebody wrote down. */
  readonly isWitness: boolean
  start(): void
  stop(): Promise<void>
  /** Whether it names the symbol, and has not told lately that it has no price of it. */
  serves(symbol: string, now: number): boolean
  /** Ms until it may be asked: 0 now, Infinity while it fails. */
  waitMs(now: number): number
  /** What it says of these symbols. Never rejects. */
  ask(symbols: readonly string[]): Promise<LaneAnswer>
  /** What it told of this symbol is of no use: it is not asked for it for a while. */
  refuse(symbol: string, useless: Useless): void
  /** What it told of this symbol is of use. */
  accept(symbol: string): void
  /** Forgets refusals that have run out of symbols that nobody wants. */
  forget(isWanted: (symbol: string) => boolean): void
  /** `symbols`: how many it serves. */
  status(symbols: number): SourceStatus
}

/** `later`: it was not asked; `refused`: it says nothing. */
export type LaneAnswer = ReadonlyMap<string, SourceQuote | NoQuote> | 'later' | 'refused'

/** Why what a source told of a symbol is of no use. */
export interface Useless {
  /** `behind`: another source has a newer price. */
  readonly missing: NoQuote['missing'] | 'behind'
  /** A word of a fixed set. */
  readonly reason: string
  /** For how long, where that is known. */
  readonly forMs?: number
}

/** How long a source is not asked for a symbol; four times as long each time in a row, a day at most. */
const REFUSED_MS: Readonly<Record<Useless['missing'], number>> = {
  unknown: 3_600_000,
  unusable: 600_000,
  behind: 3_600_000,
}
const LONGEST_REFUSED_MS = 24 * 3_600_000
/** Of the questions that the limits allow, this part is spent on what is known already. */
const ROUTINE_PART = 0.8

interface Refusal {
  readonly missing: Useless['missing']
  readonly times: number
  readonly until: number
}

export interface AskedLaneOptions extends DoorOptions {
  readonly source: QuoteSource
  readonly base: string
  readonly key: string | null
}

/** A source that is asked by HTTP, one question at a time. */
export class AskedLane implements SourceLane {
  readonly id: string
  readonly batch: number
  readonly paceMs: number
  readonly isWitness = true
  readonly #source: QuoteSource
  readonly #base: string
  readonly #key: string | null
  readonly #clock: Clock
  readonly #door: SourceDoor
  readonly #refusals = new Map<string, Refusal>()
  #isBusy = false
  #readyAt = 0

  constructor(options: AskedLaneOptions) {
    const { source, base, key, clock } = options
    this.id = source.id
    this.batch = source.batch
    this.paceMs = Math.max(...source.limits.map(({ count, windowMs }) => windowMs / count)) / ROUTINE_PART
    this.#source = source
    this.#base = base
    this.#key = key
    this.#clock = clock
    this.#door = new SourceDoor(options)
  }

  start(): void {}

  async stop(): Promise<void> {}

  serves(symbol: string, now: number): boolean {
    return this.#source.name(symbol) !== null && now >= (this.#refusals.get(symbol)?.until ?? 0)
  }

  waitMs(now: number): number {
    const { breaker } = this.#door
    if (breaker === 'open' || (breaker === 'half-open' && this.#isBusy)) return Number.POSITIVE_INFINITY
    return Math.max(this.#readyAt - now, this.#isBusy ? 1 : 0)
  }

  async ask(symbols: readonly string[]): Promise<LaneAnswer> {
    const named = symbols.map((symbol) => [symbol, this.#source.name(symbol) ?? ''] as const)
    const names = [...new Set(named.map(([, name]) => name))]
    this.#isBusy = true
    const told = await this.#door.ask(this.#source.question(this.#base, names, this.#key), (body) =>
      this.#source.read(body, names),
    )
    this.#isBusy = false
    if (told.kind === 'later') this.#readyAt = this.#clock.now() + told.waitMs
    if (told.kind !== 'quotes') return told.kind
    return new Map(
      named.flatMap(([symbol, name]) => {
        const quote = told.quotes.get(name)
        return quote ? [[symbol, quote]] : []
      }),
    )
  }

  refuse(symbol: string, { missing, reason, forMs }: Useless): void {
    this.#door.count(reason)
    const times = (this.#refusals.get(symbol)?.times ?? 0) + 1
    const growingMs = REFUSED_MS[missing] * 4 ** Math.min(times - 1, 10)
    const until = this.#clock.now() + Math.min(forMs ?? growingMs, LONGEST_REFUSED_MS)
    this.#refusals.set(symbol, { missing, times, until })
  }

  accept(symbol: string): void {
    this.#refusals.delete(symbol)
  }

  forget(isWanted: (symbol: string) => boolean): void {
    const now = this.#clock.now()
    for (const [symbol, { until }] of this.#refusals) {
      if (until <= now && !isWanted(symbol)) this.#refusals.delete(symbol)
    }
  }

  status(symbols: number): SourceStatus {
    const unknown = [...this.#refusals].flatMap(([symbol, { missing }]) =>
      missing === 'unknown' ? [symbol] : [],
    )
    return { ...this.#door.status(), symbols, unknown }
  }
}
