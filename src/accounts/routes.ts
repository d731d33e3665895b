import Router from '@koa/router'
import type { Middleware } from 'koa'
import { clientOf } from '../http/context.js'
import { contentTag, requireMatch } from '../http/etag.js'
import { guard } from '../http/guard.js'
import { idParams } from '../http/schema.js'
import * as schema from './schema.js'
import type { Accounts } from './service.js'

/** `/v1/auth` and `/v1/me`. `signedIn` is the `authenticate` middleware. */
export function accountRoutes(accounts: Accounts, { signedIn }: { readonly signedIn: Middleware }): Router {
  const router = new Router()
  openRoutes(router, accounts)
  router.post(
    '/v1/auth/logout',
    signedIn,
    guard({}, ({ actor }) => accounts.logout(actor)),
  )
  profileRoutes(router, accounts, signedIn)
  sessionRoutes(router, accounts, signedIn)
  return router
}

function openRoutes(router: Router, accounts: Accounts): void {
  router.post(
    '/v1/auth/register',
    guard({ open: true, body: schema.registration, answer: schema.session, status: 201 }, ({ body, ctx }) =>
      accounts.register(body, clientOf(ctx)),
    ),
  )
  router.post(
    '/v1/auth/login',
    guard({ open: true, body: schema.credentials, answer: schema.session }, ({ body, ctx }) =>
      accounts.login(body, clientOf(ctx)),
    ),
  )
  router.post(
    '/v1/auth/refresh',
    guard({ open: true, body: schema.refreshing, answer: schema.session }, ({ body, ctx }) =>
      accounts.refresh(body.refreshToken, clientOf(ctx)),
    ),
  )
}

function profileRoutes(router: Router, accounts: Accounts, signedIn: Middleware): void {
  router.get(
    '/v1/me',
    signedIn,
    guard({ answer: schema.user, etag: contentTag }, ({ actor }) => accounts.user(actor.userId)),
  )
  router.patch(
    '/v1/me',
    signedIn,
    guard({ body: schema.profileChange, answer: schema.user, etag: contentTag }, ({ actor, body, ctx }) =>
      accounts.changeProfile(actor.userId, body, (user) =>
        requireMatch(ctx, contentTag(schema.user.parse(user))),
      ),
    ),
  )
  router.delete(
    '/v1/me',
    signedIn,
    guard({ body: schema.farewell }, ({ actor, body, ctx }) =>
      accounts.remove(actor.userId, body.password, (user) =>
        requireMatch(ctx, contentTag(schema.user.parse(user))),
      ),
    ),
  )
  router.put(
    '/v1/me/password',
    signedIn,
    guard({ body: schema.passwordChange, answer: schema.session }, ({ actor, body, ctx }) =>
      accounts.changePassword(actor.userId, body.currentPassword, body.newPassword, clientOf(ctx)),
    ),
  )
}

function sessionRoutes(router: Router, accounts: Accounts, signedIn: Middleware): void {
  router.get(
    '/v1/me/sessions',
    signedIn,
    guard({ answer: schema.sessionList }, async ({ actor }) => ({
      data: await accounts.sessions(actor),
      nextCursor: null,
    })),
  )
  router.delete(
    '/v1/me/sessions',
    signedIn,
    guard({}, ({ actor }) => accounts.endOtherSessions(actor)),
  )
  router.delete(
    '/v1/me/sessions/:id',
    signedIn,
    guard({ params: idParams }, ({ actor, params }) => accounts.endSession(actor.userId, params.id)),
  )
}
