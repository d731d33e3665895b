import type { Tx } from '../database/database.js'
import { ONE, parseFixed } from '../lib/decimal.js'
import type { ActivityValues, StoredActivity } from './activity-store.js'
import { readActivity } from './entries.js'
import type { Exchange } from './exchange.js'
import { cashOf } from './ledger.js'
import { mistake, requireRoom } from './mistake.js'
import type { NewActivity } from './schema.js'
import type { StoredAsset } from './store.js'

/** The day that it is for a user, and the currency that he reckons in. */
export interface Today {
  readonly date: string
  readonly baseCurrency: string
}

/** What is written of an activity that is told: its fields as its asset takes them, and at which rate. */
export function activityValues(rates: Exchange) {
  async function rateOf(
    tx: Tx,
    userId: string,
    asset: StoredAsset,
    { currency, date }: ActivityValues,
    told: bigint | null,
    base: string,
    before: StoredActivity | null,
  ): Promise<Pick<ActivityValues, 'rate' | 'rateCurrency'>> {
    if (currency === asset.currency) {
      if (told === null || (told === ONE && currency === base)) return NO_RATE
      if (currency !== base) return { rate: told, rateCurrency: base }
      throw mistake('/rate', `is not needed from ${currency} to the same`)
    }
    const rateCurrency = asset.currency
    if (told !== null) return { rate: told, rateCurrency }
    if (before && (await stands(tx, userId, asset, before, currency, date)))
      return { rate: before.rate, rateCurrency }
    const ask = { from: currency, to: rateCurrency, date, pointer: '/rate' }
    return { rate: await rates.require(tx, userId, ask), rateCurrency }
  }

  /** Whether the rate was told for this currency by its owner, or is of this date. */
  async function stands(
    tx: Tx,
    userId: string,
    asset: StoredAsset,
    before: StoredActivity,
    currency: string,
    date: string,
  ): Promise<boolean> {
    if (before.rate === null || before.currency !== currency || before.rateCurrency !== asset.currency)
      return false
    if (before.date === date) return true
    const ask = { from: currency, to: asset.currency, date: before.date }
    return (await rates.find(tx, userId, ask)) !== before.rate
  }

  /** The activity as it will be written; `before` is what it was, whose rate stands where nothing of it changed. */
  return async function valuesOf(
    tx: Tx,
    userId: string,
    asset: StoredAsset,
    input: NewActivity,
    { date: newest, baseCurrency }: Today,
    before: StoredActivity | null,
  ): Promise<ActivityValues> {
    const values = readActivity(asset, input, newest)
    // Of a transfer it is the rate at which it arrives.
    const told = input.rate === undefined || input.toAssetId !== undefined ? null : parseFixed(input.rate)
    const priced = { ...values, ...(await rateOf(tx, userId, asset, values, told, baseCurrency, before)) }
    const exchanged = { ...priced, exchange: priced.currency === asset.currency ? null : priced.rate }
    for (const name of ['fee', 'tax'] as const) {
      const amount = priced[name]
      requireRoom(cashOf({ ...exchanged, amount }), `/${name}`)
      requireRoom(cashOf({ ...exchanged, exchange: null }) + amount, `/${name}`)
    }
    requireRoom(cashOf(exchanged), '/rate')
    return priced
  }
}

const NO_RATE = { rate: null, rateCurrency: null } as const
