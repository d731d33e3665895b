/**
 * OKX WebSocket v5, public. Source: okx.com, API v5 documentation.
 * `tickers` tells the last price at most ten times a second and once on subscribing, which may be hours old or
 * empty. Each argument is acknowledged or refused by itself, by its name. The venue never pings and cuts whoever
 * is quiet for 30 s; its answer to `ping` is not JSON. A notice comes a minute before an upgrade.
 */
import { epochTextTime, orderOf, parseJson, record, textOf, tickOf } from '../fields.js'
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

const QUOTES = new Set('USDT USDC USD BTC ETH EUR BRL TRY AED AUD SGD'.split(' '))
const UPGRADE = '64008'
/** Requests too frequent, over a socket and over all. */
const TOO_FAST = new Set(['60014', '50011'])

const OTHER_EVENT = ignored('other-event')
const OTHER_CHANNEL = ignored('other-channel')
const OTHER_MESSAGE = ignored('other-message')

export const okx: Venue = {
  id: 'okx',
  url: (base = 'wss://ws.okx.com:8443') => socketUrl(base, ['/ws/v5/public']),
  symbol: ({ base, quote }) => (QUOTES.has(quote) && !FIAT.has(base) ? `${base}-${quote}` : null),
  subscribe: (symbols) => request('subscribe', symbols),
  unsubscribe: (symbols) => request('unsubscribe', symbols),
  read,
  ping: { everyMs: 25_000, frame: () => 'ping' },
  limits: {
    silenceMs: 30_000,
    idleMs: 45_000, // a ping each 25 s is answered
    maxSymbols: 300, // 64 KB of arguments
    symbolsPerMessage: 50,
    messagesPerSecond: 2,
    requestsPerHour: 480,
    rolloverMs: null,
    connectsPer: { count: 2, windowMs: 1_000 }, // 3
  },
}

function request(op: string, symbols: readonly string[]): string {
  return JSON.stringify({ op, args: symbols.map((instId) => ({ channel: 'tickers', instId })) })
}

function read(frame: string): Reading {
  if (frame === 'pong') return HEARTBEAT
  const message = record(parseJson(frame))
  if (message === null || Array.isArray(message)) return malformed('not-json')
  if (message.event !== undefined) return event(message)
  switch (record(message.arg)?.channel) {
    case 'tickers':
      return entries(message.data, ({ instId, last, ts }) => tickOf(instId, last, epochTextTime(ts), null))
    case 'trades':
    case 'trades-all':
      return entries(message.data, ({ instId, px, ts, tradeId }) =>
        tickOf(instId, px, epochTextTime(ts), orderOf(tradeId)),
      )
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

function event(message: Readonly<Record<string, unknown>>): Reading {
  switch (message.event) {
    case 'subscribe': {
      const { channel, instId } = record(message.arg) ?? {}
      const symbols = channel === 'tickers' && typeof instId === 'string' ? [instId] : []
      return { kind: 'acknowledged', symbols, id: null }
    }
    case 'error':
      return errorOf(textOf(message.code), textOf(message.msg))
    case 'channel-conn-count-error':
      return refused(null, null, 'too many connections to the channel')
    case 'notice':
      return message.code === UPGRADE ? ENDING : OTHER_EVENT
    default:
      return OTHER_EVENT
  }
}

function errorOf(code: string, reason: string): Reading {
  if (TOO_FAST.has(code)) return THROTTLED
  const symbol = /instId:([^,\s]+)/.exec(reason)?.[1]
  return refused(symbol === undefined ? null : [symbol], null, `${code}: ${reason}`)
}
