import type { Tx } from '../database/database.js'
import { type PageAsk, pageClause, pageOf } from '../http/pages.js'
import type { NotificationKind, Webhook, WebhookDelivery, WebhookFormat } from '../protocol/notifications.js'
import type { Page } from '../protocol/resources.js'
import type { Outcome, SealedTarget } from './webhook-attempt.js'
import type { Event } from './webhook-message.js'
import type { DeliveryAsk } from './webhook-schema.js'

export interface WebhookValues {
  readonly id: string
  readonly name: string | null
  readonly format: WebhookFormat
  readonly url: string
  readonly chatId: string | null
  readonly events: readonly NotificationKind[]
  readonly secret: Uint8Array<ArrayBuffer>
}

export interface WebhookValuesChange {
  readonly name?: string | null | undefined
  readonly url?: string | undefined
  readonly events?: readonly NotificationKind[] | undefined
  /** Ms since the epoch when it is switched off by hand; null to switch it on. */
  readonly disabledAt?: number | null
}

/** Everything below works inside the transaction of one user (Database.asUser). */
export const webhookStore = {
  async list(tx: Tx, userId: string, ask: PageAsk): Promise<Page<Webhook>> {
    const { where, ...rest } = pageClause(ask)
    const rows = await tx.webhook.findMany({ where: { userId, ...where }, ...rest })
    return pageOf(rows, ask.limit, toWebhook)
  },

  async get(tx: Tx, userId: string, id: string): Promise<Webhook | null> {
    const row = await tx.webhook.findFirst({ where: { userId, id } })
    return row && toWebhook(row)
  },

  /** Where it leads, with its secrets as they are stored. */
  async target(tx: Tx, userId: string, id: string): Promise<SealedTarget | null> {
    const row = await tx.webhook.findFirst({ where: { userId, id } })
    return row && targetOf(row)
  },

  /** The webhook, which nobody else changes until the transaction ends; what refers to it may still come. */
  async lock(tx: Tx, userId: string, id: string): Promise<Webhook | null> {
    await tx.$queryRaw`
      SELECT 1 FROM webhooks WHERE user_id = ${userId}::uuid AND id = ${id}::uuid FOR NO KEY UPDATE`
    return webhookStore.get(tx, userId, id)
  },

  /** How many there are; until the transaction ends nobody else can say so and add another. */
  async countToAdd(tx: Tx, userId: string): Promise<number> {
    await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`
    return tx.webhook.count({ where: { userId } })
  },

  async reader(tx: Tx, userId: string): Promise<string> {
    const { locale } = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { locale: true } })
    return locale
  },

  async insert(tx: Tx, userId: string, { events, ...values }: WebhookValues): Promise<Webhook> {
    return toWebhook(await tx.webhook.create({ data: { userId, ...values, events: [...events] } }))
  },

  async change(tx: Tx, userId: string, id: string, change: WebhookValuesChange): Promise<Webhook> {
    const { name, url, events, disabledAt } = change
    const row = await tx.webhook.update({
      where: { userId_id: { userId, id } },
      data: {
        ...(name === undefined ? {} : { name }),
        ...(url === undefined ? {} : { url }),
        ...(events === undefined ? {} : { events: [...events] }),
        ...(disabledAt === undefined ? {} : disabling(disabledAt)),
        version: { increment: 1 },
      },
    })
    return toWebhook(row)
  },

  /** The secret until now signs too until then. */
  async rotate(
    tx: Tx,
    userId: string,
    id: string,
    { secret, formerUntil }: { readonly secret: Uint8Array<ArrayBuffer>; readonly formerUntil: number },
  ): Promise<void> {
    await tx.$executeRaw`
      UPDATE webhooks SET former_secret = secret, former_until = ${new Date(formerUntil)}, secret = ${secret},
        version = version + 1, updated_at = now()
      WHERE user_id = ${userId}::uuid AND id = ${id}::uuid`
  },

  async remove(tx: Tx, userId: string, id: string): Promise<void> {
    await tx.webhook.delete({ where: { userId_id: { userId, id } }, select: { id: true } })
  },

  async deliveries(
    tx: Tx,
    userId: string,
    webhookId: string,
    { state, ...ask }: DeliveryAsk,
  ): Promise<Page<WebhookDelivery>> {
    const { where, ...rest } = pageClause(ask)
    const rows = await tx.webhookDelivery.findMany({
      where: { userId, webhookId, ...(state === undefined ? {} : { state }), ...where },
      omit: { body: true },
      ...rest,
    })
    return pageOf(rows, ask.limit, toDelivery)
  },

  async delivery(tx: Tx, userId: string, webhookId: string, id: string): Promise<WebhookDelivery | null> {
    const row = await tx.webhookDelivery.findFirst({ where: { userId, webhookId, id }, omit: { body: true } })
    return row && toDelivery(row)
  },

  /** Due again from now on, as if it had never been tried. One that is being sent is left to who sends it. */
  async replay(tx: Tx, userId: string, id: string, now: number): Promise<void> {
    await tx.webhookDelivery.update({
      where: { userId_id: { userId, id } },
      data: {
        state: 'pending',
        attempts: 0,
        nextAttemptAt: new Date(now),
        deliveredAt: null,
        error: null,
        held: false,
      },
      select: { id: true },
    })
  },

  /** One that its maker sends himself, until then; after that whoever sends all others. */
  async insertClaimed(
    tx: Tx,
    userId: string,
    webhookId: string,
    given: {
      readonly id: string
      readonly event: Event
      readonly now: number
      readonly claimedUntil: number
    },
  ): Promise<void> {
    const { id, event, now, claimedUntil } = given
    await tx.webhookDelivery.create({
      data: {
        ...{ id, userId, webhookId, eventId: event.data.id, event: event.type },
        body: JSON.parse(JSON.stringify(event)),
        ...{ nextAttemptAt: new Date(now), createdAt: new Date(now), claimedUntil: new Date(claimedUntil) },
      },
      select: { id: true },
    })
  },

  /** What became of one that is not tried again. */
  async finish(tx: Tx, userId: string, id: string, outcome: Outcome, now: number): Promise<void> {
    const { kind, responseCode, responseBody, error } = outcome
    const isDelivered = kind === 'delivered'
    await tx.webhookDelivery.updateMany({
      where: { userId, id, state: 'pending' },
      data: {
        ...{ state: isDelivered ? 'delivered' : 'failed', attempts: 1, claimedUntil: null },
        ...{ responseCode, responseBody, error, deliveredAt: isDelivered ? new Date(now) : null },
      },
    })
  },
}

function disabling(at: number | null) {
  if (at !== null) return { disabledAt: new Date(at), disabledReason: 'by-hand' }
  return { disabledAt: null, disabledReason: null, failures: 0, failingSince: null }
}

type WebhookRow = NonNullable<Awaited<ReturnType<Tx['webhook']['findFirst']>>>
type DeliveryRow = Omit<NonNullable<Awaited<ReturnType<Tx['webhookDelivery']['findFirst']>>>, 'body'>

function toWebhook(row: WebhookRow): Webhook {
  return {
    id: row.id,
    name: row.name,
    format: row.format as WebhookFormat,
    url: row.url,
    chatId: row.chatId,
    events: row.events as NotificationKind[],
    disabledAt: row.disabledAt?.toISOString() ?? null,
    disabledReason: row.disabledReason,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}

function toDelivery(row: DeliveryRow): WebhookDelivery {
  return {
    id: row.id,
    eventId: row.eventId,
    event: row.event as NotificationKind,
    state: row.state as WebhookDelivery['state'],
    attempts: row.attempts,
    nextAttemptAt: row.state === 'pending' ? row.nextAttemptAt.toISOString() : null,
    responseCode: row.responseCode,
    responseBody: row.responseBody,
    error: row.error,
    createdAt: row.createdAt.toISOString(),
    deliveredAt: row.deliveredAt?.toISOString() ?? null,
  }
}

interface TargetRow {
  readonly id: string
  readonly format: string
  readonly url: string
  readonly chatId: string | null
  readonly secret: Uint8Array
  readonly formerSecret: Uint8Array | null
  readonly formerUntil: Date | null
}

function targetOf({ id, format, url, chatId, secret, formerSecret, formerUntil }: TargetRow): SealedTarget {
  return {
    webhookId: id,
    format: format as WebhookFormat,
    url,
    chatId,
    secret,
    formerSecret,
    formerUntil: formerUntil?.getTime() ?? null,
  }
}
