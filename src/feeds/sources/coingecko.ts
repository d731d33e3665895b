import { parsePair } from '../../instruments/symbol.js'
import { get } from '../rest/read.js'
import { COIN_IDS } from './coin-ids.js'
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
} from './reading.js'
import type { NoQuote, QuoteSource, SourceAnswer, SourceQuote } from './source.js'

/**
 * CoinGecko's `/simple/price`: coins averaged over many exchanges, in coins and in currencies that no exchange
 * quotes them in. A coin is asked for by its id (coin-ids.ts), so a name is `bitcoin/usd`. An unknown id is left out
 * of the answer. Prices are numbers, with an exponent when they are small. Without a key the quota is shared by
 * address and small; a spent one may be told by a page. It has no candles: what it tells of the past are points.
 */
export const coinGecko: QuoteSource = {
  id: 'coingecko',
  kind: 'coin',
  base: 'https://api.coingecko.com/api/v3',
  needsKey: false,
  limits: [{ count: 5, windowMs: 60_000 }],
  batch: 50,
  name(symbol) {
    const pair = parsePair(symbol)
    const id = COIN_IDS.get(pair?.base ?? '')
    if (!pair || id === undefined || pair.base === pair.quote || !QUOTES.has(pair.quote)) return null
    return `${id}/${pair.quote.toLowerCase()}`
  },
  question: (base, names, key) => ({
    ...get(base, '/simple/price', {
      ids: parts(names, 0),
      vs_currencies: parts(names, 1),
      include_last_updated_at: 'true',
    }),
    ...(key === null ? {} : { headers: { 'x-cg-demo-api-key': key } }),
  }),
  read,
}

/** Currencies in which it tells prices, of those that Harta knows. */
const QUOTES: ReadonlySet<string> = new Set(
  (
    'AED ARS AUD BDT BHD BMD BRL CAD CHF CLP CNY CZK DKK EUR GBP GEL HKD HUF IDR ILS INR JPY KRW KWD LKR MMK MXN MYR ' +
    'NGN NOK NZD PHP PKR PLN RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR BTC ETH BNB'
  ).split(' '),
)

/** The ids, or the currencies, of names, each once. */
function parts(names: readonly string[], index: 0 | 1): string {
  return [...new Set(names.map((name) => name.split('/')[index] ?? ''))].join(',')
}

function read(body: Buffer, names: readonly string[]): SourceAnswer {
  const json = jsonOf(body)
  if (!isRecord(json)) return notAnAnswer(body)
  const code = decimalOf(at(json, 'status', 'error_code'))
  if (code !== null) return refused(code === '429' ? 'quota' : isOfKey(code) ? 'key' : 'error')
  if ('error' in json) return refused('error')
  if (!Object.values(json).every(isPrices)) return refused('not-an-answer')
  return quotes(names.map((name) => [name, quoteIn(json, name)]))
}

function quoteIn(json: Json, name: string): SourceQuote | NoQuote {
  const [id = '', quote = ''] = name.split('/')
  const told = at(json, id)
  if (told === undefined) return missing('unknown', 'not-found')
  return quoteOf({
    price: at(told, quote),
    currency: quote.toUpperCase(),
    at: secondsOf(at(told, 'last_updated_at')),
  })
}

function isPrices(value: Json): boolean {
  return isRecord(value) && Object.values(value).every((entry) => entry === null || decimalOf(entry) !== null)
}

/** 10002 no key, 10010 and 10011 a key of the other plan; 401 and 403 as over HTTP. */
function isOfKey(code: string): boolean {
  return ['401', '403', '10002', '10010', '10011'].includes(code)
}
