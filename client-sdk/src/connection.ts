import { io, type Socket } from 'socket.io-client'
import {
  type ClientToServer,
  type ConnectRefusal,
  commands,
  events,
  type Refusal,
  type ServerToClient,
} from '../../src/protocol/events.js'
import type { Notification } from '../../src/protocol/notifications.js'
import type { Price, Valuation, ValuationUpdate } from '../../src/protocol/resources.js'
import { type ConnectionEvent, type ConnectionState, nextState } from './connection-state.js'
import { fromProblem, HartaError } from './errors.js'
import { Listeners, type Report, type Store } from './listeners.js'
import type { SeenNotice } from './notifications.js'
import { jitter, type Random } from './retry.js'
import type { SessionKeeper } from './session.js'

/**
 * The one socket of a client. It opens with the first claim, leaves a second after the last is given back, and
 * comes back by itself with full jitter; only a connection that stood resets the back-off. Socket.IO's own
 * reconnection is off, because it neither returns after the server's refusal nor asks for a fresh token.
 */
export interface Arrivals {
  readonly up: () => void
  readonly down: () => void
  readonly snapshot: (valuation: Valuation) => void
  readonly update: (update: ValuationUpdate) => void
  readonly prices: (prices: readonly Price[]) => void
  /** Every notification; those that have an event of their own come by it once more, which nobody listens to. */
  readonly notification: (notification: Notification) => void
  readonly seen: (notice: SeenNotice) => void
}

export interface ConnectionOptions {
  readonly url: string
  readonly session: SessionKeeper
  readonly report: Report
  readonly random: Random
  /** How long the socket outlives its last watcher. */
  readonly lingerMs: number
  /** Base of the back-off. */
  readonly retryBaseMs: number
}

const RETRY_CAP_MS = 10_000
const CONNECT_DEADLINE_MS = 20_000
const ACK_DEADLINE_MS = 10_000

type HartaSocket = Socket<ServerToClient, ClientToServer>
type Command = (typeof commands)[keyof typeof commands]

export class Connection implements Store<ConnectionState> {
  readonly #options: ConnectionOptions
  readonly #arrivals: Arrivals
  readonly #listeners: Listeners
  readonly #unsubscribe: () => void
  #socket: HartaSocket | null = null
  #state: ConnectionState = 'idle'
  #claims = 0
  #timer: ReturnType<typeof setTimeout> | null = null
  #lingering: ReturnType<typeof setTimeout> | null = null
  #attempt = 0
  /** Rises with every attempt and every end, so that what an earlier one awaited does nothing. */
  #turn = 0
  #token: string | null = null
  #userId: string | null = null
  #renewedInVain = false

  constructor(options: ConnectionOptions, arrivals: Arrivals) {
    this.#options = options
    this.#arrivals = arrivals
    this.#listeners = new Listeners(options.report)
    this.#unsubscribe = options.session.subscribe(() => this.#sessionChanged())
    if (typeof addEventListener === 'function') addEventListener('online', this.#hurry)
  }

  get state(): ConnectionState {
    return this.#state
  }
  getSnapshot = (): ConnectionState => this.#state
  subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener)

  /** Keeps the connection wanted until the answer is called. */
  claim(): () => void {
    this.#claims += 1
    if (this.#lingering) clearTimeout(this.#lingering)
    this.#lingering = null
    this.#open()
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#claims -= 1
      if (this.#claims === 0) this.#lingering = setTimeout(() => this.#end('leave'), this.#options.lingerMs)
    }
  }

  /** Asks the server and waits for its ack. Throws HartaError: the problem of a refusal, `timeout`, `network`. */
  async ask<T>(command: Command, data: unknown): Promise<T> {
    const socket = this.#socket
    if (!socket?.connected) throw new HartaError('network', 'There is no connection to the server.')
    let answer: { ok: true; data: T } | Refusal
    try {
      answer = await (socket as Socket).timeout(ACK_DEADLINE_MS).emitWithAck(command, data)
    } catch (cause) {
      throw new HartaError('timeout', 'The server did not answer in time.', { cause })
    }
    if (!answer.ok) throw fromProblem(answer.problem)
    return answer.data
  }

  /** Ends the connection for good. */
  close(): void {
    this.#unsubscribe()
    if (typeof removeEventListener === 'function') removeEventListener('online', this.#hurry)
    if (this.#lingering) clearTimeout(this.#lingering)
    this.#end('close')
  }

  #open(): void {
    if (this.#claims === 0 || this.#options.session.getSnapshot() === null) return
    if (this.#state !== 'idle' && this.#state !== 'closed' && this.#state !== 'failed') return
    this.#attempt = 0
    this.#renewedInVain = false
    this.#go('open')
    void this.#try()
  }

  async #try(): Promise<void> {
    const turn = this.#begin()
    try {
      await this.#options.session.token()
    } catch {
      // A refused renewal has ended the session, which closes the connection; anything else is tried again.
      if (turn === this.#turn) this.#retry()
      return
    }
    if (turn !== this.#turn) return
    this.#timer = setTimeout(() => this.#lose(), CONNECT_DEADLINE_MS)
    this.#socket ??= this.#create()
    this.#socket.connect()
  }

  #create(): HartaSocket {
    const socket: HartaSocket = io(this.#options.url, {
      autoConnect: false,
      forceNew: true,
      reconnection: false,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      auth: (give) => {
        const held = this.#options.session.getSnapshot()
        this.#token = held?.accessToken ?? null
        this.#userId = held?.user.id ?? null
        give({ token: this.#token })
      },
    })
    socket.on('connect', () => {
      this.#begin()
      this.#attempt = 0
      this.#renewedInVain = false
      this.#go('up')
      this.#arrivals.up()
    })
    socket.on('connect_error', (error) => this.#refused((error as { data?: ConnectRefusal }).data))
    socket.on('disconnect', (reason) => {
      this.#arrivals.down()
      if (reason !== 'io client disconnect') this.#retry()
    })
    const { snapshot, update, prices, notification, seen } = this.#arrivals
    socket.on(events.snapshot, snapshot)
    socket.on(events.update, update)
    socket.on(events.prices, prices)
    socket.on(events.notification, notification)
    socket.on(events.seen, seen)
    socket.on(events.expiring, () => void this.#prolong())
    socket.on(events.draining, ({ retryAfterMs }) => {
      this.#lose(retryAfterMs * (1 + this.#options.random()))
    })
    return socket
  }

  #refused(refusal: ConnectRefusal | undefined): void {
    if (refusal?.code === 'token-expired' && !this.#renewedInVain) {
      this.#renewedInVain = true
      const turn = this.#begin()
      this.#options.session.renew(this.#token ?? undefined).then(
        () => turn === this.#turn && void this.#try(),
        () => turn === this.#turn && this.#retry(),
      )
    } else if (refusal && !refusal.retryable && refusal.code !== 'token-expired') {
      this.#end('refuse')
    } else {
      this.#retry()
    }
  }

  /** Gives the server a new token before the old one ends, so that the socket lives on. */
  async #prolong(): Promise<void> {
    try {
      const { accessToken } = await this.#options.session.renew(this.#token ?? undefined)
      this.#token = accessToken
      await this.ask(commands.renew, { token: accessToken })
    } catch {
      // The server ends the socket when the old token does, and the next attempt asks for a token again.
    }
  }

  #lose(delayMs?: number): void {
    this.#socket?.disconnect()
    this.#retry(delayMs)
  }

  #retry(delayMs?: number): void {
    this.#begin()
    this.#go('down')
    if (this.#state !== 'reconnecting') return
    const waitMs =
      delayMs ?? jitter(this.#attempt, this.#options.retryBaseMs, RETRY_CAP_MS, this.#options.random)
    this.#attempt += 1
    this.#timer = setTimeout(() => void this.#try(), waitMs)
  }

  /** The network came back: there is nothing to wait for any more. */
  readonly #hurry = (): void => {
    if (this.#state !== 'reconnecting' || this.#timer === null) return
    this.#socket?.disconnect()
    void this.#try()
  }

  #sessionChanged(): void {
    const held = this.#options.session.getSnapshot()
    const under =
      this.#state === 'connected' || this.#state === 'connecting' || this.#state === 'reconnecting'
    if (held === null || (under && this.#userId !== null && this.#userId !== held.user.id)) this.#end('close')
    this.#open()
  }

  #end(event: 'leave' | 'close' | 'refuse'): void {
    this.#begin()
    this.#userId = null
    this.#go(event)
    this.#socket?.disconnect()
  }

  /** Starts a new turn: no timer of the last one is left. */
  #begin(): number {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    this.#turn += 1
    return this.#turn
  }

  #go(event: ConnectionEvent): void {
    const next = nextState(this.#state, event)
    if (next === this.#state) return
    this.#state = next
    this.#listeners.notify()
  }
}
