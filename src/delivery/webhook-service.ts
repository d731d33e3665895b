import { randomBytes } from 'node:crypto'
import type { Database, Tx } from '../database/database.js'
import type { PageAsk } from '../http/pages.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import { risingIds } from '../lib/rising-ids.js'
import type { Webhook, WebhookDelivery, WebhookWithSecret } from '../protocol/notifications.js'
import type { Page } from '../protocol/resources.js'
import { messageWords } from './email-words.js'
import { type AttemptOptions, attempt } from './webhook-attempt.js'
import type { Event } from './webhook-message.js'
import { giveUp } from './webhook-queue.js'
import type { DeliveryAsk, NewWebhookInput, WebhookChange } from './webhook-schema.js'
import { type WebhookValues, webhookStore } from './webhook-store.js'

export interface WebhooksOptions extends AttemptOptions {
  readonly db: Database
  readonly clock: Clock
}

/** The rules of webhooks. `checkVersion` compares the version that a client expects and throws when it is another. */
export type Webhooks = ReturnType<typeof webhooks>
type CheckVersion = (current: { readonly id: string; readonly version: number }) => void

const MOST_WEBHOOKS = 10
const SECRET_BYTES = 32
const FORMER_MS = 24 * 3_600_000
/** How long a test may take, with what is written down after it. */
const TEST_MS = 30_000
const TELEGRAM_URL = 'https://api.telegram.org'

export function webhooks(options: WebhooksOptions) {
  const { db, clock, request, secrets } = options
  const testing = new Set<string>()

  function normal(url: string, format: Webhook['format']): string {
    const refusal = request.refusalOf(url)
    if (refusal !== null) throw mistaken('/url', refusal)
    const parsed = new URL(url)
    if (format === 'ntfy' && parsed.pathname === '/') throw mistaken('/url', 'has to end with a topic')
    parsed.hash = ''
    return parsed.href
  }

  async function values(id: string, input: NewWebhookInput, secret: string): Promise<WebhookValues> {
    const { format, name = null, events = [] } = input
    const url = input.format === 'telegram' ? TELEGRAM_URL : normal(input.url, format)
    const chatId = input.format === 'telegram' ? input.chatId : null
    return { id, name, format, url, chatId, events, secret: await secrets.seal(id, secret) }
  }

  async function lock(tx: Tx, userId: string, id: string): Promise<Webhook> {
    return (await webhookStore.lock(tx, userId, id)) ?? missing('webhook')
  }

  async function requireDelivery(
    tx: Tx,
    userId: string,
    webhookId: string,
    id: string,
  ): Promise<WebhookDelivery> {
    return (await webhookStore.delivery(tx, userId, webhookId, id)) ?? missing('delivery')
  }

  async function send(userId: string, webhookId: string): Promise<WebhookDelivery> {
    const now = clock.now()
    const newId = risingIds(now)
    const [id, eventId] = [newId(), newId()]
    const { target, message } = await db.asUser(userId, async (tx) => {
      const target = (await webhookStore.target(tx, userId, webhookId)) ?? missing('webhook')
      const locale = await webhookStore.reader(tx, userId)
      const event = testEvent(eventId, locale, now)
      await webhookStore.insertClaimed(tx, userId, webhookId, { id, event, now, claimedUntil: now + TEST_MS })
      return { target, message: { id: eventId, events: [event], locale } as const }
    })
    const outcome = await attempt(options, target, message, now)
    return db.asUser(userId, async (tx) => {
      await webhookStore.finish(tx, userId, id, outcome, clock.now())
      return requireDelivery(tx, userId, webhookId, id)
    })
  }

  return {
    list: (userId: string, ask: PageAsk): Promise<Page<Webhook>> =>
      db.asUser(userId, (tx) => webhookStore.list(tx, userId, ask)),

    get: (userId: string, id: string): Promise<Webhook> =>
      db.asUser(userId, async (tx) => (await webhookStore.get(tx, userId, id)) ?? missing('webhook')),

    /** Its secret is told here, and never again. */
    async create(userId: string, input: NewWebhookInput): Promise<WebhookWithSecret> {
      const id = risingIds(clock.now())()
      const secret = input.format === 'standard' ? newSecret() : null
      const token = input.format === 'standard' ? '' : (input.token ?? '')
      const made = await values(id, input, secret ?? token)
      return db.asUser(userId, async (tx) => {
        if ((await webhookStore.countToAdd(tx, userId)) >= MOST_WEBHOOKS) {
          throw new AppError(
            'conflict',
            'too-many-webhooks',
            `An account can have ${MOST_WEBHOOKS} webhooks.`,
          )
        }
        return { ...(await webhookStore.insert(tx, userId, made)), secret }
      })
    },

    change: (
      userId: string,
      id: string,
      change: WebhookChange,
      checkVersion: CheckVersion,
    ): Promise<Webhook> =>
      db.asUser(userId, async (tx) => {
        const before = await lock(tx, userId, id)
        checkVersion(before)
        const { disabled, url, ...rest } = change
        if (url !== undefined && before.format === 'telegram')
          throw mistaken('/url', 'is always that of Telegram')
        const isSwitched = disabled !== undefined && disabled !== (before.disabledAt !== null)
        if (isSwitched && disabled) await giveUp(tx, [id])
        return webhookStore.change(tx, userId, id, {
          ...rest,
          ...(url === undefined ? {} : { url: normal(url, before.format) }),
          ...(isSwitched ? { disabledAt: disabled ? clock.now() : null } : {}),
        })
      }),

    remove: (userId: string, id: string, checkVersion: CheckVersion): Promise<void> =>
      db.asUser(userId, async (tx) => {
        checkVersion(await lock(tx, userId, id))
        await webhookStore.remove(tx, userId, id)
      }),

    async rotate(userId: string, id: string): Promise<{ secret: string }> {
      const secret = newSecret()
      const sealed = await secrets.seal(id, secret)
      await db.asUser(userId, async (tx) => {
        const { format } = await lock(tx, userId, id)
        if (format !== 'standard') {
          throw new AppError('conflict', 'webhook-unsigned', 'What is sent to a chat is not signed.')
        }
        await webhookStore.rotate(tx, userId, id, { secret: sealed, formerUntil: clock.now() + FORMER_MS })
      })
      return { secret }
    },

    /** Sends a test at once, also to one that is switched off; one at a time. */
    async test(userId: string, id: string): Promise<WebhookDelivery> {
      if (testing.has(userId)) {
        const again = { retryAfterSeconds: 5 }
        throw new AppError('limited', 'test-under-way', 'Another test is still under way.', again)
      }
      testing.add(userId)
      try {
        return await send(userId, id)
      } finally {
        testing.delete(userId)
      }
    },

    deliveries: (userId: string, webhookId: string, ask: DeliveryAsk): Promise<Page<WebhookDelivery>> =>
      db.asUser(userId, async (tx) => {
        if (!(await webhookStore.get(tx, userId, webhookId))) missing('webhook')
        return webhookStore.deliveries(tx, userId, webhookId, ask)
      }),

    delivery: (userId: string, webhookId: string, id: string): Promise<WebhookDelivery> =>
      db.asUser(userId, (tx) => requireDelivery(tx, userId, webhookId, id)),

    /** Sends it again, under the same id, as soon as a sender looks. */
    replay: (userId: string, webhookId: string, id: string): Promise<WebhookDelivery> =>
      db.asUser(userId, async (tx) => {
        const { disabledAt } = await lock(tx, userId, webhookId)
        await requireDelivery(tx, userId, webhookId, id)
        if (disabledAt !== null) {
          throw new AppError('conflict', 'webhook-switched-off', 'This webhook is switched off.')
        }
        await webhookStore.replay(tx, userId, id, clock.now())
        return requireDelivery(tx, userId, webhookId, id)
      }),
  }
}

function newSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`
}

function testEvent(id: string, locale: string, now: number): Event {
  const timestamp = new Date(now).toISOString()
  return {
    type: 'test',
    timestamp,
    data: { id, kind: 'test', at: timestamp, ...messageWords(locale).trial, data: {}, seenAt: null },
  }
}

function mistaken(pointer: string, detail: string): AppError {
  const errors = [{ pointer, detail }]
  return new AppError('invalid', 'invalid-input', 'Some of what was sent cannot be accepted.', { errors })
}

function missing(what: 'webhook' | 'delivery'): never {
  throw new AppError('missing', 'not-found', `There is no such ${what}.`)
}
