import Router from '@koa/router'
import type { Middleware } from 'koa'
import { z } from 'zod'
import { guard } from '../http/guard.js'
import type { PriceBoard } from './board.js'
import { price } from './schema.js'

const symbols = z
  .string()
  .transform((text) => text.split(',').map((symbol) => symbol.trim()))
  .pipe(z.array(z.string().min(1).max(32)).min(1).max(100))

/** `/v1/prices`: the newest price of each symbol that is known; one that is not known is left out. */
export function priceRoutes(options: {
  readonly board: PriceBoard
  /** Asks the workers for symbols that may not be listened to yet. */
  readonly demand: (symbols: readonly string[]) => void
  readonly signedIn: Middleware
}): Router {
  const { board, demand } = options
  const router = new Router()
  router.use(options.signedIn)
  router.get(
    '/v1/prices',
    guard(
      { query: z.strictObject({ symbols }), answer: z.object({ data: z.array(price) }) },
      async ({ query }) => {
        demand(query.symbols)
        return { data: query.symbols.flatMap((symbol) => board.get(symbol)?.price ?? []) }
      },
    ),
  )
  return router
}
