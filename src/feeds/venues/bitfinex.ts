/**
 * Bitfinex WebSocket v2. Source: docs.bitfinex.com, ws-general and ws-public-ticker.
 * Each subscription is answered with a channel number, and from then on frames name that number alone:
 * `[chanId, [BID, BID_SIZE, ASK, ASK_SIZE, CHANGE, CHANGE_REL, LAST, ...]]`. Fields are appended to arrays over
 * the years, so they are read from the left. Prices are JSON numbers, some with an exponent. A ticker has no time;
 * `[chanId, "hb"]` comes for each channel every 15 s.
 */
import { countTime, orderOf, parseExactJson, plainNumber, record, textOf, tickOf } from '../fields.js'
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
  type SessionMemory,
  socketUrl,
  THROTTLED,
  type Venue,
  type VenueTick,
} from '../venue.js'

const QUOTES = new Set('USD USDT EUR GBP JPY BTC ETH'.split(' '))
/** What the venue calls a currency otherwise than the rest of the world. */
export const BITFINEX_CODES: ReadonlyMap<string, string> = new Map(
  'USDT UST,USDC UDC,TUSD TSD,ALGO ALG,ATOM ATO,BCH BCHN,DASH DSH,IOTA IOT,MANA MNA,QTUM QTM'
    .split(',')
    .map((both) => both.split(' ') as [currency: string, code: string]),
)
const LAST = 6
/** More channels than a socket may have are not remembered, whoever tells of them. */
const MOST_CHANNELS = 256

const DUPLICATE = 10_301
const NOT_SUBSCRIBED = [10_400, 10_401]
const NOT_READY = 11_000
const RESTART = 20_051
const MAINTENANCE_OVER = 20_061

const UNKNOWN_CHANNEL = ignored('unknown-channel')
const OTHER_EVENT = ignored('other-event')
const OTHER_MESSAGE = ignored('other-message')

export const bitfinex: Venue = {
  id: 'bitfinex',
  url: (base = 'wss://api-pub.bitfinex.com') => socketUrl(base, ['/ws/2']),
  symbol: ({ base, quote }) => (QUOTES.has(quote) && !FIAT.has(base) ? nameOf(base, quote) : null),
  subscribe: ([symbol]) => JSON.stringify({ event: 'subscribe', channel: 'ticker', symbol }),
  unsubscribe([symbol], _id, asking) {
    const memory: SessionMemory = asking?.memory ?? new Map()
    const channel = [...memory.keys()].find((number) => tickerIn(memory, number) === symbol)
    return channel === undefined ? null : `{"event":"unsubscribe","chanId":${channel}}`
  },
  read,
  limits: {
    silenceMs: 60_000, // a lively ticker comes every 15 s
    idleMs: 40_000, // heartbeats come every 15 s
    maxSymbols: 25, // 25 or 30 channels by the documentation
    symbolsPerMessage: 1,
    messagesPerSecond: 5,
    rolloverMs: null,
    connectsPer: { count: 10, windowMs: 60_000 }, // 20 a minute and address, then blocked for a minute
  },
}

/** `tBTCUSD`; with a colon when a code is longer than three letters: `tDOGE:USD`. */
function nameOf(base: string, quote: string): string {
  const codes = [base, quote].map((currency) => BITFINEX_CODES.get(currency) ?? currency)
  return `t${codes.join(codes.some((code) => code.length > 3) ? ':' : '')}`
}

/** The symbol whose ticker a channel is, by what its socket was told; null for any other number. */
export function tickerIn(memory: SessionMemory, channel: string): string | null {
  return /^ticker (.+)/.exec(memory.get(channel) ?? '')?.[1] ?? null
}

function read(frame: string, memory?: SessionMemory): Reading {
  const message = parseExactJson(frame)
  if (message === undefined) return malformed('not-json')
  if (Array.isArray(message)) return data(message, memory)
  const event = record(message)
  if (event === null) return malformed('not-an-object')
  switch (event.event) {
    case 'subscribed':
      return subscribed(event, memory)
    case 'unsubscribed':
      memory?.delete(String(orderOf(event.chanId)))
      return OTHER_EVENT
    case 'error':
      return errorOf(event, memory)
    case 'info':
      return info(event)
    case 'pong':
      return HEARTBEAT
    default:
      return event.event === undefined ? OTHER_MESSAGE : OTHER_EVENT
  }
}

function data([channel, body, detail]: readonly unknown[], memory?: SessionMemory): Reading {
  if (body === 'hb') return HEARTBEAT
  const [name, symbol] = memory?.get(String(orderOf(channel)))?.split(' ') ?? []
  if (symbol === undefined) return UNKNOWN_CHANNEL
  if (name === 'ticker') {
    return Array.isArray(body) ? oneTick(tickOf(symbol, plainNumber(body[LAST]), null, null)) : OTHER_MESSAGE
  }
  // Trades: one that was just made (`te`), the same with its final id (`tu`), or the latest as a list of lists.
  if (body === 'te' || body === 'tu') return oneTick(trade(symbol, detail))
  return Array.isArray(body) ? manyTicks(body.map((row) => trade(symbol, row))) : OTHER_MESSAGE
}

function trade(symbol: string, row: unknown): VenueTick | string {
  const [id, at, , price] = Array.isArray(row) ? row : []
  return tickOf(symbol, plainNumber(price), countTime(at, 'ms'), orderOf(id))
}

/** Only pairs of the channels that are understood: funding currencies (`fUSD`) have other fields. */
function subscribed(event: Readonly<Record<string, unknown>>, memory?: SessionMemory): Reading {
  const channel = orderOf(event.chanId)
  const symbol = textOf(event.symbol)
  const name = textOf(event.channel)
  const isRead = /^(ticker|trades)$/.test(name) && /^t[^ ]+$/.test(symbol)
  if (channel !== null && isRead && memory && memory.size < MOST_CHANNELS) {
    memory.set(String(channel), `${name} ${symbol}`)
  }
  return symbol === '' ? OTHER_EVENT : { kind: 'acknowledged', symbols: [symbol], id: null }
}

function errorOf(event: Readonly<Record<string, unknown>>, memory?: SessionMemory): Reading {
  const code = orderOf(event.code)
  if (code === DUPLICATE) return subscribed(event, memory)
  if (code === NOT_READY) return THROTTLED
  if (code !== null && NOT_SUBSCRIBED.includes(code)) return OTHER_EVENT
  const symbol = textOf(event.symbol)
  return refused(symbol === '' ? null : [symbol], null, textOf(event.msg))
}

/** After maintenance every channel has to be asked for again, which a new socket does. Before it, nothing helps. */
function info(event: Readonly<Record<string, unknown>>): Reading {
  const code = orderOf(event.code)
  if (code !== null) return code === RESTART || code === MAINTENANCE_OVER ? ENDING : OTHER_EVENT
  return orderOf(record(event.platform)?.status) === 0 ? ENDING : HEARTBEAT
}
