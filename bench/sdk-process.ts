import { WebSocket } from 'ws'
import { createClient, type HartaClient } from '../client-sdk/src/index.js'
import { coinbase } from '../src/feeds/venues/coinbase.js'
import { answer } from './harness/answers.js'
import { preciseNow, type Seen } from './harness/delays.js'
import { allSymbols, symbolsOf } from './harness/population.js'

const clients: HartaClient[] = []
let seen: Seen[][] = []
let raw: WebSocket | null = null
let rawSeen: Seen[] = []

/** People who use the product's own client: they sign up, add ten holdings and watch. */
async function watch(url: string, people: number): Promise<void> {
  for (let number = 0; number < people; number += 1) {
    const client = createClient({ url })
    clients.push(client)
    await client.auth.register({ email: `sdk${number}@bench.example`, password: 'four words and a number 7' })
    for (const symbol of symbolsOf(number)) {
      await client.assets.create({ type: 'CRYPTO', symbol, quantity: '1.25', unitCost: '100' })
    }
    const own: Seen[] = []
    seen.push(own)
    const last = new Map<string, string>()
    await new Promise<void>((resolve) => {
      client.portfolio.watch(({ holdings }) => {
        const at = preciseNow()
        for (const { price } of holdings) {
          if (price === null || last.get(price.symbol) === price.at) continue
          last.set(price.symbol, price.at)
          seen[number]?.push({ symbol: price.symbol, at: Date.parse(price.at), seen: at })
        }
        resolve()
      })
    })
  }
}

/** A bare socket at the exchange itself. */
async function listen(exchange: string): Promise<void> {
  const socket = new WebSocket(coinbase.url(exchange))
  raw = socket
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  socket.on('message', (data) => {
    const at = preciseNow()
    const reading = coinbase.read(String(data))
    if (reading.kind !== 'ticks') return
    for (const tick of reading.ticks) {
      if (tick.at !== null) rawSeen.push({ symbol: tick.symbol, at: tick.at, seen: at })
    }
  })
  socket.send(coinbase.subscribe(allSymbols(), 1))
}

const handlers = {
  watch,
  listen,
  /** What the clients' callbacks and the bare socket saw since the last time. */
  takeSeen: () => {
    const taken = { clients: seen, raw: rawSeen }
    seen = seen.map(() => [])
    rawSeen = []
    return taken
  },
}
export type SdkAnswers = typeof handlers

answer(handlers, () => {
  for (const client of clients) client.close()
  raw?.terminate()
})
