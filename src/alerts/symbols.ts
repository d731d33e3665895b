import type { Tx } from '../database/database.js'
import { readListing } from '../instruments/listing.js'
import { instrumentStore } from '../instruments/store.js'
import { isQuoted } from '../instruments/symbol.js'
import { AppError } from '../lib/errors.js'
import { mistake } from './refusals.js'
import type { AlertRule } from './rule.js'

/** Throws AppError `invalid` where a symbol can name nothing that a market prices. */
export function checkSymbols({ symbol, per }: Pick<AlertRule, 'symbol' | 'per'>): void {
  if (symbol !== null) listingOf(symbol, '/symbol')
  if (per === null) return
  listingOf(per, '/per')
  if (per === symbol) throw mistake('/per', 'has to be another symbol')
}

/** Makes the instruments when it is the first time that somebody names them. */
export async function ensureSymbols(tx: Tx, symbols: readonly (string | null)[]): Promise<void> {
  const named = [...new Set(symbols)].filter((symbol) => symbol !== null)
  // A pair may be one of currencies; what it is of, its store knows.
  await instrumentStore.ensurePairs(tx, named.filter(isQuoted))
  const shares = named.filter((symbol) => !isQuoted(symbol))
  for (const symbol of shares) await instrumentStore.ensure(tx, listingOf(symbol, '/symbol'))
}

function listingOf(symbol: string, pointer: string) {
  try {
    return readListing(isQuoted(symbol) ? 'CRYPTO' : 'STOCK', symbol, undefined)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'unknown-symbol') throw error
    const detail = 'has to be a pair such as BTC-USD or a listing such as BBCA.JK'
    throw new AppError('invalid', 'unknown-symbol', 'The symbol names nothing that a market prices.', {
      errors: [{ pointer, detail }],
    })
  }
}
