import type { Database } from '../database/database.js'
import type { PageAsk } from '../http/pages.js'
import { AppError } from '../lib/errors.js'
import type { PushSubscription } from '../protocol/notifications.js'
import type { Page } from '../protocol/resources.js'
import type { GuardedRequest } from './guarded-request.js'
import { networkRules } from './network.js'
import type { NewSubscription } from './push-schema.js'
import { pushStore } from './push-store.js'

const MOST_SUBSCRIPTIONS = 20

/** Browsers that want to be woken. */
export type PushSubscriptions = ReturnType<typeof pushSubscriptions>

export function pushSubscriptions({
  db,
  publicKey,
  guarded,
}: {
  readonly db: Database
  /** What browsers subscribe to, base64url. */
  readonly publicKey: string
  readonly guarded: GuardedRequest
}) {
  return {
    publicKey,

    list: (userId: string, ask: PageAsk): Promise<Page<PushSubscription>> =>
      db.asUser(userId, (tx) => pushStore.list(tx, userId, ask)),

    async get(userId: string, id: string): Promise<PushSubscription> {
      const found = await db.asUser(userId, (tx) => pushStore.find(tx, userId, id))
      if (!found) throw noSubscription()
      return found
    },

    /** Throws AppError conflict `too-many-subscriptions`. */
    async subscribe(
      userId: string,
      { endpoint, keys }: NewSubscription,
      userAgent: string | null,
    ): Promise<PushSubscription> {
      const refusal = refusalOf(endpoint, guarded)
      if (refusal !== null) {
        const errors = [{ pointer: '/endpoint', detail: refusal }]
        throw new AppError('invalid', 'invalid-input', 'This endpoint cannot be used.', { errors })
      }
      const browser = { endpoint, ...keys, userAgent }
      await db.asSystem((tx) => pushStore.takeFromOthers(tx, userId, browser))
      return db.asUser(userId, async (tx) => {
        if ((await pushStore.countOthers(tx, userId, endpoint)) >= MOST_SUBSCRIPTIONS) {
          const detail = `An account can hold ${MOST_SUBSCRIPTIONS} subscriptions.`
          throw new AppError('conflict', 'too-many-subscriptions', detail)
        }
        return pushStore.upsert(tx, userId, browser)
      })
    },

    async remove(userId: string, id: string): Promise<void> {
      const wasThere = await db.asUser(userId, (tx) => pushStore.remove(tx, userId, id))
      if (!wasThere) throw noSubscription()
    },
  }
}

function noSubscription(): AppError {
  return new AppError('missing', 'not-found', 'There is no such subscription.')
}

/** Push services are asked over https; one in a network that the operator has named may do without. */
function refusalOf(endpoint: string, guarded: GuardedRequest): string | null {
  const refusal = guarded.refusalOf(endpoint)
  if (refusal !== null) return refusal
  const isNamed = networkRules([]).refusalOf(endpoint) !== null
  return new URL(endpoint).protocol === 'https:' || isNamed ? null : 'has to begin with https://'
}
