import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { requireMatch, versionTag } from '../http/etag.js'
import { guard } from '../http/guard.js'
import { pageQuery } from '../http/pages.js'
import { idParams } from '../http/schema.js'
import type { FlowKind } from '../protocol/flows.js'
import type { Budgets } from './budgets.js'
import type { Categories } from './categories.js'
import type { Flows } from './flows.js'
import type { CheckVersion } from './refusals.js'
import type { Rules } from './rules.js'
import * as schema from './schema.js'
import type { Cashflow } from './service.js'

interface Doors {
  readonly signedIn: Middleware
  /** Honours Idempotency-Key. */
  readonly once: Middleware
}

/** `/v1/incomes`, `/v1/expenses`, `/v1/categories`, `/v1/budgets` and `/v1/recurring`. */
export function cashflowRoutes(cashflow: Cashflow, doors: Doors): readonly Router[] {
  return [
    flowRoutes('/v1/incomes', 'INCOME', cashflow.incomes, doors),
    flowRoutes('/v1/expenses', 'EXPENSE', cashflow.expenses, doors),
    categoryRoutes('/v1/categories', cashflow.categories, doors),
    budgetRoutes('/v1/budgets', cashflow.budgets, doors),
    ruleRoutes('/v1/recurring', cashflow.rules, doors),
  ]
}

function flowRoutes(prefix: string, kind: FlowKind, flows: Flows, { signedIn, once }: Doors): Router {
  const router = new Router({ prefix })
  const told = { answer: schema.flow, etag: versionTag } as const
  router.use(signedIn)
  router.get(
    '/',
    guard({ query: schema.flowQuery, answer: schema.flowPage }, ({ query, actor }) =>
      flows.list(actor.userId, query),
    ),
  )
  router.post(
    '/',
    once,
    guard({ body: schema.newFlow[kind], ...told, status: 201 }, async ({ body, actor, ctx }) =>
      located(ctx, prefix, await flows.create(actor.userId, body)),
    ),
  )
  router.get(
    '/:id',
    guard({ params: idParams, ...told }, ({ params, actor }) => flows.get(actor.userId, params.id)),
  )
  router.patch(
    '/:id',
    guard({ params: idParams, body: schema.flowChange[kind], ...told }, ({ params, body, actor, ctx }) =>
      flows.change(actor.userId, params.id, body, matching(ctx)),
    ),
  )
  router.delete(
    '/:id',
    guard({ params: idParams }, ({ params, actor, ctx }) =>
      flows.remove(actor.userId, params.id, matching(ctx)).then(() => undefined),
    ),
  )
  return router
}

function categoryRoutes(prefix: string, categories: Categories, { signedIn, once }: Doors): Router {
  const router = new Router({ prefix })
  const told = { answer: schema.category, etag: versionTag } as const
  router.use(signedIn)
  router.get(
    '/',
    guard({ query: schema.categoryQuery, answer: schema.categoryPage }, ({ query, actor }) =>
      categories.list(actor.userId, query),
    ),
  )
  router.post(
    '/',
    once,
    guard({ body: schema.newCategory, ...told, status: 201 }, async ({ body, actor, ctx }) =>
      located(ctx, prefix, await categories.create(actor.userId, body)),
    ),
  )
  router.get(
    '/:id',
    guard({ params: idParams, ...told }, ({ params, actor }) => categories.get(actor.userId, params.id)),
  )
  router.patch(
    '/:id',
    guard({ params: idParams, body: schema.categoryChange, ...told }, ({ params, body, actor, ctx }) =>
      categories.rename(actor.userId, params.id, body.name, matching(ctx)),
    ),
  )
  router.delete(
    '/:id',
    guard({ params: idParams }, ({ params, actor, ctx }) =>
      categories.remove(actor.userId, params.id, matching(ctx)).then(() => undefined),
    ),
  )
  return router
}

function budgetRoutes(prefix: string, budgets: Budgets, { signedIn, once }: Doors): Router {
  const router = new Router({ prefix })
  // What was spent moves with the expenses, under the tag of what is stored.
  const told = { answer: schema.budget, etag: versionTag, isLive: true } as const
  router.use(signedIn)
  router.get(
    '/',
    guard({ query: schema.budgetQuery, answer: schema.budgetPage }, ({ query, actor }) =>
      budgets.list(actor.userId, query),
    ),
  )
  router.post(
    '/',
    once,
    guard({ body: schema.newBudget, ...told, status: 201 }, async ({ body, actor, ctx }) =>
      located(ctx, prefix, await budgets.create(actor.userId, body)),
    ),
  )
  router.get(
    '/:id',
    guard({ params: idParams, query: schema.monthQuery, ...told }, ({ params, query, actor }) =>
      budgets.get(actor.userId, params.id, query.month),
    ),
  )
  router.patch(
    '/:id',
    guard({ params: idParams, body: schema.budgetChange, ...told }, ({ params, body, actor, ctx }) =>
      budgets.change(actor.userId, params.id, body, matching(ctx)),
    ),
  )
  router.delete(
    '/:id',
    guard({ params: idParams }, ({ params, actor, ctx }) =>
      budgets.remove(actor.userId, params.id, matching(ctx)).then(() => undefined),
    ),
  )
  return router
}

function ruleRoutes(prefix: string, rules: Rules, { signedIn, once }: Doors): Router {
  const router = new Router({ prefix })
  const told = { answer: schema.rule, etag: versionTag } as const
  router.use(signedIn)
  router.get(
    '/',
    guard({ query: pageQuery, answer: schema.rulePage }, ({ query, actor }) =>
      rules.list(actor.userId, query),
    ),
  )
  router.post(
    '/',
    once,
    guard({ body: schema.newRule, ...told, status: 201 }, async ({ body, actor, ctx }) =>
      located(ctx, prefix, await rules.create(actor.userId, body)),
    ),
  )
  router.get(
    '/:id',
    guard({ params: idParams, ...told }, ({ params, actor }) => rules.get(actor.userId, params.id)),
  )
  router.patch(
    '/:id',
    guard({ params: idParams, body: schema.ruleChange, ...told }, ({ params, body, actor, ctx }) =>
      rules.change(actor.userId, params.id, body, matching(ctx)),
    ),
  )
  router.delete(
    '/:id',
    guard({ params: idParams }, ({ params, actor, ctx }) =>
      rules.remove(actor.userId, params.id, matching(ctx)).then(() => undefined),
    ),
  )
  return router
}

function matching(ctx: Context): CheckVersion {
  return (current) => requireMatch(ctx, versionTag(current))
}

function located<T extends { readonly id: string }>(ctx: Context, prefix: string, made: T): T {
  ctx.set('Location', `${prefix}/${made.id}`)
  return made
}
