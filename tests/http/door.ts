import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Router from '@koa/router'
import { createHttpApp } from '../../src/http/app.js'
import { createLimits, type Limit, type LimitName } from '../../src/http/limits.js'
import { createLog, type Log } from '../../src/lib/log.js'

/**
 * How long a `before` hook may take that opens a database: the first one of a run is slow on a busy machine, and
 * a hook that is given up goes on and leaves behind what it opens.
 */
export const DATABASE_START_MS = 120_000

export interface Door {
  readonly url: string
  readonly server: Server
  /** Every line that was logged so far. */
  readonly lines: string[]
  close(): Promise<void>
}

/** A log whose lines can be read back. */
export function capturedLog(): { log: Log; lines: string[] } {
  const lines: string[] = []
  return { log: createLog('trace', { write: (line: string) => void lines.push(line) }), lines }
}

export interface DoorOptions {
  readonly allowedOrigins?: readonly string[]
  readonly trustedProxies?: number
  readonly limits?: Partial<Record<LimitName, Limit>>
  readonly redis?: object
  readonly captured?: { log: Log; lines: string[] }
}

/** The real door on a free port, with the routes that `build` adds. */
export async function openDoor(build: (router: Router) => void, options: DoorOptions = {}): Promise<Door> {
  const router = new Router()
  build(router)
  const { log, lines } = options.captured ?? capturedLog()
  const app = createHttpApp({
    routers: [router],
    allowedOrigins: options.allowedOrigins ?? [],
    trustedProxies: options.trustedProxies ?? 0,
    limits: createLimits({ redis: options.redis ?? null, limits: options.limits ?? {} }),
    log,
  })
  return listen(app.callback(), lines)
}

export async function listen(handler: Parameters<typeof createServer>[1], lines: string[]): Promise<Door> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    lines,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export function sendJson(url: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    ...init,
    headers: { 'Content-Type': 'application/json', ...(init.headers as Record<string, string> | undefined) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

export interface SeenProblem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly instance: string
  readonly requestId: string
  readonly errors?: { pointer: string; detail: string }[]
}

export async function problemOf(response: Response): Promise<SeenProblem> {
  const type = response.headers.get('content-type')
  if (type !== 'application/problem+json')
    throw new Error(`not a problem but ${type}: ${await response.text()}`)
  return (await response.json()) as SeenProblem
}
