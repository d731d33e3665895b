import type { Tx } from '../database/database.js'
import { fromDateText, toDateText, toFixedText } from '../database/values.js'
import type { GoalContribution as ContributionRow, Prisma } from '../generated/prisma/client.js'
import { type PageAsk, pageClause, pageOf } from '../http/pages.js'
import { type Fixed, parseFixed } from '../lib/decimal.js'
import type { Contribution, GoalBasis } from '../protocol/goals.js'
import type { Page } from '../protocol/resources.js'
import type { ContributedSum, Measured } from './current.js'

/** A goal as it is stored; what has been put aside for it is worked out (facts.ts). */
export interface StoredGoal extends Measured {
  readonly id: string
  readonly name: string
  readonly target: Fixed
  readonly deadline: string | null
  /** When each per cent was reached. */
  readonly milestones: ReadonlyMap<number, string>
  readonly reachedAt: string | null
  readonly fellBackAt: string | null
  readonly version: number
  readonly createdAt: string
  readonly updatedAt: string
}

export interface GoalValues {
  readonly name: string
  readonly target: string
  readonly currency: string
  readonly basis: GoalBasis
  readonly deadline: string | null
}

export interface ContributionValues {
  readonly amount: string
  readonly currency: string
  readonly date: string
  readonly note: string | null
}

export interface GoalProfile {
  readonly baseCurrency: string
  readonly timeZone: string
  readonly monthStartDay: number
}

const WHOLE = {
  assets: { select: { assetId: true }, orderBy: { assetId: 'asc' } },
  milestones: { select: { percent: true, reachedAt: true } },
} as const
type GoalRow = Prisma.GoalGetPayload<{ include: typeof WHOLE }>

/** Everything below works inside the transaction of one user (Database.asUser), unless it says otherwise. */
export const goalStore = {
  async profile(tx: Tx, userId: string): Promise<GoalProfile | null> {
    return tx.user.findUnique({
      where: { id: userId },
      select: { baseCurrency: true, timeZone: true, monthStartDay: true },
    })
  },

  async list(tx: Tx, userId: string, ask: PageAsk): Promise<Page<StoredGoal>> {
    const { where, ...rest } = pageClause(ask)
    const rows = await tx.goal.findMany({ where: { userId, ...where }, include: WHOLE, ...rest })
    return pageOf(rows, ask.limit, toGoal)
  },

  async byIds(tx: Tx, userId: string, ids: readonly string[]): Promise<readonly StoredGoal[]> {
    const rows = await tx.goal.findMany({ where: { userId, id: { in: [...ids] } }, include: WHOLE })
    return rows.map(toGoal)
  },

  /** Those that the market moves. */
  async live(tx: Tx, userId: string): Promise<readonly StoredGoal[]> {
    const rows = await tx.goal.findMany({
      where: { userId, basis: { not: 'CONTRIBUTIONS' } },
      include: WHOLE,
      orderBy: { id: 'asc' },
    })
    return rows.map(toGoal)
  },

  async count(tx: Tx, userId: string): Promise<number> {
    return tx.goal.count({ where: { userId } })
  },

  /** The goal, locked until the transaction ends, so that what is worked out from it stays true. */
  async lock(tx: Tx, userId: string, id: string): Promise<StoredGoal | null> {
    await tx.$queryRaw`SELECT 1 FROM goals WHERE user_id = ${userId}::uuid AND id = ${id}::uuid FOR UPDATE`
    const row = await tx.goal.findFirst({ where: { userId, id }, include: WHOLE })
    return row && toGoal(row)
  },

  async insert(tx: Tx, userId: string, values: GoalValues): Promise<string> {
    const { id } = await tx.goal.create({ data: { userId, ...columns(values) }, select: { id: true } })
    return id
  },

  /** Without values it only counts a new version: something of the goal has changed. */
  async change(tx: Tx, userId: string, id: string, values?: GoalValues): Promise<void> {
    await tx.goal.update({
      where: { userId_id: { userId, id } },
      data: { ...(values ? columns(values) : {}), version: { increment: 1 } },
      select: { id: true },
    })
  },

  async remove(tx: Tx, userId: string, id: string): Promise<void> {
    await tx.goal.delete({ where: { userId_id: { userId, id } }, select: { id: true } })
  },

  /** Those of the ids that are assets of the user, which stay until the transaction ends. */
  async assetsAmong(tx: Tx, userId: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM assets WHERE user_id = ${userId}::uuid AND id = ANY(${[...ids]}::uuid[]) FOR KEY SHARE`
    return new Set(rows.map((row) => row.id))
  },

  async link(tx: Tx, userId: string, goalId: string, assetIds: readonly string[]): Promise<void> {
    await tx.goalAsset.deleteMany({ where: { userId, goalId } })
    await tx.goalAsset.createMany({ data: assetIds.map((assetId) => ({ userId, goalId, assetId })) })
  },

  /** Contributions by goal, of which those in [since, until) tell the pace. */
  async contributed(
    tx: Tx,
    userId: string,
    goalIds: readonly string[],
    { since, until }: { readonly since: string; readonly until: string },
  ): Promise<ReadonlyMap<string, readonly ContributedSum[]>> {
    const [row] = await tx.$queryRaw<{ sums: string | null }[]>`
      SELECT string_agg(concat_ws(' ', goal_id, currency, day, amount, recent, earlier), E'\n') AS sums FROM (
        SELECT c.goal_id, c.currency, CASE WHEN c.currency = g.currency THEN '-' ELSE c.date::text END AS day,
          trunc(sum(c.amount) * 1000000000000000000)::text AS amount,
          trunc(coalesce(sum(c.amount) FILTER (WHERE c.date >= ${since}::date AND c.date < ${until}::date), 0)
            * 1000000000000000000)::text AS recent,
          bool_or(c.date < ${until}::date) AS earlier
        FROM goal_contributions c JOIN goals g ON g.user_id = c.user_id AND g.id = c.goal_id
        WHERE c.user_id = ${userId}::uuid AND c.goal_id = ANY(${[...goalIds]}::uuid[])
        GROUP BY c.goal_id, c.currency, day
      ) AS summed`
    const sums = new Map<string, ContributedSum[]>(goalIds.map((id) => [id, []]))
    for (const line of (row?.sums ?? '').split('\n').filter(Boolean)) {
      const [goalId = '', currency = '', day = '-', amount = '0', recent = '0', earlier] = line.split(' ')
      sums.get(goalId)?.push({
        currency,
        date: day === '-' ? null : day,
        amount: BigInt(amount),
        recent: BigInt(recent),
        isEarlier: earlier === 't',
      })
    }
    return sums
  },

  async contributions(tx: Tx, userId: string, goalId: string, ask: PageAsk): Promise<Page<Contribution>> {
    const { where, ...rest } = pageClause(ask)
    const rows = await tx.goalContribution.findMany({ where: { userId, goalId, ...where }, ...rest })
    return pageOf(rows, ask.limit, toContribution)
  },

  async contribution(tx: Tx, userId: string, goalId: string, id: string): Promise<Contribution | null> {
    const row = await tx.goalContribution.findFirst({ where: { userId, goalId, id } })
    return row && toContribution(row)
  },

  async contribute(
    tx: Tx,
    userId: string,
    goalId: string,
    { date, ...values }: ContributionValues,
  ): Promise<Contribution> {
    const row = await tx.goalContribution.create({
      data: { userId, goalId, ...values, date: fromDateText(date) },
    })
    return toContribution(row)
  },

  async changeContribution(
    tx: Tx,
    userId: string,
    id: string,
    { date, ...values }: ContributionValues,
  ): Promise<Contribution> {
    const row = await tx.goalContribution.update({
      where: { userId_id: { userId, id } },
      data: { ...values, date: fromDateText(date), version: { increment: 1 } },
    })
    return toContribution(row)
  },

  async removeContribution(tx: Tx, userId: string, id: string): Promise<void> {
    await tx.goalContribution.delete({ where: { userId_id: { userId, id } }, select: { id: true } })
  },
}

function columns({ deadline, ...values }: GoalValues) {
  return { ...values, deadline: deadline === null ? null : fromDateText(deadline) }
}

function toGoal(row: GoalRow): StoredGoal {
  return {
    id: row.id,
    name: row.name,
    target: parseFixed(toFixedText(row.target)),
    currency: row.currency,
    basis: row.basis,
    deadline: row.deadline && toDateText(row.deadline),
    assetIds: row.assets.map(({ assetId }) => assetId),
    milestones: new Map(row.milestones.map(({ percent, reachedAt }) => [percent, reachedAt.toISOString()])),
    reachedAt: row.reachedAt?.toISOString() ?? null,
    fellBackAt: row.fellBackAt?.toISOString() ?? null,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}

function toContribution(row: ContributionRow): Contribution {
  return {
    id: row.id,
    amount: toFixedText(row.amount),
    currency: row.currency,
    date: toDateText(row.date),
    note: row.note,
    version: row.version,
  }
}
