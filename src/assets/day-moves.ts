import type { Tx } from '../database/database.js'
import type { Fixed } from '../lib/decimal.js'
import type { DatedRates } from '../prices/dated.js'
import { checkpointStore } from './checkpoints.js'
import { Position } from './ledger.js'
import { FIRST, ledgerStore, toEntry } from './ledger-store.js'
import { assetStore, type StoredAsset } from './store.js'

/** What happened to an asset since a date began; of a debt below zero what it grew by. */
export interface DayMoves {
  /** Change of the position. */
  readonly quantity: Fixed
  /** Purchases less sales at their own prices, in the asset's currency. */
  readonly flow: Fixed
  /** Units that came by transfer, less those that went. */
  readonly transferred: Fixed
}

export const NO_MOVES: DayMoves = { quantity: 0n, flow: 0n, transferred: 0n }

const NO_RATES: DatedRates = { rate: () => null }

/**
 * Of each asset to which something has happened since this date. A split and an adjustment depend on what was held,
 * so each is counted from its last checkpoint; by average cost, which keeps one lot and the same quantities.
 */
export async function dayMoves(
  tx: Tx,
  userId: string,
  date: string,
  owned: readonly Pick<StoredAsset, 'id' | 'type' | 'currency'>[],
): Promise<ReadonlyMap<string, DayMoves>> {
  const moved = await assetStore.movedSince(tx, userId, date)
  if (moved.length === 0) return new Map()
  const assets = new Map(owned.filter(({ id }) => moved.includes(id)).map((asset) => [asset.id, asset]))
  const kept = new Map(
    (await checkpointStore.lastBefore(tx, userId, moved, date)).map((one) => [one.assetId, one]),
  )
  const rows = await ledgerStore.entriesAfter(
    tx,
    userId,
    assets,
    new Map(moved.map((id) => [id, kept.get(id)?.date ?? FIRST])),
  )
  const positions = new Map(
    [...assets].map(([id, { type }]) => [
      id,
      // It was refused before if it could not be.
      new Position({ type, shortAllowed: true }, 'average', kept.get(id)?.average),
    ]),
  )
  const found = new Map<string, DayMoves>()
  for (const row of rows) {
    const effect = positions.get(row.assetId)?.apply(toEntry(row, { dated: NO_RATES, base: '' }))
    if (!effect || row.date < date) continue
    const { quantity, flow, transferred } = found.get(row.assetId) ?? NO_MOVES
    const isTransfer = row.type === 'TRANSFER_IN' || row.type === 'TRANSFER_OUT'
    found.set(row.assetId, {
      quantity: quantity + effect.quantity,
      flow: isTransfer ? flow : flow + effect.flow,
      transferred: isTransfer ? transferred + effect.quantity : transferred,
    })
  }
  return found
}
