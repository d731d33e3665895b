import type { Tx } from '../database/database.js'
import type { Fixed } from '../lib/decimal.js'
import type { FlowKind } from '../protocol/resources.js'

/** Entries of one date, kind, category and currency, summed exactly. */
export interface FlowSum {
  readonly date: string
  readonly kind: FlowKind
  readonly categoryId: string | null
  readonly currency: string
  /** May have more digits than decimal text may; refunds lower it. */
  readonly amount: Fixed
  readonly entries: number
}

/** Incomes and expenses, inside the transaction of one user (Database.asUser). */
export const flowStore = {
  /**
   * What came in and went out in [from, to), by date, kind, category and currency, oldest first. One text of one
   * row: many rows cost Prisma more than the sums cost the database.
   */
  async sums(
    tx: Tx,
    userId: string,
    { from, to }: { readonly from: string; readonly to: string },
  ): Promise<readonly FlowSum[]> {
    const [row] = await tx.$queryRaw<{ sums: string | null }[]>`
      SELECT string_agg(concat_ws(' ', date, kind, category, currency, units, entries), E'\n' ORDER BY date) AS sums
      FROM (
        SELECT date, kind, coalesce(category_id::text, '-') AS category, currency,
          trunc(sum(amount) * 1000000000000000000)::text AS units, count(*) AS entries
        FROM (
          SELECT date, 'INCOME' AS kind, category_id, currency, amount FROM incomes
          WHERE user_id = ${userId}::uuid AND date >= ${from}::date AND date < ${to}::date
          UNION ALL
          SELECT date, 'EXPENSE', category_id, currency, amount FROM expenses
          WHERE user_id = ${userId}::uuid AND date >= ${from}::date AND date < ${to}::date
        ) AS flow
        GROUP BY date, kind, category_id, currency
      ) AS summed`
    return (row?.sums ?? '').split('\n').filter(Boolean).map(readSum)
  },
}

function readSum(line: string): FlowSum {
  const [date = '', kind, category = '-', currency = '', units = '0', entries] = line.split(' ')
  return {
    date,
    kind: kind as FlowKind,
    categoryId: category === '-' ? null : category,
    currency,
    amount: BigInt(units),
    entries: Number(entries),
  }
}
