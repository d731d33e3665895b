import Router from '@koa/router'
import type { Middleware } from 'koa'
import { z } from 'zod'
import { guard } from '../http/guard.js'
import { price } from '../prices/schema.js'

const text = z.string().nullable()
const dayChange = z.object({ amount: z.string(), percent: text }).nullable()
const valuation = z
  .object({
    epoch: z.string(),
    seq: z.number(),
    at: z.string(),
    currency: z.string(),
    total: z.string(),
    cost: z.string(),
    gain: z.string(),
    dayChange,
    coverage: z.object({
      holdings: z.number(),
      priced: z.number(),
      stale: z.number(),
      unpriced: z.array(z.object({ assetId: z.string(), reason: z.enum(['no-price', 'no-rate']) })),
    }),
    holdings: z.array(
      z.object({
        assetId: z.string(),
        type: z.enum(['CASH', 'STOCK', 'CRYPTO', 'REAL', 'LIABILITY']),
        name: z.string(),
        symbol: text,
        quantity: z.string(),
        price: price.nullable(),
        rate: text,
        value: text,
        cost: text,
        gain: text,
        dayChange,
      }),
    ),
  })
  .meta({ id: 'Valuation' })

/** `/v1/portfolio`: the same Valuation, from the same place, that the socket gets. */
export function portfolioRoutes(options: {
  readonly current: (userId: string) => Promise<string>
  readonly signedIn: Middleware
}): Router {
  const router = new Router()
  router.use(options.signedIn)
  router.get(
    '/v1/portfolio',
    guard({ summary: 'What everything is worth now', answer: valuation }, async ({ actor }) => {
      // Its own text, of which the guard lets nothing out that the schema does not name.
      const told: unknown = JSON.parse(await options.current(actor.userId))
      return told as z.input<typeof valuation>
    }),
  )
  return router
}
