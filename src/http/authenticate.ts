import type { KeyObject } from 'node:crypto'
import type { Context, Middleware } from 'koa'
import koaJwt from 'koa-jwt'
import { z } from 'zod'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import type { Role } from '../protocol/resources.js'
import { type Actor, doorState } from './context.js'
import { rememberTrait } from './described.js'
import type { Limits } from './limits.js'

/** How an access token must be made, for whoever signs and for whoever checks one. */
export const TOKEN_RULES = { algorithm: 'HS256', issuer: 'harta', audience: 'harta', type: 'access' } as const

const MAX_TOKEN_LENGTH = 2048

/** What an access token says, once its signature and its times are checked. */
export interface Claims {
  readonly userId: string
  readonly sessionId: string
  readonly role: Role
  /** ms since the epoch */
  readonly expiresAt: number
}

const payload = z.object({
  typ: z.literal(TOKEN_RULES.type),
  sub: z.guid(),
  sid: z.guid(),
  role: z.enum(['USER', 'ADMIN']),
  exp: z.number().int(),
})

/** The claims of a verified payload; throws AppError unauthenticated `token-invalid`. */
export function readClaims(verified: unknown): Claims {
  const read = payload.safeParse(verified)
  if (!read.success) throw tokenInvalid()
  const { sub, sid, role, exp } = read.data
  return { userId: sub, sessionId: sid, role, expiresAt: exp * 1000 }
}

export function tokenInvalid(): AppError {
  return new AppError('unauthenticated', 'token-invalid', 'The access token is not valid.')
}

export function tokenExpired(): AppError {
  return new AppError('unauthenticated', 'token-expired', 'The access token has expired; refresh it.')
}

/**
 * Whether the token has exactly one spelling: three parts, each equal to its own base64url re-encoding.
 * Decoders forgive stray bits and characters, which would let one token pass under many spellings.
 */
export function isCanonicalToken(token: string): boolean {
  if (token.length > MAX_TOKEN_LENGTH) return false
  const parts = token.split('.')
  return (
    parts.length === 3 &&
    parts.every((part) => part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part)
  )
}

export interface AuthenticateOptions {
  readonly secret: KeyObject
  readonly clock: Clock
  /** The actor of these claims; throws AppError unauthenticated when session or user are no longer good. */
  readonly live: (claims: Claims) => Promise<Actor>
  readonly limits: Limits
}

/** The middleware of every route that needs a session; puts the actor into the request's state. */
export function authenticate(options: AuthenticateOptions): Middleware {
  const verify = koaJwt({
    // A KeyObject is what makes verifying fast; the library's types do not list it.
    secret: options.secret as unknown as string,
    algorithms: [TOKEN_RULES.algorithm],
    issuer: TOKEN_RULES.issuer,
    audience: TOKEN_RULES.audience,
    key: 'claims',
    getToken: bearerToken,
    // Read anew at each check: the library hands its options on to jsonwebtoken.
    get clockTimestamp() {
      return Math.floor(options.clock.now() / 1000)
    },
  } as koaJwt.Options)
  return async (ctx, next) => {
    const token = bearerToken(ctx)
    if (token === null) throw new AppError('unauthenticated', 'unauthenticated', 'Sign in first.')
    if (!isCanonicalToken(token)) throw tokenInvalid()
    await verify(ctx, async () => {}).catch((error: unknown) => {
      throw translate(error)
    })
    const actor = await options.live(readClaims(ctx.state.claims))
    doorState(ctx).actor = actor
    await options.limits.consume('all-user', actor.userId)
    await next()
  }
}

/** Lets only users of this role pass; stands behind `authenticate`. */
export function requireRole(role: Role): Middleware {
  const checked: Middleware = async (ctx, next) => {
    if (doorState(ctx).actor?.role !== role) {
      throw new AppError('forbidden', 'forbidden', 'This is not yours to do.')
    }
    await next()
  }
  return rememberTrait(checked, 'role')
}

function bearerToken(ctx: Context): string | null {
  return /^Bearer ([A-Za-z0-9._~+/=-]+)$/i.exec(ctx.get('Authorization'))?.[1] ?? null
}

function translate(error: unknown): unknown {
  const reason = (error as { originalError?: { name?: string } }).originalError?.name
  if (reason === 'TokenExpiredError') return tokenExpired()
  return (error as { status?: number }).status === 401 ? tokenInvalid() : error
}
