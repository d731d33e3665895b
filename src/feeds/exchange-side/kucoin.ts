import { parseJson, record, textOf } from '../fields.js'
import { kucoin } from '../venues/kucoin.js'
import { type Answer, type ExchangeSide, SAYING_NOTHING, saying } from './protocol.js'

const TOPIC = '/market/ticker:'

/** The socket alone: who dials this one needs no ticket. */
export const kucoinSide: ExchangeSide = {
  venue: kucoin,
  greeting: ['{"id":"hQvf8jkno","type":"welcome"}'],
  answer,
  ticker: ({ symbol, price, at, order }) =>
    JSON.stringify({
      topic: TOPIC + symbol,
      type: 'message',
      subject: 'trade.ticker',
      data: { bestAsk: price, bestBid: price, price, sequence: `${order}`, size: '0.01', time: at },
    }),
  heartbeats: () => [],
  heartbeatMs: 18_000,
  startsWithPrice: false,
  pair(symbol) {
    const [base, quote, ...rest] = symbol.split('-')
    return base && quote && rest.length === 0 ? { base, quote } : null
  },
}

/** Unknown symbols are acknowledged like any other and stay silent. */
function answer(message: string, knows: (symbol: string) => boolean): Answer {
  const { id, type, topic } = record(parseJson(message)) ?? {}
  if (type === 'ping') return saying(JSON.stringify({ id, type: 'pong' }))
  if (type !== 'subscribe' && type !== 'unsubscribe') return SAYING_NOTHING
  const asked = textOf(topic)
  if (!asked.startsWith(TOPIC)) {
    return saying(JSON.stringify({ id, type: 'error', code: 404, data: 'topic does not exist' }))
  }
  const symbols = asked.slice(TOPIC.length).split(',')
  const replies = [JSON.stringify({ id, type: 'ack' })]
  return type === 'subscribe'
    ? { replies, added: symbols.filter(knows), dropped: [] }
    : { replies, added: [], dropped: symbols }
}
