import { randomBytes } from 'node:crypto'
import type Router from '@koa/router'
import type { Middleware } from 'koa'
import type { Database } from '../database/database.js'
import { createMailer } from '../delivery/email.js'
import { stopEmailRoutes, tryRoutes } from '../delivery/email-routes.js'
import { createStopEmail } from '../delivery/email-settings.js'
import { createGuardedRequest, type GuardedRequest } from '../delivery/guarded-request.js'
import { createPusher, vapidKeys } from '../delivery/push.js'
import { pushRoutes } from '../delivery/push-routes.js'
import { pushSubscriptions } from '../delivery/push-service.js'
import { serverKey } from '../delivery/server-keys.js'
import { createTryChannel } from '../delivery/trial.js'
import type { Topic, Way } from '../delivery/way.js'
import type { Limits } from '../http/limits.js'
import type { Clock } from '../lib/clock.js'
import type { Lifetime } from '../lib/lifetime.js'
import { createAnnounce } from '../notifications/announce.js'
import type { Tell } from '../notifications/news.js'
import type { Config, Secrets } from './config.js'
import type { Resources } from './resources.js'

/** The ways out of the house that messages take one by one, and the keys that go with them. */
export interface Ways {
  readonly ways: Readonly<Record<Topic, Way | null>>
  /** What browsers subscribe to, base64url. */
  readonly publicKey: string
  /** For endpoints of push services, which clients name. */
  readonly guarded: GuardedRequest
  /** Signs what stops e-mails. */
  readonly stopKey: Buffer
}

const PUSH_TIMEOUT_MS = 10_000

export async function openWays(
  life: Lifetime,
  {
    config,
    secrets,
    resources,
    clock,
  }: { config: Config; secrets: Secrets; resources: Resources; clock: Clock },
): Promise<Ways> {
  const { db } = resources
  const { publicUrl, mailFrom, webhookNetworks } = config
  const { smtpUrl } = secrets
  const keys = await vapidKeys(db)
  const stopKey = await serverKey(db, 'unsubscribe', () => randomBytes(32))
  const guarded = createGuardedRequest({ allowedNetworks: webhookNetworks, timeoutMs: PUSH_TIMEOUT_MS })
  const push = createPusher({ keys, mailFrom, publicUrl, guarded })
  const email =
    smtpUrl === null || mailFrom === null
      ? null
      : life.add(createMailer({ smtpUrl, from: mailFrom, publicUrl, key: stopKey, clock }), (open) =>
          open.close(),
        )
  return { ways: { email, push }, publicKey: keys.publicKey, guarded, stopKey }
}

/** Browsers that want to be woken, trials of the ways, and the end of e-mails. */
export function wayRoutes(options: {
  readonly db: Database
  readonly tell: Tell
  readonly ways: Ways
  readonly clock: Clock
  readonly limits: Limits
  readonly signedIn: Middleware
  readonly once: Middleware
}): readonly Router[] {
  const { db, tell, clock, limits, signedIn, once } = options
  const { ways, publicKey, guarded, stopKey } = options.ways
  const announce = createAnnounce({ emailConfigured: ways.email !== null, clock })
  return [
    pushRoutes(pushSubscriptions({ db, publicKey, guarded }), { signedIn, once }),
    tryRoutes(createTryChannel({ db, announce, tell, ways, clock }), {
      signedIn,
      once,
      admit: (userId) => limits.consume('try-user', userId),
    }),
    stopEmailRoutes(createStopEmail({ db, key: stopKey, clock })),
  ]
}
