/**
 * Kraken WebSocket v2. Source: docs.kraken.com, WebSocket v2 channels.
 * Prices are JSON numbers, so frames are read losslessly. Each symbol is acknowledged or refused by itself. A
 * ticker comes on subscribing and with each trade; before 2025 it has no timestamp. A token without trades
 * has zeros and the year 1970. The proxy in front announces its restarts in plain text. Frames of v1 are read
 * by kraken-v1.ts.
 */

import { plainDecimal } from '../../lib/decimal.js'
import { NumberText } from '../../lib/lossless-json.js'
import { isoTime, orderOf, parseExactJson, record, textOf, tickOf } from '../fields.js'
import {
  ENDING,
  FIAT,
  HEARTBEAT,
  ignored,
  malformed,
  manyTicks,
  type Reading,
  refused,
  socketUrl,
  THROTTLED,
  type Venue,
  type VenueTick,
} from '../venue.js'
import { readV1Data, readV1Event } from './kraken-v1.js'

const QUOTES = new Set('USD EUR GBP CAD AUD CHF JPY USDT USDC BTC ETH'.split(' '))
const FIAT_BASES = new Set(['USD', 'EUR', 'GBP', 'AUD'])
const OTHER_CHANNEL = ignored('other-channel')
const OTHER_MESSAGE = ignored('other-message')

export const kraken: Venue = {
  id: 'kraken',
  url: (base = 'wss://ws.kraken.com') => socketUrl(base, ['/v2']),
  symbol: ({ base, quote }) =>
    QUOTES.has(quote) && (!FIAT.has(base) || FIAT_BASES.has(base)) ? `${base}/${quote}` : null,
  subscribe: (symbols, id) => request('subscribe', symbols, id, { event_trigger: 'trades', snapshot: true }),
  unsubscribe: (symbols, id) => request('unsubscribe', symbols, id, { event_trigger: 'trades' }),
  read,
  limits: {
    silenceMs: 20_000,
    idleMs: 20_000, // heartbeats come each second
    maxSymbols: 200,
    symbolsPerMessage: 50,
    messagesPerSecond: 2,
    rolloverMs: null,
    connectsPer: { count: 75, windowMs: 600_000 }, // about 150, other programs on the address included
  },
}

function request(method: string, symbols: readonly string[], id: number, more: object): string {
  return JSON.stringify({ method, params: { channel: 'ticker', symbol: symbols, ...more }, req_id: id })
}

function read(frame: string): Reading {
  if (frame.startsWith('CloudFlare WebSocket proxy')) return ENDING
  const parsed = parseExactJson(frame)
  if (parsed === undefined) return malformed('not-json')
  if (Array.isArray(parsed)) return readV1Data(parsed)
  const message = record(parsed)
  if (message === null) return malformed('not-an-object')
  if (message.event !== undefined) return readV1Event(message)
  if (message.method !== undefined) return answer(message)
  if (typeof message.Error === 'string') return THROTTLED
  return push(message)
}

function push(message: Readonly<Record<string, unknown>>): Reading {
  switch (message.channel) {
    case 'ticker':
      return entries(message.data, (entry) => {
        const at = entry.timestamp === undefined ? null : isoTime(entry.timestamp)
        return priced(entry, entry.last, at, null)
      })
    case 'trade':
      return entries(message.data, (entry) =>
        priced(entry, entry.price, isoTime(entry.timestamp), orderOf(entry.trade_id)),
      )
    case 'heartbeat':
      return HEARTBEAT
    case 'status':
      return isMaintenance(message.data) ? ENDING : HEARTBEAT
    case undefined:
      return OTHER_MESSAGE
    default:
      return OTHER_CHANNEL
  }
}

function entries(
  data: unknown,
  tick: (entry: Readonly<Record<string, unknown>>) => VenueTick | string,
): Reading {
  if (!Array.isArray(data)) return malformed('data-missing')
  return manyTicks(data.map((entry) => tick(record(entry) ?? {})))
}

/** A price is a JSON number here, exponent allowed; anything else is none. */
function priced(
  entry: Readonly<Record<string, unknown>>,
  price: unknown,
  at: number | string | null,
  order: number | null,
): VenueTick | string {
  if (price === undefined || price === null) return 'price-missing'
  if (!(price instanceof NumberText)) return 'price-not-a-number'
  const plain = plainDecimal(price.text)
  return plain === null ? 'price-out-of-range' : tickOf(entry.symbol, plain, at, order)
}

function isMaintenance(data: unknown): boolean {
  return Array.isArray(data) && data.some((entry) => record(entry)?.system === 'maintenance')
}

function answer(message: Readonly<Record<string, unknown>>): Reading {
  if (message.method === 'pong') return HEARTBEAT
  if (message.method !== 'subscribe') return OTHER_MESSAGE
  const id = orderOf(message.req_id)
  if (message.success === true) {
    const symbol = record(message.result)?.symbol
    return typeof symbol === 'string' ? { kind: 'acknowledged', symbols: [symbol], id } : OTHER_MESSAGE
  }
  if (message.success !== false) return OTHER_MESSAGE
  const reason = textOf(message.error)
  if (typeof message.symbol === 'string') {
    const symbols = [message.symbol]
    if (/already subscribed/i.test(reason)) return { kind: 'acknowledged', symbols, id }
    return refused(symbols, id, reason)
  }
  return /rate limit|msg rate/i.test(reason) ? THROTTLED : refused(null, id, reason)
}
