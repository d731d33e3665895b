/**
 * Bitstamp. Source: bitstamp.net/api.
 * The list of pairs spells them twice; perpetuals on it, where they are, have names that are no pairs. Errors are
 * objects with `status` or `code`. A ticker's time is when it was told, in seconds.
 */
import { LENGTH_MS } from '../../prices/candle.js'
import { record, textOf, tickOf } from '../fields.js'
import { candlesOf, get, instantOf, listed, listedPairs, readJson, readNames } from './read.js'
import type { VenueRest } from './rest.js'

const MOST = 1000

export const bitstampRest: VenueRest = {
  id: 'bitstamp',
  base: 'https://www.bitstamp.net',
  limit: { count: 300, windowMs: 60_000 },
  catalogue: {
    question: (base) => get(base, '/api/v2/trading-pairs-info/'),
    read: (body) =>
      readNames(body, (rows) =>
        listedPairs(rows, (row) => {
          const [base, quote] = textOf(row.name).split('/')
          return listed(row.url_symbol ?? row.market_symbol, base, quote, row.trading === 'Enabled')
        }),
      ),
  },
  ticker: {
    question: (base, symbol) => get(base, `/api/v2/ticker/${encodeURIComponent(symbol)}/`),
    read: (body, symbol) =>
      readJson(body, (value) => {
        const { last, timestamp, status, code } = record(value) ?? {}
        if (status !== undefined || code !== undefined) return 'error'
        return tickOf(symbol, last, instantOf(timestamp), null)
      }),
  },
  candles: {
    most: MOST,
    question: (base, { symbol, interval, from, to }) =>
      get(base, `/api/v2/ohlc/${encodeURIComponent(symbol)}/`, {
        step: LENGTH_MS[interval] / 1000,
        limit: MOST,
        start: from / 1000,
        end: to / 1000 - 1,
      }),
    read: (body, interval) =>
      readJson(body, (value) => {
        const data = record(record(value)?.data)
        if (data === null) return 'error'
        return candlesOf(data.ohlc, interval, {
          at: 'timestamp',
          open: 'open',
          high: 'high',
          low: 'low',
          close: 'close',
        })
      }),
  },
}
