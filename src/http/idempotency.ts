import { createHash } from 'node:crypto'
import type { Context, Middleware } from 'koa'
import { AppError } from '../lib/errors.js'
import type { Log } from '../lib/log.js'
import { doorState } from './context.js'
import { rememberTrait } from './described.js'
import { problemHeaders, toProblem } from './problem.js'
import { type Claim, type IdempotencyStore, runClaimed, type StoredAnswer } from './store.js'

const KEY = /^[\x21-\x7e]{1,255}$/
/** On the answer to a request that was carried out before. */
export const REPLAYED = 'Idempotency-Replayed'
const KEPT_HEADERS = ['Content-Type', 'ETag', 'Location']

/**
 * POSTs with `Idempotency-Key` happen once: whoever repeats one within 24 hours is given the first answer again,
 * marked `Idempotency-Replayed: true`. Refusals are answers too; failures of ours (5xx) and 429 are not, these
 * free the key unless something was committed. What became of the work after a crash, the store knows. Stands
 * behind `authenticate`, in front of the guard; the services behind it must use the `markingDatabase`.
 */
export function idempotency(options: { readonly store: IdempotencyStore; readonly log: Log }): Middleware {
  const { store, log } = options
  const once: Middleware = async (ctx, next) => {
    const { actor, requestId } = doorState(ctx)
    if (ctx.method !== 'POST' || !actor) return next()
    const key = readKey(ctx)
    if (key === null) return next()
    const request = { method: ctx.method, path: ctx.path, hash: requestHash(ctx) }
    const result = await store.claim(actor.userId, key, request)
    if (result.kind === 'answered') return replay(ctx, result.answer)
    if (result.kind !== 'claimed') throw refusal(result.kind)
    try {
      await runClaimed(result.claim, next)
    } catch (error) {
      const problem = toProblem(error, { requestId, instance: ctx.path })
      const headers = { ...problemHeaders(error), 'Content-Type': 'application/problem+json' }
      await settle(result.claim, { status: problem.status, headers, body: JSON.stringify(problem) })
      throw error
    }
    await settle(result.claim, answerOf(ctx))
  }
  return rememberTrait(once, 'idempotent')

  /** The answer goes out whatever becomes of this; the row stays as the transaction has left it. */
  async function settle(claim: Claim, answer: StoredAnswer): Promise<void> {
    try {
      const ours = answer.status >= 500 || answer.status === 429
      if (!ours) await store.answer(claim, answer)
      else await store.release(claim)
    } catch (error) {
      log.warn({ error }, 'an answer could not be kept for its idempotency key')
    }
  }
}

/** The request's Idempotency-Key, null without one; throws AppError invalid `idempotency-key-invalid`. */
export function readKey(ctx: Context): string | null {
  const key = ctx.get('Idempotency-Key')
  if (key === '') return null
  if (KEY.test(key)) return key
  const detail = 'An Idempotency-Key has 1 to 255 visible ASCII characters.'
  throw new AppError('invalid', 'idempotency-key-invalid', detail)
}

function requestHash(ctx: Context): string {
  const body = (ctx.request as { rawBody?: string }).rawBody ?? ''
  return createHash('sha256').update(`${ctx.method} ${ctx.url}\n${body}`).digest('base64url')
}

function answerOf(ctx: Context): StoredAnswer {
  const headers = Object.fromEntries(
    KEPT_HEADERS.map((name) => [name, ctx.response.get(name)]).filter(([, value]) => value !== ''),
  )
  return {
    status: ctx.status,
    headers,
    body: ctx.body === undefined || ctx.body === null ? null : JSON.stringify(ctx.body),
  }
}

function replay(ctx: Context, answer: StoredAnswer): void {
  ctx.status = answer.status
  if (answer.body !== null) ctx.body = answer.body
  ctx.set({ ...answer.headers, [REPLAYED]: 'true' })
}

function refusal(kind: 'running' | 'lost' | 'another-request'): AppError {
  if (kind === 'running') {
    const detail = 'A request with this key is still under way.'
    return new AppError('conflict', 'idempotency-key-in-use', detail, { retryAfterSeconds: 1 })
  }
  if (kind === 'lost') {
    const detail =
      'A request with this key was carried out, but its answer was not kept; read what it has made.'
    return new AppError('conflict', 'idempotency-answer-lost', detail)
  }
  return new AppError('invalid', 'idempotency-key-reused', 'This key was used for another request already.')
}
