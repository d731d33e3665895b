import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type Socket } from 'socket.io'
import { commands, events } from '../../src/protocol/events.js'
import type { Price, Session, User } from '../../src/protocol/resources.js'
import { type Position, TestPortfolio, testPrice } from './test-portfolio.js'

/**
 * A server for the browser package's tests: it keeps to the public contract over real HTTP and real Socket.IO,
 * for one user, and misbehaves when told to.
 */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Record<string, unknown>
}

export interface Emission {
  readonly event: string
  readonly payload: unknown
}

export interface Reply {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

export const demo = { email: 'demo@harta.test', password: 'correct horse battery' }

export class TestGateway {
  readonly portfolio = new TestPortfolio('epoch-1')
  readonly seen: Seen[] = []
  readonly asked: { command: string; data: unknown }[] = []
  readonly prices = new Map<string, Price>()
  /** Passes, drops, doubles or holds back what goes to the sockets. */
  mischief: (emission: Emission, deliver: (emission: Emission) => void) => void = (one, deliver) =>
    deliver(one)
  /** Answers in place of a route, once each, by `METHOD /path`; `drop` cuts the connection without an answer. */
  readonly instead = new Map<string, (Reply | 'drop')[]>()
  /** Refuses the next handshakes with this `connect_error` data. */
  readonly refusals: { code: string; retryable: boolean }[] = []
  tokenLifeMs = 3_600_000
  /** Serves what the routes do not know, e.g. a built page. */
  files: ((path: string, response: ServerResponse) => void) | null = null
  #http: HttpServer | null = null
  #io: Server | null = null
  #port = 0
  #token = 0
  #watched = new Map<string, Set<string>>()
  readonly #tokens = new Map<string, number>()
  readonly #refreshTokens = new Set<string>()
  #assets = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }
  get sockets(): number {
    return this.#io?.sockets.sockets.size ?? 0
  }

  async start(): Promise<this> {
    const http = createServer((request, response) => void this.#answer(request, response))
    const io = new Server(http, { serveClient: false, cors: { origin: '*' } })
    io.use((socket, next) => {
      const refusal = this.refusals.shift() ?? this.#check(socket.handshake.auth.token)
      next(refusal ? Object.assign(new Error(refusal.code), { data: refusal }) : undefined)
    })
    io.on('connection', (socket) => this.#welcome(socket))
    await new Promise<void>((resolve) => http.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (http.address() as AddressInfo).port
    this.#http = http
    this.#io = io
    return this
  }

  async stop(): Promise<void> {
    const [io, http] = [this.#io, this.#http]
    this.#io = null
    this.#http = null
    http?.closeAllConnections()
    await io?.close()
  }

  /** Ends every access token; refresh tokens stay good. */
  expireTokens(): void {
    this.#tokens.clear()
  }
  /** Ends every refresh token as well. */
  revoke(): void {
    this.expireTokens()
    this.#refreshTokens.clear()
  }

  emit(event: string, payload: unknown): void {
    const deliver = ({ event: name, payload: data }: Emission): void => {
      this.#io?.emit(name, data)
    }
    this.mischief({ event, payload }, deliver)
  }

  move(prices: Readonly<Record<string, bigint>>): void {
    this.emit(events.update, this.portfolio.move(prices))
  }

  snapshot(): void {
    this.emit(events.snapshot, this.portfolio.valuation())
  }

  setPrice(symbol: string, cents: bigint, at = Date.now()): void {
    const price = testPrice(symbol, cents, at)
    this.prices.set(symbol, price)
    for (const [id, symbols] of this.#watched) {
      if (symbols.has(symbol)) this.#io?.to(id).emit(events.prices, [price])
    }
  }

  #check(token: unknown): { code: string; retryable: boolean } | null {
    const endsAt = this.#tokens.get(String(token))
    if (endsAt !== undefined && endsAt > Date.now()) return null
    return String(token).startsWith('access-')
      ? { code: 'token-expired', retryable: true }
      : { code: 'unauthenticated', retryable: false }
  }

  #welcome(socket: Socket): void {
    const watched = new Set<string>()
    this.#watched.set(socket.id, watched)
    socket.on('disconnect', () => this.#watched.delete(socket.id))
    socket.onAny((command: string, data: unknown) => this.asked.push({ command, data }))
    socket.emit(events.snapshot, this.portfolio.valuation())
    socket.on(commands.resume, (data: { epoch: string; seq: number }, ack) => {
      const { epoch, seq } = this.portfolio
      const current = data.epoch === epoch && data.seq === seq
      const snapshot = this.portfolio.valuation()
      ack({ ok: true, data: current ? { kind: 'current' } : { kind: 'snapshot', snapshot } })
    })
    socket.on(commands.watch, ({ symbols }: { symbols: string[] }, ack) => {
      if (symbols.includes('BAD!')) {
        ack({ ok: false, problem: problem(400, 'invalid-symbol') })
        return
      }
      for (const symbol of symbols) watched.add(symbol)
      ack({ ok: true, data: symbols.flatMap((symbol) => this.prices.get(symbol) ?? []) })
    })
    socket.on(commands.unwatch, ({ symbols }: { symbols: string[] }, ack) => {
      for (const symbol of symbols) watched.delete(symbol)
      ack({ ok: true, data: null })
    })
    socket.on(commands.renew, ({ token }: { token: string }, ack) => {
      const refusal = this.#check(token)
      ack(
        refusal ? { ok: false, problem: problem(401, refusal.code) } : { ok: true, data: { expiresAt: '' } },
      )
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://h').pathname
    if (path.startsWith('/socket.io/')) return
    const method = request.method ?? 'GET'
    const body = await read(request)
    if (path.startsWith('/v1/'))
      this.seen.push({ method, path: request.url ?? '', headers: request.headers, body })
    const instead = this.instead.get(`${method} ${path}`)?.shift()
    if (instead === 'drop') {
      request.socket.destroy()
      return
    }
    const reply =
      instead ?? (method === 'OPTIONS' ? { status: 204 } : this.#route(method, path, request, body))
    if (reply === null && this.files) {
      this.files(path, response)
      return
    }
    const { status, body: answer, headers } = reply ?? refuse(404, 'missing')
    const text = answer === undefined ? '' : JSON.stringify(answer)
    response.writeHead(status, {
      'content-type': status < 400 ? 'application/json' : 'application/problem+json',
      'access-control-allow-origin': '*',
      'access-control-allow-headers': '*, authorization',
      'access-control-allow-methods': '*',
      ...headers,
    })
    response.end(text)
  }

  #route(
    method: string,
    path: string,
    request: IncomingMessage,
    body: Record<string, unknown>,
  ): Reply | null {
    const route = `${method} ${path}`
    if (route === 'POST /v1/auth/login') {
      const right = body.email === demo.email && body.password === demo.password
      return right ? { status: 200, body: this.#session() } : refuse(401, 'wrong-credentials')
    }
    if (route === 'POST /v1/auth/register') return { status: 201, body: this.#session() }
    if (route === 'POST /v1/auth/refresh') {
      const good = this.#refreshTokens.delete(String(body.refreshToken))
      return good ? { status: 200, body: this.#session() } : refuse(401, 'refresh-token-spent')
    }
    if (!path.startsWith('/v1/')) return null
    const bearer = request.headers.authorization?.replace('Bearer ', '')
    if (this.#check(bearer) !== null) return refuse(401, 'unauthenticated')
    if (route === 'POST /v1/auth/logout') {
      this.revoke()
      this.#io?.disconnectSockets(true)
      return { status: 204 }
    }
    if (path === '/v1/me') return { status: 200, body: { ...user, ...body } }
    if (route === 'GET /v1/portfolio') return { status: 200, body: this.portfolio.valuation() }
    if (route === 'GET /v1/prices') return { status: 200, body: { data: [...this.prices.values()] } }
    if (route === 'GET /v1/notifications')
      return { status: 200, body: { data: [], nextCursor: null, unseen: 0 } }
    if (path.startsWith('/v1/assets')) return this.#assetRoute(method, path, request, body)
    return null
  }

  #assetRoute(
    method: string,
    path: string,
    request: IncomingMessage,
    body: Record<string, unknown>,
  ): Reply | null {
    const [id, below] = path.split('/').slice(3)
    if (id === undefined && method === 'GET') return this.#assetPage(request)
    if (id === undefined) {
      this.#assets += 1
      const position = newPosition(`new-${this.#assets}`, body)
      this.portfolio.put(position)
      this.#holdingsChanged()
      return { status: 201, body: asset(position) }
    }
    const position = this.portfolio.positions.get(id)
    if (!position) return refuse(404, 'missing')
    if (below === 'activities' && method === 'POST') {
      const quantity = BigInt(String(body.quantity ?? '0')) * (body.type === 'SELL' ? -1n : 1n)
      this.portfolio.put({ ...position, quantity: position.quantity + quantity })
      this.#holdingsChanged()
      return { status: 201, body: { id: 'activity-1', ...body } }
    }
    const match = request.headers['if-match']
    if (match !== undefined && match !== `"${id}.1"`) return refuse(412, 'changed-meanwhile')
    if (method === 'DELETE') {
      this.portfolio.positions.delete(id)
      this.#holdingsChanged()
      return { status: 204 }
    }
    if (method === 'PATCH' && typeof body.unitPrice === 'string') {
      this.portfolio.put({ ...position, unitPrice: cents(body.unitPrice) })
      this.#holdingsChanged()
    }
    return { status: 200, body: asset(position) }
  }

  /** Two to a page, so that a list of three has a cursor. */
  #assetPage(request: IncomingMessage): Reply {
    const query = new URL(request.url ?? '/', 'http://h').searchParams
    const from = Number(query.get('cursor') ?? '0')
    const all = [...this.portfolio.positions.values()].map(asset)
    const next = from + 2 < all.length ? String(from + 2) : null
    return { status: 200, body: { data: all.slice(from, from + 2), nextCursor: next } }
  }

  #holdingsChanged(): void {
    this.portfolio.move({})
    this.snapshot()
  }

  #session(): Session {
    this.#token += 1
    const accessToken = `access-${this.#token}`
    const endsAt = Date.now() + this.tokenLifeMs
    this.#tokens.set(accessToken, endsAt)
    const refreshToken = `refresh-${this.#token}`
    this.#refreshTokens.add(refreshToken)
    return { user, accessToken, expiresAt: new Date(endsAt).toISOString(), refreshToken }
  }
}

const user: User = {
  id: 'user-1',
  email: demo.email,
  name: 'Sari',
  role: 'USER',
  baseCurrency: 'USD',
  timeZone: 'Asia/Jakarta',
  locale: 'en',
  monthStartDay: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
}

export function problem(status: number, code: string): Record<string, unknown> {
  const detail = `The test server says ${code}.`
  return { type: 'about:blank', title: code, status, detail, code, requestId: 'request-1' }
}

export function refuse(status: number, code: string, headers: Record<string, string> = {}): Reply {
  return { status, body: problem(status, code), headers }
}

function cents(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(2, '0').slice(0, 2))
}

function newPosition(id: string, body: Record<string, unknown>): Position {
  const unit = String(body.unitPrice ?? body.unitCost ?? '1')
  return {
    id,
    type: body.type as Position['type'],
    name: String(body.name ?? body.symbol),
    symbol: typeof body.symbol === 'string' ? body.symbol : null,
    quantity: BigInt(String(body.quantity ?? '1').split('.')[0] ?? '1'),
    unitCost: cents(String(body.unitCost ?? unit)),
    unitPrice: cents(unit),
  }
}

function asset({ id, type, name, symbol, quantity }: Position): Record<string, unknown> {
  return { id, type, name, symbol, quantity: quantity.toString(), currency: 'USD', version: 1 }
}

async function read(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return parts.length === 0 ? {} : (JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>)
}
