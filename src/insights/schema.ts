import { z } from 'zod'
import { calendarDate } from '../http/schema.js'

const MOST_YEARS = 10
const tooLong = `must be less than ${MOST_YEARS} years after from`

const month = z
  .string('must be a month YYYY-MM')
  .regex(/^(19|20|21)\d\d-(0[1-9]|1[0-2])$/, 'must be a month YYYY-MM')

/** A financial month, or the dates from the first to the last one, or nothing: the month under way. */
export const cashflowQuery = z
  .strictObject({ month: month.optional(), from: calendarDate.optional(), to: calendarDate.optional() })
  .superRefine(({ month: named, from, to }, ctx) => {
    const mistake = (name: string, message: string): void =>
      ctx.addIssue({ code: 'custom', path: [name], message })
    if (named !== undefined) {
      if (from !== undefined) mistake('from', 'does not go with month')
      if (to !== undefined) mistake('to', 'does not go with month')
    } else if (from === undefined || to === undefined) {
      if (to !== undefined) mistake('from', 'is needed with to')
      if (from !== undefined) mistake('to', 'is needed with from')
    } else if (to < from) mistake('to', 'must not be before from')
    else if (to >= `${Number(from.slice(0, 4)) + MOST_YEARS}${from.slice(4)}`) mistake('to', tooLong)
  })
export type CashflowQuery = z.output<typeof cashflowQuery>

const text = z.string().nullable()
const reason = z.enum(['no-income', 'no-complete-month', 'no-rate']).nullable()
const figures = { income: text, expense: text, netSaving: text, reason }
const typical = z.object(figures)

export const cashflowAnswer = z
  .object({
    from: z.string(),
    to: z.string(),
    currency: z.string(),
    ...figures,
    savingRate: text,
    expenseRatio: text,
    complete: z.boolean(),
    unconverted: z
      .array(z.object({ currency: z.string(), date: z.string(), entries: z.number() }))
      .readonly(),
    categories: z
      .array(
        z.object({
          categoryId: text,
          name: text,
          kind: z.enum(['INCOME', 'EXPENSE']),
          amount: text,
          share: text,
        }),
      )
      .readonly(),
    months: z
      .array(
        z.object({
          month: z.string(),
          from: z.string(),
          to: z.string(),
          ...figures,
          savingRate: text,
          complete: z.boolean(),
        }),
      )
      .readonly(),
    comparedMonths: z.array(z.string()).readonly(),
    averages: typical,
    medians: typical,
    trend: typical,
  })
  .meta({ id: 'Cashflow' })

const partName = z.enum(['emergencyFund', 'savingRate', 'debtToAssets', 'netWorthTrend', 'diversification'])
const missing = z.enum([
  'assets',
  'cash-account',
  'complete-month',
  'expenses',
  'income',
  'income-history',
  'investments',
  'net-worth-history',
  'prices',
  'rates',
])

export const healthAnswer = z
  .object({
    currency: z.string(),
    score: text,
    measuredWeight: z.number(),
    reason: z.literal('too-little-measured').nullable(),
    parts: z
      .array(
        z.object({
          name: partName,
          weight: z.number(),
          value: text,
          numerator: text,
          denominator: text,
          period: z.object({ from: z.string(), to: z.string() }).nullable(),
          score: text,
          contribution: text,
          missing: missing.nullable(),
        }),
      )
      .readonly(),
    advice: z
      .array(
        z.object({
          part: partName,
          gain: z.string(),
          value: text,
          target: z.string(),
          amount: z.string(),
          text: z.string(),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'Health' })
