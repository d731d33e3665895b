import Router from '@koa/router'
import type { Middleware } from 'koa'
import { z } from 'zod'
import type { Database } from '../database/database.js'
import { guard } from '../http/guard.js'
import { encodeKey, keyCursor, limit, pageSchema } from '../http/pages.js'
import { AppError } from '../lib/errors.js'
import { instrumentStore, type StoredInstrument } from './store.js'
import { isIsin, isSymbol, parsePair } from './symbol.js'

const instrument = z
  .object({
    symbol: z.string(),
    kind: z.enum(['CRYPTO', 'STOCK', 'FUND', 'CURRENCY']),
    name: z.string(),
    currency: z.string(),
    mic: z.string().nullable(),
    isin: z.string().nullable(),
    lotSize: z.string().nullable(),
    status: z.enum(['active', 'halted', 'delisted']),
    venues: z.array(z.string()).readonly(),
  })
  .meta({ id: 'Instrument' })

const searchQuery = z.strictObject({
  query: z.string().trim().min(1).max(32),
  limit,
  cursor: keyCursor(z.tuple([z.int32(), z.string().refine(isSymbol)])).optional(),
})

/** `/v1/instruments`: what venues and sources know, what a market has priced, and what the user holds. */
export function instrumentRoutes(options: {
  readonly db: Database
  /** Asks the sources for a share that nobody has named yet; resolves when they have told what they know. */
  readonly discover: (symbol: string) => Promise<void>
  readonly signedIn: Middleware
}): Router {
  const { db, discover } = options
  const router = new Router()
  router.use(options.signedIn)

  router.get(
    '/v1/instruments',
    guard(
      { summary: 'Look for instruments', query: searchQuery, answer: pageSchema(instrument) },
      async ({ query, actor }) => {
        const { query: text, limit, cursor } = query
        const found = await db.asUser(actor.userId, async (tx) => {
          const baseCurrency = await instrumentStore.baseCurrency(tx, actor.userId)
          return instrumentStore.search(tx, { text, baseCurrency, limit: limit + 1, after: cursor ?? null })
        })
        const shown = found.slice(0, limit)
        const last = shown.at(-1)
        return {
          data: shown.map(({ instrument }) => instrument),
          nextCursor: found.length > limit && last ? encodeKey(last.place) : null,
        }
      },
    ),
  )

  const look = (userId: string, text: string): Promise<StoredInstrument | null> =>
    db.asUser(userId, async (tx) =>
      instrumentStore.resolve(tx, text, await instrumentStore.baseCurrency(tx, userId)),
    )

  router.get(
    '/v1/instruments/:symbol',
    guard(
      {
        summary: 'An instrument by its symbol, its ISIN or its coin',
        params: z.strictObject({ symbol: z.string().min(1).max(32).toUpperCase() }),
        answer: instrument,
      },
      async ({ params: { symbol }, actor }) => {
        let found = await look(actor.userId, symbol)
        if (!found && isSymbol(symbol) && !isIsin(symbol) && parsePair(symbol) === null) {
          await discover(symbol)
          found = await look(actor.userId, symbol)
        }
        if (!found) throw new AppError('missing', 'not-found', 'There is no such instrument.')
        return found
      },
    ),
  )
  return router
}
