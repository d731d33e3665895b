import Router from '@koa/router'
import type { Middleware } from 'koa'
import { requireMatch } from '../http/etag.js'
import { guard } from '../http/guard.js'
import { idParams } from '../http/schema.js'
import type { NotificationSettings } from '../protocol/notifications.js'
import * as schema from './schema.js'
import type { Inbox } from './service.js'

const settings = { answer: schema.notificationSettings, etag: settingsTag } as const

/** `/v1/notifications`. `once` honours Idempotency-Key. */
export function notificationRoutes(
  inbox: Inbox,
  { signedIn, once }: { readonly signedIn: Middleware; readonly once: Middleware },
): Router {
  const router = new Router({ prefix: '/v1/notifications' })
  router.use(signedIn)

  router.get(
    '/',
    guard({ query: schema.notificationQuery, answer: schema.notificationPage }, ({ query, actor }) =>
      inbox.list(actor.userId, query),
    ),
  )
  router.post(
    '/seen',
    once,
    guard(
      { body: schema.seenNotice, answer: schema.unseenLeft, summary: 'Mark notifications as seen' },
      ({ body, actor }) => inbox.see(actor.userId, body.ids ?? null),
    ),
  )

  router.get(
    '/settings',
    guard({ ...settings, summary: 'Read how one is told' }, ({ actor }) => inbox.settings(actor.userId)),
  )
  router.patch(
    '/settings',
    guard(
      { body: schema.settingsChange, ...settings, summary: 'Change how one is told' },
      ({ body, actor, ctx }) =>
        inbox.changeSettings(actor.userId, body, (current) => requireMatch(ctx, settingsTag(current))),
    ),
  )

  // Behind the paths that are spelled out, as an id may be anything.
  router.get(
    '/:id',
    guard({ params: idParams, answer: schema.notification }, ({ params, actor }) =>
      inbox.get(actor.userId, params.id),
    ),
  )
  router.patch(
    '/:id',
    guard(
      { params: idParams, body: schema.notificationChange, answer: schema.notification },
      ({ params, body, actor }) => inbox.change(actor.userId, params.id, body),
    ),
  )
  router.delete(
    '/:id',
    guard({ params: idParams }, ({ params, actor }) => inbox.remove(actor.userId, params.id)),
  )
  return router
}

/** What the server can do and whether the address is confirmed are part of the answer and count no versions. */
function settingsTag({ version, available, emailConfirmed }: NotificationSettings): string {
  return `"${version}.${Number(available.email)}${Number(available.push)}${Number(emailConfirmed)}"`
}
