import type { Pair } from '../instruments/symbol.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import { Connection, type ConnectionState, type Dial, type Health } from './connection.js'
import { ConnectBudget } from './connects.js'
import { connectionFault } from './decision.js'
import { Leg, type Line } from './leg.js'
import type { Quotation } from './routes.js'
import type { Venue, VenueTick } from './venue.js'

/** A venue to listen to. */
export interface FeedSource {
  readonly venue: Venue
  /** The socket's address, or how it is asked for anew for each socket. */
  readonly url: string | Dial
  /** What the venue asks for in its hello; null where none is configured. */
  readonly token: string | null
  /** Whether its prices are invented. */
  readonly simulated: boolean
  /** Hears that the venue does not want to be dialled for so long. */
  readonly held?: (forMs: number) => void
}

export interface LaneStatus {
  readonly venue: string
  readonly simulated: boolean
  /** Of the connection that is worst off; `idle` while nothing is wanted. */
  readonly state: ConnectionState
  readonly connections: number
  readonly symbols: number
  /** Ms since the last price of any symbol; null before the first. */
  readonly lastTickAgeMs: number | null
  /** By how many ms prices reach us after the event, as is usual of late; null where no event time is told. */
  readonly lagMs: number | null
  /** Events by a fixed set of words: tick, connect, reconnect, rate-limited, rollover, refused, silent, ... */
  readonly counts: Readonly<Record<string, number>>
  /** Pairs that the venue accepted and has not told a price of for a minute or more. */
  readonly silent: readonly string[]
}

export interface LaneOptions extends FeedSource {
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly refused: (leg: Leg, reason: string) => void
}

interface Shard extends Line {
  readonly connection: Connection
  /** Venue symbols, at most `maxSymbols`. */
  readonly names: Set<string>
  health: Health
  isChanged: boolean
}

const WORST_FIRST: readonly ConnectionState[] = [
  'waiting',
  'connecting',
  'subscribed',
  'live',
  'idle',
  'stopped',
]

/**
 * All that goes to one venue: as many connections as its symbols need, and what became of them. When the last
 * symbol leaves a venue that is out of order, it is still asked for: somebody has to notice when the venue is back.
 */
export class VenueLane {
  readonly id: string
  readonly #options: LaneOptions
  readonly #connects: ConnectBudget
  readonly #counts = new Map<string, number>()
  /** By venue symbol. */
  readonly #legs = new Map<string, Leg>()
  readonly #closing = new Set<Promise<void>>()
  readonly #lag = new Lag()
  #shards: Shard[] = []
  #running = false
  #lastTickAt: number | null = null
  /** Since when none of its connections works; null while one does, or there is none. */
  #faultySince: number | null = null
  #probe: Leg | null = null

  constructor(options: LaneOptions) {
    this.id = options.venue.id
    this.#options = options
    this.#connects = new ConnectBudget(options.venue.limits.connectsPer)
  }

  start(): void {
    this.#running = true
    for (const shard of this.#shards) shard.connection.start()
  }

  async stop(): Promise<void> {
    this.#running = false
    await Promise.all([...this.#shards.map((shard) => shard.connection.stop()), ...this.#closing])
  }

  /** What the venue calls this pair by its own rule; null when it does not quote such a one. */
  spell(pair: Pair): string | null {
    return this.#options.venue.symbol(pair)
  }

  /** What is asked for under a venue symbol. */
  heard(name: string): Leg | undefined {
    return this.#legs.get(name)
  }

  /** Asks for a pair, with the next `flush`, or shares it with those who hear it already. */
  take({ venue, pair, name }: Quotation): Leg {
    const leg = this.#legs.get(name) ?? this.#enter({ venue, pair, name })
    if (leg === this.#probe) this.#probe = null
    leg.users += 1
    return leg
  }

  release(leg: Leg): void {
    leg.users -= 1
    if (leg.users > 0) return
    if (this.#faultySince !== null && this.#legs.size === 1) this.#probe = leg
    else this.#leave(leg)
  }

  /** Nothing is wanted of anybody, so it does not matter whether the venue is back. */
  dropProbe(): void {
    if (this.#probe) this.#leave(this.#probe)
    this.#probe = null
  }

  /** Tells the connections what has changed since the last time. */
  flush(): void {
    if (this.#faultySince === null) this.dropProbe()
    for (const shard of this.#shards) {
      if (!shard.isChanged) continue
      shard.isChanged = false
      shard.connection.setSymbols(shard.names)
    }
    for (const shard of this.#shards.filter(({ names: { size } }) => size === 0)) this.#close(shard)
  }

  /** Looks at every connection. */
  assess(now: number): void {
    let isFaulty = this.#shards.length > 0
    for (const shard of this.#shards) {
      shard.health = shard.connection.health(now)
      if (connectionFault(shard.health, null) === null) isFaulty = false
    }
    this.#faultySince = isFaulty ? (this.#faultySince ?? now) : null
  }

  /** For how long none of its connections has worked. */
  faultyMs(now: number): number {
    return this.#faultySince === null ? 0 : now - this.#faultySince
  }

  /** What was accepted a minute ago and never told a price, on connections that tell prices. */
  neverPriced(): readonly Leg[] {
    const working = this.#shards.filter((shard) => {
      const { silentMs, silentAllowedMs } = shard.health
      return shard.connection.lastTickAt !== null && silentMs <= (silentAllowedMs ?? WITHIN_MS)
    })
    const names = working.flatMap((shard) => shard.connection.silentSymbols)
    return names.flatMap((name) => this.#legs.get(name) ?? []).filter((leg) => leg.price === null)
  }

  status(): LaneStatus {
    const { venue, simulated, clock } = this.#options
    const now = clock.now()
    const states = this.#shards.map((shard) => shard.connection.state)
    const silent = this.#shards.flatMap((shard) => shard.connection.silentSymbols)
    return {
      venue: venue.id,
      simulated,
      state: WORST_FIRST.find((state) => states.includes(state)) ?? (this.#running ? 'idle' : 'stopped'),
      connections: this.#shards.length,
      symbols: this.#legs.size,
      lastTickAgeMs: this.#lastTickAt === null ? null : Math.max(0, now - this.#lastTickAt),
      lagMs: this.#lag.ms,
      counts: Object.fromEntries(this.#counts),
      silent: silent.flatMap((name) => this.#legs.get(name)?.pair ?? []),
    }
  }

  #enter({ venue, pair, name }: Quotation): Leg {
    const shard = this.#withRoom() ?? this.#open()
    shard.names.add(name)
    shard.isChanged = true
    const leg = new Leg({ venue, pair, name, simulated: this.#options.simulated, line: shard })
    this.#legs.set(name, leg)
    return leg
  }

  #leave(leg: Leg): void {
    this.#legs.delete(leg.name)
    for (const shard of this.#shards) if (shard.names.delete(leg.name)) shard.isChanged = true
  }

  #withRoom(): Shard | undefined {
    const { maxSymbols } = this.#options.venue.limits
    const roomy = this.#shards.filter(({ names: { size } }) => size < maxSymbols)
    return roomy.find((shard) => connectionFault(shard.health, null) === null) ?? roomy[0]
  }

  #open(): Shard {
    const { venue, url, token, clock, random, log } = this.#options
    const connection = new Connection({
      venue,
      url,
      token,
      clock,
      random,
      log,
      connects: this.#connects,
      onHeld: this.#options.held,
      onTick: (tick, receivedAt) => this.#tick(tick, receivedAt),
      onRefused: (name, reason) => this.#refuse(name, reason),
      count: (reason) => this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1),
    })
    const health = connection.health(clock.now())
    const shard: Shard = { connection, names: new Set(), health, isChanged: false }
    this.#shards.push(shard)
    if (this.#running) connection.start()
    return shard
  }

  #close(shard: Shard): void {
    this.#shards = this.#shards.filter((other) => other !== shard)
    const closing = shard.connection.stop().finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }

  #tick(tick: VenueTick, receivedAt: number): void {
    const leg = this.#legs.get(tick.symbol)
    if (leg === undefined) return
    this.#lastTickAt = receivedAt
    if (tick.at !== null) this.#lag.took(receivedAt - tick.at)
    leg.hear(tick, receivedAt)
  }

  #refuse(name: string, reason: string): void {
    const leg = this.#legs.get(name)
    if (leg === undefined) return
    if (leg === this.#probe) this.dropProbe()
    this.#options.refused(leg, reason)
  }
}

/** A connection whose pace is not known yet works when a price came within this. */
const WITHIN_MS = 60_000

const LAG_SHARE = 1 / 16
const MOST_LAG_STEP_MS = 2_000

/** The usual lag: a moving mean that one snapshot of an hour ago hardly moves. */
class Lag {
  #ms: number | null = null

  get ms(): number | null {
    return this.#ms === null ? null : Math.round(this.#ms)
  }

  took(ms: number): void {
    const known = this.#ms ?? 0
    const step = Math.max(-MOST_LAG_STEP_MS, Math.min(MOST_LAG_STEP_MS, ms - known))
    this.#ms = known + step * (this.#ms === null ? 1 : LAG_SHARE)
  }
}
