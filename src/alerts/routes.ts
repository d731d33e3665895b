import Router from '@koa/router'
import type { Middleware } from 'koa'
import { requireMatch, versionTag } from '../http/etag.js'
import { guard } from '../http/guard.js'
import { idParams } from '../http/schema.js'
import { alert, alertChange, alertPage, alertQuery, newAlert } from './schema.js'
import type { Alerts } from './service.js'

/** How it stands moves with the market, under the tag of what was asked for. */
const told = { answer: alert, etag: versionTag, isLive: true } as const

/** `/v1/alerts`. `once` honours Idempotency-Key. */
export function alertRoutes(
  alerts: Alerts,
  { signedIn, once }: { readonly signedIn: Middleware; readonly once: Middleware },
): Router {
  const router = new Router({ prefix: '/v1/alerts' })
  router.use(signedIn)
  router.get(
    '/',
    guard({ query: alertQuery, answer: alertPage }, ({ query, actor }) => alerts.list(actor.userId, query)),
  )
  router.post(
    '/',
    once,
    guard({ body: newAlert, ...told, status: 201 }, async ({ body, actor, ctx }) => {
      const made = await alerts.create(actor.userId, body)
      ctx.set('Location', `/v1/alerts/${made.id}`)
      return made
    }),
  )
  router.get(
    '/:id',
    guard({ params: idParams, ...told }, ({ params, actor }) => alerts.get(actor.userId, params.id)),
  )
  router.patch(
    '/:id',
    guard({ params: idParams, body: alertChange, ...told }, ({ params, body, actor, ctx }) =>
      alerts.change(actor.userId, params.id, body, (current) => requireMatch(ctx, versionTag(current))),
    ),
  )
  router.delete(
    '/:id',
    guard({ params: idParams }, ({ params, actor, ctx }) =>
      alerts
        .remove(actor.userId, params.id, (current) => requireMatch(ctx, versionTag(current)))
        .then(() => undefined),
    ),
  )
  return router
}
