import { parseJson, record, texts } from '../fields.js'
import { gemini } from '../venues/gemini.js'
import { type Answer, type ExchangeSide, pairOf, SAYING_NOTHING, saying } from './protocol.js'

export const geminiSide: ExchangeSide = {
  venue: gemini,
  greeting: [],
  answer,
  // Nanoseconds are a JSON number that no double holds, and are written as the text that they are.
  ticker: ({ symbol, price, at, order }) =>
    `{"E":${Math.floor(at)}000000,"s":"${symbol.toLowerCase()}","t":${order},"p":"${price}","q":"0.01","m":true}`,
  heartbeats: () => [],
  heartbeatMs: 20_000,
  startsWithPrice: false,
  pair: (symbol) => pairOf(gemini, symbol),
}

/** One stream that it does not know fails the whole request. */
function answer(message: string, knows: (symbol: string) => boolean): Answer {
  const { id, method, params } = record(parseJson(message)) ?? {}
  const failure = (code: number, msg: string) =>
    saying(JSON.stringify({ id, status: 400, error: { code, msg } }))
  const replies = [JSON.stringify({ id, status: 200 })]
  if (method === undefined) return SAYING_NOTHING
  if (method === 'ping') return { ...SAYING_NOTHING, replies }
  if (method !== 'subscribe' && method !== 'unsubscribe') return failure(-1020, 'Unsupported operation')
  const streams = texts(params)
  const symbols = streams.map((stream) => /^(\w+)@\w+$/.exec(stream)?.[1]?.toUpperCase() ?? '')
  if (method === 'unsubscribe') return { replies, added: [], dropped: symbols }
  const unknown = symbols.findIndex((symbol) => !knows(symbol))
  if (unknown !== -1) return failure(-1013, `Invalid stream name: ${streams[unknown]}`)
  return { replies, added: symbols, dropped: [] }
}
