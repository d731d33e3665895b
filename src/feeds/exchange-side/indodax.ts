import { parseJson, record, textOf } from '../fields.js'
import { indodax } from '../venues/indodax.js'
import { type Answer, type ExchangeSide, pairOf, SAYING_NOTHING } from './protocol.js'

const SUMMARY = 'market:summary-24h'
/** Who hears the summary hears of these, whatever he wants. */
const LISTED = (
  'btcidr ethidr usdtidr usdcidr bnbidr solidr xrpidr adaidr dogeidr dotidr avaxidr linkidr ltcidr trxidr ' +
  'shibidr paxgidr'
).split(' ')

export const indodaxSide: ExchangeSide = {
  venue: indodax,
  greeting: [],
  answer,
  // Prices are JSON numbers here, and are written as the text that they are.
  ticker: ({ symbol, price, at, order }) =>
    `{"result":{"channel":"${SUMMARY}","data":{"data":[["${symbol}",${Math.floor(at / 1000)},${price},${price},` +
    `${price},${price},"1000.00000000","1.00000000"]],"offset":${order}}}}\n`,
  heartbeats: () => [],
  heartbeatMs: 25_000,
  startsWithPrice: false,
  pair: (symbol) => pairOf(indodax, symbol),
}

/** By the number of the method: none connects, 1 subscribes, 2 unsubscribes, 7 pings. */
function answer(message: string, knows: (symbol: string) => boolean, held: ReadonlySet<string>): Answer {
  const { id, method, params } = record(parseJson(message)) ?? {}
  const saying = (more: object): Answer => ({
    ...SAYING_NOTHING,
    replies: [`${JSON.stringify({ id, ...more })}\n`],
  })
  const channel = textOf(record(params)?.channel)
  switch (method) {
    case undefined:
      if (textOf(record(params)?.token) === '') return SAYING_NOTHING
      return saying({
        result: { client: '2622fcd6-43f3', version: '2.8.7', expires: true, ttl: 156_479_899 },
      })
    case 1:
      if (!/^(market|chart):/.test(channel))
        return saying({ error: { code: 102, message: 'unknown channel' } })
      if (channel !== SUMMARY) return saying({ result: { recoverable: true, epoch: '1790138009' } })
      if (held.size > 0) return saying({ error: { code: 105, message: 'already subscribed' } })
      return {
        ...saying({ result: { recoverable: true, epoch: '1633995795', offset: 2_820_132 } }),
        added: LISTED.filter(knows),
      }
    case 2:
      return { ...saying({ result: {} }), dropped: [...held] }
    default:
      return method === 7 ? saying({}) : SAYING_NOTHING
  }
}
