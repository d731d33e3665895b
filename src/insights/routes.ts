import Router from '@koa/router'
import type { Middleware } from 'koa'
import { guard } from '../http/guard.js'
import { cashflowAnswer, cashflowQuery, healthAnswer } from './schema.js'
import type { CashflowInsight, HealthInsight } from './service.js'

/** `/v1/insights`: what came in and went out, and how sound it is. */
export function insightRoutes({
  cashflow,
  health,
  signedIn,
}: {
  readonly cashflow: CashflowInsight
  readonly health: HealthInsight
  readonly signedIn: Middleware
}): Router {
  const router = new Router({ prefix: '/v1/insights' })
  router.use(signedIn)
  router.get(
    '/cashflow',
    guard(
      {
        query: cashflowQuery,
        answer: cashflowAnswer,
        summary: 'What came in and went out in a month or between two dates',
      },
      ({ query, actor }) => cashflow(actor.userId, query),
    ),
  )
  router.get(
    '/health',
    guard({ answer: healthAnswer, summary: 'The financial health score, part by part' }, ({ actor }) =>
      health(actor.userId),
    ),
  )
  return router
}
