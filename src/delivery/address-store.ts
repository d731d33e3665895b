import type { Tx } from '../database/database.js'

export interface Address {
  readonly email: string
  readonly isConfirmed: boolean
  /** BCP 47 */
  readonly locale: string
}

/** In transactions of the system: no user says of an address that somebody has confirmed it. */
export const addressStore = {
  async find(tx: Tx, userId: string): Promise<Address | null> {
    const select = { email: true, confirmedEmail: true, locale: true } as const
    const row = await tx.user.findUnique({ where: { id: userId }, select })
    return row && { email: row.email, isConfirmed: row.confirmedEmail === row.email, locale: row.locale }
  },

  /** Has no effect on a user who has another address by now. */
  async confirm(tx: Tx, userId: string, email: string): Promise<void> {
    await tx.user.updateMany({ where: { id: userId, email }, data: { confirmedEmail: email } })
  },
}
