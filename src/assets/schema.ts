import { z } from 'zod'
import { describedAs } from '../http/described.js'
import { sentenceOf } from '../http/mistakes.js'
import { keyCursor, limit, pageSchema } from '../http/pages.js'
import {
  calendarDate,
  currency,
  decimal,
  freeText,
  nameText,
  nonNegativeDecimal,
  positiveDecimal,
  uuid,
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
  shortAllowed: z.boolean().optional(),
  /** The day of the opening; today when left out. */
  date: calendarDate.optional(),
})

export const assetChange = z
  .strictObject({
    name: nameText().optional(),
    unitPrice: positiveDecimal.optional(),
    pricing: pricing.optional(),
    shortAllowed: z.boolean().optional(),
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
  'SPLIT',
  'ADJUSTMENT',
])

const ratio = z
  .string()
  .regex(/^[1-9]\d{0,9}:[1-9]\d{0,9}$/, 'must be two whole numbers such as 3:2, new units for old ones')
  .refine(
    (text) => !text.split(':').some((part) => Number(part) >= 2 ** 31),
    'must be of whole numbers up to 2147483647',
  )

/** What of an activity can be told at first and changed later. */
const activityFields = {
  /** Of a SPLIT its factor, where `ratio` is not given; of accounts the amount, where that is not given. */
  quantity: nonNegativeDecimal,
  unitPrice: nonNegativeDecimal,
  /** Of what is transferred in its cost. */
  amount: nonNegativeDecimal,
  fee: nonNegativeDecimal,
  tax: nonNegativeDecimal,
  /** Of unitPrice, amount, fee and tax; the asset's own unless told. */
  currency,
  /** Units of the asset's currency for one unit of `currency`; where both are the same, of the base currency. */
  rate: positiveDecimal,
  /** A SPLIT's ratio of new to old, e.g. `3:2`. */
  ratio,
  /** The CASH or LIABILITY asset that pays for it or is paid by it. */
  accountId: uuid,
  /** What arrives where it is transferred to, where that is not what leaves: other units, another currency. */
  toQuantity: positiveDecimal,
  note: freeText(500),
}

export const newActivity = z.strictObject({
  type: activityType,
  date: calendarDate,
  ...z.object(activityFields).partial().shape,
  /** Of a TRANSFER_OUT the own asset that receives it; its TRANSFER_IN is written with it. */
  toAssetId: uuid.optional(),
})

/** What is null is no longer told. */
const changed = <T extends z.ZodType>(field: T) => field.nullable().optional()

export const activityChange = z
  .strictObject({
    date: calendarDate.optional(),
    quantity: changed(activityFields.quantity),
    unitPrice: changed(activityFields.unitPrice),
    amount: changed(activityFields.amount),
    fee: changed(activityFields.fee),
    tax: changed(activityFields.tax),
    currency: changed(activityFields.currency),
    rate: changed(activityFields.rate),
    ratio: changed(activityFields.ratio),
    accountId: changed(activityFields.accountId),
    toQuantity: changed(activityFields.toQuantity),
    note: changed(activityFields.note),
  })
  .refine((change) => Object.keys(change).length > 0, 'has to change something')

const text = decimal.nullable()
export const activity = z.object({
  id: z.string(),
  assetId: z.string(),
  type: activityType,
  date: z.string(),
  quantity: text,
  unitPrice: text,
  amount: text,
  fee: decimal,
  tax: decimal,
  currency: z.string(),
  rate: text,
  ratio: z.string().nullable(),
  accountId: z.string().nullable(),
  toAssetId: z.string().nullable(),
  cause: z.object({ kind: z.enum(['activity', 'income', 'expense']), id: z.string() }).nullable(),
  note: z.string().nullable(),
  version: z.number(),
})
export const activityPage = pageSchema(activity)

/** Newest date first; the cursor is the last that was told, by date and order of entry. */
export const activityQuery = z.strictObject({
  limit,
  cursor: keyCursor(z.tuple([calendarDate, z.string().regex(/^[1-9]\d{0,17}$/)])).optional(),
  type: activityType.optional(),
  from: calendarDate.optional(),
  to: calendarDate.optional(),
})
/** The same over all assets. */
export const everyActivityQuery = activityQuery.extend({ assetId: uuid.optional() })

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
    const schema = Array.isArray(input) ? newAssetPrices : newAssetPrice
    const read = schema.safeParse(input, { error: sentenceOf })
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
export type ActivityQuery = z.output<typeof activityQuery>
export type EveryActivityQuery = z.output<typeof everyActivityQuery>
export type ActivityChange = z.output<typeof activityChange>
