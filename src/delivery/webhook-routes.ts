import Router from '@koa/router'
import type { Middleware } from 'koa'
import { requireMatch, versionTag } from '../http/etag.js'
import { guard } from '../http/guard.js'
import { pageQuery } from '../http/pages.js'
import { idParams } from '../http/schema.js'
import {
  delivery,
  deliveryPage,
  deliveryParams,
  deliveryQuery,
  newWebhook,
  rotated,
  webhook,
  webhookChange,
  webhookPage,
  webhookWithSecret,
} from './webhook-schema.js'
import type { Webhooks } from './webhook-service.js'

const told = { answer: webhook, etag: versionTag } as const
const ROTATE = 'Give a webhook a new secret; what is sent is signed with the former one too, for a day'
const TEST = 'Send a test to a webhook, and wait for the outcome'
const REPLAY = 'Send a delivery to a webhook once more'

/** `/v1/webhooks` and, below each, what was sent to it. `once` honours Idempotency-Key. */
export function webhookRoutes(
  webhooks: Webhooks,
  { signedIn, once }: { readonly signedIn: Middleware; readonly once: Middleware },
): Router {
  const router = new Router({ prefix: '/v1/webhooks' })
  router.use(signedIn)

  router.get(
    '/',
    guard({ query: pageQuery, answer: webhookPage }, ({ query, actor }) =>
      webhooks.list(actor.userId, query),
    ),
  )
  router.post(
    '/',
    once,
    guard(
      { body: newWebhook, answer: webhookWithSecret, status: 201, etag: versionTag },
      async ({ body, actor, ctx }) => {
        const made = await webhooks.create(actor.userId, body)
        ctx.set('Location', `/v1/webhooks/${made.id}`)
        return made
      },
    ),
  )
  router.get(
    '/:id',
    guard({ params: idParams, ...told }, ({ params, actor }) => webhooks.get(actor.userId, params.id)),
  )
  router.patch(
    '/:id',
    guard({ params: idParams, body: webhookChange, ...told }, ({ params, body, actor, ctx }) =>
      webhooks.change(actor.userId, params.id, body, (current) => requireMatch(ctx, versionTag(current))),
    ),
  )
  router.delete(
    '/:id',
    guard({ params: idParams }, ({ params, actor, ctx }) =>
      webhooks
        .remove(actor.userId, params.id, (current) => requireMatch(ctx, versionTag(current)))
        .then(() => undefined),
    ),
  )
  router.post(
    '/:id/rotate',
    once,
    guard({ params: idParams, answer: rotated, summary: ROTATE }, ({ params, actor }) =>
      webhooks.rotate(actor.userId, params.id),
    ),
  )
  router.post(
    '/:id/test',
    once,
    guard(
      { params: idParams, answer: delivery, status: 201, summary: TEST },
      async ({ params, actor, ctx }) => {
        const sent = await webhooks.test(actor.userId, params.id)
        ctx.set('Location', `/v1/webhooks/${params.id}/deliveries/${sent.id}`)
        return sent
      },
    ),
  )

  router.get(
    '/:id/deliveries',
    guard({ params: idParams, query: deliveryQuery, answer: deliveryPage }, ({ params, query, actor }) =>
      webhooks.deliveries(actor.userId, params.id, query),
    ),
  )
  router.get(
    '/:id/deliveries/:deliveryId',
    guard({ params: deliveryParams, answer: delivery }, ({ params, actor }) =>
      webhooks.delivery(actor.userId, params.id, params.deliveryId),
    ),
  )
  router.post(
    '/:id/deliveries/:deliveryId/replay',
    once,
    guard({ params: deliveryParams, answer: delivery, status: 202, summary: REPLAY }, ({ params, actor }) =>
      webhooks.replay(actor.userId, params.id, params.deliveryId),
    ),
  )
  return router
}
