/**
 * Gemini. Source: docs.gemini.com, REST, market data.
 * Errors are {result: 'error', reason}. Its tickers tell no time of their own, so the newest price is the last
 * trade. Candles, newest first in JSON numbers, are the newest whatever was asked: a day of minutes, two months
 * of hours, a year of days.
 */
import type { Interval } from '../../prices/candle.js'
import { record, textOf, tickOf } from '../fields.js'
import { candlesOf, get, instantOf, listed, listedPairs, readJson, readNames } from './read.js'
import type { VenueRest } from './rest.js'

const FRAMES: Readonly<Record<Interval, string>> = { '1m': '1m', '1h': '1hr', '1d': '1day' }

export const geminiRest: VenueRest = {
  id: 'gemini',
  base: 'https://api.gemini.com',
  limit: { count: 60, windowMs: 60_000 },
  catalogue: {
    question: (base) => get(base, '/v1/symbols/details/all'),
    read: (body) =>
      readNames(body, (value) =>
        readAnswer(value, (rows) =>
          listedPairs(rows, ({ symbol, base_currency, quote_currency, status, product_type }) =>
            product_type === 'spot'
              ? listed(textOf(symbol).toUpperCase(), base_currency, quote_currency, status === 'open')
              : null,
          ),
        ),
      ),
  },
  ticker: {
    question: (base, symbol) =>
      get(base, `/v1/trades/${encodeURIComponent(symbol.toLowerCase())}`, { limit_trades: 1 }),
    read: (body, symbol) =>
      readJson(body, (value) =>
        readAnswer(value, (rows) => {
          const trade = record(record(rows)?.[0])
          return trade === null
            ? 'no-trades'
            : tickOf(symbol, trade.price, instantOf(trade.timestampms), null)
        }),
      ),
  },
  candles: {
    most: 1439,
    reach: { '1m': 1439, '1h': 1439, '1d': 364 },
    question: (base, { symbol, interval }) =>
      get(base, `/v2/candles/${encodeURIComponent(symbol.toLowerCase())}/${FRAMES[interval]}`),
    read: (body, interval) =>
      readJson(body, (value) =>
        readAnswer(value, (rows) => candlesOf(rows, interval, { at: 0, open: 1, high: 2, low: 3, close: 4 })),
      ),
  },
}

function readAnswer<T>(value: unknown, read: (answer: unknown) => T | string): T | string {
  const { result, reason } = record(value) ?? {}
  if (result !== 'error') return read(value)
  if (reason === 'RateLimit') return 'throttled'
  return reason === 'InvalidSymbol' ? 'unknown-symbol' : 'error'
}
