import type { Middleware } from 'koa'
import type { z } from 'zod'
import type { Route } from './guard.js'

/**
 * What middlewares and schemas tell of themselves, for openapi.ts: kept beside them, so that neither a route nor
 * its schemas know that they are described.
 */
const routes = new WeakMap<Middleware, Route>()
const traits = new WeakMap<Middleware, Trait>()
const shapes = new WeakMap<z.ZodType, z.ZodType>()

/** `idempotent` honours Idempotency-Key; `role` lets some users pass only. */
export type Trait = 'idempotent' | 'role'

export function rememberRoute(middleware: Middleware, route: Route): Middleware {
  routes.set(middleware, route)
  return middleware
}

export function routeOf(middleware: Middleware): Route | undefined {
  return routes.get(middleware)
}

export function rememberTrait(middleware: Middleware, trait: Trait): Middleware {
  traits.set(middleware, trait)
  return middleware
}

export function traitOf(middleware: Middleware): Trait | undefined {
  return traits.get(middleware)
}

/** The schema itself, which the document shows as `shape`, because its code has no words in JSON Schema. */
export function describedAs<S extends z.ZodType>(schema: S, shape: z.ZodType): S {
  shapes.set(schema, shape)
  return schema
}

export function shapeOf(schema: z.ZodType): z.ZodType | undefined {
  return shapes.get(schema)
}
