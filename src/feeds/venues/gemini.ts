/**
 * Gemini. Source: developer.gemini.com, WebSocket streams and message format.
 * `<symbol>@trade` tells each trade; no stream tells a last price, so a symbol has none before its first trade.
 * Frames name no event where only their fields tell them apart. Event times are nanoseconds in JSON numbers above
 * 2^53, so frames are read losslessly. One unknown stream fails a whole request. Trades of the archived
 * `v2/marketdata` socket are read too, those in the initial `l2_updates` included. Symbols are lower case on the
 * wire of the new socket and upper case on the old one, and upper case here.
 */
import { countTime, orderOf, parseExactJson, record, textOf, tickOf } from '../fields.js'
import {
  FIAT,
  HEARTBEAT,
  ignored,
  malformed,
  manyTicks,
  oneTick,
  type Reading,
  refused,
  socketUrl,
  THROTTLED,
  type Venue,
  type VenueTick,
} from '../venue.js'

const QUOTES = new Set('USD GUSD USDT USDC EUR GBP SGD BTC ETH'.split(' '))
const OK = 200
const TOO_MANY = 429

const BOOK = ignored('book')
const OTHER_EVENT = ignored('other-event')
const OTHER_MESSAGE = ignored('other-message')
const OTHER_TYPE = ignored('other-type')

export const gemini: Venue = {
  id: 'gemini',
  url: (base = 'wss://ws.gemini.com') => socketUrl(base, ['']),
  symbol: ({ base, quote }) => (QUOTES.has(quote) && !FIAT.has(base) ? base + quote : null),
  subscribe: (symbols, id) => request('subscribe', symbols, id),
  unsubscribe: (symbols, id) => request('unsubscribe', symbols, id),
  read,
  limits: {
    silenceMs: 60_000, // trades alone
    idleMs: 65_000, // the server pings every 20 s
    maxSymbols: 200,
    symbolsPerMessage: 50,
    messagesPerSecond: 4, // 7,000 in 10 s
    rolloverMs: null,
    connectsPer: { count: 100, windowMs: 300_000 }, // 300, and other programs may share the address
  },
}

function request(method: string, symbols: readonly string[], id: number): string {
  return JSON.stringify({ id, method, params: symbols.map((symbol) => `${symbol.toLowerCase()}@trade`) })
}

function read(frame: string): Reading {
  const message = record(parseExactJson(frame))
  if (message === null || Array.isArray(message)) return malformed('not-json')
  if (message.type !== undefined) return archived(message)
  if (message.result === 'error') return refused(null, null, textOf(message.reason))
  if (message.e !== undefined && message.e !== 'trade') {
    return message.e === 'depthUpdate' ? BOOK : OTHER_EVENT
  }
  if (message.status !== undefined) return answer(message)
  if (message.b !== undefined || message.a !== undefined || message.lastUpdateId !== undefined) return BOOK
  return message.p === undefined && message.t === undefined ? OTHER_MESSAGE : oneTick(trade(message))
}

function trade(message: Readonly<Record<string, unknown>>): VenueTick | string {
  return tickOf(upperCase(message.s), message.p, countTime(message.E, 'ns'), orderOf(message.t))
}

function upperCase(symbol: unknown): string {
  return textOf(symbol).toUpperCase()
}

function answer(message: Readonly<Record<string, unknown>>): Reading {
  const id = orderOf(message.id)
  const status = orderOf(message.status)
  if (status === OK) return id === null ? OTHER_MESSAGE : { kind: 'acknowledged', symbols: null, id }
  return status === TOO_MANY ? THROTTLED : refused(null, id, textOf(record(message.error)?.msg))
}

function archived(message: Readonly<Record<string, unknown>>): Reading {
  switch (message.type) {
    case 'trade':
      return oneTick(archivedTrade(message))
    case 'l2_updates': {
      const trades = Array.isArray(message.trades) ? message.trades : []
      return trades.length === 0 ? BOOK : manyTicks(trades.map((row) => archivedTrade(record(row) ?? {})))
    }
    case 'heartbeat':
      return HEARTBEAT
    default:
      return OTHER_TYPE
  }
}

function archivedTrade(entry: Readonly<Record<string, unknown>>): VenueTick | string {
  const at = countTime(entry.timestamp, 'ms')
  return tickOf(upperCase(entry.symbol), entry.price, at, orderOf(entry.tid))
}
