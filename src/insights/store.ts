import type { Tx } from '../database/database.js'

/** Inside the transaction of one user (Database.asUser). */
export const insightStore = {
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
