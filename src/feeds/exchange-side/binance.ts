import { parseJson, record, texts } from '../fields.js'
import type { Venue } from '../venue.js'
import { binance } from '../venues/binance.js'
import { type Answer, type ExchangeSide, pairOf, saying } from './protocol.js'

export const binanceSide = binanceEngine(binance)

/** Binance's engine as the host `venue` has it. */
export function binanceEngine(venue: Venue): ExchangeSide {
  return {
    venue,
    greeting: [],
    answer,
    ticker: ({ symbol, price, at }) =>
      JSON.stringify({
        stream: `${symbol.toLowerCase()}@miniTicker`,
        data: {
          e: '24hrMiniTicker',
          E: at,
          s: symbol,
          c: price,
          o: price,
          h: price,
          l: price,
          v: '1',
          q: '1',
        },
      }),
    heartbeats: () => [],
    heartbeatMs: 20_000,
    startsWithPrice: false,
    pair: (symbol) => pairOf(venue, symbol),
  }
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
