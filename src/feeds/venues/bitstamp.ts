/**
 * Bitstamp WebSocket v2. Source: bitstamp.net, WebSocket API v2.
 * There is no ticker channel, so prices are trades (`live_trades_btcusd`), and none comes on subscribing. Each
 * channel is asked for and acknowledged by itself. An unknown pair in lower case is acknowledged and silent. Prices
 * are JSON numbers with a twin of text, which may have an exponent; old frames lack the twin.
 */
import {
  epochTextTime,
  orderOf,
  parseExactJson,
  parseJson,
  plainNumber,
  record,
  textOf,
  tickOf,
} from '../fields.js'
import {
  ENDING,
  FIAT,
  HEARTBEAT,
  ignored,
  malformed,
  oneTick,
  type Reading,
  refused,
  socketUrl,
  THROTTLED,
  type Venue,
} from '../venue.js'

const QUOTES = new Set('USD EUR GBP USDT USDC BTC ETH'.split(' '))
const FIAT_BASES = new Set(['EUR', 'GBP'])
const TRADES = 'live_trades_'
const DAY_MS = 24 * 3_600_000

const OTHER_EVENT = ignored('other-event')
const OTHER_CHANNEL = ignored('other-channel')

export const bitstamp: Venue = {
  id: 'bitstamp',
  url: (base = 'wss://ws.bitstamp.net') => socketUrl(base, ['']),
  symbol: ({ base, quote }) =>
    QUOTES.has(quote) && (!FIAT.has(base) || FIAT_BASES.has(base)) ? (base + quote).toLowerCase() : null,
  subscribe: ([symbol = '']) => request('bts:subscribe', symbol),
  unsubscribe: ([symbol = '']) => request('bts:unsubscribe', symbol),
  read,
  ping: { everyMs: 25_000, frame: () => '{"event":"bts:heartbeat"}' },
  limits: {
    silenceMs: 60_000, // trades alone
    idleMs: 60_000, // our heartbeats are answered; the server pings every 54 s
    maxSymbols: 400, // 1024 channels
    symbolsPerMessage: 1, // and a message below 512 bytes
    messagesPerSecond: 8,
    rolloverMs: [20 * DAY_MS, 24 * DAY_MS], // cut after 90 days; no timer runs longer than 24
    connectsPer: { count: 30, windowMs: 60_000 },
  },
}

function request(event: string, symbol: string): string {
  return JSON.stringify({ event, data: { channel: TRADES + symbol } })
}

function read(frame: string): Reading {
  const message = record(parseJson(frame))
  if (message === null || Array.isArray(message)) return malformed('not-json')
  switch (message.event) {
    case 'trade':
      return trade(message, frame)
    case 'bts:heartbeat':
      return HEARTBEAT
    case 'bts:subscription_succeeded': {
      const symbol = symbolOf(message.channel)
      return { kind: 'acknowledged', symbols: symbol === null ? [] : [symbol], id: null }
    }
    case 'bts:request_reconnect':
      return ENDING
    case 'bts:error':
      return errorOf(message)
    case undefined:
      return malformed('event-missing')
    default:
      return OTHER_EVENT
  }
}

function trade(message: Readonly<Record<string, unknown>>, frame: string): Reading {
  const symbol = symbolOf(message.channel)
  if (symbol === null) return OTHER_CHANNEL
  const data = record(message.data)
  if (data === null) return malformed('data-missing')
  const price = data.price_str ?? (typeof data.price === 'number' ? writtenPrice(frame) : data.price)
  const order = orderOf(data.id_str ?? data.id)
  return oneTick(tickOf(symbol, plainNumber(price), epochTextTime(data.microtimestamp), order))
}

/** The digits of a price that is a JSON number alone. */
function writtenPrice(frame: string): unknown {
  return record(record(parseExactJson(frame))?.data)?.price
}

function symbolOf(channel: unknown): string | null {
  const name = textOf(channel)
  return name.startsWith(TRADES) && name.length > TRADES.length ? name.slice(TRADES.length) : null
}

function errorOf(message: Readonly<Record<string, unknown>>): Reading {
  const reason = textOf(record(message.data)?.message)
  if (/too many|rate limit|exceeded/i.test(reason)) return THROTTLED
  const symbol = symbolOf(message.channel)
  return refused(symbol === null ? null : [symbol], null, reason)
}
