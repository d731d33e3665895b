/**
 * Kraken. Source: docs.kraken.com, REST, market data.
 * It calls bitcoin XBT and dogecoin XDG here, BTC and DOGE on the socket. Every answer has status 200 with
 * `error` and `result`; the key in a result may be spelled otherwise than what was asked. A token without trades
 * has a price of zero. Candles: the newest 720 whatever was asked, then the one that is under way.
 */
import { LENGTH_MS } from '../../prices/candle.js'
import { record, textOf, texts, tickOf } from '../fields.js'
import { candlesOf, type Fields, get, listed, listedPairs, readJson, readNames } from './read.js'
import type { VenueRest } from './rest.js'

const MOST = 720
const OWN_NAMES = new Map([
  ['BTC', 'XBT'],
  ['DOGE', 'XDG'],
])
const COMMON_NAMES = new Map([...OWN_NAMES].map(([common, own]) => [own, common]))

export const krakenRest: VenueRest = {
  id: 'kraken',
  base: 'https://api.kraken.com',
  limit: { count: 1, windowMs: 1_000 },
  catalogue: {
    question: (base) => get(base, '/0/public/AssetPairs'),
    read: (body) =>
      readNames(body, (value) => {
        const result = resultOf(value)
        return typeof result === 'string' ? result : listedPairs(Object.values(result), pairOf)
      }),
  },
  ticker: {
    question: (base, symbol) => get(base, '/0/public/Ticker', { pair: ownName(symbol) }),
    read: (body, symbol) =>
      readJson(body, (value) => {
        const result = resultOf(value)
        if (typeof result === 'string') return result
        const [entry, ...more] = Object.values(result)
        if (more.length > 0) return 'several'
        return tickOf(symbol, record(record(entry)?.c)?.[0], null, null)
      }),
  },
  candles: {
    most: MOST,
    reach: { '1m': MOST, '1h': MOST, '1d': MOST },
    question: (base, { symbol, interval, from }) =>
      get(base, '/0/public/OHLC', {
        pair: ownName(symbol),
        interval: LENGTH_MS[interval] / 60_000,
        since: from / 1000 - 1,
      }),
    read: (body, interval) =>
      readJson(body, (value) => {
        const result = resultOf(value)
        if (typeof result === 'string') return result
        const [rows, ...more] = Object.entries(result).flatMap(([key, rows]) =>
          key === 'last' ? [] : [rows],
        )
        if (more.length > 0) return 'several'
        const ended = Array.isArray(rows) ? rows.slice(0, -1) : rows
        return candlesOf(ended, interval, { at: 0, open: 1, high: 2, low: 3, close: 4 })
      }),
  },
}

function resultOf(value: unknown): Fields | string {
  const answer = record(value)
  const error = texts(answer?.error)[0]
  if (error !== undefined) return faultOf(error)
  return record(answer?.result) ?? 'error'
}

function faultOf(error: string): string {
  if (/rate limit|too many requests|lockout|throttled/i.test(error)) return 'throttled'
  if (/unavailable|busy/i.test(error)) return 'unavailable'
  return /unknown asset pair/i.test(error) ? 'unknown-symbol' : 'error'
}

function pairOf({ wsname, status }: Fields): ReturnType<typeof listed> {
  const [base = '', quote = ''] = textOf(wsname)
    .split('/')
    .map((name) => COMMON_NAMES.get(name) ?? name)
  return listed(`${base}/${quote}`, base, quote, status === 'online')
}

/** `BTC/USD` -> `XBTUSD` */
function ownName(symbol: string): string {
  return symbol
    .split('/')
    .map((name) => OWN_NAMES.get(name) ?? name)
    .join('')
}
