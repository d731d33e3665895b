/**
 * Indodax. Source: Indodax's official API documentation, Marketdata-websocket.md; the server is Centrifugo 2.
 * It is greeted with a token first, and answers several messages in one frame, a line each. One channel,
 * `market:summary-24h`, tells of every pair that changed, so subscribing twice is refused as done already (105)
 * and nothing is ever unsubscribed. Prices are JSON numbers; times are seconds, so `offset` or the trade's own
 * sequence tells what came later. What a recovered subscription brings along (`publications`) is past.
 */
import { countTime, orderOf, parseExactJson, plainNumber, record, textOf, tickOf } from '../fields.js'
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
  WELCOME,
} from '../venue.js'

/**
 * The static token that Indodax prints in that page for everybody: it opens public data alone and expires in
 * September 2031. An operator may configure another.
 */
const PUBLIC_TOKEN =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE5NDY2MTg0MTV9.UR1lBM6Eqh0yWz-PVirw1uPCxe60FdchR8eNVdsskeo'

const SUMMARY = 'market:summary-24h'
const TICK = /^chart:tick-([a-z0-9]+)$/
const TRADES = /^market:trade-activity-/

const ALREADY_SUBSCRIBED = 105
/** Internal error, too many requests. */
const TRY_AGAIN = [100, 111]
/** The kind of push that takes a subscription away. */
const UNSUBSCRIBED = 3

const OTHER_CHANNEL = ignored('other-channel')
const OTHER_MESSAGE = ignored('other-message')

export const indodax: Venue = {
  id: 'indodax',
  url: (base = 'wss://ws3.indodax.com') => socketUrl(base, ['/ws/', '/ws']),
  symbol: ({ base, quote }) => (quote === 'IDR' && !FIAT.has(base) ? `${base}${quote}`.toLowerCase() : null),
  subscribe: (_symbols, id) => JSON.stringify({ method: 1, params: { channel: SUMMARY }, id }),
  unsubscribe: () => null,
  read,
  hello: (token) => JSON.stringify({ params: { token: token ?? PUBLIC_TOKEN }, id: 1 }),
  limits: {
    silenceMs: 60_000,
    idleMs: 60_000, // the server pings every 25 s
    maxSymbols: 1_000, // one channel for all
    symbolsPerMessage: 1_000,
    messagesPerSecond: 4,
    rolloverMs: null,
    connectsPer: { count: 20, windowMs: 60_000 },
  },
}

function read(frame: string): Reading {
  const lines = frame.split('\n').filter((line) => line.trim() !== '')
  const [first = '', ...rest] = lines
  return rest.length === 0 ? line(first) : { kind: 'several', readings: lines.map(line) }
}

function line(text: string): Reading {
  const message = record(parseExactJson(text))
  if (message === null || Array.isArray(message)) return malformed('not-json')
  const id = orderOf(message.id)
  const error = record(message.error)
  if (error) return errorOf(error, id)
  const result = record(message.result)
  if (result === null) return id === null ? OTHER_MESSAGE : HEARTBEAT
  if (typeof result.channel === 'string') return push(result, result.channel)
  return result.client === undefined ? { kind: 'acknowledged', symbols: null, id } : WELCOME
}

function errorOf(error: Readonly<Record<string, unknown>>, id: number | null): Reading {
  const code = orderOf(error.code)
  if (code === ALREADY_SUBSCRIBED) return { kind: 'acknowledged', symbols: null, id }
  return code !== null && TRY_AGAIN.includes(code) ? THROTTLED : refused(null, id, textOf(error.message))
}

function push(result: Readonly<Record<string, unknown>>, channel: string): Reading {
  if (orderOf(result.type) === UNSUBSCRIBED) return ENDING
  const [, pair] = TICK.exec(channel) ?? []
  if (channel !== SUMMARY && pair === undefined && !TRADES.test(channel)) return OTHER_CHANNEL
  const data = record(result.data)
  if (!Array.isArray(data?.data)) return malformed('data-missing')
  const rows = data.data.map((row) => (Array.isArray(row) ? row : []))
  if (channel === SUMMARY) {
    return manyTicks(rows.map(([name, at, last]) => priced(name, at, last, data.offset)))
  }
  return manyTicks(
    pair === undefined
      ? rows.map(([name, at, sequence, , price]) => priced(name, at, price, sequence))
      : rows.map(([at, sequence, price]) => priced(pair, at, price, sequence)),
  )
}

function priced(pair: unknown, at: unknown, price: unknown, order: unknown): VenueTick | string {
  return tickOf(pair, plainNumber(price), countTime(at, 's'), orderOf(order))
}
