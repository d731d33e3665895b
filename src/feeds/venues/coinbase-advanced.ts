/**
 * The envelope of Coinbase Advanced Trade, `{channel, timestamp, sequence_num, events}`, read beside the frames of
 * the Exchange. Source: docs.cdp.coinbase.com, Advanced Trade WebSocket channels. A ticker has no time of its own:
 * the envelope's counts. `sequence_num` counts the frames of a connection over all its channels.
 */
import { isoTime, orderOf, record, texts, tickOf } from '../fields.js'
import { HEARTBEAT, ignored, malformed, manyTicks, type Reading, type VenueTick } from '../venue.js'

type Fields = Readonly<Record<string, unknown>>

const PRICE_CHANNELS = ['ticker', 'ticker_batch', 'market_trades']
const OTHER_CHANNEL = ignored('other-channel')

export function readAdvanced(envelope: Fields): Reading {
  switch (envelope.channel) {
    case 'ticker':
    case 'ticker_batch': {
      const at = isoTime(envelope.timestamp)
      const order = orderOf(envelope.sequence_num)
      return entries(envelope, 'tickers', (entry) => tickOf(entry.product_id, entry.price, at, order))
    }
    case 'market_trades':
      return entries(envelope, 'trades', (entry) =>
        tickOf(entry.product_id, entry.price, isoTime(entry.time), orderOf(entry.trade_id)),
      )
    case 'heartbeats':
      return HEARTBEAT
    case 'subscriptions':
      return { kind: 'acknowledged', symbols: subscribed(envelope), id: null }
    default:
      return OTHER_CHANNEL
  }
}

function entries(envelope: Fields, list: string, tick: (entry: Fields) => VenueTick | string): Reading {
  if (!Array.isArray(envelope.events)) return malformed('data-missing')
  const rows = envelope.events.flatMap((event) => {
    const found = record(event)?.[list]
    return Array.isArray(found) ? found : []
  })
  return manyTicks(rows.map((row) => tick(record(row) ?? {})))
}

function subscribed(envelope: Fields): string[] {
  const events = Array.isArray(envelope.events) ? envelope.events : []
  const products = events.flatMap((event) => {
    const channels = record(record(event)?.subscriptions)
    return PRICE_CHANNELS.flatMap((channel) => texts(channels?.[channel]))
  })
  return [...new Set(products)]
}
