import { isOpen, lastClose, type Market, marketOf } from '../../instruments/markets.js'
import { get } from '../rest/read.js'
import {
  at,
  decimalOf,
  isRecord,
  type Json,
  jsonOf,
  missing,
  notAnAnswer,
  quoteOf,
  quotes,
  refused,
  secondsOf,
  textAt,
} from './reading.js'
import type { QuoteSource, SourceAnswer, SourceRefusal } from './source.js'

/**
 * Finnhub's quote: shares of the United States, which is what it gives without payment; the answer names neither
 * symbol nor currency. An unknown symbol is answered with zeros and status 200. `t` has been the time of asking, at
 * weekends too, so a time outside of trading is taken as the end of the trading before it; on a holiday that is a
 * day too late, because markets.ts knows none.
 */
export const finnhub: QuoteSource = {
  id: 'finnhub',
  kind: 'listing',
  base: 'https://finnhub.io/api/v1',
  needsKey: true,
  limits: [
    { count: 5, windowMs: 1_000 },
    { count: 55, windowMs: 60_000 },
  ],
  batch: 1,
  name: (symbol) => (SHARE.test(symbol) ? symbol.replace('-', '.') : null),
  question: (base, [name = ''], key) => ({
    ...get(base, '/quote', { symbol: name }),
    headers: { 'X-Finnhub-Token': key ?? '' },
  }),
  read,
}

const SHARE = /^[A-Z]{1,6}(?:-[A-Z])?$/
const MARKET = marketOf('AAPL')

function read(body: Buffer, names: readonly string[]): SourceAnswer {
  const json = jsonOf(body)
  if (!isRecord(json)) return notAnAnswer(body)
  if ('error' in json) return refusalOf(textAt(json, 'error'))
  if (!('c' in json && 't' in json)) return refused('not-an-answer')
  const unknown = decimalOf(at(json, 'c')) === '0' && decimalOf(at(json, 't')) === '0'
  const quote = unknown
    ? missing('unknown', 'not-found')
    : quoteOf({ price: at(json, 'c'), currency: 'USD', at: tradedAt(at(json, 't')) })
  return quotes(names.map((name) => [name, quote]))
}

function tradedAt(told: Json, market: Market | null = MARKET): number | null {
  const instant = secondsOf(told)
  if (instant === null || market === null) return null
  return isOpen(market, instant) ? instant : lastClose(market, instant)
}

function refusalOf(error: string): SourceRefusal {
  if (/limit/i.test(error)) return refused('quota')
  return refused(/api.?key|token|access/i.test(error) ? 'key' : 'error')
}
