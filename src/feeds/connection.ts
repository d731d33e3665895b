import { Backoff } from '../lib/backoff.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import { ConnectBudget, pauseAfter } from './connects.js'
import { Pace } from './pace.js'
import { type Ending, Session, type SessionEvents } from './session.js'
import { Patience } from './silence.js'
import type { Venue, VenueTick } from './venue.js'

const BACKOFF = { baseMs: 1_000, capMs: 30_000 }

export type ConnectionState = 'stopped' | 'idle' | 'connecting' | 'subscribed' | 'live' | 'waiting'

/** How a connection is at one moment: how long it has told nothing, and how long it may. Times in ms. */
export interface Health {
  /** For how long there has been no open socket; 0 while there is one. */
  readonly downMs: number
  readonly framelessMs: number
  /** Null while too little is known of its pace. */
  readonly framelessAllowedMs: number | null
  /** Since a price of any symbol that was not known before, or since the start. */
  readonly silentMs: number
  readonly silentAllowedMs: number | null
}

/** A pause shorter than this is never taken for the end of prices or frames. */
const LEAST_PAUSE_MS = 3_500

/** The address of a new socket, or why there is none. Never rejects. */
export type Dial = () => Promise<{ readonly url: string } | Ending>

export interface ConnectionOptions {
  readonly venue: Venue
  /** The socket's address, or how it is asked for anew for each socket (see Venue.ticket). */
  readonly url: string | Dial
  /** What the venue asks for in its hello; null where none is configured. */
  readonly token?: string | null
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly onTick: (tick: VenueTick, receivedAt: number) => void
  /** The venue does not serve this symbol; it is not asked for again until it left the wanted set. */
  readonly onRefused: (symbol: string, reason: string) => void
  readonly count: (reason: string) => void
  /** The venue does not want to be dialled for so long. */
  readonly onHeld?: ((forMs: number) => void) | undefined
  /** Shared by all connections to one venue. */
  readonly connects?: ConnectBudget
}

/**
 * The one life that every venue's connection leads. Nothing a server does throws out of it.
 *
 *           setSymbols            open              first price
 *   idle ------------> connecting ----> subscribed ------------> live
 *    ^ no symbols          ^                |    gave up, closed  |
 *    |                     |   delay over   v                     v
 *    +---------------------+------------- waiting <---------------+
 *
 * The delay is drawn by full jitter and only a price resets it: a socket that opens, acknowledges and beats has
 * not proved anything yet. When a venue announces its cut, or shortly before a known one, a second session
 * (`#next`) is opened beside the first; prices of both count until the second is ready, then the first is
 * dropped and nothing that it still says is heard. A session that is neither is an old generation.
 */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #connects: ConnectBudget
  readonly #backoff: Backoff
  readonly #patience: Patience
  readonly #pace = new Pace()
  readonly #events: SessionEvents
  readonly #sessions = new Set<Session>()
  readonly #refused = new Set<string>()
  readonly #latest = new Map<string, VenueTick>()
  readonly #sampled = new Set<string>()
  #wanted: ReadonlySet<string> = new Set()
  #current: Session | null = null
  #next: Session | null = null
  #cancelRetry: (() => void) | null = null
  #cancelRollover: (() => void) | null = null
  /** The address that is being asked for; an answer to an older question is not heard. */
  #dialling: symbol | null = null
  #running = false
  #lastTickAt: number | null = null
  #startedAt = 0
  /** Since when there is no open socket although there should be; null while there is, or need not be. */
  #downSince: number | null = null

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#connects = options.connects ?? new ConnectBudget(options.venue.limits.connectsPer)
    this.#backoff = new Backoff({ ...BACKOFF, random: options.random })
    this.#patience = new Patience(options.venue.limits.silenceMs)
    this.#events = {
      opened: (session) => {
        if (session === this.#current) this.#downSince = null
      },
      ticks: (session, ticks) => this.#ticks(session, ticks),
      ready: (session) => this.#handOver(session),
      ending: (session) => this.#announcedEnd(session),
      refused: (session, symbols, reason) => this.#refuse(session, symbols, reason),
      unreadable: (reason, frame) => this.#unreadable(reason, frame),
      ended: (session, ending) => this.#ended(session, ending),
      count: options.count,
    }
  }

  get state(): ConnectionState {
    if (!this.#running) return 'stopped'
    if (this.#current) return this.#current.live ? 'live' : this.#current.opened ? 'subscribed' : 'connecting'
    if (this.#dialling) return 'connecting'
    return this.#cancelRetry ? 'waiting' : 'idle'
  }

  /** When the last price came, in ms since the epoch; null before the first. */
  get lastTickAt(): number | null {
    return this.#lastTickAt
  }

  health(now: number): Health {
    const frames = this.#current?.frames
    return {
      downMs: this.#downSince === null ? 0 : now - this.#downSince,
      framelessMs: now - (frames?.lastAt ?? now),
      framelessAllowedMs: frames?.allows(LEAST_PAUSE_MS) ?? null,
      silentMs: now - (this.#pace.lastAt ?? this.#startedAt),
      silentAllowedMs: this.#pace.allows(LEAST_PAUSE_MS),
    }
  }

  /** Symbols that the venue accepted and never told a price of. */
  get silentSymbols(): readonly string[] {
    return this.#current?.silentSymbols() ?? []
  }

  /** The whole set of venue symbols to hear; added and dropped on the open socket. */
  setSymbols(symbols: Iterable<string>): void {
    const all = new Set(symbols)
    for (const symbol of this.#refused) if (!all.has(symbol)) this.#refused.delete(symbol)
    for (const symbol of this.#latest.keys()) if (!all.has(symbol)) this.#latest.delete(symbol)
    this.#want(new Set([...all].filter((symbol) => !this.#refused.has(symbol))))
  }

  start(): void {
    this.#running = true
    this.#want(this.#wanted)
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#drop('stopped')
    await Promise.all([...this.#sessions].map((session) => session.done))
  }

  #want(symbols: ReadonlySet<string>): void {
    this.#wanted = symbols
    this.#current?.want(symbols)
    this.#next?.want(symbols)
    if (symbols.size === 0) this.#drop('no-symbols')
    else if (this.#running && !this.#current && !this.#cancelRetry && !this.#dialling) {
      this.#startedAt = this.#options.clock.now()
      this.#downSince = this.#startedAt
      this.#open()
    }
  }

  #drop(reason: string): void {
    this.#cancelRetry?.()
    this.#cancelRollover?.()
    this.#cancelRetry = this.#cancelRollover = this.#dialling = null
    this.#downSince = null
    this.#interrupted()
    const sessions = [this.#current, this.#next]
    this.#current = this.#next = null
    for (const session of sessions) session?.terminate(reason)
  }

  #interrupted(): void {
    this.#pace.interrupted()
    this.#patience.interrupted()
  }

  /** Opens the session that is missing: the current one, or else its successor. */
  #open(): void {
    const { url, clock, count } = this.#options
    const waitMs = this.#connects.take(clock.now())
    if (waitMs > 0) {
      count('connect-held')
      this.#openAfter(waitMs)
      return
    }
    count('connect')
    if (typeof url === 'string') this.#begin(url)
    else void this.#dial(url)
  }

  async #dial(dial: Dial): Promise<void> {
    const dialling = Symbol('dialling')
    this.#dialling = dialling
    const answer = await dial()
    if (this.#dialling !== dialling) return
    this.#dialling = null
    if ('url' in answer) this.#begin(answer.url)
    else this.#failed(answer)
  }

  #begin(url: string): void {
    const { venue, token, clock } = this.#options
    const session = new Session({
      venue,
      url,
      token: token ?? null,
      clock,
      symbols: this.#wanted,
      patienceMs: () => this.#patience.ms,
      events: this.#events,
    })
    this.#sessions.add(session)
    if (this.#current) this.#next = session
    else this.#adopt(session)
  }

  #openAfter(delayMs: number): void {
    this.#cancelRetry?.()
    this.#cancelRetry = this.#options.clock.after(delayMs, () => {
      this.#cancelRetry = null
      if (this.#running && this.#wanted.size > 0) this.#open()
    })
  }

  #adopt(session: Session): void {
    this.#current = session
    if (session.opened) this.#downSince = null
    this.#cancelRollover?.()
    this.#cancelRollover = null
    const { venue, clock, random } = this.#options
    if (!venue.limits.rolloverMs) return
    const [min, max] = venue.limits.rolloverMs
    const ageMs = clock.now() - session.bornAt
    this.#cancelRollover = clock.after(min + random() * (max - min) - ageMs, () => this.#replace())
  }

  /** Make before break: opens the successor; `#handOver` drops the old one once it is ready. */
  #replace(): void {
    if (this.#current && !this.#next && !this.#cancelRetry && !this.#dialling) this.#open()
  }

  #handOver(session: Session): void {
    if (session !== this.#next) return
    const old = this.#current
    this.#next = null
    this.#adopt(session)
    this.#options.count('rollover')
    old?.terminate('replaced')
  }

  #announcedEnd(session: Session): void {
    this.#options.count('ending')
    if (session === this.#next) session.terminate('ending')
    else this.#replace()
  }

  #ended(session: Session, ending: Ending): void {
    this.#sessions.delete(session)
    if (session !== this.#current && session !== this.#next) return
    if (ending.reason === 'silent') this.#patience.gaveUp()
    if (session === this.#next) this.#next = null
    else {
      this.#current = null
      this.#downSince ??= this.#options.clock.now()
      // A pause that we lost patience with may well have been the market's.
      if (ending.reason !== 'silent') this.#interrupted()
      const successor = this.#next
      this.#next = null
      if (successor) {
        this.#noted(ending)
        this.#adopt(successor)
        return
      }
    }
    this.#failed(ending)
  }

  /** Tells of the end, and stays away from the venue as long as it asked for; that time, in ms. */
  #noted(ending: Ending): number {
    const { count, log, venue, clock } = this.#options
    count(ending.reason)
    if (ending.status === 429) count('rate-limited')
    log.info({ venue: venue.id, ...ending }, 'exchange connection ended')
    const pauseMs = pauseAfter(ending)
    if (ending.status !== null && pauseMs > 0) {
      this.#connects.hold(clock.now() + pauseMs)
      this.#options.onHeld?.(pauseMs)
    }
    return pauseMs
  }

  #failed(ending: Ending): void {
    const pauseMs = this.#noted(ending)
    this.#options.count('reconnect')
    this.#openAfter(Math.max(this.#backoff.next(), pauseMs))
  }

  #refuse(session: Session, symbols: readonly string[], reason: string): void {
    const { count, log, venue, onRefused } = this.#options
    if (session !== this.#current && session !== this.#next) return
    count('refused')
    for (const symbol of symbols) {
      this.#refused.add(symbol)
      log.warn({ venue: venue.id, symbol, reason }, 'exchange refuses a symbol')
    }
    this.#want(new Set([...this.#wanted].filter((symbol) => !this.#refused.has(symbol))))
    for (const symbol of symbols) onRefused(symbol, reason)
  }

  #unreadable(reason: string, frame: string): void {
    const { count, log, venue } = this.#options
    count(reason)
    if (this.#sampled.has(reason)) return
    this.#sampled.add(reason)
    log.warn({ venue: venue.id, reason, frame: frame.slice(0, 300) }, 'exchange sent what we cannot use')
  }

  #ticks(session: Session, ticks: readonly VenueTick[]): void {
    const { clock, count } = this.#options
    if (session !== this.#current && session !== this.#next) return
    const now = clock.now()
    for (const tick of ticks) {
      if (!this.#wanted.has(tick.symbol)) {
        count('unasked')
        continue
      }
      // Prices of a session that is to be replaced prove nothing about the one that cannot be opened.
      if (session === this.#next || (!this.#next && !this.#cancelRetry)) this.#backoff.reset()
      this.#lastTickAt = now
      if (isNews(this.#latest.get(tick.symbol), tick)) {
        this.#patience.news(now)
        this.#pace.event(now)
      }
      this.#latest.set(tick.symbol, tick)
      this.#handOn(tick, now)
    }
  }

  #handOn(tick: VenueTick, receivedAt: number): void {
    const { onTick, count, log } = this.#options
    count('tick')
    try {
      onTick(tick, receivedAt)
    } catch (error) {
      count('consumer-error')
      log.error({ err: error, symbol: tick.symbol }, 'a price could not be handed on')
    }
  }
}

function isNews(known: VenueTick | undefined, tick: VenueTick): boolean {
  return (
    known === undefined || known.at !== tick.at || known.order !== tick.order || known.price !== tick.price
  )
}
