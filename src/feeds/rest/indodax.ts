/**
 * Indodax. Source: indodax-official-api-docs, Public-RestAPI.md.
 * In the list `base_currency` is the quote and `traded_currency` the base. Errors come with status 200 and
 * `error`. A ticker's time is in seconds and may be half a minute old: answers are cached. Candles are objects,
 * their prices JSON numbers; how many an answer holds at most is not written, a thousand is usual.
 */
import type { Interval } from '../../prices/candle.js'
import { plainNumber, record, tickOf } from '../fields.js'
import { candlesOf, codeOf, get, instantOf, listed, listedPairs, readJson, readNames } from './read.js'
import type { VenueRest } from './rest.js'

const FRAMES: Readonly<Record<Interval, string>> = { '1m': '1', '1h': '60', '1d': '1D' }

export const indodaxRest: VenueRest = {
  id: 'indodax',
  base: 'https://indodax.com',
  limit: { count: 90, windowMs: 60_000 },
  catalogue: {
    question: (base) => get(base, '/api/pairs'),
    read: (body) =>
      readNames(body, (value) =>
        readAnswer(value, (rows) =>
          listedPairs(rows, (row) => {
            const trading = isOff(row.is_maintenance) && isOff(row.is_market_suspended)
            return listed(row.id, row.traded_currency, row.base_currency, trading)
          }),
        ),
      ),
  },
  ticker: {
    question: (base, symbol) => get(base, `/api/ticker/${encodeURIComponent(symbol)}`),
    read: (body, symbol) =>
      readJson(body, (value) =>
        readAnswer(value, (answer) => {
          const { last, server_time } = record(record(answer)?.ticker) ?? {}
          return tickOf(symbol, plainNumber(last), instantOf(server_time), null)
        }),
      ),
  },
  candles: {
    most: 500,
    question: (base, { symbol, interval, from, to }) =>
      get(base, '/tradingview/history_v2', {
        symbol: symbol.toUpperCase(),
        tf: FRAMES[interval],
        from: from / 1000,
        to: to / 1000 - 1,
      }),
    read: (body, interval) =>
      readJson(body, (value) =>
        readAnswer(value, (rows) =>
          candlesOf(rows, interval, { at: 'Time', open: 'Open', high: 'High', low: 'Low', close: 'Close' }),
        ),
      ),
  },
}

/** A flag that is not there is off: the documentation's own example has none. */
function isOff(flag: unknown): boolean {
  return flag === undefined || flag === false || codeOf(flag) === '0'
}

function readAnswer<T>(value: unknown, read: (answer: unknown) => T | string): T | string {
  const error = record(value)?.error
  if (error === undefined) return read(value)
  return error === 'invalid_pair' ? 'unknown-symbol' : 'error'
}
