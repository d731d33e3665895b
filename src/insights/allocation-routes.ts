import Router from '@koa/router'
import type { Middleware } from 'koa'
import { z } from 'zod'
import { guard } from '../http/guard.js'
import type { Valuation } from '../protocol/resources.js'
import { allocationOf } from './allocation.js'

const by = z.enum(['type', 'currency', 'asset'])
const allocation = z
  .object({
    currency: z.string(),
    by,
    total: z.string(),
    coverage: z.object({
      holdings: z.number(),
      priced: z.number(),
      stale: z.number(),
      unpriced: z
        .array(z.object({ assetId: z.string(), reason: z.enum(['no-price', 'no-rate']) }))
        .readonly(),
    }),
    parts: z
      .array(z.object({ key: z.string(), name: z.string(), value: z.string(), share: z.string().nullable() }))
      .readonly(),
  })
  .meta({ id: 'Allocation' })

/** `/v1/portfolio/allocation`: what the current valuation is made of. */
export function allocationRoutes(options: {
  readonly valuation: (userId: string) => Promise<Valuation>
  readonly signedIn: Middleware
}): Router {
  const router = new Router({ prefix: '/v1/portfolio/allocation' })
  router.use(options.signedIn)
  router.get(
    '/',
    guard(
      {
        query: z.strictObject({ by: by.default('type') }),
        answer: allocation,
        summary: 'How the portfolio is spread over types, currencies or assets',
      },
      async ({ query, actor }) => allocationOf(await options.valuation(actor.userId), query.by),
    ),
  )
  return router
}
