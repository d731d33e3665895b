import { parseJson, record, texts } from '../fields.js'
import { kraken } from '../venues/kraken.js'
import { type Answer, type ExchangeSide, microsecondInstant, SAYING_NOTHING } from './protocol.js'

const STATUS = '{"channel":"status","data":[{"api_version":"v2","connection_id":15564437896659189083,'

export const krakenSide: ExchangeSide = {
  venue: kraken,
  greeting: [`${STATUS}"system":"online","version":"2.0.4"}],"type":"update"}`],
  answer,
  // Prices are JSON numbers here, and are written as the text that they are.
  ticker: ({ symbol, price, at }) =>
    `{"channel":"ticker","type":"update","data":[{"symbol":${JSON.stringify(symbol)},"bid":${price},` +
    `"ask":${price},"last":${price},"timestamp":"${microsecondInstant(at)}"}]}`,
  heartbeats: (symbols) => (symbols.size > 0 ? ['{"channel":"heartbeat"}'] : []),
  heartbeatMs: 1_000,
  startsWithPrice: true,
  pair(symbol) {
    const [base, quote, ...rest] = symbol.split('/')
    return base && quote && rest.length === 0 ? { base, quote } : null
  },
}

/** One answer for each symbol. */
function answer(message: string, knows: (symbol: string) => boolean): Answer {
  const request = record(parseJson(message))
  const method = request?.method
  const req_id = request?.req_id
  if (method === 'ping') return { ...SAYING_NOTHING, replies: [JSON.stringify({ method: 'pong', req_id })] }
  if (method !== 'subscribe' && method !== 'unsubscribe') return SAYING_NOTHING
  const symbols = texts(record(request?.params)?.symbol)
  const replies = symbols.map((symbol) =>
    JSON.stringify(
      knows(symbol)
        ? { method, req_id, result: { channel: 'ticker', snapshot: true, symbol }, success: true }
        : { error: `Currency pair not supported ${symbol}`, method, req_id, success: false, symbol },
    ),
  )
  const known = symbols.filter(knows)
  return method === 'subscribe'
    ? { replies, added: known, dropped: [] }
    : { replies, added: [], dropped: known }
}
