/**
 * OKX. Source: okx.com/docs-v5, REST, market data and public data.
 * Every answer is {code, msg, data}; code 0 is success. The endpoint of older candles tells the newest as well,
 * newest first; `after` and `before` are meant in time's reverse, both exclusive. A day is asked for as 1Dutc:
 * 1D begins in Hong Kong.
 */
import type { Interval } from '../../prices/candle.js'
import { record, tickOf } from '../fields.js'
import { candlesOf, codeOf, get, instantOf, listed, listedPairs, readJson, readNames } from './read.js'
import type { VenueRest } from './rest.js'

const MOST = 100
const BARS: Readonly<Record<Interval, string>> = { '1m': '1m', '1h': '1H', '1d': '1Dutc' }
const FAULTS = new Map([
  ['50001', 'unavailable'],
  ['50011', 'throttled'],
  ['50013', 'unavailable'],
  ['50061', 'throttled'],
  ['51001', 'unknown-symbol'],
])

export const okxRest: VenueRest = {
  id: 'okx',
  base: 'https://www.okx.com',
  limit: { count: 10, windowMs: 2_000 },
  catalogue: {
    question: (base) => get(base, '/api/v5/public/instruments', { instType: 'SPOT' }),
    read: (body) =>
      readNames(body, (value) =>
        readData(value, (rows) =>
          listedPairs(rows, (row) => listed(row.instId, row.baseCcy, row.quoteCcy, row.state === 'live')),
        ),
      ),
  },
  ticker: {
    question: (base, symbol) => get(base, '/api/v5/market/ticker', { instId: symbol }),
    read: (body, symbol) =>
      readJson(body, (value) =>
        readData(value, (rows) => {
          const row = record(record(rows)?.[0])
          return row === null ? 'unknown-symbol' : tickOf(symbol, row.last, instantOf(row.ts), null)
        }),
      ),
  },
  candles: {
    most: MOST,
    question: (base, { symbol, interval, from, to }) =>
      get(base, '/api/v5/market/history-candles', {
        instId: symbol,
        bar: BARS[interval],
        after: to,
        before: from - 1,
        limit: MOST,
      }),
    read: (body, interval) =>
      readJson(body, (value) =>
        readData(value, (rows) => candlesOf(rows, interval, { at: 0, open: 1, high: 2, low: 3, close: 4 })),
      ),
  },
}

function readData<T>(value: unknown, read: (data: unknown) => T | string): T | string {
  const answer = record(value)
  const code = codeOf(answer?.code)
  return code === '0' ? read(answer?.data) : (FAULTS.get(code) ?? 'error')
}
