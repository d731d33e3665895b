import type { Tx } from '../database/database.js'
import { type Listing, readListing } from '../instruments/listing.js'
import { instrumentStore } from '../instruments/store.js'
import type { Asset } from '../protocol/resources.js'
import { mistake } from './mistake.js'
import type { NewAsset } from './schema.js'
import type { NewAssetRow } from './store.js'

/** The asset as it will be written; its instrument is made when it is the first time that somebody names it. */
export async function rowOf(tx: Tx, input: NewAsset, baseCurrency: string): Promise<NewAssetRow> {
  const { type } = input
  const { listing, pricing } = checkAsset(input)
  // Of the instrument only its id: the rest may have been told by whoever named the symbol first.
  const instrument = listing && (await instrumentStore.ensure(tx, listing))
  return {
    type,
    name: input.name ?? listing?.name ?? NAMES[type],
    symbol: listing?.symbol ?? null,
    instrumentId: instrument?.id ?? null,
    currency: listing?.currency ?? input.currency ?? baseCurrency,
    pricing,
    shortAllowed: shortOf(type, input.shortAllowed) ?? false,
  }
}

/** What its fields come to, by themselves. Throws AppError `invalid` where they do not go together. */
export function checkAsset(input: NewAsset): { listing: Listing | null; pricing: Asset['pricing'] } {
  const { type } = input
  const traded = type === 'STOCK' || type === 'CRYPTO'
  const manual = input.pricing === 'MANUAL' || (!traded && type !== 'CASH' && type !== 'LIABILITY')
  if (!traded && input.symbol !== undefined)
    throw mistake('/symbol', `does not belong to an asset of type ${type}`)
  if (!traded && input.pricing === 'MARKET')
    throw mistake('/pricing', `an asset of type ${type} has no market`)
  if (traded && !manual && input.symbol === undefined) throw mistake('/symbol', 'is needed to find its price')
  shortOf(type, input.shortAllowed)
  return {
    listing: traded && input.symbol !== undefined ? readListing(type, input.symbol, input.currency) : null,
    pricing: traded && !manual ? 'MARKET' : 'MANUAL',
  }
}

/** Only what is traded can be sold before it is held. */
export function shortOf(type: Asset['type'], told: boolean | undefined): boolean | undefined {
  if (told === true && (type === 'CASH' || type === 'LIABILITY'))
    throw mistake('/shortAllowed', 'an account has no shares to sell')
  return told
}

const NAMES = { CASH: 'Cash', STOCK: 'Stock', CRYPTO: 'Crypto', REAL: 'Asset', LIABILITY: 'Debt' } as const
