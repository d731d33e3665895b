import { randomBytes } from 'node:crypto'
import bcrypt from 'bcrypt'
import { AppError } from '../lib/errors.js'

/**
 * Passwords at rest. bcrypt works in the thread pool that file system and name look-ups use too, so only a few
 * run at a time, a bounded number waits, and whoever comes on top of these is sent away for a moment.
 */
export interface Passwords {
  hash(password: string): Promise<string>
  /** With null for the hash of an account that is not there it takes as long, and the answer is false. */
  matches(password: string, hash: string | null): Promise<boolean>
  /** Whether this hash was made at a lower cost than is asked for today. */
  isWeak(hash: string): boolean
}

/** bcrypt looks at no byte beyond these; more are refused rather than cut. */
export const MAX_PASSWORD_BYTES = 72

export interface PasswordOptions {
  /** log2 of bcrypt's rounds */
  readonly cost: number
  readonly concurrency?: number
  readonly queueLimit?: number
}

export function createPasswords(options: PasswordOptions): Passwords {
  const { cost } = options
  const inTurn = takeTurns(options.concurrency ?? 2, options.queueLimit ?? 50)
  const nobody = bcrypt.hash(randomBytes(32).toString('base64url'), cost)
  return {
    hash: (password) => inTurn(() => bcrypt.hash(password, cost)),
    matches: (password, hash) =>
      inTurn(async () => {
        const equal = await bcrypt.compare(password, hash ?? (await nobody))
        return hash !== null && equal
      }),
    isWeak: (hash) => bcrypt.getRounds(hash) < cost,
  }
}

function takeTurns(concurrency: number, queueLimit: number) {
  const waiting: (() => void)[] = []
  let busy = 0
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (busy < concurrency) busy += 1
    else if (waiting.length < queueLimit) await new Promise<void>((resolve) => waiting.push(resolve))
    else
      throw new AppError('unavailable', 'busy', 'Too many sign-ins at once; try again.', {
        retryAfterSeconds: 3,
      })
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else busy -= 1
    }
  }
}
