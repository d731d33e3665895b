import { marketOf } from '../../instruments/markets.js'
import type { PastCandle } from '../../prices/candle.js'
import type { Question } from '../ask.js'
import { get } from '../rest/read.js'
import {
  at,
  candlesOf,
  clockTime,
  dayOf,
  isRecord,
  type Json,
  jsonOf,
  missing,
  notAnAnswer,
  quoteOf,
  quotes,
  refused,
  textAt,
} from './reading.js'
import type { QuoteSource, SourceAnswer, SourceRefusal } from './source.js'

/**
 * Alpha Vantage (functions GLOBAL_QUOTE and TIME_SERIES_DAILY): the price at the end of a trading day. Every error
 * comes with status 200, told apart by its key: `Note` and `Information` are spent quotas, `Error Message` is a
 * question that it does not take, an empty quote is an unknown symbol.
 *
 * An answer has a date and neither time nor currency. Its time is taken as the end of that day's trading on the
 * exchange's clocks, so the price of a day that is not over lies ahead and waits; its currency is the exchange's.
 * London is left out: its shares are quoted in pence, pounds or dollars, and the answer does not say in which.
 */
export const alphaVantage: QuoteSource = {
  id: 'alphavantage',
  kind: 'listing',
  base: 'https://www.alphavantage.co',
  needsKey: true,
  limits: [
    { count: 1, windowMs: 1_500 },
    { count: 25, windowMs: 86_400_000 },
  ],
  batch: 1,
  name,
  question: (base, [name = ''], key) => ask(base, { function: 'GLOBAL_QUOTE', symbol: name }, key),
  read,
  history: {
    intervals: ['1d'],
    most: 140,
    reach: { '1d': 140 },
    question: (base, { name }, key) =>
      ask(base, { function: 'TIME_SERIES_DAILY', symbol: name, outputsize: 'compact' }, key),
    read: readHistory,
  },
}

/** What it writes behind the dot for Harta's exchanges. */
const SUFFIXES: ReadonlyMap<string, string> = new Map([
  ['TO', 'TRT'],
  ['DE', 'DEX'],
])

const SHARE = /^([A-Z0-9]+(?:-[A-Z])?)(?:\.([A-Z]+))?$/

function name(symbol: string): string | null {
  const [, ticker, suffix] = SHARE.exec(symbol) ?? []
  if (ticker === undefined || !marketOf(symbol)) return null
  if (suffix === undefined) return ticker
  const theirs = SUFFIXES.get(suffix)
  return theirs === undefined ? null : `${ticker}.${theirs}`
}

/** Harta's symbol of a name. */
function symbolOf(name: string): string {
  const [ticker = '', theirs] = name.split('.')
  const suffix = [...SUFFIXES].find(([, told]) => told === theirs)?.[0]
  return suffix === undefined ? ticker : `${ticker}.${suffix}`
}

function ask(base: string, query: Readonly<Record<string, string>>, key: string | null): Question {
  return get(base, '/query', { ...query, apikey: key ?? '' })
}

function read(body: Buffer, names: readonly string[]): SourceAnswer {
  const json = jsonOf(body)
  const told = at(json, 'Global Quote')
  if (!isRecord(told)) return refusalOf(json, body)
  if (Object.keys(told).length === 0)
    return quotes(names.map((name) => [name, missing('unknown', 'not-found')]))
  const symbol = textAt(told, '01. symbol').toUpperCase()
  return quotes(
    names.map((name) => {
      if (symbol !== name.toUpperCase()) return [name, missing('unusable', 'other-symbol')]
      const market = marketOf(symbolOf(name))
      const price = at(told, '05. price')
      if (!market) return [name, missing('unusable', 'no-currency')]
      const close = market.hours.at(-1)?.[1] ?? ''
      const time = clockTime(market.timeZone, textAt(told, '07. latest trading day'), close)
      return [name, quoteOf({ price, currency: market.currency, at: time })]
    }),
  )
}

function refusalOf(json: Json, body: Buffer): SourceRefusal {
  if (!isRecord(json)) return notAnAnswer(body)
  if ('Note' in json || 'Information' in json) return refused('quota')
  if ('Error Message' in json)
    return refused(/api.?key/i.test(textAt(json, 'Error Message')) ? 'key' : 'error')
  return refused('not-an-answer')
}

function readHistory(body: Buffer): readonly PastCandle[] | SourceRefusal {
  const json = jsonOf(body)
  const days = at(json, 'Time Series (Daily)')
  if (!isRecord(days)) return refusalOf(json, body)
  const rows = Object.entries(days).map(([date, row]) => ({
    at: dayOf(date),
    open: at(row, '1. open'),
    high: at(row, '2. high'),
    low: at(row, '3. low'),
    close: at(row, '4. close'),
  }))
  return candlesOf(rows, '1d')
}
