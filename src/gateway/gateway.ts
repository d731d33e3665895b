import { randomUUID } from 'node:crypto'
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { Server } from 'socket.io'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import type { Log } from '../lib/log.js'
import { type ClientToServer, type ConnectRefusal, events, type ServerToClient } from '../protocol/events.js'
import type { Notification } from '../protocol/notifications.js'
import type { Problem } from '../protocol/resources.js'
import type { Watch } from '../valuation/live.js'
import { type CommandHandlers, listen } from './commands.js'
import { type ReadUnseen, SocketInbox } from './inbox.js'
import { type HartaSocket, Outlet, type SocketData, StateEvent } from './outlet.js'
import { type PriceText, PriceWatch } from './price-watch.js'

/**
 * Private rooms. A socket says who it is by its access token and is put into the rooms of that user and session;
 * it cannot name a room. Valuations are state: each socket gets a snapshot, then updates, and one that cannot
 * take an update in time gets a fresh snapshot when it can. Notifications are events (inbox.ts). A socket ends with its token, unless it renews it,
 * and with its session, on every node.
 */
export class Gateway {
  readonly #io: Server<ClientToServer, ServerToClient, ServerFacts, SocketData>
  readonly #options: GatewayOptions
  readonly #outlets = new Map<string, Set<Outlet>>()
  readonly #watches = new Map<Outlet, Watch>()
  readonly #behind = new Set<Outlet>()
  /** Connections that were let in, by user. */
  readonly #admitted = new Map<string, number>()
  readonly #prices: PriceWatch
  readonly #inbox: SocketInbox
  readonly #handlers = this.#commands()
  readonly #cancelPrices: () => void
  readonly #cancelCatchUp: () => void
  readonly #cancelDemand: () => void
  readonly #cancelInbox: () => void
  readonly #clustered: boolean

  constructor(options: GatewayOptions) {
    this.#options = options
    this.#clustered = options.adapter !== undefined
    this.#prices = new PriceWatch({ text: options.priceText, mostSymbols: 200 })
    this.#inbox = new SocketInbox({ unseen: options.unseen, log: options.log })
    this.#io = new Server(options.server, {
      serveClient: false,
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: 32_768,
      connectTimeout: 10_000,
      pingInterval: 20_000,
      pingTimeout: 20_000,
      cors: { origin: [...options.allowedOrigins], credentials: false },
      allowRequest: (request, decide) => {
        if (!originAllowed(request, options.allowedOrigins)) decide(null, false)
        else if (isSettled(request)) decide(null, true)
        else
          options.admit(request).then(
            () => decide(null, true),
            () => decide(null, false),
          )
      },
      ...(options.adapter ? { adapter: options.adapter as never } : {}),
    })
    this.#io.use((socket, next) => {
      this.#admit(socket).then(
        () => next(),
        (error: unknown) => next(refusal(error)),
      )
    })
    this.#io.on('connection', (socket) => void this.#join(socket))
    this.#io.on('holdings', (userId) => this.#options.holdingsChanged(userId))
    this.#cancelPrices = options.clock.every(options.windowMs, () => this.#prices.flush())
    this.#cancelCatchUp = options.clock.every(Math.min(50, options.windowMs), () => this.#catchUp())
    this.#cancelDemand = options.clock.every(30_000, () => this.#demand())
    this.#cancelInbox = options.clock.every(1_000, () => this.#inbox.catchUp())
  }

  /** Sockets that are open on this node. */
  get sockets(): number {
    return this.#watches.size
  }

  /** A valuation update for all sockets of this user on this node. */
  update(userId: string, text: string): void {
    const outlets = this.#outlets.get(userId)
    if (!outlets) return
    const event = new StateEvent(events.update, text)
    for (const outlet of outlets) {
      if (!outlet.behind && !outlet.send(event)) this.#fallBehind(outlet)
    }
  }

  /** A whole valuation for all sockets of this user on this node. */
  snapshot(userId: string, text: string): void {
    const event = new StateEvent(events.snapshot, text)
    for (const outlet of this.#outlets.get(userId) ?? []) {
      if (outlet.send(event)) this.#caughtUp(outlet)
      else this.#fallBehind(outlet)
    }
  }

  priceMoved(symbol: string): void {
    this.#prices.moved(symbol)
  }

  /** Users who have a socket on this node. */
  users(): Iterable<string> {
    return this.#outlets.keys()
  }

  /** Tells all sockets of this user on this node of a notification; false when there is none. */
  notify(userId: string, notification: Notification): boolean {
    const outlets = this.#outlets.get(userId)
    if (outlets) this.#inbox.notify(outlets, notification)
    return outlets !== undefined
  }

  /** Tells something to all sockets of this user, on every node. */
  tell<E extends keyof ServerToClient>(
    userId: string,
    event: E,
    ...data: Parameters<ServerToClient[E]>
  ): void {
    this.#io.to(rooms.user(userId)).emit(event, ...data)
  }

  /** Tells the other nodes that a user's holdings have changed. */
  tellHoldingsChanged(userId: string): void {
    if (this.#clustered) this.#io.serverSideEmit('holdings', userId)
  }

  /** Ends the sockets of one session, or with null of all sessions of the user, on every node. */
  end(userId: string, sessionId: string | null): void {
    const room = sessionId === null ? rooms.user(userId) : rooms.session(sessionId)
    // The adapter ends the own sockets, too, only by a message over Redis, which may be away.
    this.#io.local.in(room).disconnectSockets(true)
    if (this.#clustered) this.#io.in(room).disconnectSockets(true)
  }

  /** Sessions of the sockets on this node, for the sweep that finds what a lost message left open. */
  *sessions(): Iterable<{ readonly userId: string; readonly sessionId: string }> {
    for (const { socket } of this.#watches.keys()) yield socket.data
  }

  /** Asks the clients to come back elsewhere, then closes. */
  async stop(): Promise<void> {
    this.#cancelPrices()
    this.#cancelCatchUp()
    this.#cancelDemand()
    this.#cancelInbox()
    this.#io.local.emit(events.draining, { retryAfterMs: 1_000 })
    await this.#io.close()
  }

  async #admit(socket: HartaSocket): Promise<void> {
    const { token } = socket.handshake.auth as { token?: unknown }
    if (typeof token !== 'string')
      throw new AppError('unauthenticated', 'token-missing', 'A token is needed.')
    await this.#options.admit(socket.request)
    const actor = await this.#options.authenticate(token)
    this.#count(socket, actor.userId)
    socket.data = { userId: actor.userId, sessionId: actor.sessionId, expiresAt: actor.expiresAt }
    await socket.join([rooms.user(actor.userId), rooms.session(actor.sessionId)])
  }

  /** Counts from here until the connection closes, so that those which are on their way in count too. */
  #count(socket: HartaSocket, userId: string): void {
    const open = this.#admitted.get(userId) ?? 0
    if (open >= SOCKETS_FOR_EACH_USER) {
      throw new AppError('limited', 'too-many-sockets', 'Too many sockets are open for this account.')
    }
    this.#admitted.set(userId, open + 1)
    socket.conn.once('close', () => {
      const left = (this.#admitted.get(userId) ?? 1) - 1
      if (left > 0) this.#admitted.set(userId, left)
      else this.#admitted.delete(userId)
    })
  }

  async #join(socket: HartaSocket): Promise<void> {
    try {
      const outlet = new Outlet(socket)
      const { userId } = socket.data
      outlet.cancelExpiry = this.#expire(socket)
      socket.once('disconnect', () => {
        outlet.cancelExpiry()
        this.#leave(outlet)
      })
      listen(outlet, this.#handlers, this.#options)
      forgetRequest(socket)
      const watch = await this.#options.watch(userId)
      if (!watch || !socket.connected) {
        watch?.release()
        socket.disconnect(true)
        return
      }
      this.#watches.set(outlet, watch)
      const own = this.#outlets.get(userId)
      if (own) own.add(outlet)
      else this.#outlets.set(userId, new Set([outlet]))
      if (outlet.write(events.snapshot, watch.portfolio().snapshot())) this.#caughtUp(outlet)
      else this.#fallBehind(outlet)
      this.#inbox.join(outlet)
    } catch (error) {
      // The client comes back by itself; a socket without its portfolio would look live and never move.
      this.#options.log.warn({ err: error }, 'a socket could not be given its portfolio')
      socket.conn.close()
    }
  }

  #leave(outlet: Outlet): void {
    const { userId } = outlet.socket.data
    const own = this.#outlets.get(userId)
    own?.delete(outlet)
    if (own?.size === 0) this.#outlets.delete(userId)
    this.#behind.delete(outlet)
    this.#prices.leave(outlet)
    this.#inbox.leave(outlet)
    this.#watches.get(outlet)?.release()
    this.#watches.delete(outlet)
  }

  #commands(): CommandHandlers {
    return {
      resume: (outlet, ask) => {
        const portfolio = this.#watches.get(outlet)?.portfolio()
        if (!portfolio) throw new AppError('unavailable', 'not-ready', 'The portfolio is not loaded yet.')
        if (ask.epoch === portfolio.epoch && ask.seq === portfolio.seq) return '{"kind":"current"}'
        return `{"kind":"snapshot","snapshot":${portfolio.snapshot()}}`
      },
      watch: (outlet, { symbols }) => {
        if (!this.#prices.watch(outlet, symbols)) {
          throw new AppError('invalid', 'too-many-symbols', 'A socket may watch 200 symbols.')
        }
        this.#options.demand(symbols)
        return `[${symbols.flatMap((symbol) => this.#options.priceText(symbol) ?? []).join(',')}]`
      },
      unwatch: (outlet, { symbols }) => {
        this.#prices.unwatch(outlet, symbols)
        return 'null'
      },
      seen: async (outlet, { ids }) => {
        await this.#options.seen(outlet.socket.data.userId, ids)
        return 'null'
      },
      renew: async (outlet, { token }) => {
        const { socket } = outlet
        const actor = await this.#options.authenticate(token)
        if (actor.userId !== socket.data.userId) {
          throw new AppError('forbidden', 'other-user', 'The token belongs to somebody else.')
        }
        if (!socket.connected) throw new AppError('unavailable', 'not-ready', 'The socket has ended.')
        await socket.leave(rooms.session(socket.data.sessionId))
        await socket.join(rooms.session(actor.sessionId))
        socket.data = { ...socket.data, sessionId: actor.sessionId, expiresAt: actor.expiresAt }
        outlet.cancelExpiry()
        outlet.cancelExpiry = this.#expire(socket)
        return JSON.stringify({ expiresAt: new Date(actor.expiresAt).toISOString() })
      },
    }
  }

  /** Warns a minute before the token ends, then ends the socket with it. */
  #expire(socket: HartaSocket): () => void {
    const { clock } = this.#options
    const { expiresAt } = socket.data
    const end = (): void => {
      socket.disconnect(true)
    }
    let cancel = clock.after(Math.max(0, expiresAt - EXPIRY_NOTICE_MS - clock.now()), () => {
      socket.emit(events.expiring, { expiresAt: new Date(expiresAt).toISOString() })
      cancel = clock.after(Math.max(0, expiresAt - clock.now()), end)
    })
    return () => cancel()
  }

  #fallBehind(outlet: Outlet): void {
    outlet.behind = true
    this.#behind.add(outlet)
  }

  #caughtUp(outlet: Outlet): void {
    outlet.behind = false
    this.#behind.delete(outlet)
  }

  #catchUp(): void {
    for (const outlet of this.#behind) {
      const text = outlet.writable ? this.#watches.get(outlet)?.portfolio().snapshot() : undefined
      if (text !== undefined && outlet.write(events.snapshot, text)) this.#caughtUp(outlet)
    }
  }

  #demand(): void {
    const symbols = this.#prices.symbols()
    if (symbols.length > 0) this.#options.demand(symbols)
  }
}

const SOCKETS_FOR_EACH_USER = 50
const EXPIRY_NOTICE_MS = 60_000

const rooms = {
  user: (userId: string) => `user:${userId}`,
  session: (sessionId: string) => `session:${sessionId}`,
}

/** What nodes tell each other. */
interface ServerFacts {
  holdings: (userId: string) => void
}

export interface GatewayOptions {
  readonly server: HttpServer
  readonly allowedOrigins: readonly string[]
  /** Socket.IO adapter that carries facts to the other nodes; without it this node is alone. */
  readonly adapter?: unknown
  readonly authenticate: (token: string) => Promise<{ userId: string; sessionId: string; expiresAt: number }>
  /** Rejects with AppError `limited` when whoever asks has tried too often. */
  readonly admit: (request: IncomingMessage) => Promise<void>
  /** Rejects with AppError `limited` when this user has asked too often. */
  readonly admitCommand: (userId: string) => Promise<void>
  readonly watch: (userId: string) => Promise<Watch | null>
  /** Another node says that this user's holdings changed. */
  readonly holdingsChanged: (userId: string) => void
  readonly unseen: ReadUnseen
  /** Marks those of these that are the user's, and tells his sockets. */
  readonly seen: (userId: string, ids: readonly string[]) => Promise<unknown>
  readonly priceText: PriceText
  readonly demand: (symbols: readonly string[]) => void
  readonly toProblem: (error: unknown, context: { requestId: string }) => Problem
  readonly windowMs: number
  readonly clock: Clock
  readonly log: Log
}

/** A browser names its origin, and it must be ours or a listed one; other clients name none. */
function originAllowed(request: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, host } = request.headers
  if (origin === undefined) return true
  if (allowed.includes(origin)) return true
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host
}

/** Whether the request belongs to a connection that was let in before. */
function isSettled(request: IncomingMessage): boolean {
  return new URL(request.url ?? '/', 'http://localhost').searchParams.has('sid')
}

/** What came with the handshake (headers, token) is kilobytes that nobody reads once the socket is let in. */
function forgetRequest(socket: HartaSocket): void {
  const { conn } = socket
  // The library's listeners keep the request of a WebSocket, but no more than its name.
  if (conn.transport.name === 'websocket') Object.assign(conn.request, { headers: {}, rawHeaders: [] })
  Object.assign(conn, { request: null })
  Object.assign(socket, { handshake: null })
}

/** The error of a refused handshake; Socket.IO hands `data` on to the client. */
function refusal(error: unknown): Error & { data: ConnectRefusal & { requestId: string } } {
  const fault = error instanceof AppError ? error.fault : 'unavailable'
  const expired = error instanceof AppError && error.code === 'token-expired'
  const code =
    fault === 'unauthenticated'
      ? expired
        ? 'token-expired'
        : 'unauthenticated'
      : fault === 'limited'
        ? 'limited'
        : 'unavailable'
  const retryable = code === 'limited' || code === 'unavailable'
  return Object.assign(new Error(code), { data: { code, retryable, requestId: randomUUID() } as const })
}
