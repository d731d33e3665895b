import { createHash, type KeyObject, randomBytes, randomUUID } from 'node:crypto'
import jwt from 'jsonwebtoken'
import {
  type Claims,
  isCanonicalToken,
  readClaims,
  TOKEN_RULES,
  tokenExpired,
  tokenInvalid,
} from '../http/authenticate.js'
import type { Clock } from '../lib/clock.js'
import type { Role } from '../protocol/resources.js'

/**
 * Access tokens: JWTs of a quarter of an hour, which REST and socket check alike. Refresh tokens: 256 random
 * bits, of which only the SHA-256 is kept.
 */
const ACCESS_SECONDS = 15 * 60

export interface AccessGrant {
  readonly userId: string
  readonly sessionId: string
  readonly role: Role
  /** A token never outlives its session; ms since the epoch. */
  readonly sessionEndsAt: number
}

export interface Tokens {
  issue(grant: AccessGrant): { readonly token: string; readonly expiresAt: number }
  /** Throws AppError unauthenticated `token-invalid` or `token-expired`. Says nothing of session and user. */
  verify(token: string): Claims
}

export function createTokens(options: { readonly secret: KeyObject; readonly clock: Clock }): Tokens {
  const { secret, clock } = options
  const nowSeconds = () => Math.floor(clock.now() / 1000)
  return {
    issue({ userId, sessionId, role, sessionEndsAt }) {
      const iat = nowSeconds()
      const exp = Math.min(iat + ACCESS_SECONDS, Math.floor(sessionEndsAt / 1000))
      const token = jwt.sign({ typ: TOKEN_RULES.type, sid: sessionId, role, iat, exp }, secret, {
        algorithm: TOKEN_RULES.algorithm,
        issuer: TOKEN_RULES.issuer,
        audience: TOKEN_RULES.audience,
        subject: userId,
        jwtid: randomUUID(),
      })
      return { token, expiresAt: exp * 1000 }
    },
    verify(token) {
      if (!isCanonicalToken(token)) throw tokenInvalid()
      return readClaims(verified(token, secret, nowSeconds()))
    },
  }
}

function verified(token: string, secret: KeyObject, clockTimestamp: number): unknown {
  try {
    return jwt.verify(token, secret, {
      algorithms: [TOKEN_RULES.algorithm],
      issuer: TOKEN_RULES.issuer,
      audience: TOKEN_RULES.audience,
      clockTimestamp,
    })
  } catch (error) {
    throw error instanceof jwt.TokenExpiredError ? tokenExpired() : tokenInvalid()
  }
}

export function createRefreshToken(): { readonly token: string; readonly hash: Uint8Array<ArrayBuffer> } {
  const token = randomBytes(32).toString('base64url')
  return { token, hash: hashRefreshToken(token) }
}

export function hashRefreshToken(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(token).digest())
}
