import type { Tx } from '../database/database.js'
import { addDays, addMonths, dateIn, startOfMonth } from '../lib/calendar.js'
import { type Fixed, ONE } from '../lib/decimal.js'
import { AppError } from '../lib/errors.js'
import type { DatedRates, LoadDated } from '../prices/dated.js'
import type { Valuation } from '../protocol/resources.js'
import { type Contributed, type ContributedSum, type Current, contributedTo, currentOf } from './current.js'
import type { Mark } from './marks.js'
import { milestonesAt, turnOf } from './progress.js'
import { goalStore, type StoredGoal } from './store.js'

/** What each asset was worth at the end of a date, in the base currency; null where it cannot be known. */
export type WorthsOn = (userId: string, date: string) => Promise<ReadonlyMap<string, Fixed | null> | null>

/** What figures of some goals are worked out from, read in one transaction whatever their number. */
export interface Facts {
  readonly goals: readonly StoredGoal[]
  readonly today: string
  /** The last three complete months of the user: [since, until). */
  readonly since: string
  readonly until: string
  readonly baseCurrency: string
  readonly contributed: ReadonlyMap<string, readonly ContributedSum[]>
  readonly rates: DatedRates
}

const PACE_MONTHS = 3

export async function readFacts(
  tx: Tx,
  userId: string,
  goals: readonly StoredGoal[],
  { dated, now }: { readonly dated: LoadDated; readonly now: number },
): Promise<Facts> {
  const profile = await goalStore.profile(tx, userId)
  if (!profile)
    throw new AppError('unauthenticated', 'unauthenticated', 'This account does not exist any more.')
  const today = dateIn(profile.timeZone, now)
  const until = startOfMonth(today, profile.monthStartDay)
  const since = addMonths(until, -PACE_MONTHS)
  const ids = goals.map(({ id }) => id)
  const contributed =
    ids.length === 0 ? new Map() : await goalStore.contributed(tx, userId, ids, { since, until })
  const { baseCurrency } = profile
  const facts = { goals, today, since, until, baseCurrency, contributed }
  return { ...facts, rates: await loadRates(tx, facts, dated) }
}

/** Rates of the dates of foreign contributions, and from the base currency to that of goals which the market moves. */
async function loadRates(tx: Tx, facts: Omit<Facts, 'rates'>, dated: LoadDated): Promise<DatedRates> {
  const currencies = new Set<string>()
  let from = facts.today
  const need = (date: string, ...pair: readonly string[]): void => {
    for (const currency of pair) currencies.add(currency)
    if (date < from) from = date
  }
  for (const goal of facts.goals) {
    for (const { currency, date } of facts.contributed.get(goal.id) ?? []) {
      if (date !== null) need(date, currency, goal.currency)
    }
    if (goal.basis !== 'CONTRIBUTIONS' && goal.currency !== facts.baseCurrency) {
      need(addDays(facts.since, -1), facts.baseCurrency, goal.currency)
    }
  }
  if (currencies.size === 0) return NO_RATES
  const { today } = facts
  const into = facts.goals.map((goal) => goal.currency)
  return dated(tx, { symbols: [], currencies: [...currencies], into, from, to: today, today })
}

const NO_RATES: DatedRates = { rate: (from, to) => (from === to ? ONE : null) }

export interface Measure extends Current {
  readonly contributed: Contributed
}

/** How a goal stands, of facts and of what everything is worth now. */
export function measure(goal: StoredGoal, facts: Facts, valuation: Valuation | null): Measure {
  const { rates, today } = facts
  const contributed = contributedTo(goal.currency, facts.contributed.get(goal.id) ?? [], rates)
  const toGoal = valuation && rates.rate(valuation.currency, goal.currency, today)
  return { ...currentOf(goal, contributed.total, valuation, toGoal), contributed }
}

/** What of it is not written down yet; null when there is nothing. */
export function markOf(goal: StoredGoal, { amount, isWhole }: Current): Mark | null {
  if (amount === null || !isWhole) return null
  const { target, reachedAt, fellBackAt } = goal
  const turn = turnOf(amount, { target, reached: reachedAt !== null, fallen: fellBackAt !== null })
  const percents = milestonesAt(amount, target).filter((percent) => !goal.milestones.has(percent))
  if (turn === null && percents.length === 0) return null
  return { goalId: goal.id, version: goal.version, percents, turn }
}
