import { z } from 'zod'
import { pageSchema } from '../http/pages.js'
import { calendarDate, currency, decimal, freeText, nameText, positiveDecimal, uuid } from '../http/schema.js'
import { isDecimalText, parseFixed } from '../lib/decimal.js'

const basis = z.enum(['CONTRIBUTIONS', 'ASSETS', 'NET_WORTH'])
const MOST_LINKED = 1_000
const assetIds = z.array(uuid).max(MOST_LINKED)

export const newGoal = z.strictObject({
  name: nameText(),
  target: positiveDecimal,
  currency: currency.optional(),
  basis,
  deadline: calendarDate.nullable().optional(),
  assetIds: assetIds.optional(),
})

export const goalChange = z
  .strictObject({
    name: nameText().optional(),
    target: positiveDecimal.optional(),
    currency: currency.optional(),
    basis: basis.optional(),
    deadline: calendarDate.nullable().optional(),
    assetIds: assetIds.optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'has to change something')

const text = z.string().nullable()
export const goal = z
  .object({
    id: z.string(),
    name: z.string(),
    target: z.string(),
    currency: z.string(),
    basis,
    deadline: text,
    assetIds: z.array(z.string()).readonly(),
    current: text,
    progress: text,
    remaining: text,
    requiredPerMonth: text,
    actualPerMonth: text,
    projectedDate: text,
    milestones: z.array(z.object({ percent: z.number(), reachedAt: text })).readonly(),
    reachedAt: text,
    fellBackAt: text,
    version: z.number(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Goal' })
export const goalPage = pageSchema(goal)

/** Negative when money is taken out again. */
const amount = decimal.refine(
  // Checks run on after a failed one, so that the text may be no decimal here.
  (value) => !isDecimalText(value) || parseFixed(value) !== 0n,
  'must not be zero',
)
const note = freeText(500).nullable().optional()

export const newContribution = z.strictObject({
  amount,
  currency: currency.optional(),
  date: calendarDate.optional(),
  note,
})

export const contributionChange = z
  .strictObject({
    amount: amount.optional(),
    currency: currency.optional(),
    date: calendarDate.optional(),
    note,
  })
  .refine((change) => Object.keys(change).length > 0, 'has to change something')

export const contribution = z
  .object({
    id: z.string(),
    amount: z.string(),
    currency: z.string(),
    date: z.string(),
    note: text,
    version: z.number(),
  })
  .meta({ id: 'Contribution' })
export const contributionPage = pageSchema(contribution)

export type NewGoal = z.output<typeof newGoal>
export type GoalChange = z.output<typeof goalChange>
export type NewContribution = z.output<typeof newContribution>
export type ContributionChange = z.output<typeof contributionChange>
