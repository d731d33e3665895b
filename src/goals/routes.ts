import Router from '@koa/router'
import type { Middleware } from 'koa'
import { z } from 'zod'
import { requireMatch, versionTag } from '../http/etag.js'
import { guard } from '../http/guard.js'
import { pageQuery } from '../http/pages.js'
import { idParams, uuid } from '../http/schema.js'
import {
  contribution,
  contributionChange,
  contributionPage,
  goal,
  goalChange,
  goalPage,
  newContribution,
  newGoal,
} from './schema.js'
import type { Goals } from './service.js'

/** What has been put aside moves with the market, under the tag of what is stored. */
const told = { answer: goal, etag: versionTag, isLive: true } as const
const itemParams = z.strictObject({ id: uuid, contributionId: uuid })

/** `/v1/goals` and, below each goal, its contributions. `once` honours Idempotency-Key. */
export function goalRoutes(
  goals: Goals,
  { signedIn, once }: { readonly signedIn: Middleware; readonly once: Middleware },
): Router {
  const router = new Router({ prefix: '/v1/goals' })
  router.use(signedIn)

  router.get(
    '/',
    guard({ query: pageQuery, answer: goalPage }, ({ query, actor }) => goals.list(actor.userId, query)),
  )
  router.post(
    '/',
    once,
    guard({ body: newGoal, ...told, status: 201 }, async ({ body, actor, ctx }) => {
      const made = await goals.create(actor.userId, body)
      ctx.set('Location', `/v1/goals/${made.id}`)
      return made
    }),
  )
  router.get(
    '/:id',
    guard({ params: idParams, ...told }, ({ params, actor }) => goals.get(actor.userId, params.id)),
  )
  router.patch(
    '/:id',
    guard({ params: idParams, body: goalChange, ...told }, ({ params, body, actor, ctx }) =>
      goals.change(actor.userId, params.id, body, (current) => requireMatch(ctx, versionTag(current))),
    ),
  )
  router.delete(
    '/:id',
    guard({ params: idParams }, ({ params, actor, ctx }) =>
      goals
        .remove(actor.userId, params.id, (current) => requireMatch(ctx, versionTag(current)))
        .then(() => undefined),
    ),
  )

  router.get(
    '/:id/contributions',
    guard({ params: idParams, query: pageQuery, answer: contributionPage }, ({ params, query, actor }) =>
      goals.contributions(actor.userId, params.id, query),
    ),
  )
  router.post(
    '/:id/contributions',
    once,
    guard(
      { params: idParams, body: newContribution, answer: contribution, status: 201, etag: versionTag },
      async ({ params, body, actor, ctx }) => {
        const made = await goals.contribute(actor.userId, params.id, body)
        ctx.set('Location', `/v1/goals/${params.id}/contributions/${made.id}`)
        return made
      },
    ),
  )
  router.get(
    '/:id/contributions/:contributionId',
    guard({ params: itemParams, answer: contribution, etag: versionTag }, ({ params, actor }) =>
      goals.contribution(actor.userId, params.id, params.contributionId),
    ),
  )
  router.patch(
    '/:id/contributions/:contributionId',
    guard(
      { params: itemParams, body: contributionChange, answer: contribution, etag: versionTag },
      ({ params, body, actor, ctx }) =>
        goals.changeContribution(actor.userId, params.id, params.contributionId, body, (current) =>
          requireMatch(ctx, versionTag(current)),
        ),
    ),
  )
  router.delete(
    '/:id/contributions/:contributionId',
    guard({ params: itemParams }, ({ params, actor, ctx }) =>
      goals
        .removeContribution(actor.userId, params.id, params.contributionId, (current) =>
          requireMatch(ctx, versionTag(current)),
        )
        .then(() => undefined),
    ),
  )
  return router
}
