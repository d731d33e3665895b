import { randomBytes } from 'node:crypto'
import type Router from '@koa/router'
import type { Middleware } from 'koa'
import type { Database } from '../database/database.js'
import { confirmations } from '../delivery/confirmation.js'
import { createMailer, type Mailer } from '../delivery/email.js'
import { confirmationRoutes, stopEmailRoutes, tryRoutes } from '../delivery/email-routes.js'
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
  readonly ways: Readonly<Record<Topic, Way | null>> & { readonly email: Mailer | null }
  /** What browsers subscribe to, base64url. */
  readonly publicKey: string
  /** For endpoints of push services, which clients name. */
  readonly guarded: GuardedRequest
  /** Signs what links in e-mails say. */
  readonly linkKey: Buffer
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
  const linkKey = await serverKey(db, 'unsubscribe', () => randomBytes(32))
  const guarded = createGuardedRequest({ allowedNetworks: webhookNetworks, timeoutMs: PUSH_TIMEOUT_MS })
  const push = createPusher({ keys, mailFrom, publicUrl, guarded })
  const email =
    smtpUrl === null || mailFrom === null || publicUrl === null
      ? null
      : life.add(createMailer({ smtpUrl, from: mailFrom, publicUrl, key: linkKey, clock }), (open) =>
          open.close(),
        )
  return { ways: { email, push }, publicKey: keys.publicKey, guarded, linkKey }
}

/** Browsers that want to be woken, trials of the ways, and whether an address wants e-mails. */
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
  const { ways, publicKey, guarded, linkKey: key } = options.ways
  const admit = async (userId: string, mailbox: string): Promise<void> => {
    await limits.consume('confirm-user-hour', userId)
    await limits.consume('confirm-user-day', userId)
    await limits.consume('confirm-mailbox-hour', mailbox)
    await limits.consume('confirm-mailbox-day', mailbox)
  }
  const announce = createAnnounce({ emailConfigured: ways.email !== null, clock })
  return [
    pushRoutes(pushSubscriptions({ db, publicKey, guarded }), { signedIn, once }),
    tryRoutes(createTryChannel({ db, announce, tell, ways, clock }), {
      signedIn,
      once,
      admit: (userId) => limits.consume('try-user', userId),
    }),
    confirmationRoutes(confirmations({ db, mailer: ways.email, key, clock, admit }), { signedIn, once }),
    stopEmailRoutes(createStopEmail({ db, key, clock })),
  ]
}
