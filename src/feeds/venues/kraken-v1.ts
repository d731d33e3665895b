/**
 * Kraken WebSocket v1, read beside v2 for the recordings there are of it. Source: docs.kraken.com, WebSocket v1.
 * Data are arrays that end in the channel's name and the pair, `[channelID, data, ..., name, pair]`, since book
 * updates hold two objects. Prices are text; a ticker has no time; a trade's is seconds with six decimals.
 * Bitcoin and dogecoin are XBT and XDG here; the symbols of ticks are those of v2.
 */
import { countTime, orderOf, record, textOf, tickOf } from '../fields.js'
import {
  ENDING,
  HEARTBEAT,
  ignored,
  malformed,
  manyTicks,
  oneTick,
  type Reading,
  refused,
  type VenueTick,
} from '../venue.js'

const NAMES: ReadonlyMap<string, string> = new Map([
  ['XBT', 'BTC'],
  ['XDG', 'DOGE'],
])
const OTHER_CHANNEL = ignored('other-channel')
const OTHER_EVENT = ignored('other-event')

export function readV1Data(frame: readonly unknown[]): Reading {
  const [name, pair] = frame.slice(-2)
  const symbol = symbolOf(pair)
  if (name === 'ticker') {
    const closed = record(frame[1])?.c
    const price = Array.isArray(closed) ? closed[0] : closed
    return oneTick(tickOf(symbol, price, null, null))
  }
  if (name !== 'trade') return OTHER_CHANNEL
  const rows = frame[1]
  return Array.isArray(rows) ? manyTicks(rows.map((row) => trade(symbol, row))) : malformed('data-missing')
}

function trade(symbol: string, row: unknown): VenueTick | string {
  const [price, , at] = Array.isArray(row) ? row : []
  return tickOf(symbol, price, countTime(at, 's'), null)
}

export function readV1Event(message: Readonly<Record<string, unknown>>): Reading {
  switch (message.event) {
    case 'heartbeat':
    case 'pong':
      return HEARTBEAT
    case 'systemStatus':
      return message.status === 'maintenance' ? ENDING : HEARTBEAT
    case 'subscriptionStatus':
      return subscription(message)
    default:
      return OTHER_EVENT
  }
}

function subscription(message: Readonly<Record<string, unknown>>): Reading {
  const symbol = symbolOf(message.pair)
  const symbols = symbol === '' ? null : [symbol]
  const id = orderOf(message.reqid)
  if (message.status === 'error') return refused(symbols, id, textOf(message.errorMessage))
  return message.status === 'subscribed' ? { kind: 'acknowledged', symbols, id } : OTHER_EVENT
}

/** `XBT/USD` -> `BTC/USD`. */
function symbolOf(pair: unknown): string {
  const currencies = textOf(pair).split('/')
  return currencies.map((currency) => NAMES.get(currency) ?? currency).join('/')
}
