import { z } from 'zod'
import { describedAs } from '../http/described.js'
import { keyCursor, limit, pageSchema } from '../http/pages.js'
import {
  calendarDate,
  currency,
  decimal,
  freeText,
  nameText,
  nonNegativeDecimal,
  positiveDecimal,
} from '../http/schema.js'

const assetType = z.enum(['CASH', 'STOCK', 'CRYPTO', 'REAL', 'LIABILITY'])
const pricing = z.enum(['MARKET', 'MANUAL'])
const symbol = z
  .string()
  .max(32)
  .regex(/^[A-Z0-9^][A-Z0-9.=^-]*$/, 'has to be a symbol such as BTC-USD or BBCA.JK')

export const newAsset = z.strictObject({
  type: assetType,
  name: nameText().optional(),
  symbol: symbol.optional(),
  currency: currency.optional(),
  quantity: nonNegativeDecimal.optional(),
  unitCost: nonNegativeDecimal.optional(),
  unitPrice: positiveDecimal.optional(),
  pricing: pricing.optional(),
  /** The day of the opening; today when left out. */
  date: calendarDate.optional(),
})

export const assetChange = z
  .strictObject({
    name: nameText().optional(),
    unitPrice: positiveDecimal.optional(),
    pricing: pricing.optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'has to change something')

export const asset = z
  .object({
    id: z.string(),
    type: assetType,
    name: z.string(),
    symbol: z.string().nullable(),
    currency: z.string(),
    quantity: z.string(),
    pricing,
    cost: z.string(),
    averagePrice: z.string().nullable(),
    shortAllowed: z.boolean(),
    version: z.number(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Asset' })
export const assetPage = pageSchema(asset)

/** Kinds of activity that change a quantity or a balance. */
const activityType = z.enum([
  'BUY',
  'SELL',
  'DEPOSIT',
  'WITHDRAWAL',
  'TRANSFER_IN',
  'TRANSFER_OUT',
  'DIVIDEND',
  'INTEREST',
  'FEE',
  'TAX',
  'ADJUSTMENT',
])

export const newActivity = z.strictObject({
  type: activityType,
  date: calendarDate,
  /** The asset's own; another one is refused. */
  currency: currency.optional(),
  quantity: nonNegativeDecimal.optional(),
  unitPrice: nonNegativeDecimal.optional(),
  amount: nonNegativeDecimal.optional(),
  fee: nonNegativeDecimal.optional(),
  tax: nonNegativeDecimal.optional(),
  note: freeText(500).optional(),
})

export const activityChange = z
  .strictObject({
    date: calendarDate.optional(),
    quantity: nonNegativeDecimal.optional(),
    unitPrice: nonNegativeDecimal.optional(),
    amount: nonNegativeDecimal.optional(),
    fee: nonNegativeDecimal.optional(),
    tax: nonNegativeDecimal.optional(),
    note: freeText(500).optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'has to change something')

const text = decimal.nullable()
export const activity = z
  .object({
    id: z.string(),
    type: z.enum([...activityType.options, 'SPLIT']),
    date: z.string(),
    quantity: text,
    unitPrice: text,
    amount: text,
    fee: decimal,
    tax: decimal,
    currency: z.string(),
    rate: text,
    note: z.string().nullable(),
    version: z.number(),
  })
  .meta({ id: 'Activity' })
export const activityPage = pageSchema(activity)

const MOST_PRICES = 1_000
const assetPrice = z
  .object({
    date: z.string(),
    unitPrice: z.string(),
    currency: z.string(),
    source: z.string(),
    state: z.enum(['live', 'delayed', 'stale', 'closed', 'manual', 'simulated']),
  })
  .meta({ id: 'AssetPrice' })
export const assetPricePage = pageSchema(assetPrice)
/** What was recorded, as it came: one, or a list. */
export const recordedPrices = z.union([assetPrice, assetPricePage])

const newAssetPrice = z.strictObject({ date: calendarDate, unitPrice: positiveDecimal })
const newAssetPrices = z.array(newAssetPrice).min(1).max(MOST_PRICES)
/** One, or a list of up to a thousand; a mistake is told where it is, which a union would not do. */
export const recordPrices = describedAs(
  z.unknown().transform((input, ctx) => {
    const read = Array.isArray(input) ? newAssetPrices.safeParse(input) : newAssetPrice.safeParse(input)
    if (read.success) return read.data
    for (const issue of read.error.issues) ctx.issues.push({ ...issue, input } as z.core.$ZodRawIssue)
    return z.NEVER
  }),
  z.union([newAssetPrice, newAssetPrices]),
)

/** By day, newest first; the cursor is the last date that was told. */
export const priceQuery = z.strictObject({ limit, cursor: keyCursor(z.tuple([calendarDate])).optional() })

export type PriceQuery = z.output<typeof priceQuery>
export type NewAsset = z.output<typeof newAsset>
export type AssetChange = z.output<typeof assetChange>
export type NewActivity = z.output<typeof newActivity>
export type ActivityChange = z.output<typeof activityChange>
