import Router from '@koa/router'
import type { Middleware } from 'koa'
import { z } from 'zod'
import { guard } from '../http/guard.js'
import type { PriceBoard } from './board.js'
import type { CandleHistory } from './history.js'
import { candlePage, candleQuery, price } from './schema.js'

const symbol = z.string().min(1).max(32)
const symbols = z
  .string()
  .transform((text) => text.split(',').map((symbol) => symbol.trim()))
  .pipe(z.array(symbol).min(1).max(100))

/**
 * `/v1/prices`: the newest price of each symbol that is known; one that is not known is left out. Below a symbol,
 * its candles, oldest first and a thousand at most in one answer; what follows is asked for by `cursor`.
 */
export function priceRoutes(options: {
  readonly board: PriceBoard
  readonly candles: CandleHistory
  /** Asks the workers for symbols that may not be listened to yet. */
  readonly demand: (symbols: readonly string[]) => void
  readonly signedIn: Middleware
}): Router {
  const { board, candles, demand } = options
  const router = new Router()
  router.use(options.signedIn)
  router.get(
    '/v1/prices',
    guard(
      {
        summary: 'The newest prices of these symbols',
        query: z.strictObject({ symbols }),
        answer: z.object({ data: z.array(price) }),
      },
      async ({ query }) => {
        demand(query.symbols)
        return { data: query.symbols.flatMap((symbol) => board.get(symbol)?.price ?? []) }
      },
    ),
  )
  router.get(
    '/v1/prices/:symbol/candles',
    guard(
      {
        summary: 'What it cost over time, in candles',
        params: z.strictObject({ symbol }),
        query: candleQuery,
        answer: candlePage,
      },
      async ({ params, query, actor }) => {
        const page = await candles(actor.userId, params.symbol, query)
        demand([params.symbol])
        return { ...page, data: [...page.data] }
      },
    ),
  )
  return router
}
