import { type Pair, parsePair } from '../instruments/symbol.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Tick } from '../prices/tick.js'
import { Connection, type ConnectionState, type TimedTick } from './connection.js'
import { ConnectBudget } from './connects.js'
import type { Venue } from './venue.js'

export interface VenueStatus {
  readonly venue: string
  readonly simulated: boolean
  /** Of the connection that is worst off; `idle` while nothing is wanted. */
  readonly state: ConnectionState
  readonly connections: number
  readonly symbols: number
  /** Ms since the last price of any symbol; null before the first. */
  readonly lastTickAgeMs: number | null
  /** Events by a fixed set of words: tick, connect, reconnect, rollover, refused, silent, price-zero, ... */
  readonly counts: Readonly<Record<string, number>>
  /** Instrument symbols that the venue refused, and its own words. */
  readonly refused: readonly { readonly symbol: string; readonly reason: string }[]
  /** Instrument symbols that the venue accepted and never told a price of. */
  readonly silent: readonly string[]
}

export interface LaneOptions {
  readonly venue: Venue
  readonly url: string
  /** Whether its prices are invented. */
  readonly simulated: boolean
  readonly accept: (tick: Tick) => void
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly refused: (lane: VenueLane, symbol: string) => void
}

interface Shard {
  readonly connection: Connection
  /** Venue symbols, at most `maxSymbols`. */
  readonly symbols: Set<string>
}

const WORST_FIRST: readonly ConnectionState[] = [
  'waiting',
  'connecting',
  'subscribed',
  'live',
  'idle',
  'stopped',
]

/** All that goes to one venue: as many connections as its symbols need, and what became of them. */
export class VenueLane {
  readonly id: string
  readonly #options: LaneOptions
  readonly #connects: ConnectBudget
  readonly #counts = new Map<string, number>()
  readonly #refused = new Map<string, string>()
  /** Venue symbol to instrument symbol. */
  readonly #instruments = new Map<string, string>()
  readonly #closing = new Set<Promise<void>>()
  #shards: Shard[] = []
  #running = false
  #lastTickAt: number | null = null

  constructor(options: LaneOptions) {
    this.id = options.venue.id
    this.#options = options
    this.#connects = new ConnectBudget(options.venue.limits.connectsPer)
  }

  /** What the venue calls this pair; null when it does not quote it. */
  names(pair: Pair): string | null {
    return this.#options.venue.symbol(pair)
  }

  start(): void {
    this.#running = true
    for (const shard of this.#shards) shard.connection.start()
  }

  async stop(): Promise<void> {
    this.#running = false
    await Promise.all([...this.#shards.map((shard) => shard.connection.stop()), ...this.#closing])
  }

  /** The full set of instrument symbols that this venue serves. */
  want(symbols: readonly string[]): void {
    const wanted = new Map(symbols.flatMap((symbol) => this.#named(symbol)))
    for (const name of this.#instruments.keys()) if (!wanted.has(name)) this.#leave(name)
    for (const [name, symbol] of wanted) if (!this.#instruments.has(name)) this.#enter(name, symbol)
    for (const shard of this.#shards) shard.connection.setSymbols(shard.symbols)
    for (const shard of this.#shards.filter(({ symbols: { size } }) => size === 0)) this.#close(shard)
  }

  /** Nobody wants this symbol any more: what was known of it goes too. */
  forget(symbol: string): void {
    this.#refused.delete(symbol)
  }

  status(): VenueStatus {
    const { venue, simulated, clock } = this.#options
    const states = this.#shards.map((shard) => shard.connection.state)
    const silent = this.#shards.flatMap((shard) => shard.connection.silentSymbols)
    return {
      venue: venue.id,
      simulated,
      state: WORST_FIRST.find((state) => states.includes(state)) ?? (this.#running ? 'idle' : 'stopped'),
      connections: this.#shards.length,
      symbols: this.#instruments.size,
      lastTickAgeMs: this.#lastTickAt === null ? null : Math.max(0, clock.now() - this.#lastTickAt),
      counts: Object.fromEntries(this.#counts),
      refused: [...this.#refused].map(([symbol, reason]) => ({ symbol, reason })),
      silent: silent.flatMap((name) => this.#instruments.get(name) ?? []),
    }
  }

  #named(symbol: string): [string, string][] {
    const pair = parsePair(symbol)
    const name = pair && this.names(pair)
    return name ? [[name, symbol]] : []
  }

  #enter(name: string, symbol: string): void {
    this.#instruments.set(name, symbol)
    this.#refused.delete(symbol)
    const { maxSymbols } = this.#options.venue.limits
    const shard = this.#shards.find(({ symbols }) => symbols.size < maxSymbols) ?? this.#open()
    shard.symbols.add(name)
  }

  #leave(name: string): void {
    this.#instruments.delete(name)
    for (const { symbols } of this.#shards) symbols.delete(name)
  }

  #open(): Shard {
    const { venue, url, clock, random, log } = this.#options
    const connection = new Connection({
      venue,
      url,
      clock,
      random,
      log,
      connects: this.#connects,
      onTick: (tick) => this.#tick(tick),
      onRefused: (name, reason) => this.#refuse(name, reason),
      count: (reason) => this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1),
    })
    const shard: Shard = { connection, symbols: new Set() }
    this.#shards.push(shard)
    if (this.#running) connection.start()
    return shard
  }

  #close(shard: Shard): void {
    this.#shards = this.#shards.filter((other) => other !== shard)
    const closing = shard.connection.stop().finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }

  #tick(tick: TimedTick): void {
    const symbol = this.#instruments.get(tick.symbol)
    if (symbol === undefined) return
    this.#lastTickAt = this.#options.clock.now()
    this.#options.accept({ symbol, source: this.id, price: tick.price, at: tick.at, order: tick.order })
  }

  #refuse(name: string, reason: string): void {
    const symbol = this.#instruments.get(name)
    if (symbol === undefined) return
    this.#refused.set(symbol, reason)
    this.#options.refused(this, symbol)
  }
}
