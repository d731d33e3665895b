import { z } from 'zod'
import { pageSchema } from '../http/pages.js'
import { currency, instant, locale, nameText, timeZone } from '../http/schema.js'
import { currencyOfHundredth } from '../lib/currency.js'
import { MAX_PASSWORD_BYTES } from './passwords.js'

/** Case and blanks around it make no other address. */
const email = z
  .string()
  .max(400)
  .trim()
  .toLowerCase()
  .max(254, 'must have 254 characters at most')
  .pipe(z.email('is not an e-mail address'))

const bytesDetail = `must have ${MAX_PASSWORD_BYTES} bytes at most (UTF-8)`
const password = z
  .string()
  .min(1, 'must not be empty')
  .max(MAX_PASSWORD_BYTES, bytesDetail)
  .refine((text) => Buffer.byteLength(text) <= MAX_PASSWORD_BYTES, bytesDetail)

const newPassword = password.refine((text) => [...text].length >= 8, 'must have 8 characters at least')

/** A currency in which a whole fortune can be told: pence and the like are units of prices only. */
const baseCurrency = currency.refine(
  (code) => currencyOfHundredth(code) === null,
  'is a unit of prices, not a currency',
)

export const registration = z.strictObject({
  email,
  password: newPassword,
  name: nameText().nullable().default(null),
  baseCurrency: baseCurrency.default('USD'),
  timeZone: timeZone.default('UTC'),
  locale: locale.default('en'),
})
export type Registration = z.output<typeof registration>

export const credentials = z.strictObject({ email, password })
export type Credentials = z.output<typeof credentials>

export const refreshing = z.strictObject({ refreshToken: z.string().min(1).max(200) })
export const passwordChange = z.strictObject({ currentPassword: password, newPassword })
export const farewell = z.strictObject({ password })

export const profileChange = z.strictObject({
  name: nameText().nullable().optional(),
  baseCurrency: baseCurrency.optional(),
  timeZone: timeZone.optional(),
  locale: locale.optional(),
  // Every month has a day 28.
  monthStartDay: z.number().int().min(1).max(28).optional(),
})
export type ProfileChange = z.output<typeof profileChange>

export const user = z
  .object({
    id: z.guid(),
    email: z.string(),
    name: z.string().nullable(),
    role: z.enum(['USER', 'ADMIN']),
    baseCurrency: z.string(),
    timeZone: z.string(),
    locale: z.string(),
    monthStartDay: z.number().int(),
    createdAt: instant,
  })
  .meta({ id: 'User' })

export const session = z
  .object({
    user,
    accessToken: z.string(),
    expiresAt: instant,
    refreshToken: z.string(),
  })
  .meta({ id: 'Session' })

export const sessionPage = pageSchema(
  z
    .object({
      id: z.guid(),
      createdAt: instant,
      lastUsedAt: instant,
      expiresAt: instant,
      userAgent: z.string().nullable(),
      address: z.string().nullable(),
      current: z.boolean(),
    })
    .meta({ id: 'SessionSummary' }),
)
