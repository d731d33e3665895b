/**
 * Gate. Source: gate.com/docs/developers/apiv4, spot.
 * Errors are {label, message}. A ticker has no time. A candle's row is [time in seconds, quote volume, close,
 * high, low, open, ...], oldest first; a question that spans more than 1000 intervals is refused, and so is one
 * for what lies more than 10,000 of them back.
 */
import { plainNumber, record, tickOf } from '../fields.js'
import { candlesOf, get, listed, listedPairs, readJson, readNames } from './read.js'
import type { VenueRest } from './rest.js'

const REACH = 9_990
const FAULTS = new Map<unknown, string>([
  ['TOO_MANY_REQUESTS', 'throttled'],
  ['TOO_BUSY', 'unavailable'],
  ['INVALID_CURRENCY_PAIR', 'unknown-symbol'],
])

export const gateRest: VenueRest = {
  id: 'gate',
  base: 'https://api.gateio.ws',
  limit: { count: 50, windowMs: 10_000 },
  catalogue: {
    question: (base) => get(base, '/api/v4/spot/currency_pairs'),
    read: (body) =>
      readNames(body, (value) =>
        readRows(value, (rows) =>
          listedPairs(rows, ({ id, base, quote, trade_status }) =>
            listed(id, base, quote, trade_status === 'tradable'),
          ),
        ),
      ),
  },
  ticker: {
    question: (base, symbol) => get(base, '/api/v4/spot/tickers', { currency_pair: symbol }),
    read: (body, symbol) =>
      readJson(body, (value) =>
        readRows(value, (rows) => {
          const row = record(record(rows)?.[0])
          return row === null ? 'unknown-symbol' : tickOf(symbol, plainNumber(row.last), null, null)
        }),
      ),
  },
  candles: {
    most: 1000,
    reach: { '1m': REACH, '1h': REACH, '1d': REACH },
    question: (base, { symbol, interval, from, to }) =>
      get(base, '/api/v4/spot/candlesticks', {
        currency_pair: symbol,
        interval,
        from: from / 1000,
        to: to / 1000 - 1,
      }),
    read: (body, interval) =>
      readJson(body, (value) =>
        readRows(value, (rows) => candlesOf(rows, interval, { at: 0, close: 2, high: 3, low: 4, open: 5 })),
      ),
  },
}

function readRows<T>(value: unknown, read: (rows: unknown) => T | string): T | string {
  const label = record(value)?.label
  return label === undefined ? read(value) : (FAULTS.get(label) ?? 'error')
}
