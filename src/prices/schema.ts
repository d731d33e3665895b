import { z } from 'zod'
import { keyCursor, limitUpTo } from '../http/pages.js'
import { calendarDate } from '../http/schema.js'
import { INTERVALS } from './candle.js'

const state = z.enum(['live', 'delayed', 'stale', 'closed', 'manual', 'simulated'])

/** A Price of the protocol, in answers. */
export const price = z
  .object({
    symbol: z.string(),
    amount: z.string(),
    currency: z.string(),
    at: z.string(),
    source: z.string(),
    state,
  })
  .meta({ id: 'Price' })

const MOST_CANDLES = 1_000
/** The last one that the calendar of the language has; ms since the epoch. */
const LAST_INSTANT = 8.64e15
const whenDetail = 'must be an instant of ISO 8601 with its zone, or a date YYYY-MM-DD'

/** An instant, or a date, which stands for its 00:00 UTC; ms since the epoch, from 1900 to 2200. */
const when = z.string(whenDetail).transform((text, ctx): number => {
  const day = calendarDate.safeParse(text)
  const instant = z.iso.datetime({ offset: true }).max(40).safeParse(text)
  const at = day.success || instant.success ? Date.parse(text) : Number.NaN
  if (at >= Date.UTC(1900, 0) && at < Date.UTC(2200, 0)) return at
  ctx.addIssue({ code: 'custom', message: whenDetail })
  return z.NEVER
})

/** Which candles: those that begin in [from, to), a thousand at most in one answer. */
export const candleQuery = z
  .strictObject({
    interval: z.enum(INTERVALS),
    from: when.optional(),
    to: when.optional(),
    limit: limitUpTo(MOST_CANDLES, MOST_CANDLES),
    /** The `at` of the last candle that was told. */
    cursor: keyCursor(
      z.tuple([
        z
          .int()
          .min(0)
          .max(LAST_INSTANT - 1),
      ]),
    ).optional(),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['from'],
    message: 'has to lie before "to"',
  })
export type CandleQuery = z.output<typeof candleQuery>

export const candlePage = z
  .object({
    symbol: z.string(),
    interval: z.enum(INTERVALS),
    currency: z.string(),
    data: z.array(
      z.object({
        at: z.string(),
        open: z.string(),
        high: z.string(),
        low: z.string(),
        close: z.string(),
        source: z.string(),
        state,
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'CandlePage' })
