import { z } from 'zod'

/** A Price of the protocol, in answers. */
export const price = z.object({
  symbol: z.string(),
  amount: z.string(),
  currency: z.string(),
  at: z.string(),
  source: z.string(),
  state: z.enum(['live', 'delayed', 'stale', 'closed', 'manual', 'simulated']),
})
