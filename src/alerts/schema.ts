import { z } from 'zod'
import { pageQuery, pageSchema } from '../http/pages.js'
import { decimal, freeText, positiveDecimal, uuid } from '../http/schema.js'
import { isDecimalText, ONE, parseFixed } from '../lib/decimal.js'
import { GOAL_EVENTS } from '../protocol/alerts.js'
import { CHANNELS } from '../protocol/notifications.js'
import { REARM_INTERVAL_SECONDS } from './rule.js'

const MOST_PERCENT = 1_000n
const WHOLE_PERCENT = 100n
const MOST_HYSTERESIS = 50n
const MOST_WINDOW_MINUTES = 1_440
const MOST_INTERVAL_SECONDS = 2_592_000
const MOST_BUDGET_PERCENT = 200
const MOST_BUDGET_PERCENTS = 5

const symbol = z
  .string()
  .max(32)
  .regex(/^[A-Z0-9^][A-Z0-9.=^-]*$/, 'has to be a symbol such as BTC-USD or BBCA.JK')
const percent = positiveDecimal.refine(isUpTo(MOST_PERCENT), `must be ${MOST_PERCENT} at most`)
const windowMinutes = z.int().min(1).max(MOST_WINDOW_MINUTES)
const direction = z.enum(['up', 'down', 'either'])
const repeat = z.enum(['once', 'rearm'])
// Less than that comes and goes with every trade.
const LEAST_HYSTERESIS = parseFixed('0.01')
const hysteresis = decimal
  .refine(isUpTo(MOST_HYSTERESIS), `must be ${MOST_HYSTERESIS} at most`)
  .refine((text) => !isDecimalText(text) || parseFixed(text) >= LEAST_HYSTERESIS, 'must be 0.01 at least')
const minIntervalSeconds = z
  .int()
  .min(0)
  .max(MOST_INTERVAL_SECONDS)
  .describe(
    `At least so long after a firing it does not fire again; 0: at once. Where none is given, ${REARM_INTERVAL_SECONDS} with repeat "rearm".`,
  )
const channels = z.array(z.enum(CHANNELS)).max(CHANNELS.length).refine(areDistinct, 'must be distinct')
const events = z
  .array(z.enum(GOAL_EVENTS))
  .min(1, 'must name one at least')
  .max(GOAL_EVENTS.length)
  .refine(areDistinct, 'must be distinct')
const percents = z
  .array(z.int().min(1).max(MOST_BUDGET_PERCENT))
  .min(1, 'must name one at least')
  .max(MOST_BUDGET_PERCENTS)
  .refine(areDistinct, 'must be distinct')
const note = freeText(500)

const instantDetail = 'must be an instant of ISO 8601 with its zone'
const instant = z.iso.datetime({ offset: true, error: instantDetail }).max(40, instantDetail)
/** An instant as ms since the epoch. */
const when = instant.transform((text) => Date.parse(text))

function isUpTo(most: bigint): (text: string) => boolean {
  // Checks run on after a failed one, so that the text may be no decimal here.
  return (text) => !isDecimalText(text) || parseFixed(text) <= most * ONE
}

function isLessThanWhole(text: string): boolean {
  return !isDecimalText(text) || parseFixed(text) < WHOLE_PERCENT * ONE
}

function areDistinct(items: readonly unknown[]): boolean {
  return new Set(items).size === items.length
}

// ---------------------------------------------------------------------------------------------- what comes in

const facts = {
  repeat: repeat.default('once'),
  hysteresis: hysteresis.default('1'),
  minIntervalSeconds: minIntervalSeconds.optional(),
  expiresAt: when.nullable().default(null),
  channels: channels.nullable().default(null),
  note: note.nullable().default(null),
}
const price = { kind: z.literal('PRICE'), symbol, per: symbol.nullable().default(null) }
const portfolio = { kind: z.literal('PORTFOLIO') }

/** A share of the whole is less than it. */
const share = percent.refine(isLessThanWhole, `must be less than ${WHOLE_PERCENT}`)

const newPriceAlert = z.discriminatedUnion('condition', [
  z.strictObject({
    ...price,
    condition: z.enum(['above', 'below', 'crosses']),
    threshold: positiveDecimal,
    ...facts,
  }),
  z.strictObject({
    ...price,
    condition: z.literal('moves'),
    percent,
    windowMinutes,
    direction: direction.default('either'),
    ...facts,
  }),
])
const newPortfolioAlert = z.discriminatedUnion('condition', [
  z.strictObject({ ...portfolio, condition: z.enum(['above', 'below']), threshold: decimal, ...facts }),
  z.strictObject({
    ...portfolio,
    condition: z.literal('dayChange'),
    percent,
    direction: direction.default('either'),
    ...facts,
  }),
  z.strictObject({ ...portfolio, condition: z.literal('newHigh'), ...facts }),
  z.strictObject({
    ...portfolio,
    condition: z.literal('share'),
    percent: share,
    assetId: uuid.nullable().default(null),
    ...facts,
  }),
])
const newGoalAlert = z.strictObject({
  kind: z.literal('GOAL'),
  goalId: uuid,
  events: events.default([...GOAL_EVENTS]),
  ...facts,
})
const newBudgetAlert = z.strictObject({
  kind: z.literal('BUDGET'),
  budgetId: uuid,
  percents: percents.default([80, 100]),
  ...facts,
})

export const newAlert = z.discriminatedUnion('kind', [
  newPriceAlert,
  newPortfolioAlert,
  newGoalAlert,
  newBudgetAlert,
])
export type NewAlertInput = z.output<typeof newAlert>

/** What of it belongs to the kind of alert that is changed, and within which limits, changes.ts says. */
export const alertChange = z
  .strictObject({
    state: z.enum(['armed', 'paused']),
    snoozedUntil: when.nullable(),
    threshold: decimal,
    percent,
    windowMinutes,
    direction,
    events,
    percents,
    repeat,
    hysteresis,
    minIntervalSeconds,
    expiresAt: when.nullable(),
    channels: channels.nullable(),
    note: note.nullable(),
  })
  .partial()
  .refine((change) => Object.keys(change).length > 0, 'has to change something')
export type AlertChangeInput = z.output<typeof alertChange>

const kind = z.enum(['PRICE', 'PORTFOLIO', 'GOAL', 'BUDGET'])
const state = z.enum(['armed', 'fired', 'paused', 'expired'])

export const alertQuery = pageQuery.extend({
  kind: kind.optional(),
  state: state.optional(),
  symbol: symbol.optional(),
})
export type AlertQuery = z.output<typeof alertQuery>

// ----------------------------------------------------------------------------------------------- what goes out

const text = z.string().nullable()
const told = {
  id: z.string(),
  repeat,
  hysteresis: z.string(),
  minIntervalSeconds: z.number(),
  expiresAt: text,
  snoozedUntil: text,
  channels: z.array(z.enum(CHANNELS)).readonly().nullable(),
  note: text,
  state,
  firedAt: text,
  alreadyTrue: z.boolean().nullable(),
  version: z.number(),
  createdAt: z.string(),
  updatedAt: z.string(),
}

export const alert = z
  .discriminatedUnion('kind', [
    z.object({
      ...told,
      kind: z.literal('PRICE'),
      symbol: z.string(),
      per: text,
      condition: z.enum(['above', 'below', 'crosses', 'moves']),
      threshold: text,
      percent: text,
      windowMinutes: z.number().nullable(),
      direction: direction.nullable(),
    }),
    z.object({
      ...told,
      kind: z.literal('PORTFOLIO'),
      condition: z.enum(['above', 'below', 'dayChange', 'newHigh', 'share']),
      threshold: text,
      currency: text,
      percent: text,
      direction: direction.nullable(),
      assetId: text,
    }),
    z.object({
      ...told,
      kind: z.literal('GOAL'),
      goalId: z.string(),
      events: z.array(z.enum(GOAL_EVENTS)).readonly(),
    }),
    z.object({
      ...told,
      kind: z.literal('BUDGET'),
      budgetId: z.string(),
      percents: z.array(z.number()).readonly(),
    }),
  ])
  .meta({ id: 'Alert' })
export const alertPage = pageSchema(alert)
