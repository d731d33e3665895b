import { z } from 'zod'
import { pageSchema } from '../http/pages.js'
import { isBrowserKey } from './browser-key.js'

const BASE64URL = /^[A-Za-z0-9_-]*={0,2}$/

const bytes = (count: number) =>
  z
    .string()
    .max(128)
    .regex(BASE64URL, 'must be base64url')
    .refine((text) => Buffer.from(text, 'base64url').length === count, `must have ${count} bytes`)
    .transform((text) => text.replaceAll('=', ''))

/** As `PushSubscription.toJSON()` of a browser gives it. */
export const newSubscription = z.strictObject({
  endpoint: z.url('must be a URL').max(2_000),
  keys: z.strictObject({
    p256dh: bytes(65).refine(isBrowserKey, 'is not a public key (P-256)'),
    auth: bytes(16),
  }),
  expirationTime: z.number().nullable().optional(),
})
export type NewSubscription = z.output<typeof newSubscription>

export const subscription = z
  .object({
    id: z.string(),
    endpoint: z.string(),
    userAgent: z.string().nullable(),
    createdAt: z.string(),
    lastUsedAt: z.string().nullable(),
  })
  .meta({ id: 'PushSubscription' })
export const subscriptionPage = pageSchema(subscription)

export const pushKey = z
  .object({ publicKey: z.string().meta({ description: 'For `applicationServerKey`, base64url.' }) })
  .meta({ id: 'PushKey' })
