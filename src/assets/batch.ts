import type { Tx } from '../database/database.js'
import { dateIn } from '../lib/calendar.js'
import type { Fixed } from '../lib/decimal.js'
import { AppError } from '../lib/errors.js'
import { type AccountMove, moveValues, touch } from './account-moves.js'
import { type ActivityValues, activityStore, type Cause, type ChosenActivity } from './activity-store.js'
import { consequences } from './consequences.js'
import { readActivity } from './entries.js'
import { exchange } from './exchange.js'
import { isAccount } from './ledger.js'
import { mistake } from './mistake.js'
import { type RecountOptions, recounter } from './recount.js'
import type { NewActivity } from './schema.js'
import { assetStore, type StoredAsset } from './store.js'
import { activityValues, type Today } from './values.js'

/** Where an activity is written: under which id, and at which place in the order of entry. */
export interface Spot {
  readonly id: string
  readonly sequence: bigint
}

/** An activity as it was written before, its rate included. */
export interface KeptActivity extends Spot {
  readonly assetId: string
  readonly input: NewActivity
  readonly rate: Fixed | null
  readonly rateCurrency: string | null
}

/** One of many activities: told as over HTTP, kept as it was elsewhere, or moving an account for an income or expense. */
export type BatchEntry =
  | (Spot & {
      readonly kind: 'told'
      readonly assetId: string
      readonly input: NewActivity
      readonly follower: Spot
    })
  | (KeptActivity & {
      readonly kind: 'kept'
      readonly cause: Cause | null
      readonly follower: KeptActivity | null
    })
  | (Spot & { readonly kind: 'move'; readonly move: AccountMove & { readonly accountId: string } })

/**
 * Writes many activities by the rules by which each is written alone, and recounts what they change once. Gives
 * those that were refused, by their ids, with the reason; they are not written. Throws AppError `oversold` or
 * `amount-too-large` when what was written cannot be counted: whoever asks then finds out of which it is by fewer.
 * Inside of the caller's transaction; after its commit the caller says that the holdings have changed.
 */
export type EnterAll = (
  tx: Tx,
  userId: string,
  entries: readonly BatchEntry[],
) => Promise<ReadonlyMap<string, AppError>>

export function activityBatch(options: RecountOptions): EnterAll {
  const rates = exchange(options)
  const recount = recounter(options)
  const valuesOf = activityValues(rates)
  const { valuesIn } = consequences(rates)

  async function rowsOf(
    tx: Tx,
    userId: string,
    entry: BatchEntry,
    today: Today,
    owned: ReadonlyMap<string, StoredAsset>,
  ): Promise<readonly ChosenActivity[]> {
    const { id, sequence } = entry
    if (entry.kind === 'move') {
      const { move } = entry
      const account = owned.get(move.accountId)
      if (!account || !isAccount(account.type)) throw mistake('/assetId', 'is no account of yours (any more)')
      const values = await moveValues(tx, userId, account, move, null, rates)
      return [{ id, sequence, assetId: account.id, values, cause: { kind: move.kind, id: move.id } }]
    }
    const asset = requireOwn(owned, entry.assetId)
    if (entry.kind === 'kept') {
      const own = {
        id,
        sequence,
        assetId: asset.id,
        values: checkKept(entry, asset, today.date),
        cause: entry.cause,
      }
      if (entry.follower === null) return [own]
      const { follower } = entry
      const target = requireOwn(owned, follower.assetId)
      const values = checkKept(follower, target, today.date)
      const cause: Cause = { kind: 'activity', id }
      return [own, { id: follower.id, sequence: follower.sequence, assetId: target.id, values, cause }]
    }
    const { input, follower } = entry
    const values = await valuesOf(tx, userId, asset, input, today, null)
    const own = { id, sequence, assetId: asset.id, values, cause: null }
    const targetId = input.toAssetId ?? input.accountId
    if (targetId === undefined) return [own]
    const written = { asset, id, values, input, before: null, anew: { rate: true, quantity: true } }
    const following = await valuesIn(tx, userId, written, owned.get(targetId) ?? null, null)
    return [own, { ...follower, assetId: targetId, values: following, cause: { kind: 'activity', id } }]
  }

  return async (tx, userId, entries) => {
    const refused = new Map<string, AppError>()
    if (entries.length === 0) return refused
    await assetStore.holdingsChanged(tx, userId)
    const profile = await assetStore.profile(tx, userId)
    if (!profile)
      throw new AppError('unauthenticated', 'unauthenticated', 'This account does not exist any more.')
    const today = { date: dateIn(profile.timeZone, options.clock.now()), baseCurrency: profile.baseCurrency }
    const owned = await assetStore.among(tx, userId, [...new Set(entries.flatMap(assetsOf))])
    const rows: ChosenActivity[] = []
    for (const entry of entries) {
      try {
        rows.push(...(await rowsOf(tx, userId, entry, today, owned)))
      } catch (error) {
        if (!(error instanceof AppError) || error.fault !== 'invalid') throw error
        refused.set(entry.id, error)
      }
    }
    await activityStore.insertAll(tx, userId, rows)
    const since = new Map<string, string>()
    for (const { assetId, values } of rows) touch(since, assetId, values.date)
    await recount(tx, userId, since)
    return refused
  }
}

function assetsOf(entry: BatchEntry): readonly string[] {
  if (entry.kind === 'move') return [entry.move.accountId]
  if (entry.kind === 'kept') return entry.follower ? [entry.assetId, entry.follower.assetId] : [entry.assetId]
  const { toAssetId, accountId } = entry.input
  return [entry.assetId, toAssetId, accountId].filter((id) => id !== undefined)
}

function requireOwn(owned: ReadonlyMap<string, StoredAsset>, id: string): StoredAsset {
  const asset = owned.get(id)
  if (!asset) throw mistake('/assetId', 'is no asset of yours (any more)')
  return asset
}

/** What was written before, if it could be written so. Throws AppError `invalid`. */
export function checkKept(
  { input, rate, rateCurrency }: Pick<KeptActivity, 'input' | 'rate' | 'rateCurrency'>,
  asset: Pick<StoredAsset, 'type' | 'currency'>,
  today: string,
): ActivityValues {
  const values = readActivity(asset, input, today)
  const foreign = values.currency !== asset.currency
  if (foreign && (rate === null || rateCurrency !== asset.currency))
    throw mistake('/rate', `to ${asset.currency} is needed`)
  if (!foreign && rate !== null && (rateCurrency === null || rateCurrency === values.currency))
    throw mistake('/rateCurrency', 'is needed beside rate, and another one')
  return { ...values, rate, rateCurrency: rate === null ? null : rateCurrency }
}
