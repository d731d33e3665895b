import { z } from 'zod'
import { pageSchema } from '../http/pages.js'
import {
  calendarDate,
  currency,
  decimal,
  freeText,
  instant,
  locale,
  nameText,
  positiveDecimal,
  timeZone,
  uuid,
} from '../http/schema.js'
import { quietHours } from '../notifications/schema.js'

// ---------------------------------------------------------------------------------------------- what is asked

const MOST_CONTENT = 10 * 1024 * 1024
const dateFormat = z.enum(['YYYY-MM-DD', 'DD/MM/YYYY', 'MM/DD/YYYY', 'DD.MM.YYYY'])
const decimalSign = z.enum(['.', ','])
const csvKind = z.enum(['activities', 'incomes', 'expenses'])
const importFormat = z.enum(['csv', 'ghostfolio', 'harta'])

export const newImport = z.strictObject({
  format: importFormat,
  content: z.string().max(MOST_CONTENT, 'must have 10 MB at most'),
  fileName: freeText(255).optional(),
  kind: csvKind.optional(),
  assetId: uuid.optional(),
  mapping: z.record(z.string().max(50), z.string().max(500)).optional(),
  options: z
    .strictObject({
      delimiter: z.string().length(1).optional(),
      dateFormat: dateFormat.optional(),
      decimal: decimalSign.optional(),
      currency: currency.optional(),
      stopOnProblem: z.boolean().optional(),
    })
    .optional(),
})
export type NewImport = z.output<typeof newImport>

const problem = z.object({ row: z.number(), field: z.string().nullable(), detail: z.string() })
const csvReading = z.object({
  kind: z.enum([...csvKind.options, 'flows']),
  columns: z.array(z.string()).readonly(),
  mapping: z.record(z.string(), z.string()),
  delimiter: z.string(),
  dateFormat,
  decimal: decimalSign,
})

export const importAnswer = z
  .object({
    id: z.string(),
    format: importFormat,
    fileName: z.string().nullable(),
    state: z.enum(['previewed', 'running', 'done', 'failed']),
    total: z.number(),
    done: z.number(),
    csv: csvReading.nullable(),
    counts: z.record(z.string(), z.number()),
    problems: z.array(problem).readonly(),
    duplicates: z.array(z.number()).readonly(),
    error: z.string().nullable(),
    version: z.number(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Import' })
export const importPage = pageSchema(importAnswer)

export const exportQuery = z
  .strictObject({ format: z.enum(['json', 'csv']).default('json'), kind: csvKind.optional() })
  .refine(({ format, kind }) => format === 'json' || kind !== undefined, {
    path: ['kind'],
    message: 'is needed: activities, incomes or expenses',
  })
  .refine(({ format, kind }) => format === 'csv' || kind === undefined, {
    path: ['kind'],
    message: 'is for format=csv',
  })

// ------------------------------------------------------------------------------------------- a complete export

/** What is left out is null. */
const maybe = <T extends z.ZodType>(field: T) => field.nullish().transform((value) => value ?? null)
const flowKind = z.enum(['INCOME', 'EXPENSE'])
const nonZero = decimal.refine((text) => !/^-?0(\.0*)?$/.test(text), 'must not be zero')
const note = maybe(freeText(1_000))
const tags = z.array(nameText(50)).max(20).default([])
const month = z.string().regex(/^(19|20|21)\d\d-(0[1-9]|1[0-2])$/, 'must be a month YYYY-MM')
const id = z.string().min(1).max(64)

const profile = z.object({
  name: maybe(nameText()),
  baseCurrency: currency,
  timeZone,
  locale,
  monthStartDay: z.number().int().min(1).max(28),
})
/** Of the ways those that are used; quiet hours as over HTTP (notifications/schema.ts). */
const notificationSettings = z.object({
  email: z.boolean(),
  push: z.boolean(),
  webhook: z.boolean(),
  quietHours: maybe(quietHours),
})
const category = z.object({ id, kind: flowKind, name: nameText(60) })
const asset = z.object({
  id,
  type: z.enum(['CASH', 'STOCK', 'CRYPTO', 'REAL', 'LIABILITY']),
  name: nameText(),
  symbol: maybe(z.string().max(32)),
  currency,
  pricing: z.enum(['MARKET', 'MANUAL']),
  shortAllowed: z.boolean().default(false),
})
const assetPrice = z.object({ assetId: id, date: calendarDate, unitPrice: positiveDecimal })
const flow = z.object({
  id,
  amount: nonZero,
  currency,
  date: calendarDate,
  categoryId: maybe(id),
  assetId: maybe(id),
  ruleId: maybe(id),
  note,
  tags,
})
const activity = z.object({
  id,
  assetId: id,
  type: z.string(),
  date: calendarDate,
  quantity: maybe(decimal),
  unitPrice: maybe(decimal),
  amount: maybe(decimal),
  fee: decimal.default('0'),
  tax: decimal.default('0'),
  currency,
  rate: maybe(positiveDecimal),
  rateCurrency: maybe(currency),
  ratio: maybe(z.string()),
  note: maybe(z.string()),
  cause: maybe(z.object({ kind: z.enum(['activity', 'income', 'expense']), id })),
})
const budget = z.object({
  id: maybe(id),
  categoryId: id,
  amount: positiveDecimal,
  currency,
  month: maybe(month),
})
const recurringRule = z.object({
  id,
  kind: flowKind,
  name: maybe(nameText()),
  amount: nonZero,
  currency,
  categoryId: maybe(id),
  assetId: maybe(id),
  note,
  tags,
  frequency: z.enum(['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY']),
  every: z.number().int().min(1).max(999),
  dueOn: z.enum(['DATE', 'LAST_DAY', 'LAST_WEEKDAY']),
  startsOn: calendarDate,
  endsOn: maybe(calendarDate),
  nextDueOn: maybe(calendarDate),
  paused: z.boolean().default(false),
  /** The last due date of which something came. */
  bookedUpTo: maybe(calendarDate),
})
const contribution = z.object({ amount: nonZero, currency, date: calendarDate, note })
const goal = z.object({
  id: maybe(id),
  name: nameText(),
  target: positiveDecimal,
  currency,
  basis: z.enum(['CONTRIBUTIONS', 'ASSETS', 'NET_WORTH']),
  deadline: maybe(calendarDate),
  assetIds: z.array(id).max(1_000).default([]),
  reachedAt: maybe(instant),
  fellBackAt: maybe(instant),
  createdAt: instant,
  milestones: z
    .array(z.object({ percent: z.number().int().min(1).max(100), reachedAt: instant }))
    .max(100)
    .default([]),
  contributions: z.array(z.unknown()).default([]),
})

/** What was asked for is looked at as over HTTP (alerts/schema.ts). */
const alert = z.object({
  kind: z.string(),
  symbol: maybe(z.string()),
  per: maybe(z.string()),
  goalId: maybe(id),
  budgetId: maybe(id),
  assetId: maybe(id),
  condition: maybe(z.string()),
  threshold: maybe(z.string()),
  currency: maybe(currency),
  percent: maybe(z.string()),
  direction: maybe(z.string()),
  windowMinutes: maybe(z.number()),
  events: maybe(z.array(z.string())),
  percents: maybe(z.array(z.number())),
  channels: maybe(z.array(z.string())),
  repeat: maybe(z.string()),
  hysteresis: maybe(z.string()),
  minIntervalSeconds: maybe(z.number()),
  note: maybe(z.string()),
  state: z.enum(['armed', 'fired', 'paused', 'expired']).default('armed'),
  expiresAt: maybe(instant),
  snoozedUntil: maybe(instant),
  firedAt: maybe(instant),
  createdAt: instant,
  /** Months and percentages of a budget of which it has told. */
  told: z
    .array(z.string().regex(/^\d{4}-\d\d:\d{1,3}$/))
    .max(1_000)
    .default([]),
})

/** Each section of the file, item by item: a mistake is told with the item that it is in. */
export const exported = {
  ...{
    profile,
    notificationSettings,
    category,
    asset,
    assetPrice,
    recurringRule,
    flow,
    activity,
    budget,
    goal,
    contribution,
    alert,
  },
}
export type ExportedAsset = z.output<typeof asset>
export type ExportedAlert = z.output<typeof alert>
export type ExportedActivity = z.output<typeof activity>

const exportShape = z.object({
  format: z.literal('harta'),
  version: z.literal(1),
  exportedAt: instant,
  profile,
  notificationSettings: notificationSettings.optional(),
  categories: z.array(category),
  assets: z.array(asset),
  assetPrices: z.array(assetPrice),
  recurringRules: z.array(recurringRule),
  incomes: z.array(flow),
  expenses: z.array(flow),
  activities: z.array(activity),
  budgets: z.array(budget),
  goals: z.array(goal.extend({ contributions: z.array(contribution) })),
  alerts: z.array(alert),
})
const { $schema: _, ...shown } = z.toJSONSchema(exportShape, { io: 'input' })

/**
 * It goes out as the database tells it, in pieces, so that nothing looks at all of it at once; it is shown as what
 * it is when it comes in again.
 */
export const exportAnswer = z.unknown().meta({ ...shown, id: 'Export' })

// ------------------------------------------------------------------------------------------ Ghostfolio's export

const number = z.union([z.number(), z.string().max(40)]).transform(String)
const text = z.string().max(500)

export const ghostfolio = {
  account: z.object({
    id: text,
    name: maybe(text),
    currency: maybe(text),
    balance: maybe(number),
    balances: z
      .array(z.object({ date: text, value: number }))
      .max(20_000)
      .default([]),
  }),
  assetProfile: z.object({
    symbol: text,
    dataSource: text,
    name: maybe(text),
    currency: maybe(text),
    assetClass: maybe(text),
    assetSubClass: maybe(text),
    marketData: z
      .array(z.object({ date: text, marketPrice: number }))
      .max(50_000)
      .default([]),
  }),
  activity: z.object({
    accountId: maybe(text),
    comment: maybe(z.string()),
    currency: maybe(text),
    dataSource: maybe(text),
    date: text,
    fee: number.default('0'),
    quantity: number,
    symbol: text,
    type: text,
    unitPrice: number,
  }),
}
export type GhostfolioAccount = z.output<typeof ghostfolio.account>
export type GhostfolioProfile = z.output<typeof ghostfolio.assetProfile>
export type GhostfolioActivity = z.output<typeof ghostfolio.activity>
