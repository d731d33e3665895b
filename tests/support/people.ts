import { io, type Socket } from 'socket.io-client'
import type { ClientToServer, ConnectRefusal, ServerToClient } from '../../src/protocol/events.js'
import { events } from '../../src/protocol/events.js'
import type {
  Asset,
  NewAsset,
  Price,
  Problem,
  Session,
  Valuation,
  ValuationUpdate,
} from '../../src/protocol/resources.js'
import { published } from './document.js'
import { until } from './until.js'

export const PASSWORD = 'correct horse battery'

/** Somebody with an account at a server: asks over HTTP, listens over a socket. */
export interface Person {
  readonly session: Session
  readonly token: string
  readonly userId: string
  ask<T = Problem>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>
  /** Makes an asset; fails unless it is made. */
  own(asset: NewAsset): Promise<Asset>
  portfolio(): Promise<Valuation>
}

/** An answer whose body a test says it expects to be a `T`. */
export interface Answer<T> {
  readonly status: number
  readonly headers: Headers
  readonly body: T
}

let people = 0

export async function register(url: string, profile: Readonly<Record<string, string>> = {}): Promise<Person> {
  people += 1
  const email = `person-${process.pid}-${people}@example.org`
  const answer = await send<Session>(url, 'POST', '/v1/auth/register', {
    email,
    password: PASSWORD,
    ...profile,
  })
  if (answer.status !== 201) throw new Error(`registration: ${answer.status} ${JSON.stringify(answer.body)}`)
  return personOf(url, answer.body)
}

export function personOf(url: string, session: Session): Person {
  const ask = <T = Problem>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => send<T>(url, method, path, body, { Authorization: `Bearer ${session.accessToken}`, ...headers })
  return {
    session,
    token: session.accessToken,
    userId: session.user.id,
    ask,
    async own(asset) {
      const answer = await ask<Asset>('POST', '/v1/assets', asset)
      if (answer.status !== 201) throw new Error(`asset: ${answer.status} ${JSON.stringify(answer.body)}`)
      return answer.body
    },
    async portfolio() {
      const answer = await ask<Valuation>('GET', '/v1/portfolio')
      if (answer.status !== 200) throw new Error(`portfolio: ${answer.status}`)
      return answer.body
    },
  }
}

/** Asks, and fails unless the answer is one that the server's own /openapi.json tells of. */
export async function send<T = Problem>(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  const response = await fetch(url + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const { check } = await published(url)
  check(method, path, { status: response.status, headers: response.headers, text })
  return { status: response.status, headers: response.headers, body: (text === '' ? null : parse(text)) as T }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A real Socket.IO client and everything that it has heard, in order. */
export interface Line {
  readonly socket: Socket<ServerToClient, ClientToServer>
  readonly heard: { readonly event: string; readonly data: unknown }[]
  readonly snapshots: Valuation[]
  readonly updates: ValuationUpdate[]
  readonly prices: (readonly Price[])[]
  /** Why the server did not let it in; null as long as it did. */
  refusal(): ConnectRefusal | null
  /** The whole state as a client keeps it: the last snapshot with all updates after it. Fails on a gap. */
  state(): Valuation
  command<T = null>(name: string, ask: unknown): Promise<Answered<T>>
  close(): void
}

export interface Answered<T> {
  readonly ok: boolean
  readonly data?: T
  readonly problem?: Problem
}

/** Opens a socket; resolves when it has its first snapshot. */
export async function listen(url: string, token: string): Promise<Line> {
  const line = dial(url, { token })
  await until('the first snapshot', () => line.snapshots.length > 0 || line.refusal() !== null, 10_000)
  return line
}

/** Opens a socket and waits for nothing. */
export function dial(
  url: string,
  auth: Record<string, unknown>,
  options: { transports?: string[]; extraHeaders?: Record<string, string> } = {},
): Line {
  const socket: Line['socket'] = io(url, {
    auth,
    reconnection: false,
    forceNew: true,
    transports: ['websocket'],
    ...options,
  })
  const line = {
    socket,
    heard: [] as { event: string; data: unknown }[],
    snapshots: [] as Valuation[],
    updates: [] as ValuationUpdate[],
    prices: [] as (readonly Price[])[],
  }
  let refusal: ConnectRefusal | null = null
  socket.on('connect_error', (error) => {
    refusal = (error as Error & { data?: ConnectRefusal }).data ?? { code: 'unavailable', retryable: true }
  })
  socket.onAny((event: string, data: unknown) => {
    line.heard.push({ event, data })
    if (event === events.snapshot) line.snapshots.push(data as Valuation)
    if (event === events.update) line.updates.push(data as ValuationUpdate)
    if (event === events.prices) line.prices.push(data as readonly Price[])
  })
  return {
    ...line,
    refusal: () => refusal,
    state: () => replay(line.heard),
    command: <T>(name: string, ask: unknown) =>
      new Promise<Answered<T>>((resolve, reject) => {
        const limit = setTimeout(() => reject(new Error(`no answer to ${name}`)), 5_000)
        ;(socket as unknown as Socket).emit(name, ask, (answer: Answered<T>) => {
          clearTimeout(limit)
          resolve(answer)
        })
      }),
    close: () => void socket.disconnect(),
  }
}

function replay(heard: readonly { readonly event: string; readonly data: unknown }[]): Valuation {
  let state: Valuation | null = null
  for (const { event, data } of heard) {
    if (event === events.snapshot) state = data as Valuation
    if (event !== events.update) continue
    const { changed, ...update } = data as ValuationUpdate
    if (!state || update.epoch !== state.epoch || update.seq !== state.seq + 1) {
      throw new Error(`a gap: ${state?.epoch} ${state?.seq} -> ${update.epoch} ${update.seq}`)
    }
    const byId = new Map(changed.map((holding) => [holding.assetId, holding]))
    const holdings: Valuation['holdings'] = state.holdings.map(
      (holding) => byId.get(holding.assetId) ?? holding,
    )
    state = { ...state, ...update, holdings }
  }
  if (!state) throw new Error('nothing was heard')
  return state
}
