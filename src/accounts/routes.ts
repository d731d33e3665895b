import Router from '@koa/router'
import type { Middleware } from 'koa'
import { clientOf } from '../http/context.js'
import { rememberTrait } from '../http/described.js'
import { contentTag, requireMatch } from '../http/etag.js'
import { guard } from '../http/guard.js'
import { REPLAYED, readKey } from '../http/idempotency.js'
import { pageQuery } from '../http/pages.js'
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
    guard({ summary: 'End this session' }, ({ actor }) => accounts.logout(actor)),
  )
  profileRoutes(router, accounts, signedIn)
  sessionRoutes(router, accounts, signedIn)
  return router
}

function openRoutes(router: Router, accounts: Accounts): void {
  router.post(
    '/v1/auth/register',
    rememberTrait(
      guard(
        {
          summary: 'Open an account; a repetition with the same key within a minute is signed in to it',
          open: true,
          body: schema.registration,
          answer: schema.session,
          status: 201,
        },
        async ({ body, ctx }) => {
          const { session, isRepeated } = await accounts.register(body, clientOf(ctx), readKey(ctx))
          if (isRepeated) ctx.set(REPLAYED, 'true')
          return session
        },
      ),
      'idempotent',
    ),
  )
  router.post(
    '/v1/auth/login',
    guard(
      {
        summary: 'Sign in',
        open: true,
        body: schema.credentials,
        answer: schema.session,
        refuses: [401, 403],
      },
      ({ body, ctx }) => accounts.login(body, clientOf(ctx)),
    ),
  )
  router.post(
    '/v1/auth/refresh',
    guard(
      {
        summary: 'A new access token for a refresh token, which is good once',
        open: true,
        body: schema.refreshing,
        answer: schema.session,
        refuses: [401],
      },
      ({ body, ctx }) => accounts.refresh(body.refreshToken, clientOf(ctx)),
    ),
  )
}

function profileRoutes(router: Router, accounts: Accounts, signedIn: Middleware): void {
  router.get(
    '/v1/me',
    signedIn,
    guard({ summary: 'Who you are', answer: schema.user, etag: contentTag }, ({ actor }) =>
      accounts.user(actor.userId),
    ),
  )
  router.patch(
    '/v1/me',
    signedIn,
    guard(
      { summary: 'Change your profile', body: schema.profileChange, answer: schema.user, etag: contentTag },
      ({ actor, body, ctx }) =>
        accounts.changeProfile(actor.userId, body, (user) =>
          requireMatch(ctx, contentTag(schema.user.parse(user))),
        ),
    ),
  )
  router.delete(
    '/v1/me',
    signedIn,
    guard(
      { summary: 'Remove your account and everything in it', body: schema.farewell, refuses: [403] },
      ({ actor, body, ctx }) =>
        accounts.remove(actor.userId, body.password, (user) =>
          requireMatch(ctx, contentTag(schema.user.parse(user))),
        ),
    ),
  )
  router.put(
    '/v1/me/password',
    signedIn,
    guard(
      {
        summary: 'Change your password, which ends every session',
        body: schema.passwordChange,
        answer: schema.session,
        refuses: [403],
      },
      ({ actor, body, ctx }) =>
        accounts.changePassword(actor.userId, body.currentPassword, body.newPassword, clientOf(ctx)),
    ),
  )
}

function sessionRoutes(router: Router, accounts: Accounts, signedIn: Middleware): void {
  router.get(
    '/v1/me/sessions',
    signedIn,
    guard(
      { summary: 'Where you are signed in', query: pageQuery, answer: schema.sessionPage },
      ({ actor, query }) => accounts.sessions(actor, query),
    ),
  )
  router.delete(
    '/v1/me/sessions',
    signedIn,
    guard({ summary: 'End every other session' }, ({ actor }) => accounts.endOtherSessions(actor)),
  )
  router.delete(
    '/v1/me/sessions/:id',
    signedIn,
    guard({ summary: 'End a session', params: idParams }, ({ actor, params }) =>
      accounts.endSession(actor.userId, params.id),
    ),
  )
}
