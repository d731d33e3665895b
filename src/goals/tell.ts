import type { Database } from '../database/database.js'
import { addDays } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import { formatFixed } from '../lib/decimal.js'
import type { Goal } from '../protocol/goals.js'
import type { Valuation } from '../protocol/resources.js'
import { grownBetween } from './current.js'
import { type Facts, type Measure, markOf, measure, type WorthsOn } from './facts.js'
import type { Mark } from './marks.js'
import { type AnnounceGoals, markAndAnnounce } from './news.js'
import { figuresOf, MILESTONES } from './progress.js'
import { goalStore, type StoredGoal } from './store.js'

export interface TellOptions {
  readonly db: Database
  readonly clock: Clock
  /** What everything of the user's is worth now. */
  readonly valuation: (userId: string) => Promise<Valuation>
  /** Tells the pace of goals which the market moves and to which nobody contributes; without it they have none. */
  readonly worthsOn?: WorthsOn
  readonly announce?: AnnounceGoals
}

/**
 * Goals as they are told: stored goals with what has been put aside for them now. Whatever is found to have been
 * reached on the way is written down, and announced, before it is told. The facts are of one transaction that is over; here come
 * those questions which have transactions of their own, one of each for any number of goals.
 */
export function goalTeller({ db, clock, valuation, worthsOn, announce }: TellOptions) {
  type Worths = Awaited<ReturnType<WorthsOn>>

  async function worthsAround(userId: string, facts: Facts): Promise<readonly [Worths, Worths]> {
    if (!worthsOn) return [null, null]
    return [
      await worthsOn(userId, addDays(facts.since, -1)),
      await worthsOn(userId, addDays(facts.until, -1)),
    ]
  }

  /** What goals have become, in the order in which they came; each with its milestones as they are stored now. */
  async function written(userId: string, goals: readonly StoredGoal[], marks: readonly Mark[]) {
    if (marks.length === 0) return goals
    const ids = marks.map(({ goalId }) => goalId)
    const { fresh, tell } = await db.asUser(userId, async (tx) => {
      const written = await markAndAnnounce(tx, userId, { goals, marks, at: clock.now() }, announce)
      return { ...written, fresh: await goalStore.byIds(tx, userId, ids) }
    })
    tell()
    const byId = new Map(fresh.map((goal) => [goal.id, goal]))
    return goals.map((goal) => {
      const { milestones, reachedAt, fellBackAt } = byId.get(goal.id) ?? goal
      return { ...goal, milestones, reachedAt, fellBackAt }
    })
  }

  return async function tell(userId: string, facts: Facts): Promise<readonly Goal[]> {
    const isLive = facts.goals.some(({ basis }) => basis !== 'CONTRIBUTIONS')
    const value = isLive ? await valuation(userId) : null
    const measures = new Map(facts.goals.map((goal) => [goal.id, measure(goal, facts, value)]))
    const marks = facts.goals.flatMap((goal) => markOf(goal, measures.get(goal.id) ?? NOTHING) ?? [])
    const goals = await written(userId, facts.goals, marks)
    const isUnpaced = facts.goals.some(
      ({ id, basis }) => basis !== 'CONTRIBUTIONS' && measures.get(id)?.contributed.isPaced === false,
    )
    const worths = isUnpaced ? await worthsAround(userId, facts) : ([null, null] as const)
    return goals.map((goal) => {
      const { amount, contributed } = measures.get(goal.id) ?? NOTHING
      const isGrowing = goal.basis !== 'CONTRIBUTIONS' && !contributed.isPaced
      const pace = isGrowing ? grown(goal, facts, worths) : contributed.recent
      return toGoal(goal, facts.today, amount, pace)
    })
  }
}

const NOTHING: Measure = {
  amount: null,
  isWhole: false,
  contributed: { total: null, recent: null, isPaced: false },
}

function grown(goal: StoredGoal, facts: Facts, worths: Parameters<typeof grownBetween>[1]): bigint | null {
  const rateOn = (date: string) => facts.rates.rate(facts.baseCurrency, goal.currency, date)
  return grownBetween(goal, worths, [rateOn(addDays(facts.since, -1)), rateOn(addDays(facts.until, -1))])
}

function toGoal(goal: StoredGoal, today: string, current: bigint | null, pace: bigint | null): Goal {
  const { id, name, target, currency, basis, deadline, assetIds } = goal
  const { reachedAt, fellBackAt, version, createdAt, updatedAt } = goal
  const told = { id, name, target: formatFixed(target), currency, basis, deadline, assetIds }
  return {
    ...told,
    ...figuresOf({ target, currency, deadline, today, current, pace }),
    milestones: MILESTONES.map((percent) => ({ percent, reachedAt: goal.milestones.get(percent) ?? null })),
    reachedAt,
    fellBackAt,
    version,
    createdAt,
    updatedAt,
  }
}
