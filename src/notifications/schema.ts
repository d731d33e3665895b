import { z } from 'zod'
import { describedAs } from '../http/described.js'
import { pageQuery } from '../http/pages.js'
import { uuid } from '../http/schema.js'
import { NOTIFICATION_KINDS } from '../protocol/notifications.js'

const kind = z.enum(NOTIFICATION_KINDS)

export const notification = z
  .object({
    id: z.string(),
    kind,
    at: z.string(),
    title: z.string(),
    body: z.string(),
    data: z.record(z.string(), z.unknown()),
    seenAt: z.string().nullable(),
  })
  .meta({ id: 'Notification' })

/** As it travels between processes. */
export const told = z.object({ userId: uuid, notification })

const unseen = z.number().meta({ description: 'How many have not been seen, in all.' })
export const notificationPage = z
  .object({ data: z.array(notification).readonly(), nextCursor: z.string().nullable(), unseen })
  .meta({ id: 'NotificationPage' })

const yesText = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .optional()
export const notificationQuery = pageQuery.extend({
  unseen: describedAs(yesText, z.boolean().optional()),
  kind: kind.optional(),
})

export const notificationChange = z.strictObject({ seen: z.boolean() })

/** How many may be named at once. */
const MOST_NAMED = 100
export const seenNotice = z
  .strictObject({
    ids: z.array(uuid).min(1).max(MOST_NAMED).optional(),
    all: z.literal(true).optional(),
  })
  .refine(({ ids, all }) => (ids === undefined) !== (all === undefined), 'has to have either ids or all')
export const unseenLeft = z.object({ unseen })

const timeDetail = 'must be a time of day HH:MM'
const timeOfDay = z
  .string(timeDetail)
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, timeDetail)
  .meta({ examples: ['22:00'] })
export const quietHours = z
  .strictObject({ from: timeOfDay, to: timeOfDay })
  .refine(({ from, to }) => from !== to, 'has to end at another time than it begins')

export const settingsChange = z
  .strictObject({
    email: z.boolean().optional(),
    push: z.boolean().optional(),
    webhook: z.boolean().optional(),
    quietHours: quietHours.nullable().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'has to change something')

export const notificationSettings = z
  .object({
    email: z.boolean(),
    push: z.boolean(),
    webhook: z.boolean(),
    quietHours: z.object({ from: z.string(), to: z.string() }).nullable(),
    available: z.object({ email: z.boolean(), push: z.boolean() }),
    emailConfirmed: z.boolean().meta({
      description: 'Whether the address is confirmed; until then nothing is sent there but the link.',
    }),
    version: z.number(),
  })
  .meta({ id: 'NotificationSettings' })

export type NotificationAsk = z.output<typeof notificationQuery>
export type SettingsChange = z.output<typeof settingsChange>
