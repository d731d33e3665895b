import { z } from 'zod'
import { keyCursor, limit, pageQuery, pageSchema } from '../http/pages.js'
import { calendarDate, currency, decimal, freeText, nameText, positiveDecimal, uuid } from '../http/schema.js'
import { isDecimalText, parseFixed } from '../lib/decimal.js'

const nonZeroDecimal = decimal.refine(
  (text) => !isDecimalText(text) || parseFixed(text) !== 0n,
  'must not be zero',
)
const note = freeText(1_000).nullable()
const tag = nameText(50)
/** In the order in which they were given, each once. */
const tags = z
  .array(tag)
  .max(20)
  .transform((given) => [...new Set(given)])
const kind = z.enum(['INCOME', 'EXPENSE'])
const somethingDetail = 'has to change something'
const hasSomething = (change: object): boolean => Object.keys(change).length > 0

// ------------------------------------------------------------------------------------- incomes and expenses

const flowFields = {
  currency: currency.optional(),
  categoryId: uuid.nullable().optional(),
  assetId: uuid.nullable().optional(),
  note: note.optional(),
  tags: tags.optional(),
}

/** An income is positive; a negative expense is a refund. */
const flowAmount = { INCOME: positiveDecimal, EXPENSE: nonZeroDecimal } as const

const newFlowOf = <A extends z.ZodType<string>>(amount: A) =>
  z.strictObject({ amount, date: calendarDate, ...flowFields })
const flowChangeOf = <A extends z.ZodType<string>>(amount: A) =>
  z
    .strictObject({ amount: amount.optional(), date: calendarDate.optional(), ...flowFields })
    .refine(hasSomething, somethingDetail)

export const newFlow = { INCOME: newFlowOf(flowAmount.INCOME), EXPENSE: newFlowOf(flowAmount.EXPENSE) }
export const flowChange = {
  INCOME: flowChangeOf(flowAmount.INCOME),
  EXPENSE: flowChangeOf(flowAmount.EXPENSE),
}

/** Newest date first; `from` and `to` are the first and the last date. The cursor is the last entry that was told. */
export const flowQuery = z
  .strictObject({
    limit,
    cursor: keyCursor(z.tuple([calendarDate, z.guid()]))
      .transform(([date, id]) => ({ date, id }))
      .optional(),
    from: calendarDate.optional(),
    to: calendarDate.optional(),
    categoryId: uuid.optional(),
    assetId: uuid.optional(),
    tag: tag.optional(),
    query: nameText(100).optional(),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['to'],
    message: 'lies before from',
  })

export const flow = z
  .object({
    id: z.string(),
    amount: z.string(),
    currency: z.string(),
    date: z.string(),
    categoryId: z.string().nullable(),
    assetId: z.string().nullable(),
    ruleId: z.string().nullable(),
    note: z.string().nullable(),
    tags: z.array(z.string()).readonly(),
    version: z.number(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Flow' })
export const flowPage = pageSchema(flow)

export type NewFlow = z.output<(typeof newFlow)['INCOME']>
export type FlowChange = z.output<(typeof flowChange)['INCOME']>
export type FlowQuery = z.output<typeof flowQuery>

// ---------------------------------------------------------------------------------------------- categories

export const newCategory = z.strictObject({ kind, name: nameText(60) })
export const categoryChange = z.strictObject({ name: nameText(60) })
export const categoryQuery = pageQuery.extend({ kind: kind.optional() })
export const category = z
  .object({ id: z.string(), kind, name: z.string(), version: z.number() })
  .meta({ id: 'Category' })
export const categoryPage = pageSchema(category)

export type NewCategory = z.output<typeof newCategory>
export type CategoryQuery = z.output<typeof categoryQuery>

// ------------------------------------------------------------------------------------------------- budgets

const month = z.string().regex(/^(19|20|21)\d\d-(0[1-9]|1[0-2])$/, 'must be a month YYYY-MM')

export const newBudget = z.strictObject({
  categoryId: uuid,
  amount: positiveDecimal,
  currency: currency.optional(),
  month: month.nullable().optional(),
})
export const budgetChange = z
  .strictObject({
    categoryId: uuid.optional(),
    amount: positiveDecimal.optional(),
    currency: currency.optional(),
    month: month.nullable().optional(),
  })
  .refine(hasSomething, somethingDetail)
/** The month of which is told what was spent; the one that is under way when left out. */
export const monthQuery = z.strictObject({ month: month.optional() })
export const budgetQuery = pageQuery.extend({ month: month.optional() })

export const budget = z
  .object({
    id: z.string(),
    categoryId: z.string(),
    amount: z.string(),
    currency: z.string(),
    month: z.string().nullable(),
    spent: z.string().nullable(),
    remaining: z.string().nullable(),
    ratio: z.string().nullable(),
    version: z.number(),
  })
  .meta({ id: 'Budget' })
export const budgetPage = pageSchema(budget)

export type NewBudget = z.output<typeof newBudget>
export type BudgetChange = z.output<typeof budgetChange>
export type BudgetQuery = z.output<typeof budgetQuery>

// ----------------------------------------------------------------------------------------- recurring rules

const frequency = z.enum(['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'])
const dueOn = z.enum(['DATE', 'LAST_DAY', 'LAST_WEEKDAY'])
const ruleFields = {
  ...flowFields,
  name: nameText().nullable().optional(),
  every: z.number().int().min(1).max(999).optional(),
  dueOn: dueOn.optional(),
  endsOn: calendarDate.nullable().optional(),
  paused: z.boolean().optional(),
}

export const newRule = z.strictObject({
  kind,
  amount: nonZeroDecimal,
  frequency,
  startsOn: calendarDate,
  ...ruleFields,
})
export const ruleChange = z
  .strictObject({
    amount: nonZeroDecimal.optional(),
    frequency: frequency.optional(),
    startsOn: calendarDate.optional(),
    ...ruleFields,
  })
  .refine(hasSomething, somethingDetail)

export const rule = z
  .object({
    id: z.string(),
    kind,
    name: z.string().nullable(),
    amount: z.string(),
    currency: z.string(),
    categoryId: z.string().nullable(),
    assetId: z.string().nullable(),
    note: z.string().nullable(),
    tags: z.array(z.string()).readonly(),
    frequency,
    every: z.number(),
    dueOn,
    startsOn: z.string(),
    endsOn: z.string().nullable(),
    nextDueOn: z.string().nullable(),
    paused: z.boolean(),
    version: z.number(),
  })
  .meta({ id: 'RecurringRule' })
export const rulePage = pageSchema(rule)

export type NewRule = z.output<typeof newRule>
export type RuleChange = z.output<typeof ruleChange>
