import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../../lib/clock.js'
import { binanceSide } from './binance.js'
import { bitfinexSide } from './bitfinex.js'
import { bitstampSide } from './bitstamp.js'
import { bybitSide } from './bybit.js'
import { coinbaseSide } from './coinbase.js'
import { gateSide } from './gate.js'
import { geminiSide } from './gemini.js'
import { indodaxSide } from './indodax.js'
import { krakenSide } from './kraken.js'
import { kucoinSide } from './kucoin.js'
import { okxSide } from './okx.js'
import type { ExchangeSide } from './protocol.js'
import { tokocryptoSide } from './tokocrypto.js'

export const SIDES = {
  binance: binanceSide,
  tokocrypto: tokocryptoSide,
  coinbase: coinbaseSide,
  kraken: krakenSide,
  bitstamp: bitstampSide,
  okx: okxSide,
  bybit: bybitSide,
  bitfinex: bitfinexSide,
  kucoin: kucoinSide,
  gate: gateSide,
  gemini: geminiSide,
  indodax: indodaxSide,
} as const
export type SideName = keyof typeof SIDES

/** One client of the exchange. */
export interface ExchangeClient {
  readonly symbols: ReadonlySet<string>
  send(frame: string): void
  /** Resolves when the socket took the frame and everything before it, or is gone. */
  sent(frame: string): Promise<void>
}

export interface ExchangeServer {
  /** Base address, to be given to the venue's `url`. */
  readonly url: string
  clients(): readonly ExchangeClient[]
  close(): Promise<void>
}

/**
 * An exchange's WebSocket end on loopback: answers subscribes and beats as `side` says. Prices are the
 * caller's part, who is told of every subscription.
 */
export async function openExchangeServer(options: {
  side: ExchangeSide
  clock: Clock
  port?: number
  knows: (symbol: string) => boolean
  subscribed?: (client: ExchangeClient, symbols: readonly string[]) => void
}): Promise<ExchangeServer> {
  const { side, clock, knows, subscribed } = options
  const server = new WebSocketServer({ host: '127.0.0.1', port: options.port ?? 0, maxPayload: 1024 * 1024 })
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject))
  const clients = new Map<ExchangeClient, Set<string>>()

  server.on('connection', (socket) => {
    const symbols = new Set<string>()
    const client = clientOn(socket, symbols)
    clients.set(client, symbols)
    for (const frame of side.greeting) client.send(frame)
    socket.on('message', (data) => {
      const answer = side.answer(String(data), knows, symbols)
      for (const symbol of answer.added) symbols.add(symbol)
      for (const symbol of answer.dropped) symbols.delete(symbol)
      for (const reply of answer.replies) client.send(reply)
      if (answer.added.length > 0) subscribed?.(client, answer.added)
    })
    socket.on('error', () => {}) // the close event follows
    socket.on('close', () => clients.delete(client))
  })

  const stopBeat = clock.every(side.heartbeatMs, () => {
    for (const [client, symbols] of clients) {
      for (const frame of side.heartbeats(symbols, clock.now())) client.send(frame)
    }
    for (const socket of server.clients) socket.ping()
  })

  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clients: () => [...clients.keys()],
    close() {
      stopBeat()
      for (const socket of server.clients) socket.terminate()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function clientOn(socket: WebSocket, symbols: ReadonlySet<string>): ExchangeClient {
  return {
    symbols,
    send: (frame) => socket.send(frame, () => {}),
    sent: (frame) => new Promise((resolve) => socket.send(frame, () => resolve())),
  }
}
