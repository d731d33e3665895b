import type { Tx } from '../database/database.js'
import { toFixedText } from '../database/values.js'
import { type PageAsk, pageClause, pageOf } from '../http/pages.js'
import type { Page } from '../protocol/resources.js'

export interface BudgetValues {
  readonly categoryId: string
  /** Decimal text. */
  readonly amount: string
  readonly currency: string
  /** Null: every month that has none of its own. */
  readonly month: string | null
}

export interface StoredBudget extends BudgetValues {
  readonly id: string
  readonly version: number
}

/** Inside the transaction of one user; two of one category and month are refused as a duplicate (database/failures.ts). */
export const budgetStore = {
  /** What holds in one month: its own budgets, and the general ones of categories that have none of its own. */
  async list(tx: Tx, userId: string, month: string, ask: PageAsk): Promise<Page<StoredBudget>> {
    const { where, ...rest } = pageClause(ask)
    const rows = await tx.budget.findMany({ where: { userId, ...where, ...inForce(month) }, ...rest })
    return pageOf(rows, ask.limit, toBudget)
  },

  /** Those of the ids that hold in one month. */
  async inForce(
    tx: Tx,
    userId: string,
    month: string,
    ids: readonly string[],
  ): Promise<readonly StoredBudget[]> {
    const where = { userId, id: { in: [...ids] }, ...inForce(month) }
    return (await tx.budget.findMany({ where })).map(toBudget)
  },

  async find(tx: Tx, userId: string, id: string): Promise<StoredBudget | null> {
    const row = await tx.budget.findFirst({ where: { userId, id } })
    return row && toBudget(row)
  },

  async insert(tx: Tx, userId: string, values: BudgetValues): Promise<StoredBudget> {
    return toBudget(await tx.budget.create({ data: { userId, ...columns(values) } }))
  },

  async update(tx: Tx, userId: string, id: string, values: BudgetValues): Promise<StoredBudget> {
    const row = await tx.budget.update({
      where: { userId_id: { userId, id } },
      data: { ...columns(values), version: { increment: 1 } },
    })
    return toBudget(row)
  },

  async remove(tx: Tx, userId: string, id: string): Promise<void> {
    await tx.budget.delete({ where: { userId_id: { userId, id } } })
  },
}

/** As the table has it: null would not be the same as another null in its key. */
const EVERY_MONTH = ''

function inForce(month: string) {
  return { OR: [{ month }, { month: EVERY_MONTH, category: { budgets: { none: { month } } } }] }
}

type BudgetRow = NonNullable<Awaited<ReturnType<Tx['budget']['findFirst']>>>

function columns({ categoryId, amount, currency, month }: BudgetValues) {
  return { categoryId, amount, currency, month: month ?? EVERY_MONTH }
}

function toBudget(row: BudgetRow): StoredBudget {
  return {
    id: row.id,
    categoryId: row.categoryId,
    amount: toFixedText(row.amount),
    currency: row.currency,
    month: row.month === EVERY_MONTH ? null : row.month,
    version: row.version,
  }
}
