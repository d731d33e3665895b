import type { Database, Tx } from '../database/database.js'
import { AppError } from '../lib/errors.js'
import type { Log } from '../lib/log.js'
import { FIRST } from './ledger-store.js'
import { type RecountOptions, recounter } from './recount.js'
import { assetStore } from './store.js'

export interface OutdatedOptions extends RecountOptions {
  readonly db: Database
  /** Called after a user's figures have changed. */
  readonly changed: (userId: string) => void
  readonly log: Log
}

/** What lacks a rate is tried again so often: rates of the past come when somebody reads them. */
const AGAIN_MS = 10 * 60_000

/**
 * Assets whose cost in the base currency is not what it should be: those that were never counted, those of a user
 * who reckons in another base currency by now, and, one round every ten minutes, those that lacked a rate. The
 * function counts as many of them as it is told, and tells how many it found; it is run again and again. A user for
 * whom it fails is left alone until the next round, and holds nobody up.
 */
export function outdatedAssets(options: OutdatedOptions): (limit: number) => Promise<number> {
  const { db, clock, changed, log } = options
  const recount = recounter(options)
  /** Where the round of those that lack a rate stands; null between two of them. */
  let cursor: string | null = null
  let nextRoundAt = Number.NEGATIVE_INFINITY
  /** Users for whom it failed, until when they are left alone. */
  const failed = new Map<string, number>()

  async function find(limit: number): Promise<readonly { id: string; userId: string }[]> {
    const now = clock.now()
    if (cursor === null && now >= nextRoundAt) cursor = '00000000-0000-0000-0000-000000000000'
    for (const [userId, until] of failed) if (until <= now) failed.delete(userId)
    return db.asSystem(async (tx) => {
      const outdated = await assetStore.outdated(tx, limit, [...failed.keys()])
      if (cursor === null || outdated.length === limit) return outdated
      const rateless = await assetStore.rateless(tx, cursor, limit - outdated.length)
      cursor = rateless.at(-1)?.id ?? null
      if (cursor === null) nextRoundAt = now + AGAIN_MS
      return [...outdated, ...rateless]
    })
  }

  /** All of them at once; where one of them cannot be counted, each by itself. */
  async function count(tx: Tx, userId: string, ids: readonly string[]): Promise<boolean> {
    try {
      return await recount(tx, userId, new Map(ids.map((id) => [id, FIRST])))
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      const [only] = ids
      if (only !== undefined && ids.length === 1) {
        // What its owner could not enter any more keeps the figures that it has.
        await assetStore.keepCounted(tx, userId, only)
        return false
      }
      let any = false
      for (const id of ids) any = (await count(tx, userId, [id])) || any
      return any
    }
  }

  async function countOf(userId: string, ids: readonly string[]): Promise<void> {
    const moved = await db.asUser(userId, async (tx) => {
      await assetStore.takeTurn(tx, userId)
      const any = await count(tx, userId, ids)
      if (any) await assetStore.holdingsChanged(tx, userId)
      return any
    })
    if (moved) changed(userId)
  }

  return async (limit) => {
    const found = await find(limit)
    for (const userId of new Set(found.map((asset) => asset.userId))) {
      if (failed.has(userId)) continue
      try {
        await countOf(
          userId,
          found.filter((asset) => asset.userId === userId).map(({ id }) => id),
        )
      } catch (error) {
        failed.set(userId, clock.now() + AGAIN_MS)
        log.warn({ err: error, userId }, 'what a user paid could not be counted in his base currency')
      }
    }
    return found.length
  }
}
