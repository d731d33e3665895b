import { parseJson, record, texts } from '../fields.js'
import { bybit } from '../venues/bybit.js'
import { type Answer, type ExchangeSide, pairOf, SAYING_NOTHING, saying } from './protocol.js'

const MOST_TOPICS = 10

export const bybitSide: ExchangeSide = {
  venue: bybit,
  greeting: [],
  answer,
  ticker: ({ symbol, price, at, order }) =>
    JSON.stringify({
      topic: `tickers.${symbol}`,
      ts: at,
      type: 'snapshot',
      cs: order,
      data: { symbol, lastPrice: price, highPrice24h: price, lowPrice24h: price, prevPrice24h: price },
    }),
  heartbeats: () => [],
  heartbeatMs: 20_000,
  startsWithPrice: true,
  pair: (symbol) => pairOf(bybit, symbol),
}

/** One topic that it does not know, or that is held already, fails the whole request. */
function answer(message: string, knows: (symbol: string) => boolean, held: ReadonlySet<string>): Answer {
  const request = record(parseJson(message))
  const { op, req_id } = request ?? {}
  const reply = (success: boolean, ret_msg: string) =>
    JSON.stringify({ success, ret_msg, conn_id: 'da7tmhs21nld3jk6lb70', req_id, op })
  if (op === 'ping') return saying(reply(true, 'pong'))
  if (op !== 'subscribe' && op !== 'unsubscribe') return SAYING_NOTHING
  const topics = texts(request?.args)
  const symbols = topics.map((topic) => /^tickers\.(.+)$/.exec(topic)?.[1] ?? '')
  if (op === 'unsubscribe') return { replies: [reply(true, '')], added: [], dropped: symbols }
  if (topics.length > MOST_TOPICS) return saying(reply(false, `args size >${MOST_TOPICS}`))
  for (const [index, symbol] of symbols.entries()) {
    if (!knows(symbol)) return saying(reply(false, `error:handler not found,topic:${topics[index]}`))
    if (held.has(symbol)) return saying(reply(false, `error:already subscribed,topic:${topics[index]}`))
  }
  return { replies: [reply(true, 'subscribe')], added: symbols, dropped: [] }
}
