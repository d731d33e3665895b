import type { Tx } from '../database/database.js'

/** What insights are told in: the user's money and his calendar. */
export interface InsightProfile {
  readonly currency: string
  readonly timeZone: string
  readonly startDay: number
}

/** Inside the transaction of one user (Database.asUser). */
export const insightStore = {
  async profile(tx: Tx, userId: string): Promise<InsightProfile | null> {
    const row = await tx.user.findUnique({
      where: { id: userId },
      select: { baseCurrency: true, timeZone: true, monthStartDay: true },
    })
    return row && { currency: row.baseCurrency, timeZone: row.timeZone, startDay: row.monthStartDay }
  },

  /** The date of the first income or expense; null when there is none. */
  async firstEntry(tx: Tx, userId: string): Promise<string | null> {
    const [row] = await tx.$queryRaw<{ first: string | null }[]>`
      SELECT least(
        (SELECT min(date) FROM incomes WHERE user_id = ${userId}::uuid),
        (SELECT min(date) FROM expenses WHERE user_id = ${userId}::uuid)
      )::text AS first`
    return row?.first ?? null
  },

  async categoryNames(tx: Tx, userId: string): Promise<ReadonlyMap<string, string>> {
    const rows = await tx.category.findMany({ where: { userId }, select: { id: true, name: true } })
    return new Map(rows.map(({ id, name }) => [id, name]))
  },
}
