import { orderOf, parseJson, record, textOf } from '../fields.js'
import { BITFINEX_CODES, bitfinex, tickerIn } from '../venues/bitfinex.js'
import { type Answer, type ExchangeSide, SAYING_NOTHING, saying } from './protocol.js'

const MOST_CHANNELS = 30
const CURRENCIES = new Map([...BITFINEX_CODES].map(([currency, code]) => [code, currency]))

export const bitfinexSide: ExchangeSide = {
  venue: bitfinex,
  greeting: ['{"event":"info","version":2,"serverId":"c4e7e0b1","platform":{"status":1}}'],
  answer,
  // Prices are JSON numbers here, and are written as the text that they are.
  ticker: ({ symbol, price }) =>
    `[${channelOf(symbol)},[${price},1.5,${price},1.5,0,0,${price},100.25,${price},${price},null]]`,
  heartbeats: (symbols) => [...symbols].map((symbol) => `[${channelOf(symbol)},"hb"]`),
  heartbeatMs: 15_000,
  startsWithPrice: true,
  pair(symbol) {
    const name = symbol.slice(1)
    const codes = name.includes(':') ? name.split(':') : [name.slice(0, 3), name.slice(3)]
    const [base, quote, ...rest] = codes.map((code) => CURRENCIES.get(code) ?? code)
    return symbol.startsWith('t') && base && quote && rest.length === 0 ? { base, quote } : null
  },
  retold(frame, memory) {
    const [opening = '', channel = ''] = /^\[(\d+)/.exec(frame) ?? []
    const symbol = tickerIn(memory, channel)
    return symbol === null ? frame : `[${channelOf(symbol)}${frame.slice(opening.length)}`
  },
}

/** The exchange numbers channels anew for each socket; here a symbol has one number for all of them. */
function channelOf(symbol: string): number {
  let number = 7
  for (const letter of symbol) number = (number * 31 + letter.charCodeAt(0)) % 1_000_000_007
  return number
}

function answer(message: string, knows: (symbol: string) => boolean, held: ReadonlySet<string>): Answer {
  const request = record(parseJson(message))
  switch (request?.event) {
    case 'ping':
      return saying(JSON.stringify({ event: 'pong', ts: 0, cid: request.cid }))
    case 'subscribe':
      return subscribe(request, knows, held)
    case 'unsubscribe': {
      const chanId = orderOf(request.chanId)
      const dropped = [...held].filter((symbol) => channelOf(symbol) === chanId)
      if (dropped.length === 0) return failure({ chanId }, 10_400, 'unsubscribe: invalid')
      return {
        replies: [JSON.stringify({ event: 'unsubscribed', status: 'OK', chanId })],
        added: [],
        dropped,
      }
    }
    default:
      return request === null ? SAYING_NOTHING : failure({}, 10_000, 'event: invalid')
  }
}

function subscribe(
  request: Readonly<Record<string, unknown>>,
  knows: (symbol: string) => boolean,
  held: ReadonlySet<string>,
): Answer {
  const symbol = textOf(request.symbol)
  const asked = { channel: textOf(request.channel), symbol, pair: symbol.slice(1) }
  if (asked.channel !== 'ticker') return failure(asked, 10_300, 'channel: unknown')
  if (!knows(symbol)) return failure(asked, 10_300, 'symbol: invalid')
  const chanId = channelOf(symbol)
  if (held.has(symbol)) return failure({ ...asked, chanId }, 10_301, 'subscribe: dup')
  if (held.size >= MOST_CHANNELS) return failure(asked, 10_305, 'subscribe: limit')
  return {
    replies: [JSON.stringify({ event: 'subscribed', ...asked, chanId })],
    added: [symbol],
    dropped: [],
  }
}

function failure(asked: object, code: number, msg: string): Answer {
  return saying(JSON.stringify({ ...asked, event: 'error', msg, code }))
}
