import { type RawData, WebSocket } from 'ws'
import type { Clock } from '../lib/clock.js'
import { retryAfter } from './ask.js'
import { Pace } from './pace.js'
import { Subscriptions } from './subscriptions.js'
import { malformed, type Reading, type SessionMemory, type Venue, type VenueTick } from './venue.js'

const HANDSHAKE_MS = 10_000
const MAX_FRAME_BYTES = 1024 * 1024

/** Why a socket ended, in a fixed set of words, and how long the venue asked us to stay away. */
export interface Ending {
  readonly reason: string
  readonly status: number | null
  readonly retryAfterMs: number | null
}

export interface SessionEvents {
  opened(session: Session): void
  ticks(session: Session, ticks: readonly VenueTick[]): void
  /** Prices flow and every wanted symbol has been asked for: it may take over. Told once. */
  ready(session: Session): void
  /** The venue announced its cut. */
  ending(session: Session): void
  refused(session: Session, symbols: readonly string[], reason: string): void
  unreadable(reason: string, frame: string): void
  ended(session: Session, ending: Ending): void
  count(reason: string): void
}

/**
 * One socket from the dial to its end; whatever the server does, its end is told exactly once. It sends what
 * Subscriptions wants at the venue's pace, hears frames, and gives itself up when the handshake takes too long,
 * when nothing at all comes, or when no price comes (see silence.ts). It never reconnects: that is the
 * Connection's part. Give-ups use terminate(): a polite close waits for an answer that a dead peer never sends.
 */
export class Session {
  readonly bornAt: number
  /** Resolves when the socket is closed. */
  readonly done: Promise<void>
  readonly #venue: Venue
  readonly #clock: Clock
  readonly #events: SessionEvents
  readonly #patienceMs: () => number
  readonly #socket: WebSocket
  readonly #subscriptions: Subscriptions
  readonly #memory: SessionMemory = new Map()
  readonly #token: string | null
  readonly #stopBeat: () => void
  /** All that comes, heartbeats and protocol pings included. */
  readonly frames = new Pace()
  #pingedAt = 0
  #pings = 0
  /** Since when a price is awaited; null while nothing is subscribed. */
  #awaitedSince: number | null = null
  #reason: string | null = null
  #status: number | null = null
  #retryAfterMs: number | null = null
  #ready = false
  /** Whether symbols may be asked for: at once, or after the venue's welcome. */
  #welcome: boolean
  opened = false
  live = false

  constructor(options: {
    venue: Venue
    url: string
    token: string | null
    clock: Clock
    symbols: ReadonlySet<string>
    patienceMs: () => number
    events: SessionEvents
  }) {
    this.#venue = options.venue
    this.#clock = options.clock
    this.#events = options.events
    this.#patienceMs = options.patienceMs
    this.#token = options.token
    this.#welcome = options.venue.hello === undefined
    this.#subscriptions = new Subscriptions(options.venue, this.#memory)
    this.#subscriptions.want(options.symbols)
    this.bornAt = options.clock.now()
    this.frames.event(this.bornAt)
    this.#socket = new WebSocket(options.url, { perMessageDeflate: false, maxPayload: MAX_FRAME_BYTES })
    this.#stopBeat = options.clock.every(1000 / options.venue.limits.messagesPerSecond, () => this.#beat())
    this.done = new Promise((resolve) => this.#listen(resolve))
  }

  want(symbols: ReadonlySet<string>): void {
    this.#subscriptions.want(symbols)
    if (symbols.size === 0) this.#awaitedSince = null
  }

  silentSymbols(): string[] {
    return this.#subscriptions.silent(this.#clock.now())
  }

  terminate(reason: string): void {
    this.#reason ??= reason
    this.#socket.terminate()
  }

  #listen(closed: () => void): void {
    const socket = this.#socket
    socket.on('open', () => {
      this.opened = true
      this.#pingedAt = this.#clock.now()
      this.frames.event(this.#pingedAt)
      const hello = this.#venue.hello?.(this.#token)
      if (typeof hello === 'string') this.#say(hello)
      this.#send()
      this.#events.opened(this)
    })
    socket.on('message', (data) => this.#frame(data))
    socket.on('ping', () => this.frames.event(this.#clock.now()))
    socket.on('unexpected-response', (_request, response) => {
      this.#status = response.statusCode ?? null
      this.#retryAfterMs = retryAfter(response.headers['retry-after'], this.#clock.now())
      this.terminate('handshake-refused')
    })
    socket.on('error', (error) => {
      this.terminate(isTooLarge(error) ? 'frame-too-large' : 'socket-error')
    })
    socket.on('close', () => {
      this.#stopBeat()
      closed()
      this.#events.ended(this, {
        reason: this.#reason ?? 'closed-by-venue',
        status: this.#status,
        retryAfterMs: this.#retryAfterMs,
      })
    })
  }

  #beat(): void {
    const now = this.#clock.now()
    const verdict = this.#verdict(now)
    if (verdict !== null) this.terminate(verdict)
    else if (this.opened) {
      if (this.#subscriptions.expire(now)) this.#events.count('answer-missing')
      this.#ping(now)
      this.#send()
      this.#tellReady()
    }
  }

  #ping(now: number): void {
    const { ping } = this.#venue
    if (!ping || now - this.#pingedAt < ping.everyMs) return
    this.#pingedAt = now
    this.#pings += 1
    this.#say(ping.frame(this.#pings, now))
  }

  #say(message: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(message, () => {}) // the close event follows
  }

  /** Why this socket is to be given up now; null while it is not. */
  #verdict(now: number): string | null {
    if (this.#socket.readyState === WebSocket.CLOSING) return 'closed-by-venue'
    if (!this.opened) return now - this.bornAt >= HANDSHAKE_MS ? 'handshake-timeout' : null
    if (!this.#welcome && now - this.bornAt >= HANDSHAKE_MS) return 'no-welcome'
    if (now - (this.frames.lastAt ?? this.bornAt) >= this.#venue.limits.idleMs) return 'idle'
    const awaited = this.#awaitedSince
    return awaited !== null && now - awaited >= this.#patienceMs() ? 'silent' : null
  }

  #send(): void {
    if (!this.#welcome) return
    const now = this.#clock.now()
    const message = this.#subscriptions.next(now)
    if (message === null || this.#socket.readyState !== WebSocket.OPEN) return
    this.#awaitedSince ??= now
    this.#say(message)
  }

  #frame(data: RawData): void {
    if (this.#reason !== null) return
    this.frames.event(this.#clock.now())
    const frame = String(data) // text or binary, a Buffer of UTF-8 either way
    this.#take(this.#read(frame), frame)
  }

  /** A reader promises not to throw; one that breaks its word costs its frame, not the process. */
  #read(frame: string): Reading {
    try {
      return this.#venue.read(frame, this.#memory)
    } catch {
      return malformed('reader-failed')
    }
  }

  #take(reading: Reading, frame: string): void {
    switch (reading.kind) {
      case 'ticks':
        this.#ticks(reading.ticks)
        for (const fault of reading.faults) this.#events.unreadable(fault, frame)
        break
      case 'several':
        for (const one of reading.readings) this.#take(one, frame)
        break
      case 'welcome':
        this.#welcome = true
        this.#send()
        break
      case 'acknowledged':
        this.#subscriptions.acknowledged(reading.symbols, reading.id)
        break
      case 'refused': {
        const symbols = this.#subscriptions.refused(reading.symbols, reading.id)
        this.#events.refused(this, symbols, reading.reason)
        break
      }
      case 'throttled':
        this.#events.count('throttled')
        this.#subscriptions.throttled(this.#clock.now())
        break
      case 'ending':
        this.#events.ending(this)
        break
      case 'malformed':
        this.#events.unreadable(reading.reason, frame)
        break
      default:
        this.#events.count(reading.kind)
    }
  }

  #ticks(ticks: readonly VenueTick[]): void {
    let asked = false
    for (const tick of ticks) asked = this.#subscriptions.heard(tick.symbol) || asked
    if (asked) {
      this.live = true
      this.#awaitedSince = this.#clock.now()
    }
    this.#events.ticks(this, ticks)
    this.#tellReady()
  }

  #tellReady(): void {
    if (this.#ready || !this.live || !this.#subscriptions.settled) return
    this.#ready = true
    this.#events.ready(this)
  }
}

function isTooLarge(error: Error): boolean {
  return (error as { code?: unknown }).code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
}
