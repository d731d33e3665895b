import { STATUS_CODES } from 'node:http'
import type { Middleware } from 'koa'
import { AppError, type Fault } from '../lib/errors.js'
import type { Log } from '../lib/log.js'
import type { Problem } from '../protocol/resources.js'
import { doorState } from './context.js'

/**
 * Where errors become answers (RFC 9457). An AppError tells what it is; every other error is a bug of ours: it
 * answers 500 `internal`, says nothing of itself to the client and is logged once, without bound values.
 */
const STATUS: Readonly<Record<Fault, number>> = {
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  missing: 404,
  conflict: 409,
  limited: 429,
  unavailable: 503,
}

/** Codes whose status is narrower than their fault's. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = { 'malformed-json': 400, 'precondition-failed': 412 }

/** A refusal that only HTTP knows, such as 405, 413 or 415. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal'
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

export interface ProblemContext {
  readonly requestId: string
  /** Path of what was asked for, without its query. */
  readonly instance?: string
}

/** The problem object of any error; also what a socket's refusing ack carries. */
export function toProblem(error: unknown, context: ProblemContext): Problem {
  const { status, code, detail, errors } = parts(error)
  return {
    type: `urn:harta:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    ...(context.instance === undefined ? {} : { instance: context.instance }),
    requestId: context.requestId,
    ...(errors === undefined ? {} : { errors }),
  }
}

function parts(error: unknown): Pick<Problem, 'status' | 'code' | 'detail' | 'errors'> {
  if (error instanceof AppError) {
    const status = STATUS_OF_CODE[error.code] ?? STATUS[error.fault]
    const errors = error.details.errors
    return { status, code: error.code, detail: error.message, ...(errors ? { errors } : {}) }
  }
  if (error instanceof HttpRefusal) return { status: error.status, code: error.code, detail: error.message }
  return { status: 500, code: 'internal', detail: 'Something went wrong on our side.' }
}

/** Headers that belong to the answer of this error. */
export function problemHeaders(error: unknown): Readonly<Record<string, string>> {
  if (error instanceof HttpRefusal) return error.headers
  if (!(error instanceof AppError)) return {}
  const retryAfter = error.details.retryAfterSeconds
  return {
    ...(error.fault === 'unauthenticated' ? { 'WWW-Authenticate': challenge(error.code) } : {}),
    ...(retryAfter === undefined ? {} : { 'Retry-After': String(Math.max(1, Math.ceil(retryAfter))) }),
  }
}

function challenge(code: string): string {
  return code.startsWith('token-') ? 'Bearer realm="harta", error="invalid_token"' : 'Bearer realm="harta"'
}

/** The middleware that turns whatever is thrown inside it into a problem answer. */
export function problemDoor(log: Log): Middleware {
  return async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      const { requestId } = doorState(ctx)
      const problem = toProblem(error, { requestId, instance: ctx.path })
      if (problem.code === 'internal') {
        log.error({ requestId, method: ctx.method, path: ctx.path, error }, 'request failed')
      }
      ctx.status = problem.status
      ctx.set(problemHeaders(error))
      ctx.remove('ETag')
      ctx.set('Cache-Control', 'no-store')
      ctx.body = JSON.stringify(problem)
      ctx.type = 'application/problem+json'
    }
  }
}
