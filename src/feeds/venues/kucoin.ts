/**
 * KuCoin spot, classic WebSocket. Source: kucoin.com/docs-new, websocket-api.
 * The address of each socket is asked for by HTTP, with a token for this one connect that is good for 24 h. The
 * venue speaks first (`welcome`); after that it wants to be pinged every 18 s. A topic lists its symbols, unknown
 * ones are acknowledged and silent. `/market/ticker:all` tells the symbol in `subject`, single topics in `topic`.
 */
import { countTime, orderOf, parseJson, plainNumber, record, textOf, tickOf } from '../fields.js'
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
  WELCOME,
} from '../venue.js'

const QUOTES = new Set('USDT USDC BTC ETH KCS TRX EUR BRL'.split(' '))
const TICKER = '/market/ticker'
const MATCH = '/market/match'

const OTHER_TOPIC = ignored('other-topic')
const OTHER_MESSAGE = ignored('other-message')

export const kucoin: Venue = {
  id: 'kucoin',
  url: (base = 'wss://ws-api-spot.kucoin.com') => socketUrl(base, ['']),
  symbol: ({ base, quote }) => (QUOTES.has(quote) && !FIAT.has(base) ? `${base}-${quote}` : null),
  subscribe: (symbols, id) => request('subscribe', symbols, id),
  unsubscribe: (symbols, id) => request('unsubscribe', symbols, id),
  read,
  hello: () => null,
  ping: { everyMs: 18_000, frame: (id) => JSON.stringify({ id: `ping-${id}`, type: 'ping' }) },
  ticket: { request: { url: 'https://api.kucoin.com/api/v1/bullet-public', method: 'POST' }, read: address },
  limits: {
    silenceMs: 30_000,
    idleMs: 40_000, // the answer to a ping comes every 18 s
    maxSymbols: 100,
    symbolsPerMessage: 50, // 100
    messagesPerSecond: 4, // 100 in 10 s
    rolloverMs: [22 * 3_600_000, 23.5 * 3_600_000], // the token's 24 h
    connectsPer: { count: 15, windowMs: 60_000 }, // 30, and other programs may share the address
  },
}

function request(type: string, symbols: readonly string[], id: number): string {
  const topic = `${TICKER}:${symbols.join(',')}`
  return JSON.stringify({ id: String(id), type, topic, privateChannel: false, response: true })
}

/** The first WebSocket server that the answer names, with the token; null when it names none. */
function address(body: string, nonce: string): string | null {
  const data = record(record(parseJson(body))?.data)
  const token = textOf(data?.token)
  const servers = Array.isArray(data?.instanceServers) ? data.instanceServers : []
  for (const server of servers) {
    const endpoint = textOf(record(server)?.endpoint)
    if (token === '' || !/^wss?:\/\//.test(endpoint) || !URL.canParse(endpoint)) continue
    const url = new URL(endpoint)
    url.searchParams.set('token', token)
    url.searchParams.set('connectId', nonce)
    return url.href
  }
  return null
}

function read(frame: string): Reading {
  const message = record(parseJson(frame))
  if (message === null || Array.isArray(message)) return malformed('not-json')
  switch (message.type) {
    case 'message':
      return push(message)
    case 'welcome':
      return WELCOME
    case 'pong':
      return HEARTBEAT
    case 'ack':
      return { kind: 'acknowledged', symbols: null, id: orderOf(message.id) }
    case 'error':
      return errorOf(message)
    default:
      return OTHER_MESSAGE
  }
}

/** A ticker is stamped in ms, a match in ns as text. */
function push(message: Readonly<Record<string, unknown>>): Reading {
  const [topic, name] = textOf(message.topic).split(':')
  if (topic !== TICKER && topic !== MATCH) return OTHER_TOPIC
  const data = record(message.data)
  if (data === null) return malformed('data-missing')
  const symbol = name === 'all' ? message.subject : name
  const at = countTime(data.time, topic === MATCH ? 'ns' : 'ms')
  return oneTick(tickOf(symbol, plainNumber(data.price), at, orderOf(data.sequence)))
}

/** 509 is both too much at a time and too many topics; a token or a ping that came too late ends the socket. */
function errorOf(message: Readonly<Record<string, unknown>>): Reading {
  const code = orderOf(message.code)
  const reason = textOf(message.data)
  if (code === 401 || /ping timeout/i.test(reason)) return ENDING
  if (code === 500 || (code === 509 && !/subscription/i.test(reason))) return THROTTLED
  return refused(null, orderOf(message.id), reason)
}
