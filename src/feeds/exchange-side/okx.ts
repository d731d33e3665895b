import { parseJson, record, textOf } from '../fields.js'
import { okx } from '../venues/okx.js'
import { type Answer, type ExchangeSide, saying } from './protocol.js'

const CONNECTION = 'a4d3ae55'

export const okxSide: ExchangeSide = {
  venue: okx,
  greeting: [],
  answer,
  ticker: ({ symbol, price, at }) =>
    JSON.stringify({
      arg: { channel: 'tickers', instId: symbol },
      data: [
        {
          instType: 'SPOT',
          instId: symbol,
          last: price,
          lastSz: '0.01',
          askPx: price,
          bidPx: price,
          ts: `${at}`,
        },
      ],
    }),
  heartbeats: () => [],
  heartbeatMs: 20_000,
  startsWithPrice: true,
  pair(symbol) {
    const [base, quote, ...rest] = symbol.split('-')
    return base && quote && rest.length === 0 ? { base, quote } : null
  },
}

/** One answer for each argument, in a frame of its own. */
function answer(message: string, knows: (symbol: string) => boolean): Answer {
  if (message === 'ping') return saying('pong')
  const request = record(parseJson(message))
  const { op, args } = request ?? {}
  if ((op !== 'subscribe' && op !== 'unsubscribe') || !Array.isArray(args)) {
    return saying(error('60012', `Invalid request: ${message.slice(0, 100)}`))
  }
  const replies: string[] = []
  const symbols: string[] = []
  for (const entry of args) {
    const arg = { channel: textOf(record(entry)?.channel), instId: textOf(record(entry)?.instId) }
    if (arg.channel === 'tickers' && knows(arg.instId)) {
      symbols.push(arg.instId)
      replies.push(JSON.stringify({ event: op, arg, connId: CONNECTION }))
    } else {
      replies.push(error('60018', `Wrong URL or channel:${arg.channel},instId:${arg.instId} doesn't exist.`))
    }
  }
  return op === 'subscribe'
    ? { replies, added: symbols, dropped: [] }
    : { replies, added: [], dropped: symbols }
}

function error(code: string, msg: string): string {
  return JSON.stringify({ event: 'error', code, msg, connId: CONNECTION })
}
