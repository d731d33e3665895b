import { coinbaseSide } from '../src/feeds/exchange-side/coinbase.js'
import { type ExchangeServer, openExchangeServer } from '../src/feeds/exchange-side/server.js'
import { systemClock } from '../src/lib/clock.js'
import { answer } from './harness/answers.js'
import { allSymbols, priceOf } from './harness/population.js'

/** A price as it was sent; `at` is in ms since the epoch and stands in the frame, too. */
export interface Sent {
  readonly symbol: string
  readonly at: number
}

let server: ExchangeServer | null = null
let timer: NodeJS.Timeout | undefined
let step = 0
let log: Sent[] = []

/** An exchange on loopback that tells each symbol's price once when it is subscribed; answers its address. */
async function open(): Promise<string> {
  const known = new Set(allSymbols())
  server = await openExchangeServer({
    side: coinbaseSide,
    clock: systemClock,
    knows: (symbol) => known.has(symbol),
    subscribed: (client, symbols) => {
      for (const symbol of symbols) client.send(ticker(symbol, systemClock.now()))
    },
  })
  return server.url
}

function ticker(symbol: string, at: number): string {
  step += 1
  return coinbaseSide.ticker({ symbol, price: priceOf(symbol, step), at, order: step })
}

/** Prices one after the other, so many in a second on the whole. */
function run(perSecond: number): void {
  const symbols = allSymbols()
  const began = performance.now()
  let sent = 0
  timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) * perSecond) / 1000)
    for (; sent < due; sent += 1) tell(symbols[(sent * 7) % symbols.length] ?? '')
  }, 2)
}

function tell(symbol: string): void {
  const at = systemClock.now()
  const frame = ticker(symbol, at)
  log.push({ symbol, at })
  for (const client of server?.clients() ?? []) if (client.symbols.has(symbol)) client.send(frame)
}

const handlers = {
  open,
  run,
  /** What was sent since the last time. */
  takeSent: (): readonly Sent[] => {
    const taken = log
    log = []
    return taken
  },
  /** Symbols that some client has subscribed. */
  subscribed: () => new Set(server?.clients().flatMap((client) => [...client.symbols])).size,
}
export type ExchangeAnswers = typeof handlers

answer(handlers, () => {
  clearInterval(timer)
  return server?.close()
})
