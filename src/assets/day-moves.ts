import type { Tx } from '../database/database.js'
import type { Fixed } from '../lib/decimal.js'
import { asError } from '../lib/errors.js'
import type { DatedRates } from '../prices/dated.js'
import type { AssetType } from '../protocol/resources.js'
import { checkpointStore } from './checkpoints.js'
import { Position } from './ledger.js'
import { FIRST, type LedgerRow, ledgerStore, toEntry } from './ledger-store.js'
import { assetStore } from './store.js'

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

interface Owner {
  readonly id: string
  readonly today: string
}

interface Owned {
  readonly id: string
  readonly type: AssetType
  readonly currency: string
}

/**
 * By user, of each asset to which something has happened since his day began; an error of whom it cannot be counted.
 * A split and an adjustment depend on what was held, so each is counted from its last checkpoint; by average cost,
 * which keeps one lot and the same quantities.
 */
export async function dayMoves(
  tx: Tx,
  owners: readonly Owner[],
  owned: ReadonlyMap<string, readonly Owned[]>,
): Promise<ReadonlyMap<string, ReadonlyMap<string, DayMoves> | Error>> {
  const moved = await assetStore.movedSince(tx, owners)
  const assets = new Map(
    owners.flatMap(({ id: userId, today }) =>
      (owned.get(userId) ?? [])
        .filter(({ id }) => moved.has(id))
        .map(({ id, ...asset }) => [id, { ...asset, userId, since: today }] as const),
    ),
  )
  if (assets.size === 0) return new Map()
  const asked = [...assets].map(([assetId, { userId, since }]) => ({ userId, assetId, date: since }))
  const kept = new Map((await checkpointStore.lastBefore(tx, asked)).map((one) => [one.assetId, one]))
  const after = new Map([...assets.keys()].map((id) => [id, kept.get(id)?.date ?? FIRST]))
  const rows = await ledgerStore.entriesAfter(tx, assets, after)
  const counts = new Map([...assets].map(([id, asset]) => [id, new Count(asset, kept.get(id))]))
  for (const row of rows) counts.get(row.assetId)?.take(row)
  const found = new Map<string, Map<string, DayMoves> | Error>()
  for (const [assetId, { userId }] of assets) {
    const moves = counts.get(assetId)?.moves ?? NO_MOVES
    const known = found.get(userId)
    if (known instanceof Error) continue
    if (moves instanceof Error) found.set(userId, moves)
    else if (known) known.set(assetId, moves)
    else found.set(userId, new Map([[assetId, moves]]))
  }
  return found
}

/** Of one asset. */
class Count {
  moves: DayMoves | Error = NO_MOVES
  readonly #since: string
  readonly #position: Position

  constructor(
    { type, since }: { readonly type: AssetType; readonly since: string },
    kept: Awaited<ReturnType<typeof checkpointStore.lastBefore>>[number] | undefined,
  ) {
    this.#since = since
    // It was refused before if it could not be.
    this.#position = new Position({ type, shortAllowed: true }, 'average', kept?.average)
  }

  take(row: LedgerRow): void {
    if (this.moves instanceof Error) return
    try {
      const effect = this.#position.apply(toEntry(row, { dated: NO_RATES, base: '' }))
      if (row.date < this.#since) return
      const { quantity, flow, transferred } = this.moves
      const isTransfer = row.type === 'TRANSFER_IN' || row.type === 'TRANSFER_OUT'
      this.moves = {
        quantity: quantity + effect.quantity,
        flow: isTransfer ? flow : flow + effect.flow,
        transferred: isTransfer ? transferred + effect.quantity : transferred,
      }
    } catch (error) {
      this.moves = asError(error)
    }
  }
}
