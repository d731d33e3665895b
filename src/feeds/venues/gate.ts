/**
 * Gate spot, WebSocket v4. Source: gate.com/docs/developers/apiv4/ws.
 * Requests carry the time in seconds, which may be a minute off. `spot.tickers` sends one frame a second for each
 * pair that moved; its time is the envelope's, in older frames of whole seconds only. A socket that says nothing
 * is cut after 30 s, and so is one that reads too slowly. Before an upgrade the system channel tells of it.
 */
import { countTime, orderOf, parseJson, plainNumber, record, textOf, tickOf } from '../fields.js'
import {
  ENDING,
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

const QUOTES = new Set('USDT USDC BTC ETH'.split(' '))
const TICKERS = 'spot.tickers'
const TRADES = new Set(['spot.trades', 'spot.trades_v2'])
/** The venue's own failure, which is nobody's symbol's fault. */
const SERVER_SIDE = 3

const OTHER_CHANNEL = ignored('other-channel')
const OTHER_EVENT = ignored('other-event')
const OTHER_MESSAGE = ignored('other-message')

export const gate: Venue = {
  id: 'gate',
  url: (base = 'wss://api.gateio.ws') => socketUrl(base, ['/ws/v4/', '/ws/v4']),
  symbol: ({ base, quote }) => (QUOTES.has(quote) && !FIAT.has(base) ? `${base}_${quote}` : null),
  subscribe: (symbols, id, asking) => request('subscribe', symbols, id, asking?.now),
  unsubscribe: (symbols, id, asking) => request('unsubscribe', symbols, id, asking?.now),
  read,
  ping: {
    everyMs: 15_000,
    frame: (_id, now) => JSON.stringify({ time: seconds(now), channel: 'spot.ping' }),
  },
  limits: {
    silenceMs: 30_000,
    idleMs: 40_000, // the answer to a ping comes every 15 s
    maxSymbols: 100, // no limit, but who reads too slowly is cut
    symbolsPerMessage: 50,
    messagesPerSecond: 4,
    rolloverMs: null,
    connectsPer: { count: 50, windowMs: 300_000 }, // 100 connections advised
  },
}

function request(event: string, symbols: readonly string[], id: number, now?: number): string {
  return JSON.stringify({ time: seconds(now), id, channel: TICKERS, event, payload: symbols })
}

function seconds(now = Date.now()): number {
  return Math.floor(now / 1000)
}

function read(frame: string): Reading {
  const message = record(parseJson(frame))
  if (message === null || Array.isArray(message)) return malformed('not-json')
  const channel = textOf(message.channel)
  if (channel === 'spot.pong') return HEARTBEAT
  if (channel === '') return message.error ? answer(message) : OTHER_MESSAGE
  if (message.event !== 'update') return answer(message)
  if (channel.endsWith('.system')) return record(message.result)?.type === 'upgrade' ? ENDING : OTHER_EVENT
  if (channel === TICKERS) return entries(message, (entry) => ticker(entry, message))
  return TRADES.has(channel) ? entries(message, trade) : OTHER_CHANNEL
}

function entries(
  message: Readonly<Record<string, unknown>>,
  tick: (entry: Readonly<Record<string, unknown>>) => VenueTick | string,
): Reading {
  const result = record(message.result)
  if (result === null) return malformed('data-missing')
  return Array.isArray(result)
    ? manyTicks(result.map((row) => tick(record(row) ?? {})))
    : oneTick(tick(result))
}

function ticker(
  entry: Readonly<Record<string, unknown>>,
  envelope: Readonly<Record<string, unknown>>,
): VenueTick | string {
  const { time_ms, time } = envelope
  const at = time_ms === undefined ? countTime(time, 's') : countTime(time_ms, 'ms')
  return tickOf(entry.currency_pair, plainNumber(entry.last), at, null)
}

function trade(entry: Readonly<Record<string, unknown>>): VenueTick | string {
  const { create_time_ms, create_time } = entry
  const at = create_time_ms === undefined ? countTime(create_time, 's') : countTime(create_time_ms, 'ms')
  return tickOf(entry.currency_pair, plainNumber(entry.price), at, orderOf(entry.id))
}

/** An error of an unsubscribe says nothing of the symbols that are wanted. */
function answer(message: Readonly<Record<string, unknown>>): Reading {
  const id = orderOf(message.id)
  const error = record(message.error)
  if (error && message.event !== 'unsubscribe') {
    const reason = textOf(error.message)
    const isTooFast = /too many|too fast|rate limit/i.test(reason)
    return isTooFast || orderOf(error.code) === SERVER_SIDE ? THROTTLED : refused(null, id, reason)
  }
  return message.event === 'subscribe' && !error ? { kind: 'acknowledged', symbols: null, id } : OTHER_EVENT
}
