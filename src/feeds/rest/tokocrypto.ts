/**
 * Tokocrypto. Source: tokocrypto.com/apidocs.
 * Its market runs on Binance's software at an address of its own; its list is at another and spells pairs as
 * BTC_USDT. Only symbols of type 1 are on that market, hence on its socket. Errors come with status 200.
 */
import { record, textOf } from '../fields.js'
import { binanceMarket } from './binance.js'
import { codeOf, get, listed, listedPairs, readNames } from './read.js'
import type { VenueRest } from './rest.js'

const BASE = 'https://www.tokocrypto.site'
const LIST_BASE = 'https://www.tokocrypto.com'

export const tokocryptoRest: VenueRest = {
  id: 'tokocrypto',
  base: BASE,
  limit: { count: 120, windowMs: 60_000 },
  catalogue: {
    /** Under an address that was configured in place of the exchange's own, everything is there. */
    question: (base) => get(base === BASE ? LIST_BASE : base, '/open/v1/common/symbols'),
    read: (body) =>
      readNames(body, (value) => {
        const answer = record(value)
        if (codeOf(answer?.code) !== '0') return answer === null ? 'not-a-list' : 'error'
        return listedPairs(record(answer?.data)?.list, (row) => {
          if (codeOf(row.type) !== '1') return null
          const symbol = textOf(row.symbol).replace('_', '')
          return listed(symbol, row.baseAsset, row.quoteAsset, codeOf(row.spotTradingEnable) === '1')
        })
      }),
  },
  ...binanceMarket,
}
