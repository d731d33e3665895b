/**
 * Bybit v5, public spot. Source: bybit-exchange.github.io/docs, v5 WebSocket.
 * `tickers.BTCUSDT` tells everything on subscribing and on spot with each change. The sockets of derivatives speak
 * alike and then tell what changed alone, which may leave the last price out. One refused topic, which is named,
 * fails the whole request. An acknowledgement may come after the first prices.
 */
import { epochTime, orderOf, parseJson, record, textOf, tickOf } from '../fields.js'
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
} from '../venue.js'

const QUOTES = new Set('USDT USDC BTC ETH EUR BRL TRY PLN DAI MNT USDE'.split(' '))
const TICKERS = 'tickers.'
/** Too many visits. */
const TOO_FAST = new Set<number | null>([10006, 10016, 10018])

const NO_LAST_PRICE = ignored('no-last-price')
const OTHER_TOPIC = ignored('other-topic')
const OTHER_MESSAGE = ignored('other-message')

export const bybit: Venue = {
  id: 'bybit',
  url: (base = 'wss://stream.bybit.com') => socketUrl(base, ['/v5/public/spot']),
  symbol: ({ base, quote }) => (QUOTES.has(quote) && !FIAT.has(base) ? base + quote : null),
  subscribe: (symbols, id) => request('subscribe', symbols, id),
  unsubscribe: (symbols, id) => request('unsubscribe', symbols, id),
  read,
  ping: { everyMs: 18_000, frame: (id) => JSON.stringify({ req_id: `ping-${id}`, op: 'ping' }) },
  limits: {
    silenceMs: 30_000,
    idleMs: 40_000, // a ping each 18 s is answered
    maxSymbols: 300, // 21,000 characters of topics
    symbolsPerMessage: 10,
    messagesPerSecond: 4,
    rolloverMs: null,
    connectsPer: { count: 150, windowMs: 300_000 }, // 500, other programs on the address included
  },
}

function request(op: string, symbols: readonly string[], id: number): string {
  return JSON.stringify({ req_id: String(id), op, args: symbols.map((symbol) => TICKERS + symbol) })
}

function read(frame: string): Reading {
  const message = record(parseJson(frame))
  if (message === null || Array.isArray(message)) return malformed('not-json')
  const topic = textOf(message.topic)
  if (topic.startsWith(TICKERS)) return ticker(message)
  if (topic.startsWith('publicTrade.')) return trades(message.data)
  if (topic !== '') return OTHER_TOPIC
  return answer(message)
}

function ticker(message: Readonly<Record<string, unknown>>): Reading {
  const data = record(message.data)
  if (data === null) return malformed('data-missing')
  if (message.type === 'delta' && data.lastPrice === undefined) return NO_LAST_PRICE
  return oneTick(tickOf(data.symbol, data.lastPrice, epochTime(message.ts), orderOf(message.cs)))
}

function trades(data: unknown): Reading {
  if (!Array.isArray(data)) return malformed('data-missing')
  const entries = data.map((entry) => record(entry) ?? {}).filter((entry) => entry.BT !== true) // agreed off the book
  return manyTicks(entries.map(({ s, p, T, seq }) => tickOf(s, p, epochTime(T), orderOf(seq))))
}

function answer(message: Readonly<Record<string, unknown>>): Reading {
  const { op, success } = message
  const reason = textOf(message.ret_msg)
  if (op === 'ping' || op === 'pong' || reason === 'pong') return HEARTBEAT
  const id = orderOf(message.req_id)
  if (success === true && op === 'subscribe') return { kind: 'acknowledged', symbols: null, id }
  if (success !== false || op === 'unsubscribe') return OTHER_MESSAGE
  return isTooFast(message, reason) ? THROTTLED : failed(reason, id)
}

function isTooFast({ ret_code, retCode }: Readonly<Record<string, unknown>>, reason: string): boolean {
  return TOO_FAST.has(orderOf(ret_code ?? retCode)) || /too many|rate limit|too frequent/i.test(reason)
}

/** Nothing of the request is served; its reason names the topic that is to blame. */
function failed(reason: string, id: number | null): Reading {
  const symbols = [...reason.matchAll(/tickers\.([A-Z0-9]+)/g)].flatMap((match) => match[1] ?? [])
  const whole = refused(null, id, reason)
  if (symbols.length === 0) return whole
  const named: Reading = /already subscribed/i.test(reason)
    ? { kind: 'acknowledged', symbols, id }
    : refused(symbols, id, reason)
  return { kind: 'several', readings: [named, whole] }
}
