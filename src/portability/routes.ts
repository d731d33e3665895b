import { Readable } from 'node:stream'
import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { requireMatch, versionTag } from '../http/etag.js'
import { guard } from '../http/guard.js'
import { pageQuery } from '../http/pages.js'
import { idParams } from '../http/schema.js'
import type { Exports, Pieces } from './export.js'
import { exportAnswer, exportQuery, importAnswer, importPage, newImport } from './schema.js'
import type { Imports } from './service.js'

interface Doors {
  readonly signedIn: Middleware
  /** Honours Idempotency-Key. */
  readonly once: Middleware
}

/** `/v1/imports`: files that are taken over. */
export function importRoutes(imports: Imports, { signedIn, once }: Doors): Router {
  const router = new Router({ prefix: '/v1/imports' })
  router.use(signedIn)

  router.get(
    '/',
    guard({ query: pageQuery, answer: importPage }, ({ query, actor }) => imports.list(actor.userId, query)),
  )
  router.post(
    '/',
    once,
    guard(
      {
        ...{ body: newImport, answer: importAnswer, status: 201, etag: versionTag },
        summary: 'Read a file and tell what would be written',
      },
      async ({ body, actor, ctx }) => {
        const made = await imports.create(actor.userId, body)
        ctx.set('Location', `/v1/imports/${made.id}`)
        return made
      },
    ),
  )
  router.get(
    '/:id',
    guard({ params: idParams, answer: importAnswer, etag: versionTag }, ({ params, actor }) =>
      imports.get(actor.userId, params.id),
    ),
  )
  router.post(
    '/:id/confirm',
    once,
    guard(
      {
        ...{ params: idParams, answer: importAnswer, status: 202, etag: versionTag, refuses: [412] },
        summary: 'Write what was read, in the background',
      },
      ({ params, actor, ctx }) =>
        imports.confirm(actor.userId, params.id, (current) => requireMatch(ctx, versionTag(current))),
    ),
  )
  router.delete(
    '/:id',
    guard({ params: idParams }, ({ params, actor, ctx }) =>
      imports
        .remove(actor.userId, params.id, (current) => requireMatch(ctx, versionTag(current)))
        .then(() => undefined),
    ),
  )
  return router
}

/** `/v1/me/export`: everything, or one kind of entries as CSV. */
export function exportRoutes(files: Exports, { signedIn }: Pick<Doors, 'signedIn'>): Router {
  const router = new Router({ prefix: '/v1/me/export' })
  router.use(signedIn)
  router.get(
    '/',
    guard(
      {
        ...{ query: exportQuery, answer: exportAnswer, alsoAs: ['text/csv'] },
        summary: 'Download everything, or one kind of entries as CSV',
      },
      async ({ query, actor, ctx }) => {
        const { format, kind } = query
        if (format === 'json' || kind === undefined)
          return download(ctx, 'harta.json', 'application/json', await files.json(actor.userId))
        return download(ctx, `${kind}.csv`, 'text/csv; charset=utf-8', await files.csv(actor.userId, kind))
      },
    ),
  )
  return router
}

function download(ctx: Context, name: string, type: string, pieces: Pieces): Readable {
  ctx.set('Content-Type', type)
  ctx.set('Content-Disposition', `attachment; filename="${name}"`)
  return Readable.from(pieces.map((piece) => Buffer.from(piece)))
}
