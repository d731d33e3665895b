import { z } from 'zod'
import { calendarDate, uuid } from '../http/schema.js'
import { INTERVALS } from '../prices/candle.js'
import type { When } from './ticks.js'

export const performanceQuery = z
  .strictObject({
    from: calendarDate.optional(),
    to: calendarDate.optional(),
    method: z.enum(['fifo', 'average']).default('fifo'),
    assetId: uuid.optional(),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['to'],
    message: 'must not be before from',
  })

const whenDetail = 'must be an instant of ISO 8601 with its zone, or a date YYYY-MM-DD'

const when = z
  .string(whenDetail)
  .meta({ examples: ['2026-03-01'] })
  .transform((text, ctx): When => {
    if (calendarDate.safeParse(text).success) return { date: text }
    const at = z.iso.datetime({ offset: true }).max(40).safeParse(text).success
      ? Date.parse(text)
      : Number.NaN
    if (at >= Date.UTC(1900, 0) && at < Date.UTC(2200, 0)) return { at }
    ctx.addIssue({ code: 'custom', message: whenDetail })
    return z.NEVER
  })

export const historyQuery = z.strictObject({
  interval: z.enum(INTERVALS).default('1d'),
  from: when.optional(),
  to: when.optional(),
})

const text = z.string().nullable()

const gains = {
  startValue: text,
  endValue: text,
  netFlows: text,
  investment: text,
  cost: text,
  grossPerformance: text,
  fees: text,
  tradeFees: text,
  taxes: text,
  dividends: text,
  interest: text,
  netPerformance: text,
  realised: text,
  unrealised: text,
  unrealisedBefore: text,
  priceGain: text,
  currencyGain: text,
}

export const performanceAnswer = z
  .object({
    from: z.string(),
    to: z.string(),
    currency: z.string(),
    method: z.enum(['fifo', 'average']),
    ...gains,
    twr: text,
    twrAnnualised: text,
    xirr: text,
    roai: text,
    maxDrawdown: text,
    volatility: text,
    reasons: z.record(z.string(), z.string()),
    coverage: z.object({
      holdings: z.number(),
      priced: z.number(),
      stale: z.number(),
      unpriced: z
        .array(z.object({ assetId: z.string(), reason: z.enum(['no-price', 'no-rate']) }))
        .readonly(),
    }),
    assets: z
      .array(
        z.object({
          assetId: z.string(),
          symbol: text,
          name: z.string(),
          quantity: z.string(),
          averagePrice: text,
          ...gains,
        }),
      )
      .readonly(),
  })
  .meta({ id: 'Performance' })

export const historyAnswer = z
  .object({
    currency: z.string(),
    interval: z.enum(INTERVALS),
    points: z
      .array(
        z.object({
          at: z.string(),
          value: z.string(),
          contribution: text,
          coverage: z.object({ holdings: z.number(), priced: z.number(), stale: z.number() }),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'NetWorthHistory' })
