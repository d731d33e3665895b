/**
 * Bybit v5, spot. Source: bybit-exchange.github.io/docs/v5/market.
 * Every answer is {retCode, retMsg, result, time}; code 0 is success. The list of spot pairs comes whole. A ticker
 * has no time of its own: the answer's is when it was told. Candles come newest first.
 */
import type { Interval } from '../../prices/candle.js'
import { record, tickOf } from '../fields.js'
import {
  candlesOf,
  codeOf,
  type Fields,
  get,
  instantOf,
  listed,
  listedPairs,
  readJson,
  readNames,
} from './read.js'
import type { VenueRest } from './rest.js'

const MOST = 1000
const INTERVALS: Readonly<Record<Interval, string>> = { '1m': '1', '1h': '60', '1d': 'D' }
const FAULTS = new Map([
  ['10006', 'throttled'],
  ['10018', 'throttled'],
  ['10016', 'unavailable'],
])

export const bybitRest: VenueRest = {
  id: 'bybit',
  base: 'https://api.bybit.com',
  limit: { count: 50, windowMs: 5_000 },
  catalogue: {
    question: (base) => get(base, '/v5/market/instruments-info', { category: 'spot' }),
    read: (body) =>
      readNames(body, (value) =>
        readResult(value, ({ list }) =>
          listedPairs(list, (row) =>
            listed(row.symbol, row.baseCoin, row.quoteCoin, row.status === 'Trading'),
          ),
        ),
      ),
  },
  ticker: {
    question: (base, symbol) => get(base, '/v5/market/tickers', { category: 'spot', symbol }),
    read: (body, symbol) =>
      readJson(body, (value) =>
        readResult(value, ({ list }, time) => {
          const row = record(record(list)?.[0])
          return row === null ? 'unknown-symbol' : tickOf(symbol, row.lastPrice, instantOf(time), null)
        }),
      ),
  },
  candles: {
    most: MOST,
    question: (base, { symbol, interval, from, to }) =>
      get(base, '/v5/market/kline', {
        category: 'spot',
        symbol,
        interval: INTERVALS[interval],
        start: from,
        end: to - 1,
        limit: MOST,
      }),
    read: (body, interval) =>
      readJson(body, (value) =>
        readResult(value, ({ list }) =>
          candlesOf(list, interval, { at: 0, open: 1, high: 2, low: 3, close: 4 }),
        ),
      ),
  },
}

function readResult<T>(value: unknown, read: (result: Fields, time: unknown) => T | string): T | string {
  const answer = record(value)
  const code = codeOf(answer?.retCode)
  if (code !== '0') return FAULTS.get(code) ?? 'error'
  return read(record(answer?.result) ?? {}, answer?.time)
}
