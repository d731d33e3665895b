import { currencyOf as listedIn } from '../../instruments/markets.js'
import { parsePair } from '../../instruments/symbol.js'
import { dateIn, isTimeZone } from '../../lib/calendar.js'
import { isCurrency } from '../../lib/currency.js'
import type { Interval, PastCandle } from '../../prices/candle.js'
import type { Question } from '../ask.js'
import { get } from '../rest/read.js'
import {
  at,
  candlesOf,
  currencyOf,
  decimalOf,
  inRange,
  isRecord,
  type Json,
  jsonOf,
  listAt,
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
 * Yahoo's chart interface (v8): shares, funds and indices of most exchanges, under the symbols that Harta uses
 * too. It is unofficial, undocumented and for personal use. It answers no program that says what it is, hence the
 * browser's name; being throttled shows as a text, a page or nothing at all with status 200. A suspended share is
 * answered like any other, with the time of its last trade: `regularMarketTime` is the quote's time.
 */
export const yahoo: QuoteSource = {
  id: 'yahoo',
  kind: 'listing',
  base: 'https://query1.finance.yahoo.com',
  needsKey: false,
  limits: [
    { count: 2, windowMs: 1_000 },
    { count: 1_500, windowMs: 3_600_000 },
  ],
  batch: 1,
  name: (symbol) => (isCoin(symbol) ? null : symbol),
  question: (base, [name = '']) => chart(base, name, { interval: '1d', range: '1d' }),
  read,
  history: {
    intervals: ['1m', '1h', '1d'],
    most: 10_000,
    reach: { '1m': 29 * 24 * 60, '1h': 59 * 24 },
    question: (base, ask) =>
      chart(base, ask.name, {
        interval: ROWS[ask.interval],
        period1: Math.floor(ask.from / 1000),
        period2: Math.ceil(ask.to / 1000),
        includePrePost: 'false',
      }),
    read: readHistory,
  },
}

/** Length of the rows that are asked for: its hours begin with the session, at half past in New York. */
const ROWS: Readonly<Record<Interval, string>> = { '1m': '1m', '1h': '30m', '1d': '1d' }

const BROWSER =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

const INSTRUMENTS: ReadonlyMap<string, 'STOCK' | 'FUND'> = new Map([
  ['EQUITY', 'STOCK'],
  ['ETF', 'FUND'],
  ['MUTUALFUND', 'FUND'],
])

function isCoin(symbol: string): boolean {
  const pair = parsePair(symbol)
  return pair !== null && isCurrency(pair.quote)
}

function chart(base: string, name: string, query: Readonly<Record<string, string | number>>): Question {
  const question = get(base, `/v8/finance/chart/${encodeURIComponent(name)}`, query)
  return { ...question, headers: { 'User-Agent': BROWSER, Accept: 'application/json' } }
}

function read(body: Buffer, names: readonly string[]): SourceAnswer {
  const result = resultOf(body)
  if (result === 'unknown') return quotes(names.map((name) => [name, missing('unknown', 'not-found')]))
  if ('kind' in result) return result
  const { meta } = result
  const symbol = textAt(meta, 'symbol').toUpperCase()
  const quote = quoteOf({
    price: at(meta, 'regularMarketPrice'),
    currency: textAt(meta, 'currency'),
    at: secondsOf(at(meta, 'regularMarketTime')),
    name: textAt(meta, 'longName') || textAt(meta, 'shortName'),
    instrument: INSTRUMENTS.get(textAt(meta, 'instrumentType')) ?? null,
  })
  return quotes(
    names.map((name) => [name, symbol === name.toUpperCase() ? quote : missing('unusable', 'other-symbol')]),
  )
}

interface Result {
  readonly meta: Json
  readonly result: Json
}

/** What a body tells of one symbol, `unknown` when there is no such symbol (any more). */
function resultOf(body: Buffer): Result | SourceRefusal | 'unknown' {
  if (body.length === 0) return refused('quota')
  const json = jsonOf(body)
  const envelope = at(json, 'chart')
  if (!isRecord(envelope)) return notAnAnswer(body)
  const code = textAt(envelope, 'error', 'code')
  if (code === 'Not Found') return 'unknown'
  if (code === 'Too Many Requests') return refused('quota')
  if (at(envelope, 'error') !== undefined && at(envelope, 'error') !== null) return refused('error')
  const result = at(envelope, 'result', 0)
  const meta = at(result, 'meta')
  return isRecord(meta) ? { meta, result } : refused('not-an-answer')
}

const NO_DATA = /^Data doesn't exist/

function readHistory(body: Buffer, interval: Interval): readonly PastCandle[] | SourceRefusal {
  const told = resultOf(body)
  if (told === 'unknown') return []
  if ('kind' in told) {
    const description = textAt(jsonOf(body), 'chart', 'error', 'description')
    return told.reason === 'error' && NO_DATA.test(description) ? [] : told
  }
  const { meta, result } = told
  if (textAt(meta, 'dataGranularity') !== ROWS[interval]) return refused('not-an-answer')
  // What its exchange does not price it in, as dollars in London, it has no newest price in either.
  const wanted = listedIn(textAt(meta, 'symbol').toUpperCase())
  if (wanted !== null && currencyOf(textAt(meta, 'currency')) !== wanted) return []
  const prices = at(result, 'indicators', 'quote', 0)
  const column = (name: string): readonly Json[] => listAt(prices, name)
  const [open, high, low, close] = [column('open'), column('high'), column('low'), column('close')]
  const time = interval === '1d' ? tradingDay(meta) : (instant: number | null) => instant
  const rows = listAt(result, 'timestamp').map((instant, index) => ({
    at: time(secondsOf(instant)),
    open: open[index],
    high: high[index],
    low: low[index],
    close: close[index],
  }))
  return candlesOf(rows, interval)
}

/**
 * 00:00 UTC of the trading date of an instant. The exchange's zone tells it; `gmtoffset` is its offset of today,
 * which puts rows of the other half of the year that begin at midnight into the day before.
 */
function tradingDay(meta: Json): (instant: number | null) => number | null {
  const zone = textAt(meta, 'exchangeTimezoneName')
  if (zone !== '' && isTimeZone(zone))
    return (instant) => instant && Date.parse(`${dateIn(zone, instant)}T00:00:00Z`)
  const offset = Number(decimalOf(at(meta, 'gmtoffset')) ?? Number.NaN) * 1000
  return (instant) => inRange((instant ?? Number.NaN) + offset)
}
