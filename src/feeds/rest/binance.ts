/**
 * Binance spot. Source: binance-spot-api-docs, rest-api.md.
 * A minute allows 6000 units of weight; the list weighs 20, other questions here 2. Of the statuses TRADING alone
 * is trading. A ticker's time is the end of the day that it sums up, which is when it was told.
 */
import { record, tickOf } from '../fields.js'
import { candlesOf, codeOf, get, instantOf, listed, listedPairs, readJson, readNames } from './read.js'
import type { VenueRest } from './rest.js'

const MOST = 1000
const FAULTS = new Map([
  ['-1003', 'throttled'],
  ['-1015', 'throttled'],
  ['-1121', 'unknown-symbol'],
])

/** What Binance's own software answers, wherever it runs. */
export const binanceMarket: Pick<VenueRest, 'ticker' | 'candles'> = {
  ticker: {
    question: (base, symbol) => get(base, '/api/v3/ticker/24hr', { symbol }),
    read: (body, symbol) =>
      readJson(body, (value) => {
        const answer = record(value) ?? {}
        if (answer.code !== undefined) return FAULTS.get(codeOf(answer.code)) ?? 'error'
        return tickOf(symbol, answer.lastPrice, instantOf(answer.closeTime), null)
      }),
  },
  candles: {
    most: MOST,
    question: (base, { symbol, interval, from, to }) =>
      get(base, '/api/v3/klines', { symbol, interval, startTime: from, endTime: to - 1, limit: MOST }),
    read: (body, interval) =>
      readJson(body, (value) => {
        const code = record(value)?.code
        if (code !== undefined) return FAULTS.get(codeOf(code)) ?? 'error'
        return candlesOf(value, interval, { at: 0, open: 1, high: 2, low: 3, close: 4 })
      }),
  },
}

export const binanceRest: VenueRest = {
  id: 'binance',
  base: 'https://api.binance.com',
  limit: { count: 600, windowMs: 60_000 },
  catalogue: {
    question: (base) => get(base, '/api/v3/exchangeInfo', { showPermissionSets: 'false' }),
    read: (body) =>
      readNames(body, (value) => {
        const answer = record(value) ?? {}
        if (answer.code !== undefined) return FAULTS.get(codeOf(answer.code)) ?? 'error'
        return listedPairs(answer.symbols, ({ symbol, baseAsset, quoteAsset, status }) =>
          listed(symbol, baseAsset, quoteAsset, status === 'TRADING'),
        )
      }),
  },
  ...binanceMarket,
}
