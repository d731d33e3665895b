import { readFile, stat } from 'node:fs/promises'
import { currencyOf, lastTradingDay, type Market, marketOf } from '../../instruments/markets.js'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import { readQuotesFile } from './quotes-file.js'
import type { SourceQuote } from './source.js'
import type { SourceStatus } from './source-door.js'
import type { LaneAnswer, SourceLane } from './source-lane.js'

const CHECK_MS = 5_000
const DAY_MS = 24 * 3_600_000
/** An unlisted fund is priced once on working days; its price stands until the next one, over a weekend too. */
const UNLISTED_MS = 4 * DAY_MS

/**
 * The operator's file of quotes as a source. It is read at the start and when it has changed; what it said last
 * stands while it cannot be read. A price that has a date and no time is taken as of the end of that day's
 * trading, where the symbol's market is known.
 */
export class FileLane implements SourceLane {
  readonly id = 'csv'
  readonly batch = 1_000
  readonly paceMs = 0
  readonly isWitness = false
  readonly #options: {
    readonly path: string
    readonly changed: (symbols: Iterable<string>) => void
    readonly clock: Clock
    readonly log: Log
  }
  #quotes: ReadonlyMap<string, SourceQuote> = new Map()
  /** Symbols that were of no use since the file was read. */
  readonly #refused = new Set<string>()
  readonly #failures = new Map<string, number>()
  /** What the file looked like when it was read last. */
  #version = ''
  #checks = 0
  #reads = 0
  #readAt: number | null = null
  #checking: Promise<void> | null = null
  #stopChecking: (() => void) | null = null

  constructor(options: {
    readonly path: string
    readonly changed: (symbols: Iterable<string>) => void
    readonly clock: Clock
    readonly log: Log
  }) {
    this.#options = options
  }

  start(): void {
    this.#stopChecking ??= this.#options.clock.every(CHECK_MS, () => this.#check())
    this.#check()
  }

  async stop(): Promise<void> {
    this.#stopChecking?.()
    this.#stopChecking = null
    await this.#checking
  }

  serves(symbol: string): boolean {
    return this.#quotes.has(symbol) && !this.#refused.has(symbol)
  }

  waitMs(): number {
    return 0
  }

  async ask(symbols: readonly string[]): Promise<LaneAnswer> {
    return new Map(symbols.flatMap((symbol) => this.#quoteOf(symbol)))
  }

  refuse(symbol: string, { reason }: { readonly reason: string }): void {
    this.#count(reason)
    this.#refused.add(symbol)
  }

  accept(): void {}

  forget(): void {}

  status(symbols: number): SourceStatus {
    return {
      id: this.id,
      breaker: 'closed',
      asked: this.#checks,
      answered: this.#reads,
      failures: Object.fromEntries(this.#failures),
      rateLimited: 0,
      lastAnswerAgeMs: this.#readAt === null ? null : Math.max(0, this.#options.clock.now() - this.#readAt),
      symbols,
      unknown: [],
    }
  }

  #check(): void {
    this.#checking ??= this.#read().finally(() => {
      this.#checking = null
    })
  }

  async #read(): Promise<void> {
    const { path, clock, log, changed } = this.#options
    this.#checks += 1
    try {
      const { mtimeMs, size } = await stat(path)
      const version = `${mtimeMs} ${size}`
      if (version === this.#version) return
      const { quotes, faults } = readQuotesFile(await readFile(path, 'utf8'))
      this.#version = version
      this.#quotes = quotes
      this.#refused.clear()
      this.#reads += 1
      this.#readAt = clock.now()
      for (const { line, reason } of faults.slice(0, MOST_LOGGED)) {
        log.warn({ source: this.id, line, reason }, 'a line of the file of quotes is of no use')
      }
      for (const { reason } of faults) this.#count(reason)
    } catch {
      this.#count('unreadable')
      return
    }
    if (this.#stopChecking) changed(this.#quotes.keys())
  }

  #quoteOf(symbol: string): readonly [string, SourceQuote][] {
    const quote = this.#quotes.get(symbol)
    if (!quote) return []
    const market = marketOf(symbol)
    if (market) return [[symbol, { ...quote, at: timeOf(market, quote.at, this.#options.clock.now()) }]]
    return [[symbol, currencyOf(symbol) === null ? { ...quote, delayMs: UNLISTED_MS } : quote]]
  }

  #count(reason: string): void {
    this.#failures.set(reason, (this.#failures.get(reason) ?? 0) + 1)
  }
}

const MOST_LOGGED = 10

/** 00:00 UTC stands for a date; trading of that date is over at its close. */
function timeOf(market: Market, at: number, now: number): number {
  if (at % DAY_MS !== 0) return at
  const date = new Date(at).toISOString().slice(0, 10)
  const day = lastTradingDay(market, at + DAY_MS)
  return day.date === date && day.close <= now ? day.close : at
}
