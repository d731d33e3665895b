/**
 * Bitfinex. Source: docs.bitfinex.com, REST public endpoints.
 * The list is asked for together with the names behind Bitfinex's own (UST is USDt). A pair is two names of three
 * letters, or two names parted by a colon; on the socket a t is put before it. Everything on the list is traded.
 * Lists of numbers grow at their end, so they are read from the left. Candles are [time, open, close, high, low, volume].
 */
import type { Interval } from '../../prices/candle.js'
import { plainNumber, record, textOf, texts, tickOf } from '../fields.js'
import { candlesOf, get, listed, readJson, readNames } from './read.js'
import type { ListedPair, VenueRest } from './rest.js'

const MOST = 2000 // of 10,000: an answer is read in one go
const FRAMES: Readonly<Record<Interval, string>> = { '1m': '1m', '1h': '1h', '1d': '1D' }
const LIST = 'pub:list:pair:exchange'
const NAMES = 'pub:map:currency:sym'

export const bitfinexRest: VenueRest = {
  id: 'bitfinex',
  base: 'https://api-pub.bitfinex.com',
  limit: { count: 20, windowMs: 60_000 },
  catalogue: {
    question: (base) => get(base, `/v2/conf/${LIST},${NAMES}`),
    read: (body) =>
      readNames(body, (value) => {
        if (isError(value)) return 'error'
        const answer = record(value)
        if (!Array.isArray(answer?.[0]) || !Array.isArray(answer[1])) return 'not-a-list'
        const names = new Map(answer[1].map((row) => [textOf(record(row)?.[0]), textOf(record(row)?.[1])]))
        const pairs = texts(answer[0]).flatMap((pair) => pairOf(pair, names) ?? [])
        return pairs.length === 0 ? 'no-pairs' : pairs
      }),
  },
  ticker: {
    question: (base, symbol) => get(base, `/v2/ticker/${encodeURIComponent(symbol)}`),
    read: (body, symbol) =>
      readJson(body, (value) =>
        isError(value) ? 'error' : tickOf(symbol, plainNumber(record(value)?.[6]), null, null),
      ),
  },
  candles: {
    most: MOST,
    question: (base, { symbol, interval, from, to }) =>
      get(base, `/v2/candles/trade:${FRAMES[interval]}:${encodeURIComponent(symbol)}/hist`, {
        start: from,
        end: to - 1,
        limit: MOST,
        sort: 1,
      }),
    read: (body, interval) =>
      readJson(body, (rows) =>
        isError(rows) ? 'error' : candlesOf(rows, interval, { at: 0, open: 1, close: 2, high: 3, low: 4 }),
      ),
  },
}

/** `["error", code, text]` or `{error: text}` */
function isError(value: unknown): boolean {
  const answer = record(value)
  return answer?.[0] === 'error' || answer?.error !== undefined
}

function pairOf(pair: string, names: ReadonlyMap<string, string>): ListedPair | null {
  const [base = '', quote = ''] = pair.includes(':') ? pair.split(':') : [pair.slice(0, 3), pair.slice(3)]
  return listed(`t${pair}`, names.get(base) ?? base, names.get(quote) ?? quote, true)
}
