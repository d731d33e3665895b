import type { Database } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import type { LoadDated } from '../prices/dated.js'
import type { Valuation } from '../protocol/resources.js'
import { markOf, measure, readFacts } from './facts.js'
import { type AnnounceGoals, type GoalNews, markAndAnnounce } from './news.js'
import { goalStore } from './store.js'

/**
 * Sees to it that a goal which the market moves is marked by the market's move, whether or not anybody looks at
 * it, and announced. May run any number of times and on any number of nodes: each mark is the news of one of them
 * alone.
 */
export function goalWatch(options: {
  readonly db: Database
  readonly clock: Clock
  readonly dated: LoadDated
  readonly announce?: AnnounceGoals
}) {
  const { db, clock, dated, announce } = options

  return {
    /** Holds a user's goals against what everything of his is worth; what they have newly become. */
    async check(userId: string, worth: Valuation): Promise<readonly GoalNews[]> {
      const now = clock.now()
      const found = await db.asUser(userId, async (tx) => {
        const goals = await goalStore.live(tx, userId)
        if (goals.length === 0) return { goals, marks: [] }
        const facts = await readFacts(tx, userId, goals, { dated, now })
        return { goals, marks: goals.flatMap((goal) => markOf(goal, measure(goal, facts, worth)) ?? []) }
      })
      if (found.marks.length === 0) return []
      const { news, tell } = await db.asUser(userId, (tx) =>
        markAndAnnounce(tx, userId, { ...found, at: now }, announce),
      )
      tell()
      return news
    },
  }
}
