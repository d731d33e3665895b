import { marketOf } from '../../instruments/markets.js'
import type { Interval, PastCandle } from '../../prices/candle.js'
import type { Question } from '../ask.js'
import { get } from '../rest/read.js'
import {
  at,
  candlesOf,
  currencyOf,
  dayOf,
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
import type { NoQuote, QuoteSource, SourceAnswer, SourceQuote, SourceRefusal } from './source.js'

/**
 * Twelve Data (`/quote`, `/time_series`): the United States without payment, other exchanges with it. Each symbol
 * of a question costs a credit, of which a free key has 8 a minute and 800 a day; hence one question of 8 symbols a
 * minute. One symbol is answered by itself, several as an object by the names that were asked for. An error is an
 * object with a `code`, with status 200 too, for the question or for one of its symbols.
 *
 * `last_quote_at` is the minute of the last trade; `timestamp`, the beginning of the day's candle, stands in for it.
 * `datetime` is in the exchange's zone, except where the question names one.
 */
export const twelveData: QuoteSource = {
  id: 'twelvedata',
  kind: 'listing',
  base: 'https://api.twelvedata.com',
  needsKey: true,
  limits: [
    { count: 1, windowMs: 60_000 },
    { count: 100, windowMs: 86_400_000 },
  ],
  batch: 8,
  name,
  question: (base, names, key) => ask(base, '/quote', { symbol: names.join(',') }, key),
  read,
  history: {
    intervals: ['1m', '1h', '1d'],
    most: 5_000,
    question: (base, { name, interval, from, to }, key) =>
      ask(
        base,
        '/time_series',
        {
          symbol: name,
          interval: INTERVALS[interval],
          start_date: wallClock(from),
          end_date: wallClock(to),
          timezone: 'UTC',
          order: 'ASC',
          outputsize: 5_000,
        },
        key,
      ),
    read: readHistory,
  },
}

/** Its hours begin with the session, at half past in New York. */
const INTERVALS: Readonly<Record<Interval, string>> = { '1m': '1min', '1h': '30min', '1d': '1day' }

/** What it calls Harta's exchanges, by their suffix. */
const EXCHANGES: ReadonlyMap<string, string> = new Map([
  ['JK', 'IDX'],
  ['SI', 'SGX'],
  ['T', 'JPX'],
  ['HK', 'HKEX'],
  ['L', 'LSE'],
  ['DE', 'XETR'],
  ['SW', 'SIX'],
  ['TO', 'TSX'],
  ['AX', 'ASX'],
  ['JO', 'JSE'],
])

const SHARE = /^([A-Z0-9]+(?:-[A-Z])?)(?:\.([A-Z]+))?$/

function name(symbol: string): string | null {
  const [, ticker, suffix] = SHARE.exec(symbol) ?? []
  if (ticker === undefined || !marketOf(symbol)) return null
  const theirs = ticker.replace('-', '.')
  if (suffix === undefined) return theirs
  const exchange = EXCHANGES.get(suffix)
  return exchange === undefined ? null : `${theirs}:${exchange}`
}

function ask(
  base: string,
  path: string,
  query: Readonly<Record<string, string | number>>,
  key: string | null,
): Question {
  return { ...get(base, path, query), headers: { Authorization: `apikey ${key ?? ''}` } }
}

/** `YYYY-MM-DD HH:MM:SS`, UTC. */
function wallClock(instant: number): string {
  return new Date(instant).toISOString().slice(0, 19).replace('T', ' ')
}

const MINUTE_MS = 60_000

function read(body: Buffer, names: readonly string[]): SourceAnswer {
  const json = jsonOf(body)
  if (!isRecord(json)) return notAnAnswer(body)
  const alone = names.length === 1
  const code = codeOf(json)
  if (code !== null && !(alone && isOfSymbol(code))) return refusalOf(json, code)
  if (!alone && !names.some((name) => isRecord(at(json, name)))) return refused('not-an-answer')
  if (alone && code === null && !('symbol' in json)) return refused('not-an-answer')
  return quotes(names.map((name) => [name, quoteIn(alone ? json : at(json, name), name)]))
}

function quoteIn(entry: Json, name: string): SourceQuote | NoQuote {
  const code = codeOf(entry)
  if (code === '404') return missing('unknown', 'not-found')
  if (code !== null) return missing('unusable', code === '403' ? 'not-in-plan' : 'error')
  const [ticker = '', exchange] = name.split(':')
  if (textAt(entry, 'symbol').toUpperCase() !== ticker) return missing('unusable', 'other-symbol')
  const currency = textAt(entry, 'currency')
  if (exchange === undefined && currencyOf(currency) !== 'USD') return missing('unusable', 'other-listing')
  const time = at(entry, 'last_quote_at') ?? at(entry, 'timestamp')
  return quoteOf({ price: at(entry, 'close'), currency, at: secondsOf(time), name: textAt(entry, 'name') })
}

/** The code of an error; null when it is none. */
function codeOf(entry: Json): string | null {
  if (textAt(entry, 'status') !== 'error') return null
  return decimalOf(at(entry, 'code')) ?? ''
}

/** Errors that concern the symbol and not the question. */
function isOfSymbol(code: string): boolean {
  return code === '404' || code === '403'
}

function refusalOf(json: Json, code: string): SourceRefusal {
  if (code === '401' || code === '403') return refused('key')
  if (code !== '429') return refused('error')
  return refused('quota', /current minute/.test(textAt(json, 'message')) ? MINUTE_MS : null)
}

const DATE_TIME = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/

function readHistory(body: Buffer, interval: Interval): readonly PastCandle[] | SourceRefusal {
  const json = jsonOf(body)
  if (!isRecord(json)) return notAnAnswer(body)
  const code = codeOf(json)
  if (code !== null) return isOfSymbol(code) ? [] : refusalOf(json, code)
  if (textAt(json, 'meta', 'interval') !== INTERVALS[interval]) return refused('not-an-answer')
  const rows = listAt(json, 'values').map((row) => ({
    at: instantIn(textAt(row, 'datetime')),
    open: at(row, 'open'),
    high: at(row, 'high'),
    low: at(row, 'low'),
    close: at(row, 'close'),
  }))
  return candlesOf(rows, interval)
}

function instantIn(datetime: string): number | null {
  const [, date, time] = DATE_TIME.exec(datetime) ?? []
  if (date === undefined) return dayOf(datetime)
  return dayOf(date) === null ? null : inRange(Date.parse(`${date}T${time}Z`))
}
