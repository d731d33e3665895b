import type { Tx } from '../database/database.js'
import type { Instant } from '../protocol/resources.js'
import { type Mark, type Marked, writeMarks } from './marks.js'
import type { StoredGoal } from './store.js'

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
 * Announces news of one user's goals in the transaction that writes down what they have become. What it resolves to
 * is called after the commit.
 */
export type AnnounceGoals = (tx: Tx, news: readonly GoalNews[]) => Promise<() => void>

interface Written {
  readonly news: readonly GoalNews[]
  /** To be called after the commit. */
  readonly tell: () => void
}

/** Writes down what goals have become (marks.ts) and announces what is new of it, in the transaction of their user. */
export async function markAndAnnounce(
  tx: Tx,
  userId: string,
  found: { readonly goals: readonly StoredGoal[]; readonly marks: readonly Mark[]; readonly at: number },
  announce: AnnounceGoals | undefined,
): Promise<Written> {
  const { goals, marks, at } = found
  if (marks.length === 0) return { news: [], tell: () => {} }
  const news = newsOf(userId, goals, await writeMarks(tx, userId, marks, at), new Date(at).toISOString())
  return { news, tell: news.length === 0 || !announce ? () => {} : await announce(tx, news) }
}

/** Of the milestones that a goal passes at one step only the highest is news. */
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
  const highest = new Map<string, number>()
  for (const { goalId, percent } of milestones) {
    highest.set(goalId, Math.max(percent, highest.get(goalId) ?? 0))
  }
  return [
    ...[...highest].map(([goalId, percent]) =>
      tell(goalId, percent === 100 ? 'reached' : 'milestone', percent),
    ),
    ...turns.flatMap(({ goalId, turn }) => (turn === 'fellBack' ? [tell(goalId, 'fellBack', null)] : [])),
  ]
}
