import type { Tx } from '../database/database.js'

/** What of a user the rules here depend on. */
export interface Profile {
  readonly baseCurrency: string
  readonly timeZone: string
  /** 1 to 28. */
  readonly monthStartDay: number
}

export const profileStore = {
  async read(tx: Tx, userId: string): Promise<Profile | null> {
    return tx.user.findUnique({
      where: { id: userId },
      select: { baseCurrency: true, timeZone: true, monthStartDay: true },
    })
  },

  /**
   * The same, and from here on until the transaction ends whoever writes for this user waits: what was read of
   * his categories, entries and rules stays true, and everybody takes locks in one order.
   */
  async takeTurn(tx: Tx, userId: string): Promise<Profile | null> {
    await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`
    return profileStore.read(tx, userId)
  },
}
