/**
 * Binance spot, combined stream. Source: binance-spot-api-docs, web-socket-streams.md.
 * Live it asks for `<symbol>@miniTicker`: one frame a second for each symbol whose price moved, and none
 * otherwise, so quiet is not broken. An unknown symbol is acknowledged and then silent. It reads the other
 * streams that tell a last price too; bookTicker, depth and kline tell none.
 */
import { epochTime, orderOf, parseJson, record, tickOf } from '../fields.js'
import {
  ENDING,
  FIAT,
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

const BOOK_TICKER = ignored('book-ticker')
const OTHER_EVENT = ignored('other-event')
const OTHER_MESSAGE = ignored('other-message')

/** Binance's engine under a host of its own: the same protocol and symbols, for the pairs that are traded there. */
export function onBinance(host: {
  readonly id: string
  readonly address: string
  readonly quotes: ReadonlySet<string>
  /** State currencies that are traded against others there. */
  readonly fiatBases: ReadonlySet<string>
}): Venue {
  return {
    id: host.id,
    url: (base = host.address) => socketUrl(base, ['/stream', '/ws']),
    symbol: ({ base, quote }) =>
      host.quotes.has(quote) && (!FIAT.has(base) || host.fiatBases.has(base)) ? base + quote : null,
    subscribe: (symbols, id) => request('SUBSCRIBE', symbols, id),
    unsubscribe: (symbols, id) => request('UNSUBSCRIBE', symbols, id),
    read,
    limits: {
      silenceMs: 30_000,
      idleMs: 65_000, // the server pings every 20 s
      maxSymbols: 800, // 1024 streams
      symbolsPerMessage: 200,
      messagesPerSecond: 3, // 5, and our pongs count among them
      rolloverMs: [22 * 3_600_000, 23.5 * 3_600_000], // cut after 24 h
      connectsPer: { count: 100, windowMs: 300_000 }, // 300, and other programs may share the address
    },
  }
}

export const binance = onBinance({
  id: 'binance',
  address: 'wss://stream.binance.com:9443',
  quotes: new Set('USDT USDC FDUSD TUSD BTC ETH BNB EUR TRY BRL JPY IDR MXN ZAR PLN ARS'.split(' ')),
  fiatBases: new Set(['EUR']),
})

function request(method: string, symbols: readonly string[], id: number): string {
  return JSON.stringify({ method, params: symbols.map((symbol) => `${symbol.toLowerCase()}@miniTicker`), id })
}

function read(frame: string): Reading {
  const message = record(parseJson(frame))
  if (message === null) return malformed('not-json')
  const data = message.stream === undefined ? message : record(message.data)
  if (data === null) return malformed('data-missing')
  if (Array.isArray(data)) return manyTicks(data.flatMap((entry) => entryOf(record(entry)) ?? []))
  return event(data) ?? control(data)
}

function event(data: Readonly<Record<string, unknown>>): Reading | null {
  if (data.e === undefined) return data.u !== undefined && data.b !== undefined ? BOOK_TICKER : null
  if (data.e === 'serverShutdown') return ENDING
  const tick = entryOf(data)
  return tick === null ? OTHER_EVENT : oneTick(tick)
}

/** Null when the event tells no last price. */
function entryOf(data: Readonly<Record<string, unknown>> | null): VenueTick | string | null {
  switch (data?.e) {
    case '24hrMiniTicker':
    case '24hrTicker':
      return tickOf(data.s, data.c, epochTime(data.E), null)
    case 'trade':
      return tickOf(data.s, data.p, epochTime(data.E), orderOf(data.t))
    case 'aggTrade':
      return tickOf(data.s, data.p, epochTime(data.E), orderOf(data.a))
    default:
      return null
  }
}

/** Answers to requests. Errors come as `{code, msg}` by the documentation, as `{error: {code, msg}, id}` on the wire. */
function control(message: Readonly<Record<string, unknown>>): Reading {
  const id = orderOf(message.id)
  const error = message.error === undefined ? message : record(message.error)
  if (typeof error?.msg === 'string') {
    return /too many|rate limit/i.test(error.msg) ? THROTTLED : refused(null, id, error.msg)
  }
  if (message.result === null && id !== null) return { kind: 'acknowledged', symbols: null, id }
  return OTHER_MESSAGE
}
