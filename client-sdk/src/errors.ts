import type { Problem } from '../../src/protocol/resources.js'

/**
 * Why a request or a command came to nothing. `code` is stable and meant for programs: the server's own, or
 * `network` (no answer), `timeout`, `protocol` (an answer that is not Harta's), `signed-out` (no session).
 */
export class HartaError extends Error {
  readonly code: string
  /** HTTP status, or 0 when no answer came. */
  readonly status: number
  readonly detail: string
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[]
  readonly requestId: string | null
  /** How long the server asks to wait, in ms; null when it names no time. */
  readonly retryAfterMs: number | null

  constructor(
    code: string,
    detail: string,
    more: {
      status?: number
      errors?: HartaError['errors']
      requestId?: string | null
      retryAfterMs?: number | null
      cause?: unknown
    } = {},
  ) {
    super(detail, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'HartaError'
    this.code = code
    this.detail = detail
    this.status = more.status ?? 0
    this.errors = more.errors ?? []
    this.requestId = more.requestId ?? null
    this.retryAfterMs = more.retryAfterMs ?? null
  }
}

/** The server's problem as an error; also of a refusing ack. */
export function fromProblem(problem: Problem, retryAfterMs: number | null = null): HartaError {
  return new HartaError(problem.code, problem.detail, {
    status: problem.status,
    requestId: problem.requestId,
    retryAfterMs,
    ...(problem.errors ? { errors: problem.errors } : {}),
  })
}

export function isProblem(value: unknown): value is Problem {
  if (typeof value !== 'object' || value === null) return false
  const { code, detail, status } = value as Record<string, unknown>
  return typeof code === 'string' && typeof detail === 'string' && typeof status === 'number'
}
