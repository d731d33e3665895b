import Router from '@koa/router'
import type { Middleware } from 'koa'
import { z } from 'zod'
import { requireMatch, versionTag } from '../http/etag.js'
import { guard } from '../http/guard.js'
import { pageQuery } from '../http/pages.js'
import { idParams, uuid } from '../http/schema.js'
import {
  activity,
  activityChange,
  activityPage,
  activityQuery,
  asset,
  assetChange,
  assetPage,
  assetPricePage,
  everyActivityQuery,
  newActivity,
  newAsset,
  priceQuery,
  recordedPrices,
  recordPrices,
} from './schema.js'
import type { Assets } from './service.js'

const itemParams = z.strictObject({ id: uuid, activityId: uuid })

/** `/v1/assets` and, below each asset, its activities and its prices. `once` honours Idempotency-Key. */
export function assetRoutes(
  assets: Assets,
  { signedIn, once }: { readonly signedIn: Middleware; readonly once: Middleware },
): Router {
  const router = new Router({ prefix: '/v1/assets' })
  router.use(signedIn)

  router.get(
    '/',
    guard({ query: pageQuery, answer: assetPage }, ({ query, actor }) => assets.list(actor.userId, query)),
  )
  router.post(
    '/',
    once,
    guard({ body: newAsset, answer: asset, status: 201, etag: versionTag }, async ({ body, actor, ctx }) => {
      const made = await assets.create(actor.userId, body)
      ctx.set('Location', `/v1/assets/${made.id}`)
      return made
    }),
  )
  router.get(
    '/:id',
    guard({ params: idParams, answer: asset, etag: versionTag }, ({ params, actor }) =>
      assets.get(actor.userId, params.id),
    ),
  )
  router.patch(
    '/:id',
    guard(
      { params: idParams, body: assetChange, answer: asset, etag: versionTag },
      ({ params, body, actor, ctx }) =>
        assets.change(actor.userId, params.id, body, (current) => requireMatch(ctx, versionTag(current))),
    ),
  )
  router.delete(
    '/:id',
    guard({ params: idParams }, ({ params, actor, ctx }) =>
      assets
        .remove(actor.userId, params.id, (current) => requireMatch(ctx, versionTag(current)))
        .then(() => undefined),
    ),
  )

  router.get(
    '/:id/activities',
    guard({ params: idParams, query: activityQuery, answer: activityPage }, ({ params, query, actor }) =>
      assets.listActivities(actor.userId, params.id, query),
    ),
  )
  router.post(
    '/:id/activities',
    once,
    guard(
      { params: idParams, body: newActivity, answer: activity, status: 201, etag: versionTag },
      async ({ params, body, actor, ctx }) => {
        const made = await assets.addActivity(actor.userId, params.id, body)
        ctx.set('Location', `/v1/assets/${params.id}/activities/${made.id}`)
        return made
      },
    ),
  )
  router.get(
    '/:id/activities/:activityId',
    guard({ params: itemParams, answer: activity, etag: versionTag }, ({ params, actor }) =>
      assets.getActivity(actor.userId, params.id, params.activityId),
    ),
  )
  router.patch(
    '/:id/activities/:activityId',
    guard(
      { params: itemParams, body: activityChange, answer: activity, etag: versionTag },
      ({ params, body, actor, ctx }) =>
        assets.changeActivity(actor.userId, params.id, params.activityId, body, (current) =>
          requireMatch(ctx, versionTag(current)),
        ),
    ),
  )
  router.delete(
    '/:id/activities/:activityId',
    guard({ params: itemParams }, ({ params, actor, ctx }) =>
      assets
        .removeActivity(actor.userId, params.id, params.activityId, (current) =>
          requireMatch(ctx, versionTag(current)),
        )
        .then(() => undefined),
    ),
  )

  router.get(
    '/:id/prices',
    guard({ params: idParams, query: priceQuery, answer: assetPricePage }, ({ params, query, actor }) =>
      assets.listPrices(actor.userId, params.id, query),
    ),
  )
  router.post(
    '/:id/prices',
    once,
    guard(
      { params: idParams, body: recordPrices, answer: recordedPrices, status: 201 },
      async ({ params, body, actor }) => {
        const stored = await assets.recordPrices(actor.userId, params.id, body)
        const [first] = stored
        return 'date' in body && first ? first : { data: stored, nextCursor: null }
      },
    ),
  )
  return router
}

/** `/v1/activities`: what happened to any asset of the user. */
export function activityRoutes(assets: Assets, { signedIn }: { readonly signedIn: Middleware }): Router {
  const router = new Router({ prefix: '/v1/activities' })
  router.use(signedIn)
  router.get(
    '/',
    guard({ query: everyActivityQuery, answer: activityPage }, ({ query, actor }) =>
      assets.listEveryActivity(actor.userId, query),
    ),
  )
  return router
}
