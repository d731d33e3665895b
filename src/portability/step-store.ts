import { rowOf } from '../assets/new-asset.js'
import { assetPriceStore } from '../assets/price-store.js'
import type { FlowValues } from '../cashflow/flow-store.js'
import type { Tx } from '../database/database.js'
import { fromDateText } from '../database/values.js'
import { notificationStore } from '../notifications/store.js'
import type { FlowKind } from '../protocol/flows.js'
import type { FlowStep, Step } from './plan.js'

type Of<W extends Step['what']> = Extract<Step, { readonly what: W }>

/** Rows of steps, as they were planned; inside the transaction of one user (Database.asUser). */
export const stepStore = {
  /** Whoever writes for this user waits until the transaction ends. */
  async takeTurn(tx: Tx, userId: string): Promise<{ baseCurrency: string } | null> {
    await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`
    return tx.user.findUnique({ where: { id: userId }, select: { baseCurrency: true } })
  },

  async profile(tx: Tx, userId: string, { profile }: Of<'profile'>): Promise<void> {
    const { name, ...rest } = profile
    await tx.user.update({ where: { id: userId }, data: rest, select: { id: true } })
    if (name !== null) await tx.user.updateMany({ where: { id: userId, name: null }, data: { name } })
  },

  async settings(tx: Tx, userId: string, { settings }: Of<'settings'>): Promise<void> {
    await notificationStore.lockSettings(tx, userId)
    await notificationStore.changeSettings(tx, userId, settings)
  },

  async categories(tx: Tx, userId: string, steps: readonly Of<'category'>[]): Promise<void> {
    const data = steps.map(({ id, kind, name }) => ({ id, userId, kind, name }))
    await tx.category.createMany({ data, skipDuplicates: true })
  },

  /** Throws AppError `invalid` where it cannot be. */
  async asset(tx: Tx, userId: string, { id, asset }: Of<'asset'>, baseCurrency: string): Promise<void> {
    const row = await rowOf(tx, asset, baseCurrency)
    await tx.asset.create({ data: { id, userId, ...row }, select: { id: true } })
  },

  async prices(tx: Tx, userId: string, steps: readonly Of<'price'>[]): Promise<void> {
    const own = await stepStore.ownAmong(
      tx,
      userId,
      'asset',
      steps.map(({ assetId }) => assetId),
    )
    const byAsset = new Map<string, Map<string, string>>()
    for (const { assetId, date, unitPrice } of steps) {
      if (!own.has(assetId)) continue
      const known = byAsset.get(assetId) ?? new Map<string, string>()
      byAsset.set(assetId, known.set(date, unitPrice))
    }
    for (const [assetId, byDate] of byAsset) await assetPriceStore.save(tx, userId, assetId, byDate)
  },

  async rule(
    tx: Tx,
    userId: string,
    { id, rule, paused, bookedUpTo }: Of<'rule'>,
    now: number,
  ): Promise<void> {
    const date = (text: string | null) => (text === null ? null : fromDateText(text))
    await tx.recurringRule.create({
      data: {
        ...{ id, userId, ...rule, tags: [...rule.tags], startsOn: fromDateText(rule.startsOn) },
        endsOn: date(rule.endsOn),
        nextDueOn: date(rule.nextDueOn),
        pausedAt: paused ? new Date(now) : null,
      },
      select: { id: true },
    })
    if (bookedUpTo === null) return
    await tx.recurringOccurrence.create({
      data: { userId, ruleId: id, dueDate: fromDateText(bookedUpTo) },
      select: { ruleId: true },
    })
  },

  async flows(tx: Tx, userId: string, kind: FlowKind, steps: readonly FlowStep[]): Promise<void> {
    if (steps.length === 0) return
    const data = steps.map(({ id, flow }) => ({ id, userId, ...columns(flow) }))
    await tableOf(tx, kind).createMany({ data })
  },

  async removeFlows(tx: Tx, userId: string, kind: FlowKind, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await tableOf(tx, kind).deleteMany({ where: { userId, id: { in: [...ids] } } })
  },

  async budget(
    tx: Tx,
    userId: string,
    { id, categoryId, amount, currency, month }: Of<'budget'>,
  ): Promise<void> {
    const data = [{ id, userId, categoryId, amount, currency, month: month ?? '' }]
    await tx.budget.createMany({ data, skipDuplicates: true })
  },

  async goal(tx: Tx, userId: string, { id, goal }: Of<'goal'>): Promise<void> {
    const { assetIds, milestones, createdAt, deadline, reachedAt, fellBackAt, ...values } = goal
    const instant = (text: string | null) => (text === null ? null : new Date(text))
    await tx.goal.create({
      data: {
        ...{ id, userId, ...values },
        deadline: deadline === null ? null : fromDateText(deadline),
        reachedAt: instant(reachedAt),
        fellBackAt: instant(fellBackAt),
        ...(createdAt === null ? {} : { createdAt: new Date(createdAt) }),
      },
      select: { id: true },
    })
    const own = await stepStore.ownAmong(tx, userId, 'asset', assetIds)
    await tx.goalAsset.createMany({ data: [...own].map((assetId) => ({ userId, goalId: id, assetId })) })
    await tx.goalMilestone.createMany({
      data: milestones.map(({ percent, reachedAt: at }) => ({
        ...{ userId, goalId: id, percent, reachedAt: new Date(at) },
      })),
    })
  },

  async contributions(tx: Tx, userId: string, steps: readonly Of<'contribution'>[]): Promise<void> {
    const data = steps.map(({ goalId, amount, currency, date, note }) => ({
      ...{ userId, goalId, amount, currency, date: fromDateText(date), note },
    }))
    await tx.goalContribution.createMany({ data })
  },

  /** Those of the ids that are this user's still. */
  async ownAmong(
    tx: Tx,
    userId: string,
    what: 'asset' | 'category' | 'recurringRule' | 'goal' | 'budget',
    ids: readonly (string | null)[],
  ): Promise<ReadonlySet<string>> {
    const asked = [...new Set(ids)].filter((id) => id !== null)
    if (asked.length === 0) return new Set()
    const table = tx[what] as unknown as Tx['asset']
    const rows = await table.findMany({ where: { userId, id: { in: asked } }, select: { id: true } })
    return new Set(rows.map(({ id }) => id))
  },
}

/** Both tables have the same columns. */
function tableOf(tx: Tx, kind: FlowKind): Tx['income'] {
  return kind === 'INCOME' ? tx.income : (tx.expense as unknown as Tx['income'])
}

function columns({ date, tags, ...flow }: FlowValues) {
  return { ...flow, date: fromDateText(date), tags: [...tags] }
}
