import { fromProblem, HartaError, isProblem } from './errors.js'
import { jitter, pause, type Random, retryAfterMs } from './retry.js'

/**
 * One request to the server and its safe repetitions. A request is sent again when the server says that it
 * did nothing (429, 503), and after a network failure only when doing it twice equals doing it once: GET, PUT,
 * DELETE, and a POST that carries the same Idempotency-Key each time.
 */
export interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  /** What is null or undefined stays away; a list is written with commas. */
  readonly query?: object | undefined
  readonly body?: unknown
  readonly ifMatch?: string | undefined
  /** Access token; null asks without one. */
  readonly token: string | null
  /** False for what the server cannot recognise when it comes again, such as signing in. */
  readonly repeatable?: boolean
  /** How long one try may take, where the client's own time is too short. */
  readonly timeoutMs?: number
  /** Idempotency-Key of a POST whose repetition begins outside; without it each call draws its own. */
  readonly key?: string | undefined
}

export interface HttpOptions {
  readonly url: string
  readonly fetch: typeof fetch
  readonly timeoutMs: number
  /** Repetitions after the first try. */
  readonly retries: number
  readonly random: Random
}

/** A server that asks for more patience than this gets its refusal handed on to the caller instead. */
const LONGEST_WAIT_MS = 20_000

/** Resolves to the answer's body, null when it has none. */
export type Http = (ask: Ask) => Promise<unknown>

export function createHttp(options: HttpOptions): Http {
  return async (ask) => {
    const key = ask.method === 'POST' ? (ask.key ?? newKey()) : null
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await once(options, ask, key)
      } catch (error) {
        if (!(error instanceof HartaError)) throw error
        if (attempt > 0 && ask.method === 'DELETE' && error.status === 404) return null
        const waitMs = attempt < options.retries ? waitBefore(error, ask, attempt, options.random) : null
        if (waitMs === null) throw error
        await pause(waitMs)
      }
    }
  }
}

/** ms before the next try, or null when there must be none. */
function waitBefore(error: HartaError, ask: Ask, attempt: number, random: Random): number | null {
  const refused = error.status === 429 || error.status === 503
  const lost = error.status === 0 && ask.method !== 'PATCH' && ask.repeatable !== false
  if (!refused && !lost) return null
  const spreadMs = jitter(attempt, 300, 5_000, random)
  if (error.retryAfterMs === null) return spreadMs
  return error.retryAfterMs > LONGEST_WAIT_MS ? null : error.retryAfterMs + spreadMs
}

async function once(options: HttpOptions, ask: Ask, key: string | null): Promise<unknown> {
  const signal = AbortSignal.timeout(ask.timeoutMs ?? options.timeoutMs)
  try {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (ask.body !== undefined) headers['content-type'] = 'application/json'
    if (ask.token !== null) headers.authorization = `Bearer ${ask.token}`
    if (ask.ifMatch !== undefined) headers['if-match'] = ask.ifMatch
    if (key !== null) headers['idempotency-key'] = key
    const response = await options.fetch(address(options.url, ask), {
      method: ask.method,
      headers,
      signal,
      credentials: 'omit',
      ...(ask.body === undefined ? {} : { body: JSON.stringify(ask.body) }),
    })
    return read(response, await response.text())
  } catch (cause) {
    if (cause instanceof HartaError) throw cause
    if (signal.aborted) throw new HartaError('timeout', 'The server did not answer in time.', { cause })
    throw new HartaError('network', 'The server cannot be reached.', { cause })
  }
}

function read(response: Response, text: string): unknown {
  const body = parse(text)
  if (response.ok && body !== undefined) return body
  const waitMs = retryAfterMs(response.headers.get('retry-after'), Date.now())
  if (!response.ok && isProblem(body)) throw fromProblem(body, waitMs)
  throw new HartaError('protocol', `The server answered ${response.status} with something unexpected.`, {
    status: response.status,
    retryAfterMs: waitMs,
  })
}

/** undefined when the text is no JSON; null when there is none. */
function parse(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function address(url: string, ask: Ask): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(ask.query ?? {})) {
    if (value != null) query.set(name, String(value))
  }
  const text = query.toString()
  return `${url}${ask.path}${text === '' ? '' : `?${text}`}`
}

/** `randomUUID` exists only in secure contexts; a page on plain http in a home network is not one. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}
