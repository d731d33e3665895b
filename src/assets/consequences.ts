import type { Tx } from '../database/database.js'
import { type Fixed, ONE, parseFixed } from '../lib/decimal.js'
import { moneyMove, touch } from './account-moves.js'
import { type ActivityValues, activityStore, type StoredActivity } from './activity-store.js'
import type { Exchange } from './exchange.js'
import { isAccount, Position } from './ledger.js'
import { mistake, requireRoom } from './mistake.js'
import type { NewActivity } from './schema.js'
import { assetStore, type StoredAsset } from './store.js'

/** An activity that has just been written. */
export interface Written {
  readonly asset: StoredAsset
  readonly id: string
  readonly values: ActivityValues
  readonly input: NewActivity
  readonly before: StoredActivity | null
  /** Whether what its consequence had for a rate, or for a quantity of its own, is to be found anew. */
  readonly anew: { readonly rate: boolean; readonly quantity: boolean }
}

/**
 * What an activity does elsewhere, written with it and never by itself: the row by which an account settles a
 * trade, and the TRANSFER_IN of a TRANSFER_OUT. An activity has one such row at most.
 */
export function consequences(rates: Exchange) {
  async function settling(
    tx: Tx,
    userId: string,
    account: StoredAsset,
    { asset, values }: Written,
    kept: StoredActivity | null,
  ): Promise<ActivityValues> {
    const { currency, date } = values
    const amount = purse(values)
    requireRoom(amount)
    const rate = async (): Promise<Fixed | null> => {
      if (currency === account.currency) return null
      if (account.currency === asset.currency) return values.rate
      const same = kept?.date === date && kept.currency === currency && kept.rateCurrency === account.currency
      const ask = { from: currency, to: account.currency, date, pointer: '/accountId' }
      return (same ? kept.rate : null) ?? rates.require(tx, userId, ask)
    }
    return moneyMove({ amount, currency, date, rate: await rate(), account })
  }

  async function arriving(
    tx: Tx,
    userId: string,
    target: StoredAsset,
    written: Written,
    kept: StoredActivity | null,
  ): Promise<ActivityValues> {
    const { asset, values } = written
    const quantity = arrivingQuantity(written, kept, target)
    const account = isAccount(target.type)
    // Lots cost what they cost in the currency of the asset that they come from.
    const currency = account ? values.currency : asset.currency
    const plain = {
      ...values,
      type: 'TRANSFER_IN' as const,
      unitPrice: null,
      fee: 0n,
      tax: 0n,
      rate: null,
      rateCurrency: null,
    }
    if (account && quantity !== null)
      return { ...plain, quantity: null, amount: quantity, currency: target.currency }
    const rate = await arrivingRate(tx, userId, { from: currency, to: target.currency }, written, kept)
    return {
      ...plain,
      currency,
      quantity: account ? null : (quantity ?? values.quantity),
      amount: account ? values.amount : null,
      ...(rate === null ? {} : { rate, rateCurrency: target.currency }),
    }
  }

  async function arrivingRate(
    tx: Tx,
    userId: string,
    { from, to }: { readonly from: string; readonly to: string },
    { values: { date }, input, anew }: Written,
    kept: StoredActivity | null,
  ): Promise<Fixed | null> {
    if (from === to) {
      if (input.rate === undefined || parseFixed(input.rate) === ONE) return null
      throw mistake('/rate', `is not needed from ${from} to the same`)
    }
    if (input.rate !== undefined) return parseFixed(input.rate)
    if (kept?.rate && !anew.rate && kept.currency === from && kept.rateCurrency === to) {
      // One that was told stands, one that was found is of its date.
      const found = kept.date === date ? null : await rates.find(tx, userId, { from, to, date: kept.date })
      if (found !== kept.rate) return kept.rate
    }
    return rates.require(tx, userId, { from, to, date, pointer: '/rate' })
  }

  /** That row as it will be written in `found`, the asset that the activity names; `kept` is the row that was. */
  function valuesIn(
    tx: Tx,
    userId: string,
    written: Written,
    found: StoredAsset | null,
    kept: StoredActivity | null,
  ): Promise<ActivityValues> {
    return written.input.toAssetId === undefined
      ? settling(tx, userId, requireAccount(found), written, kept)
      : arriving(tx, userId, requireTarget(found, written.asset), written, kept)
  }

  /** Writes, replaces or removes that row; gives what has changed by it, with the first date of each. */
  async function follow(tx: Tx, userId: string, written: Written): Promise<ReadonlyMap<string, string>> {
    const { id, input, before } = written
    const since = new Map<string, string>()
    const kept = before?.consequence
      ? await activityStore.find(tx, userId, before.consequence.assetId, before.consequence.id)
      : null
    if (kept) touch(since, kept.assetId, kept.date)
    const targetId = input.toAssetId ?? input.accountId
    if (targetId === undefined) {
      if (kept) await activityStore.remove(tx, userId, kept.id)
      return since
    }
    const found = await assetStore.lock(tx, userId, targetId)
    const values = await valuesIn(tx, userId, written, found, kept)
    if (kept) await activityStore.update(tx, userId, kept.id, targetId, values)
    else await activityStore.insert(tx, userId, targetId, values, { kind: 'activity', id })
    touch(since, targetId, values.date)
    return since
  }

  return { follow, valuesIn }
}

/** What a trade brings in, negative what it takes, fees and taxes included; in its own currency. */
function purse(values: ActivityValues): Fixed {
  const own = { id: '', assetId: '', exchange: null, causeId: null, baseRate: null }
  return new Position({ type: 'STOCK', shortAllowed: true }, 'average').apply({ ...values, ...own }).cash
}

/** What arrives where that was told: other units, or another currency; null: what leaves. */
function arrivingQuantity(
  { input, before, anew }: Written,
  kept: StoredActivity | null,
  target: StoredAsset,
): Fixed | null {
  if (input.toQuantity !== undefined) return parseFixed(input.toQuantity)
  if (!kept || !before || anew.quantity) return null
  if (!isAccount(target.type)) return kept.quantity === before.quantity ? null : kept.quantity
  const told = kept.rate === null && kept.currency === target.currency
  return told && (kept.currency !== before.currency || kept.amount !== before.amount) ? kept.amount : null
}

function requireAccount(found: StoredAsset | null): StoredAsset {
  if (!found || !isAccount(found.type)) throw mistake('/accountId', 'is no CASH or LIABILITY asset of yours')
  return found
}

function requireTarget(found: StoredAsset | null, source: StoredAsset): StoredAsset {
  if (!found) throw mistake('/toAssetId', 'is no asset of yours')
  if (found.id === source.id) throw mistake('/toAssetId', 'is the asset itself')
  if (isAccount(found.type) !== isAccount(source.type))
    throw mistake('/toAssetId', 'has to be an account if this is one, and a holding if it is none')
  return found
}
