import Router from '@koa/router'
import type { Middleware } from 'koa'
import { guard } from '../http/guard.js'
import { historyAnswer, historyQuery, performanceAnswer, performanceQuery } from './portfolio-schema.js'
import type { HistoryInsight, PerformanceInsight } from './portfolio-service.js'

/** `/v1/portfolio/performance` and `/v1/portfolio/history`: what came of what was owned. */
export function portfolioInsightRoutes({
  performance,
  history,
  signedIn,
}: {
  readonly performance: PerformanceInsight
  readonly history: HistoryInsight
  readonly signedIn: Middleware
}): Router {
  const router = new Router()
  router.use(signedIn)
  router.get(
    '/v1/portfolio/performance',
    guard(
      {
        query: performanceQuery,
        answer: performanceAnswer,
        summary: 'Gains and rates of return of the portfolio, or of one asset, between two dates',
        refuses: [404],
      },
      ({ query: { from, to, method, assetId }, actor }) =>
        performance(actor.userId, {
          from: from ?? null,
          to: to ?? null,
          method,
          assetId: assetId ?? null,
        }),
    ),
  )
  router.get(
    '/v1/portfolio/history',
    guard(
      { query: historyQuery, answer: historyAnswer, summary: 'Net worth over time, up to now' },
      ({ query: { interval, from, to }, actor }) =>
        history(actor.userId, { interval, from: from ?? null, to: to ?? null }),
    ),
  )
  return router
}
