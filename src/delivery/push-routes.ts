import Router from '@koa/router'
import type { Middleware } from 'koa'
import { clientOf } from '../http/context.js'
import { guard } from '../http/guard.js'
import { pageQuery } from '../http/pages.js'
import { idParams } from '../http/schema.js'
import { newSubscription, pushKey, subscription, subscriptionPage } from './push-schema.js'
import type { PushSubscriptions } from './push-service.js'

/** `/v1/push`. `once` honours Idempotency-Key. */
export function pushRoutes(
  subscriptions: PushSubscriptions,
  { signedIn, once }: { readonly signedIn: Middleware; readonly once: Middleware },
): Router {
  const router = new Router({ prefix: '/v1/push' })
  router.use(signedIn)

  router.get(
    '/key',
    guard({ answer: pushKey, summary: 'Read the public key that browsers subscribe with' }, async () => ({
      publicKey: subscriptions.publicKey,
    })),
  )
  router.get(
    '/subscriptions',
    guard(
      { query: pageQuery, answer: subscriptionPage, summary: 'Read the browsers that are woken' },
      ({ query, actor }) => subscriptions.list(actor.userId, query),
    ),
  )
  router.post(
    '/subscriptions',
    once,
    guard(
      {
        ...{ body: newSubscription, answer: subscription, status: 201 },
        summary: 'Add a browser, or give one that is known its new keys',
      },
      async ({ body, actor, ctx }) => {
        const made = await subscriptions.subscribe(actor.userId, body, clientOf(ctx).userAgent)
        ctx.set('Location', `/v1/push/subscriptions/${made.id}`)
        return made
      },
    ),
  )
  router.get(
    '/subscriptions/:id',
    guard(
      { params: idParams, answer: subscription, summary: 'Read one of the browsers that are woken' },
      ({ params, actor }) => subscriptions.get(actor.userId, params.id),
    ),
  )
  router.delete(
    '/subscriptions/:id',
    guard({ params: idParams, summary: 'Wake a browser no more' }, ({ params, actor }) =>
      subscriptions.remove(actor.userId, params.id),
    ),
  )
  return router
}
