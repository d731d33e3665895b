import Router from '@koa/router'
import type { Middleware } from 'koa'
import { z } from 'zod'
import type { Database } from '../database/database.js'
import { guard } from '../http/guard.js'
import { AppError } from '../lib/errors.js'
import { instrumentStore } from './store.js'

const instrument = z.object({
  symbol: z.string(),
  kind: z.string(),
  name: z.string(),
  currency: z.string(),
  mic: z.string().nullable(),
})

/** `/v1/instruments`: what a market has priced, and what the user holds. */
export function instrumentRoutes(db: Database, { signedIn }: { readonly signedIn: Middleware }): Router {
  const router = new Router()
  router.use(signedIn)

  router.get(
    '/v1/instruments',
    guard(
      {
        query: z.strictObject({ query: z.string().trim().min(1).max(32) }),
        answer: z.object({ data: z.array(instrument), nextCursor: z.null() }),
      },
      async ({ query, actor }) => {
        const found = await db.asUser(actor.userId, (tx) => instrumentStore.search(tx, query.query, 50))
        return { data: [...found], nextCursor: null }
      },
    ),
  )

  router.get(
    '/v1/instruments/:symbol',
    guard(
      { params: z.strictObject({ symbol: z.string().min(1).max(32) }), answer: instrument },
      async ({ params, actor }) => {
        const found = await db.asUser(actor.userId, (tx) => instrumentStore.find(tx, params.symbol))
        if (!found) throw new AppError('missing', 'not-found', 'There is no such instrument.')
        return found
      },
    ),
  )
  return router
}
