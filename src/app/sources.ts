import { fileURLToPath } from 'node:url'
import { alphaVantage } from '../feeds/sources/alpha-vantage.js'
import { bankIndonesia } from '../feeds/sources/bank-indonesia.js'
import { coinGecko } from '../feeds/sources/coingecko.js'
import { ecb } from '../feeds/sources/ecb.js'
import { finnhub } from '../feeds/sources/finnhub.js'
import { frankfurter } from '../feeds/sources/frankfurter.js'
import { openErApi } from '../feeds/sources/open-er-api.js'
import type { DeskSource } from '../feeds/sources/quote-desk.js'
import type { QuoteSource, RateSource } from '../feeds/sources/source.js'
import { twelveData } from '../feeds/sources/twelve-data.js'
import { yahoo } from '../feeds/sources/yahoo.js'
import type { Config, Secrets, SourceId } from './config.js'

const QUOTES: Readonly<Partial<Record<SourceId, QuoteSource>>> = {
  alphavantage: alphaVantage,
  coingecko: coinGecko,
  finnhub,
  twelvedata: twelveData,
  yahoo,
}

const RATES: Readonly<Partial<Record<SourceId, RateSource>>> = {
  'bank-indonesia': bankIndonesia,
  ecb,
  frankfurter,
  'open-er-api': openErApi,
}

export interface ConfiguredSources {
  readonly quotes: readonly DeskSource[]
  readonly rates: readonly { readonly source: RateSource; readonly base: string }[]
}

/** The sources of the configuration, in its order. */
export function configuredSources(config: Config, secrets: Secrets): ConfiguredSources {
  return {
    quotes: config.sources.flatMap((id): DeskSource[] => {
      const url = config.sourceUrls[id]
      if (id === 'csv') return url === undefined ? [] : [{ file: fileURLToPath(url) }]
      const source = QUOTES[id]
      return source ? [{ source, base: bare(url ?? source.base), key: secrets.sourceKeys[id] ?? null }] : []
    }),
    rates: config.sources.flatMap((id) => {
      const source = RATES[id]
      return source ? [{ source, base: bare(config.sourceUrls[id] ?? source.base) }] : []
    }),
  }
}

/** Paths are put behind it. */
function bare(address: string): string {
  return address.replace(/\/+$/, '')
}
