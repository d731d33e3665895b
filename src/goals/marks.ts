import type { Tx } from '../database/database.js'
import type { Turn } from './progress.js'

/** What a goal was found to have become, at one version of it. */
export interface Mark {
  readonly goalId: string
  readonly version: number
  /** Milestones that are behind it and not written down. */
  readonly percents: readonly number[]
  readonly turn: Turn | null
}

/** What this marking wrote down, and no other one before it. */
export interface Marked {
  readonly milestones: readonly { readonly goalId: string; readonly percent: number }[]
  readonly turns: readonly { readonly goalId: string; readonly turn: Turn }[]
}

/**
 * Writes down milestones and turns, each once, however many find them at the same time: goals are locked, one
 * after the other in the same order, and a goal that is another version by now is left alone, because what was
 * found is not of this one. Inside the transaction of one user (Database.asUser).
 */
export async function writeMarks(
  tx: Tx,
  userId: string,
  marks: readonly Mark[],
  at: number,
): Promise<Marked> {
  const locked = await tx.$queryRaw<{ id: string; reached: boolean; fallen: boolean }[]>`
    SELECT goals.id, reached_at IS NOT NULL AS reached, fell_back_at IS NOT NULL AS fallen
    FROM goals JOIN unnest(
      ${marks.map((mark) => mark.goalId)}::text[], ${marks.map((mark) => mark.version)}::int[]
    ) AS found (id, version) ON goals.id = found.id::uuid AND goals.version = found.version
    WHERE user_id = ${userId}::uuid ORDER BY goals.id FOR UPDATE OF goals`
  const standing = new Map(locked.map((row) => [row.id, row]))
  const valid = marks.filter(({ goalId }) => standing.has(goalId))
  const when = new Date(at).toISOString()
  const behind = valid.flatMap(({ goalId, percents }) => percents.map((percent) => ({ goalId, percent })))
  const milestones = await insertMilestones(tx, userId, behind, when)
  const turns = valid.flatMap(({ goalId, turn }) => {
    const { reached = false, fallen = false } = standing.get(goalId) ?? {}
    return turn !== null && isNew(turn, reached, fallen) ? [{ goalId, turn }] : []
  })
  if (turns.length > 0) {
    await tx.$executeRaw`
      UPDATE goals SET
        reached_at = CASE turn WHEN 'reached' THEN ${when}::timestamptz ELSE reached_at END,
        fell_back_at = CASE turn WHEN 'fellBack' THEN ${when}::timestamptz END
      FROM unnest(${turns.map(({ goalId }) => goalId)}::text[], ${turns.map(({ turn }) => turn)}::text[])
        AS found (id, turn)
      WHERE goals.id = found.id::uuid AND user_id = ${userId}::uuid`
  }
  return { milestones, turns }
}

/**
 * Takes back what a goal that was given another meaning has not reached in this one; what it has reached stays as
 * it was told.
 */
export async function forgetMarks(
  tx: Tx,
  userId: string,
  goalId: string,
  reached: readonly number[],
): Promise<void> {
  await tx.goalMilestone.deleteMany({ where: { userId, goalId, percent: { notIn: [...reached] } } })
  if (reached.includes(100)) return
  await tx.goal.update({
    where: { userId_id: { userId, id: goalId } },
    data: { reachedAt: null, fellBackAt: null },
    select: { id: true },
  })
}

async function insertMilestones(
  tx: Tx,
  userId: string,
  behind: readonly { readonly goalId: string; readonly percent: number }[],
  when: string,
): Promise<Marked['milestones']> {
  if (behind.length === 0) return []
  const rows = await tx.$queryRaw<{ goal_id: string; percent: number }[]>`
    INSERT INTO goal_milestones (user_id, goal_id, percent, reached_at)
    SELECT ${userId}::uuid, id::uuid, percent, ${when}::timestamptz
    FROM unnest(${behind.map(({ goalId }) => goalId)}::text[], ${behind.map(({ percent }) => percent)}::int[])
      AS found (id, percent)
    ON CONFLICT DO NOTHING RETURNING goal_id, percent`
  return rows.map((row) => ({ goalId: row.goal_id, percent: row.percent }))
}

function isNew(turn: Turn, reached: boolean, fallen: boolean): boolean {
  if (turn === 'reached') return !reached
  return reached && fallen === (turn === 'recovered')
}
