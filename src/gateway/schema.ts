import { z } from 'zod'
import { AppError } from '../lib/errors.js'

const symbol = z.string().min(1).max(32)

export const resumeAsk = z.strictObject({ epoch: z.string().max(64), seq: z.int().nonnegative() })
export const symbolsAsk = z.strictObject({ symbols: z.array(symbol).min(1).max(100) })
export const seenAsk = z.strictObject({ ids: z.array(z.guid()).min(1).max(100) })
export const renewAsk = z.strictObject({ token: z.string().min(1).max(4096) })

/** Reads what a client sent with a command; throws AppError `invalid` that names every mistaken field. */
export function readAsk<T>(schema: z.ZodType<T>, sent: unknown): T {
  const read = schema.safeParse(sent)
  if (read.success) return read.data
  throw new AppError('invalid', 'invalid-request', 'The command is not of the right form.', {
    errors: read.error.issues.map((issue) => ({
      pointer: `/${issue.path.map(String).join('/')}`,
      detail: issue.message,
    })),
  })
}
