import type { Database, Tx } from '../database/database.js'
import { AppError } from '../lib/errors.js'
import { FIRST } from './ledger-store.js'
import { type RecountOptions, recounter } from './recount.js'
import { assetStore } from './store.js'

export interface OutdatedOptions extends RecountOptions {
  readonly db: Database
  /** Called after a user's figures have changed. */
  readonly changed: (userId: string) => void
}

/** What lacks a rate is tried again so often: rates of the past come when somebody reads them. */
const AGAIN_MS = 10 * 60_000

/**
 * Assets whose cost in the base currency is not what it should be: those that were never counted, those of a user
 * who reckons in another base currency by now, and, one round every ten minutes, those that lacked a rate. The
 * function counts as many of them as it is told, and tells how many it found; it is run again and again.
 */
export function outdatedAssets(options: OutdatedOptions): (limit: number) => Promise<number> {
  const { db, clock, changed } = options
  const recount = recounter(options)
  /** Where the round of those that lack a rate stands; null between two of them. */
  let cursor: string | null = null
  let nextRoundAt = Number.NEGATIVE_INFINITY

  async function find(limit: number): Promise<readonly { id: string; userId: string }[]> {
    const now = clock.now()
    if (cursor === null && now >= nextRoundAt) cursor = '00000000-0000-0000-0000-000000000000'
    return db.asSystem(async (tx) => {
      const outdated = await assetStore.outdated(tx, limit)
      if (cursor === null || outdated.length === limit) return outdated
      const rateless = await assetStore.rateless(tx, cursor, limit - outdated.length)
      cursor = rateless.at(-1)?.id ?? null
      if (cursor === null) nextRoundAt = now + AGAIN_MS
      return [...outdated, ...rateless]
    })
  }

  async function count(tx: Tx, userId: string, id: string): Promise<boolean> {
    try {
      return await recount(tx, userId, new Map([[id, FIRST]]))
    } catch (error) {
      // What its owner could not enter any more keeps the figures that it has.
      if (!(error instanceof AppError)) throw error
      await assetStore.keepCounted(tx, userId, id)
      return false
    }
  }

  return async (limit) => {
    const found = await find(limit)
    for (const userId of new Set(found.map((asset) => asset.userId))) {
      const ids = found.filter((asset) => asset.userId === userId).map(({ id }) => id)
      const moved = await db.asUser(userId, async (tx) => {
        await assetStore.takeTurn(tx, userId)
        let any = false
        for (const id of ids) any = (await count(tx, userId, id)) || any
        if (any) await assetStore.holdingsChanged(tx, userId)
        return any
      })
      if (moved) changed(userId)
    }
    return found.length
  }
}
