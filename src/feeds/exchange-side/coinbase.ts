import { parseJson, record, texts } from '../fields.js'
import { coinbase } from '../venues/coinbase.js'
import { type Answer, type ExchangeSide, microsecondInstant, SAYING_NOTHING, saying } from './protocol.js'

export const coinbaseSide: ExchangeSide = {
  venue: coinbase,
  greeting: [],
  answer,
  ticker: ({ symbol, price, at, order }) =>
    JSON.stringify({
      type: 'ticker',
      sequence: order,
      product_id: symbol,
      price,
      best_bid: price,
      best_ask: price,
      side: 'buy',
      time: microsecondInstant(at),
      trade_id: order,
      last_size: '0.01',
    }),
  heartbeats: (symbols, at) =>
    [...symbols].map((symbol) =>
      JSON.stringify({ type: 'heartbeat', product_id: symbol, time: microsecondInstant(at) }),
    ),
  heartbeatMs: 1_000,
  startsWithPrice: true,
  pair(symbol) {
    const [base, quote, ...rest] = symbol.split('-')
    return base && quote && rest.length === 0 ? { base, quote } : null
  },
}

function answer(message: string, knows: (symbol: string) => boolean, held: ReadonlySet<string>): Answer {
  const request = record(parseJson(message))
  const products = texts(request?.product_ids)
  if (request?.type === 'subscribe') {
    const unknown = products.find((product) => !knows(product))
    if (unknown !== undefined) return failure(`${unknown} is not a valid product`)
    if (texts(request.channels).length === 0) return failure('No channels provided')
    return { replies: [subscriptions(new Set([...held, ...products]))], added: products, dropped: [] }
  }
  if (request?.type === 'unsubscribe') {
    const left = new Set([...held].filter((product) => !products.includes(product)))
    return { replies: [subscriptions(left)], added: [], dropped: products }
  }
  return request === null ? SAYING_NOTHING : failure('Type has to be either subscribe or unsubscribe')
}

function subscriptions(products: ReadonlySet<string>): string {
  const product_ids = [...products]
  return JSON.stringify({
    type: 'subscriptions',
    channels: ['ticker', 'heartbeat'].map((name) => ({ name, product_ids })),
  })
}

function failure(reason: string): Answer {
  return saying(JSON.stringify({ type: 'error', message: 'Failed to subscribe', reason }))
}
