import { parseJson, record, texts } from '../fields.js'
import { binance } from '../venues/binance.js'
import { type Answer, type ExchangeSide, saying } from './protocol.js'

export const binanceSide: ExchangeSide = {
  venue: binance,
  greeting: [],
  answer,
  ticker: ({ symbol, price, at }) =>
    JSON.stringify({
      stream: `${symbol.toLowerCase()}@miniTicker`,
      data: { e: '24hrMiniTicker', E: at, s: symbol, c: price, o: price, h: price, l: price, v: '1', q: '1' },
    }),
  heartbeats: () => [],
  heartbeatMs: 20_000,
  startsWithPrice: false,
  pair(symbol) {
    for (const digits of [5, 4, 3]) {
      const pair = { base: symbol.slice(0, -digits), quote: symbol.slice(-digits) }
      if (pair.base !== '' && binance.symbol(pair) === symbol) return pair
    }
    return null
  },
}

/** Unknown symbols are acknowledged like any other and stay silent. */
function answer(message: string, knows: (symbol: string) => boolean): Answer {
  const request = record(parseJson(message))
  const id = request?.id ?? null
  const symbols = texts(request?.params).flatMap((stream) => symbolOf(stream) ?? [])
  const replies = [JSON.stringify({ result: null, id })]
  if (request?.method === 'SUBSCRIBE') return { replies, added: symbols.filter(knows), dropped: [] }
  if (request?.method === 'UNSUBSCRIBE') return { replies, added: [], dropped: symbols }
  return saying(JSON.stringify({ error: { code: 2, msg: 'Invalid request: unknown variant' }, id }))
}

/** Any stream of a symbol counts as asking for it: `btcusdt@trade` -> `BTCUSDT`. */
function symbolOf(stream: string): string | null {
  const [symbol, channel] = stream.split('@')
  return symbol && channel ? symbol.toUpperCase() : null
}
