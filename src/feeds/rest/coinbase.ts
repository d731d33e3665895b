/**
 * Coinbase Exchange. Source: docs.cdp.coinbase.com, Exchange REST, products.
 * A candle's row is [time, low, high, open, close, volume], newest first, in JSON numbers; minutes without trades
 * are left out, and a question that spans more than 300 intervals is refused. A ticker tells the time of the last
 * trade. Its trade id counts otherwise than the sequence on the socket, so it orders nothing.
 */

import { LENGTH_MS } from '../../prices/candle.js'
import { isoTime, record, tickOf } from '../fields.js'
import { candlesOf, get, listed, listedPairs, readJson, readNames } from './read.js'
import type { VenueRest } from './rest.js'

export const coinbaseRest: VenueRest = {
  id: 'coinbase',
  base: 'https://api.exchange.coinbase.com',
  limit: { count: 5, windowMs: 1_000 },
  catalogue: {
    question: (base) => get(base, '/products'),
    read: (body) =>
      readNames(body, (rows) =>
        listedPairs(rows, (row) =>
          listed(
            row.id,
            row.base_currency,
            row.quote_currency,
            row.status === 'online' && row.trading_disabled !== true && row.cancel_only !== true,
          ),
        ),
      ),
  },
  ticker: {
    question: (base, symbol) => get(base, `/products/${encodeURIComponent(symbol)}/ticker`),
    read: (body, symbol) =>
      readJson(body, (value) => {
        const { price, time, message } = record(value) ?? {}
        return message === undefined ? tickOf(symbol, price, isoTime(time), null) : 'error'
      }),
  },
  candles: {
    most: 300,
    question: (base, { symbol, interval, from, to }) =>
      get(base, `/products/${encodeURIComponent(symbol)}/candles`, {
        granularity: LENGTH_MS[interval] / 1000,
        start: new Date(from).toISOString(),
        end: new Date(to - LENGTH_MS[interval]).toISOString(),
      }),
    read: (body, interval) =>
      readJson(body, (rows) => candlesOf(rows, interval, { at: 0, low: 1, high: 2, open: 3, close: 4 })),
  },
}
