import type { Database } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { LoadDated } from '../prices/dated.js'
import type { Instant, Valuation } from '../protocol/resources.js'
import { markOf, measure, readFacts } from './facts.js'
import { type Marked, writeMarks } from './marks.js'
import { goalStore, type StoredGoal } from './store.js'

/** Something that a goal has become for the first time; the last milestone is `reached`. */
export interface GoalNews {
  readonly kind: 'milestone' | 'reached' | 'fellBack'
  readonly userId: string
  readonly goalId: string
  readonly name: string
  /** The milestone; of `fellBack` null. */
  readonly percent: number | null
  readonly at: Instant
}

/**
 * Sees to it that a goal which the market moves is marked by the market's move, whether or not anybody looks at
 * it. May run any number of times and on any number of nodes: each mark is the news of one of them alone.
 */
export function goalWatch(options: {
  readonly db: Database
  readonly clock: Clock
  readonly dated: LoadDated
  readonly valuation: (userId: string) => Promise<Valuation>
  readonly log: Log
}) {
  const { db, clock, dated, valuation, log } = options

  /** Holds a user's goals against what everything of his is worth; what they have newly become. */
  async function check(userId: string, worth: Valuation): Promise<readonly GoalNews[]> {
    const now = clock.now()
    const found = await db.asUser(userId, async (tx) => {
      const goals = await goalStore.live(tx, userId)
      if (goals.length === 0) return { goals, marks: [] }
      const facts = await readFacts(tx, userId, goals, { dated, now })
      return { goals, marks: goals.flatMap((goal) => markOf(goal, measure(goal, facts, worth)) ?? []) }
    })
    if (found.marks.length === 0) return []
    const marked = await db.asUser(userId, (tx) => writeMarks(tx, userId, found.marks, now))
    return newsOf(userId, found.goals, marked, new Date(now).toISOString())
  }

  return {
    check,

    /** The same for all of these users who have such goals; one whom it fails for does not hold up the others. */
    async run(userIds: readonly string[]): Promise<readonly GoalNews[]> {
      const news: GoalNews[] = []
      for (const userId of await db.asSystem((tx) => goalStore.usersWithLive(tx, userIds))) {
        try {
          news.push(...(await check(userId, await valuation(userId))))
        } catch (error) {
          log.warn({ err: error }, "a user's goals could not be checked")
        }
      }
      return news
    },
  }
}

function newsOf(
  userId: string,
  goals: readonly StoredGoal[],
  { milestones, turns }: Marked,
  at: Instant,
): readonly GoalNews[] {
  const names = new Map(goals.map(({ id, name }) => [id, name]))
  const tell = (goalId: string, kind: GoalNews['kind'], percent: number | null): GoalNews => {
    return { kind, userId, goalId, name: names.get(goalId) ?? '', percent, at }
  }
  return [
    ...milestones.map(({ goalId, percent }) =>
      tell(goalId, percent === 100 ? 'reached' : 'milestone', percent),
    ),
    ...turns.flatMap(({ goalId, turn }) => (turn === 'fellBack' ? [tell(goalId, 'fellBack', null)] : [])),
  ]
}
