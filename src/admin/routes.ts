import Router from '@koa/router'
import type { Middleware } from 'koa'
import { requireRole } from '../http/authenticate.js'
import { guard } from '../http/guard.js'
import type { Clock } from '../lib/clock.js'
import { feedsReport, type WorkerReport } from './schema.js'

/** `/v1/admin/...`: what operators see; nothing in it belongs to a user. */
export function adminRoutes(options: {
  readonly reports: () => Promise<readonly WorkerReport[]>
  readonly clock: Clock
  readonly signedIn: Middleware
}): Router {
  const router = new Router()
  router.use('/v1/admin', options.signedIn, requireRole('ADMIN'))
  router.get(
    '/v1/admin/feeds',
    guard({ summary: 'What the workers tell of venues and sources', answer: feedsReport }, async () => ({
      at: new Date(options.clock.now()).toISOString(),
      workers: [...(await options.reports())],
    })),
  )
  return router
}
