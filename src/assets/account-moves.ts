import type { Tx } from '../database/database.js'
import type { Fixed } from '../lib/decimal.js'
import { type ActivityValues, activityStore, type Cause, type StoredActivity } from './activity-store.js'
import { type Exchange, exchange } from './exchange.js'
import { isAccount } from './ledger.js'
import { mistake } from './mistake.js'
import { type Recount, type RecountOptions, recounter } from './recount.js'
import { assetStore, type StoredAsset } from './store.js'

/** An income or an expense, and what it does to an account. */
export interface AccountMove {
  readonly kind: 'income' | 'expense'
  readonly id: string
  /** Null: it moves no account (any more). */
  readonly accountId: string | null
  /** What the account gains; negative what it loses. */
  readonly amount: Fixed
  readonly currency: string
  readonly date: string
}

/**
 * Incomes and expenses move the balance of an account by one activity of theirs. Inside of the caller's
 * transaction; after its commit the caller says that the holdings have changed.
 */
export interface AccountMoves {
  /**
   * Writes, replaces or removes that activity. Throws AppError `invalid` that points to `/assetId` where it is no
   * CASH or LIABILITY asset of the user, and `no-rate` where its currency cannot be reckoned in.
   */
  settle(tx: Tx, userId: string, move: AccountMove): Promise<void>
  /** Removes it; before the income or expense itself goes. */
  forget(tx: Tx, userId: string, ask: Pick<AccountMove, 'kind' | 'id'>): Promise<void>
}

export function accountMoves(options: RecountOptions): AccountMoves {
  const rates = exchange(options)
  const recount = recounter(options)

  async function settle(tx: Tx, userId: string, move: AccountMove): Promise<void> {
    await assetStore.holdingsChanged(tx, userId)
    const cause: Cause = { kind: move.kind, id: move.id }
    const before = await activityStore.findByFlow(tx, userId, cause)
    if (move.accountId === null) return remove(tx, userId, before, recount)
    const account = await assetStore.lock(tx, userId, move.accountId)
    if (!account || !isAccount(account.type))
      throw mistake('/assetId', 'is no CASH or LIABILITY asset of yours')
    const values = await moveValues(tx, userId, account, move, before, rates)
    if (before) await activityStore.update(tx, userId, before.id, account.id, values)
    else await activityStore.insert(tx, userId, account.id, values, cause)
    const since = new Map([[account.id, move.date]])
    if (before) touch(since, before.assetId, before.date)
    await recount(tx, userId, since)
  }

  return {
    settle,
    async forget(tx, userId, ask) {
      const before = await activityStore.findByFlow(tx, userId, ask)
      if (!before) return
      await assetStore.holdingsChanged(tx, userId)
      await remove(tx, userId, before, recount)
    },
  }
}

/** Notes that an asset has changed on a date; the earliest stands. */
export function touch(since: Map<string, string>, assetId: string, date: string): void {
  const known = since.get(assetId)
  if (known === undefined || date < known) since.set(assetId, date)
}

async function remove(
  tx: Tx,
  userId: string,
  before: StoredActivity | null,
  recount: Recount,
): Promise<void> {
  if (!before) return
  await activityStore.remove(tx, userId, before.id)
  await recount(tx, userId, new Map([[before.assetId, before.date]]))
}

/** The activity by which an income or an expense moves its account. */
export async function moveValues(
  tx: Tx,
  userId: string,
  account: StoredAsset,
  { amount, currency, date }: AccountMove,
  before: StoredActivity | null,
  rates: Exchange,
): Promise<ActivityValues> {
  const same = currency === account.currency
  // A rate that was found once stands as long as nothing of it has changed.
  const stands = before?.currency === currency && before.date === date && before.assetId === account.id
  const known = stands ? before.rate : null
  const ask = { from: currency, to: account.currency, date, pointer: '/currency' }
  const rate = same ? null : (known ?? (await rates.require(tx, userId, ask)))
  return moneyMove({ amount, currency, date, rate, account })
}

/** Money into an account (positive) or out of it, in any currency of which the rate is known. */
export function moneyMove(move: {
  readonly amount: Fixed
  readonly currency: string
  readonly date: string
  readonly rate: Fixed | null
  readonly account: StoredAsset
}): ActivityValues {
  const { amount, currency, date, rate, account } = move
  return {
    type: amount < 0n ? 'WITHDRAWAL' : 'DEPOSIT',
    date,
    quantity: null,
    unitPrice: null,
    amount: amount < 0n ? -amount : amount,
    fee: 0n,
    tax: 0n,
    currency,
    rate,
    rateCurrency: rate === null ? null : account.currency,
    ratio: null,
    note: null,
  }
}
