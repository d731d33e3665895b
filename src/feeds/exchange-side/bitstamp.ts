import { parseJson, record, textOf } from '../fields.js'
import { bitstamp } from '../venues/bitstamp.js'
import { type Answer, type ExchangeSide, pairOf, SAYING_NOTHING, saying } from './protocol.js'

const BEAT = '{"event":"bts:heartbeat","channel":"","data":{"status":"success"}}'

export const bitstampSide: ExchangeSide = {
  venue: bitstamp,
  greeting: [],
  answer,
  // A price has two forms, a number and its text, and is written as the text that it is.
  ticker: ({ symbol, price, at, order }) =>
    `{"data":{"id":${order},"timestamp":"${Math.floor(at / 1000)}","amount":0.01,"amount_str":"0.01000000",` +
    `"price":${price},"price_str":"${price}","type":0,"microtimestamp":"${Math.round(at * 1000)}",` +
    `"buy_order_id":1,"sell_order_id":2},"channel":${JSON.stringify(`live_trades_${symbol}`)},"event":"trade"}`,
  heartbeats: () => [],
  heartbeatMs: 54_000,
  startsWithPrice: false,
  pair: (symbol) => pairOf(bitstamp, symbol),
}

/** An unknown pair in lower case is acknowledged and stays silent; any other spelling is an error. */
function answer(message: string, knows: (symbol: string) => boolean): Answer {
  const request = record(parseJson(message))
  if (request === null) return failure('Incorrect JSON format.')
  if (request.event === 'bts:heartbeat') return saying(BEAT)
  const channel = textOf(record(request.data)?.channel)
  const symbol = /^live_trades_([a-z0-9-]+)$/.exec(channel)?.[1]
  if (symbol === undefined) return failure('Bad subscription string.')
  const replies = (what: string) => [JSON.stringify({ event: `bts:${what}_succeeded`, channel, data: {} })]
  switch (request.event) {
    case 'bts:subscribe':
      return { replies: replies('subscription'), added: [symbol].filter(knows), dropped: [] }
    case 'bts:unsubscribe':
      return { replies: replies('unsubscription'), added: [], dropped: [symbol] }
    default:
      return SAYING_NOTHING
  }
}

function failure(reason: string): Answer {
  return saying(JSON.stringify({ event: 'bts:error', channel: '', data: { code: null, message: reason } }))
}
