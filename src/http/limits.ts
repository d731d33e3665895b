import { createHash } from 'node:crypto'
import type { Middleware } from 'koa'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { AppError } from '../lib/errors.js'
import { addressKey, doorState } from './context.js'

/** At most `points` in any window of `seconds`. */
export interface Limit {
  readonly points: number
  readonly seconds: number
}

/**
 * What is limited. Sign-in counts failures only: by account, against guessing one password, and by address,
 * against guessing through many accounts. Links for confirming an address go to whoever has it, asked or not, so
 * they are counted by who asks and by who gets them.
 */
const DEFAULT_LIMITS = {
  'all-address': { points: 6000, seconds: 60 },
  'all-user': { points: 1200, seconds: 60 },
  'sign-in-account': { points: 10, seconds: 900 },
  'sign-in-address': { points: 100, seconds: 900 },
  'register-address': { points: 200, seconds: 600 },
  'refresh-account': { points: 60, seconds: 60 },
  'refresh-address': { points: 600, seconds: 60 },
  'try-user': { points: 5, seconds: 3600 },
  'confirm-user-hour': { points: 3, seconds: 3600 },
  'confirm-user-day': { points: 6, seconds: 86_400 },
  'confirm-mailbox-hour': { points: 3, seconds: 3600 },
  'confirm-mailbox-day': { points: 6, seconds: 86_400 },
} as const satisfies Record<string, Limit>

export type LimitName = keyof typeof DEFAULT_LIMITS

export interface Limits {
  /** Takes a point; throws AppError limited `rate-limited` when there is none left. */
  consume(name: LimitName, key: string): Promise<void>
  /** Gives a point back that was taken for something that turned out to be harmless. */
  giveBack(name: LimitName, key: string): Promise<void>
  /** Forgets what was taken under this key. */
  reset(name: LimitName, key: string): Promise<void>
}

/**
 * Limits counted in Redis, so that they hold over all processes; while Redis does not answer, each process
 * counts by itself. Without Redis (one process alone) they are counted in memory.
 *
 * `redis` is an ioredis client with `enableOfflineQueue: false` and a `commandTimeout`.
 */
export function createLimits(options: {
  readonly redis: object | null
  readonly limits?: Partial<Record<LimitName, Limit>>
}): Limits {
  const limiters = new Map<LimitName, RateLimiterMemory | RateLimiterRedis>()
  for (const name of Object.keys(DEFAULT_LIMITS) as LimitName[]) {
    limiters.set(name, createLimiter(name, options.limits?.[name] ?? DEFAULT_LIMITS[name], options.redis))
  }
  const limiterOf = (name: LimitName) => {
    const limiter = limiters.get(name)
    if (!limiter) throw new RangeError(`no limit is called ${name}`)
    return limiter
  }
  return {
    async consume(name, key) {
      try {
        await limiterOf(name).consume(digest(key))
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal
        throw new AppError('limited', 'rate-limited', 'Too many requests; wait and try again.', {
          retryAfterSeconds: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)),
        })
      }
    },
    async giveBack(name, key) {
      await limiterOf(name).reward(digest(key))
    },
    async reset(name, key) {
      await limiterOf(name).delete(digest(key))
    },
  }
}

function createLimiter(
  name: LimitName,
  limit: Limit,
  redis: object | null,
): RateLimiterMemory | RateLimiterRedis {
  const rule = { keyPrefix: `limit:${name}`, points: limit.points, duration: limit.seconds }
  const memory = new RateLimiterMemory(rule)
  if (redis === null) return memory
  return new RateLimiterRedis({
    ...rule,
    storeClient: redis,
    rejectIfRedisNotReady: true,
    insuranceLimiter: memory,
  })
}

/** Keys are kept as digests, so that neither e-mails nor tokens stand in Redis. */
function digest(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 22)
}

/** Limits everything under /v1 by the client's address; what a user may do is limited by `authenticate`. */
export function limitByAddress(limits: Limits): Middleware {
  return async (ctx, next) => {
    if (ctx.path.startsWith('/v1/') || ctx.path === '/v1') {
      await limits.consume('all-address', addressKey(doorState(ctx).address))
    }
    await next()
  }
}
