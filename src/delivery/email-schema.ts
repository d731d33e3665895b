import { z } from 'zod'

export const tryAsk = z.strictObject({ channel: z.enum(['email', 'push']) })
export const tried = z
  .object({ sent: z.number(), failed: z.array(z.string()).readonly() })
  .meta({ id: 'TriedChannel' })

export const sentConfirmation = z
  .object({ sentTo: z.string(), expiresAt: z.string() })
  .meta({ id: 'SentConfirmation' })

/** A link is also followed by programs that look at what it leads to, so that only the token is asked for. */
export const tokenQuery = z.strictObject({ token: z.string().max(200) })
export const page = z.string().meta({ description: 'A page.' })
