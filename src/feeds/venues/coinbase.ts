/**
 * Coinbase Exchange. Source: docs.cdp.coinbase.com, Exchange WebSocket channels.
 * `ticker` sends one frame for each match, and one on subscribing, which may be old; `heartbeat` comes each
 * second for each product. One unknown product fails the whole request and is not named reliably. An
 * acknowledgement lists the whole set, not what was asked last. Frames of Coinbase Advanced Trade are read by
 * coinbase-advanced.ts.
 */
import { isoTime, orderOf, parseJson, record, textOf, texts, tickOf } from '../fields.js'
import {
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
import { readAdvanced } from './coinbase-advanced.js'

const QUOTES = new Set('USD EUR GBP USDT USDC BTC ETH'.split(' '))
const PRICE_CHANNELS = new Set(['ticker', 'ticker_batch', 'matches'])
const OTHER_TYPE = ignored('other-type')

export const coinbase: Venue = {
  id: 'coinbase',
  url: (base = 'wss://ws-feed.exchange.coinbase.com') => socketUrl(base, ['']),
  symbol: ({ base, quote }) => (QUOTES.has(quote) && !FIAT.has(base) ? `${base}-${quote}` : null),
  subscribe: (symbols) => request('subscribe', symbols),
  unsubscribe: (symbols) => request('unsubscribe', symbols),
  read,
  limits: {
    silenceMs: 20_000,
    idleMs: 20_000, // heartbeats come each second
    maxSymbols: 100,
    symbolsPerMessage: 50,
    messagesPerSecond: 4, // 8 requests a second and address
    rolloverMs: null,
    connectsPer: { count: 60, windowMs: 60_000 }, // 8 a second and address, other programs included
  },
}

function request(type: string, symbols: readonly string[]): string {
  return JSON.stringify({ type, product_ids: symbols, channels: ['ticker', 'heartbeat'] })
}

function read(frame: string): Reading {
  const message = record(parseJson(frame))
  if (message === null || Array.isArray(message)) return malformed('not-json')
  switch (message.type) {
    case 'ticker':
    case 'match':
    case 'last_match':
      return oneTick(
        tickOf(message.product_id, message.price, isoTime(message.time), orderOf(message.sequence)),
      )
    case 'heartbeat':
      return HEARTBEAT
    case 'subscriptions':
      return { kind: 'acknowledged', symbols: subscribed(message.channels), id: null }
    case 'error':
      return errorOf(`${textOf(message.message)}: ${textOf(message.reason)}`)
    case undefined:
      return message.channel === undefined ? malformed('type-missing') : readAdvanced(message)
    default:
      return OTHER_TYPE
  }
}

function errorOf(reason: string): Reading {
  return /rate limit|too many/i.test(reason) ? THROTTLED : refused(null, null, reason)
}

function subscribed(channels: unknown): string[] {
  if (!Array.isArray(channels)) return []
  const priced = channels.map(record).filter((channel) => PRICE_CHANNELS.has(textOf(channel?.name)))
  return [...new Set(priced.flatMap((channel) => texts(channel?.product_ids)))]
}
