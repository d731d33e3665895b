import { z } from 'zod'
import { describedAs } from '../http/described.js'
import { pageQuery, pageSchema } from '../http/pages.js'
import { nameText, uuid } from '../http/schema.js'
import { NOTIFICATION_KINDS } from '../protocol/notifications.js'

const name = nameText().nullable().optional()
const kind = z.enum(NOTIFICATION_KINDS)
const events = z
  .array(kind)
  .max(NOTIFICATION_KINDS.length)
  .transform((kinds) => [...new Set(kinds)])
  .optional()
  .describe('What is sent there; none of them named: everything.')
const url = z
  .url({ protocol: /^https?$/, error: 'must be an address that begins with https:// or http://' })
  .max(2_000, 'must have 2000 characters at most')

const standard = z.strictObject({ format: z.literal('standard'), url, name, events })
const telegram = z.strictObject({
  format: z.literal('telegram'),
  token: z.string().regex(/^\d{1,20}:[A-Za-z0-9_-]{20,100}$/, 'is not the token of a bot'),
  chatId: z
    .string()
    .regex(
      /^(-?\d{1,20}|@[A-Za-z]\w{3,63})$/,
      'must be the number of a chat, or @ and the name of a channel',
    ),
  name,
  events,
})
const ntfy = z.strictObject({
  format: z.literal('ntfy'),
  url,
  token: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'is not an access token')
    .optional(),
  name,
  events,
})
const unlessTold = standard.extend({ format: z.literal('standard').optional() })
/** Where no format is told, it is standard; mistakes are then told of that one alone. */
export const newWebhook = describedAs(
  z.preprocess(
    (input) => (isUntold(input) ? { ...input, format: 'standard' } : input),
    z.discriminatedUnion('format', [standard, telegram, ntfy]),
  ),
  z.union([unlessTold, telegram, ntfy]),
)

function isUntold(input: unknown): input is object {
  return typeof input === 'object' && input !== null && !Array.isArray(input) && !('format' in input)
}

export const webhookChange = z
  .strictObject({
    name: nameText().nullable().optional(),
    url: url.optional(),
    events,
    disabled: z.boolean().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'has to change something')

const text = z.string().nullable()
export const webhook = z
  .object({
    id: z.string(),
    name: text,
    format: z.enum(['standard', 'telegram', 'ntfy']),
    url: z.string(),
    chatId: text,
    events: z.array(kind).readonly(),
    disabledAt: text,
    disabledReason: text.describe('by-hand, failing (for a day) or gone (it answered 410)'),
    version: z.number(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Webhook' })
export const webhookPage = pageSchema(webhook)
export const webhookWithSecret = webhook.extend({ secret: text }).meta({ id: 'WebhookWithSecret' })
export const rotated = z.object({ secret: z.string() })

const state = z.enum(['pending', 'delivered', 'failed'])
export const delivery = z
  .object({
    id: z.string(),
    eventId: z.string(),
    event: kind,
    state,
    attempts: z.number(),
    nextAttemptAt: text,
    responseCode: z.number().nullable(),
    responseBody: text,
    error: text.describe(
      'status, redirect, timeout, dns, connection, tls, address-refused, answer-too-large, gone, switched-off or internal',
    ),
    createdAt: z.string(),
    deliveredAt: text,
  })
  .meta({ id: 'WebhookDelivery' })
export const deliveryPage = pageSchema(delivery)
export const deliveryQuery = pageQuery.extend({ state: state.optional() })
export const deliveryParams = z.strictObject({ id: uuid, deliveryId: uuid })

export type NewWebhookInput = z.output<typeof newWebhook>
export type WebhookChange = z.output<typeof webhookChange>
export type DeliveryAsk = z.output<typeof deliveryQuery>
