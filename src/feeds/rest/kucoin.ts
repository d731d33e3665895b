/**
 * KuCoin. Source: kucoin.com/docs, REST, spot market data.
 * Every answer is {code, data}; 200000 is success, also for a symbol that is not known, whose data are null. Half
 * a minute allows 2000 units of weight; candles weigh 3. Candles are [time, open, close, high, low, ...] in
 * seconds, newest first, 1500 at most.
 */
import type { Interval } from '../../prices/candle.js'
import { plainNumber, record, tickOf } from '../fields.js'
import { candlesOf, codeOf, get, instantOf, listed, listedPairs, readJson, readNames } from './read.js'
import type { VenueRest } from './rest.js'

const TYPES: Readonly<Record<Interval, string>> = { '1m': '1min', '1h': '1hour', '1d': '1day' }
const FAULTS = new Map([
  ['429000', 'throttled'],
  ['900001', 'unknown-symbol'],
])
/** It has kept the name that this coin began with. */
const COMMON_NAMES = new Map<unknown, string>([['BCHSV', 'BSV']])

export const kucoinRest: VenueRest = {
  id: 'kucoin',
  base: 'https://api.kucoin.com',
  limit: { count: 100, windowMs: 30_000 },
  catalogue: {
    question: (base) => get(base, '/api/v2/symbols'),
    read: (body) =>
      readNames(body, (value) =>
        readData(value, (rows) =>
          listedPairs(rows, ({ symbol, baseCurrency, quoteCurrency, enableTrading }) =>
            listed(
              symbol,
              COMMON_NAMES.get(baseCurrency) ?? baseCurrency,
              quoteCurrency,
              enableTrading === true,
            ),
          ),
        ),
      ),
  },
  ticker: {
    question: (base, symbol) => get(base, '/api/v1/market/orderbook/level1', { symbol }),
    read: (body, symbol) =>
      readJson(body, (value) =>
        readData(value, (data) => {
          const row = record(data)
          if (row === null) return 'unknown-symbol'
          return tickOf(symbol, plainNumber(row.price), instantOf(row.time), null)
        }),
      ),
  },
  candles: {
    most: 1500,
    question: (base, { symbol, interval, from, to }) =>
      get(base, '/api/v1/market/candles', {
        symbol,
        type: TYPES[interval],
        startAt: from / 1000,
        endAt: to / 1000 - 1,
      }),
    read: (body, interval) =>
      readJson(body, (value) =>
        readData(value, (rows) => candlesOf(rows, interval, { at: 0, open: 1, close: 2, high: 3, low: 4 })),
      ),
  },
}

function readData<T>(value: unknown, read: (data: unknown) => T | string): T | string {
  const answer = record(value)
  const code = codeOf(answer?.code)
  return code === '200000' ? read(answer?.data) : (FAULTS.get(code) ?? 'error')
}
