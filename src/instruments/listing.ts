import { isCurrency } from '../lib/currency.js'
import { AppError } from '../lib/errors.js'
import { marketOf } from './markets.js'
import { isQuoted, isSymbol, parsePair } from './symbol.js'

/** What a symbol by itself tells of the instrument that it names. */
export interface Listing {
  readonly symbol: string
  readonly kind: 'CRYPTO' | 'STOCK' | 'CURRENCY'
  readonly name: string
  readonly currency: string
  readonly mic: string | null
}

/** Reads a symbol; throws AppError `invalid` / `unknown-symbol` when it can name nothing of that kind. */
export function readListing(kind: 'CRYPTO' | 'STOCK', symbol: string, currency: string | undefined): Listing {
  const listing = kind === 'CRYPTO' ? coin(symbol) : share(symbol, currency)
  if (!listing) {
    const example = kind === 'CRYPTO' ? 'a pair such as BTC-USD' : 'a listing such as BBCA.JK'
    throw new AppError('invalid', 'unknown-symbol', `The symbol has to be ${example}.`, {
      errors: [{ pointer: '/symbol', detail: `has to be ${example}` }],
    })
  }
  if (currency !== undefined && currency !== listing.currency) {
    throw new AppError('invalid', 'currency-mismatch', `${symbol} is priced in ${listing.currency}.`, {
      errors: [
        { pointer: '/currency', detail: `has to be ${listing.currency}, in which ${symbol} is priced` },
      ],
    })
  }
  return listing
}

function coin(symbol: string): Listing | null {
  const pair = parsePair(symbol)
  if (!pair || !isCurrency(pair.quote) || pair.base === pair.quote) return null
  return { symbol, kind: 'CRYPTO', name: pair.base, currency: pair.quote, mic: null }
}

function share(symbol: string, currency: string | undefined): Listing | null {
  // A share of such a name would take the place of the pair's instrument.
  if (!isSymbol(symbol) || isQuoted(symbol)) return null
  const market = marketOf(symbol)
  if (market) return { symbol, kind: 'STOCK', name: symbol, currency: market.currency, mic: market.mic }
  return currency === undefined ? null : { symbol, kind: 'STOCK', name: symbol, currency, mic: null }
}
