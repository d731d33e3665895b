import { parseJson, record, texts } from '../fields.js'
import { gate } from '../venues/gate.js'
import { type Answer, type ExchangeSide, SAYING_NOTHING, saying } from './protocol.js'

export const gateSide: ExchangeSide = {
  venue: gate,
  greeting: [],
  answer,
  ticker: ({ symbol, price, at }) =>
    JSON.stringify({
      time: Math.floor(at / 1000),
      time_ms: at,
      channel: 'spot.tickers',
      event: 'update',
      result: { currency_pair: symbol, last: price, lowest_ask: price, highest_bid: price },
    }),
  heartbeats: () => [],
  heartbeatMs: 20_000,
  startsWithPrice: false,
  pair(symbol) {
    const [base, quote, ...rest] = symbol.split('_')
    return base && quote && rest.length === 0 ? { base, quote } : null
  },
}

function answer(message: string, knows: (symbol: string) => boolean): Answer {
  const request = record(parseJson(message))
  const { time, id, channel, event, payload } = request ?? {}
  const reply = (more: object) => JSON.stringify({ time, id, channel, event, ...more })
  if (channel === 'spot.ping')
    return saying(JSON.stringify({ time, channel: 'spot.pong', event: '', result: null }))
  if (event !== 'subscribe' && event !== 'unsubscribe') return SAYING_NOTHING
  const symbols = texts(payload)
  const replies = [reply({ error: null, result: { status: 'success' } })]
  if (event === 'unsubscribe') return { replies, added: [], dropped: symbols }
  const unknown = symbols.find((symbol) => !knows(symbol))
  if (channel === 'spot.tickers' && unknown === undefined) return { replies, added: symbols, dropped: [] }
  const fault = channel === 'spot.tickers' ? `unknown currency pair ${unknown}` : `Unknown channel ${channel}`
  return saying(reply({ error: { code: 2, message: fault }, result: null }))
}
