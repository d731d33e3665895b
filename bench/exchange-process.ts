import type { ExchangeSide } from '../src/feeds/exchange-side/protocol.js'
import type { ExchangeClient, ExchangeServer } from '../src/feeds/exchange-side/server.js'
import { openExchangeServer, SIDES, type SideName } from '../src/feeds/exchange-side/server.js'
import { parsePair } from '../src/instruments/symbol.js'
import { systemClock } from '../src/lib/clock.js'
import { answer } from './harness/answers.js'
import type { Sent } from './harness/delays.js'
import { priceOf } from './harness/population.js'

/** A pair and what the exchange calls it. */
interface Traded {
  readonly symbol: string
  readonly spelled: string
}

let server: ExchangeServer | null = null
let traded: readonly Traded[] = []
let ticker: (pair: Traded, at: number) => string = () => ''
let timer: NodeJS.Timeout | undefined
let log: Sent[] = []
let side: ExchangeSide | null = null
let step = 0

/** An exchange on loopback where these pairs are traded; answers its address. */
async function open(name: SideName, symbols: readonly string[]): Promise<string> {
  const own = SIDES[name]
  side = own
  traded = symbols.flatMap((symbol) => {
    const pair = parsePair(symbol)
    const spelled = pair && own.venue.symbol(pair)
    return spelled === null ? [] : [{ symbol, spelled }]
  })
  if (traded.length !== symbols.length) throw new Error(`${name} does not trade all of these`)
  ticker = ({ symbol, spelled }, at) => {
    step += 1
    return own.ticker({ symbol: spelled, price: priceOf(symbol, step), at, order: step })
  }
  const known = new Map(traded.map((pair) => [pair.spelled, pair]))
  const first = (client: ExchangeClient, spelled: string): void => {
    const pair = known.get(spelled)
    if (pair) client.send(ticker(pair, systemClock.now()))
  }
  server = await openExchangeServer({
    side: own,
    clock: systemClock,
    knows: (spelled) => known.has(spelled),
    subscribed: (client, added) => {
      if (own.startsWithPrice) for (const spelled of added) first(client, spelled)
    },
  })
  return server.url
}

/** Prices one after the other, so many in a second on the whole. */
function run(perSecond: number): void {
  const began = performance.now()
  let sent = 0
  timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) * perSecond) / 1000)
    const clients = server?.clients() ?? []
    for (; sent < due; sent += 1) {
      const pair = traded[(sent * 7) % traded.length]
      if (pair) tell(pair, clients)
    }
  }, 2)
}

function tell(pair: Traded, clients: readonly ExchangeClient[]): void {
  const at = systemClock.now()
  const frame = ticker(pair, at)
  log.push({ symbol: pair.symbol, at })
  for (const client of clients) if (client.symbols.has(pair.spelled)) client.send(frame)
}

/** One price of the caller's choice, once. */
function tellOne(symbol: string, price: string): Sent {
  const pair = traded.find((one) => one.symbol === symbol)
  if (!pair || !side) throw new Error(`${symbol} is not traded here`)
  step += 1
  const at = systemClock.now()
  const frame = side.ticker({ symbol: pair.spelled, price, at, order: step })
  for (const client of server?.clients() ?? []) if (client.symbols.has(pair.spelled)) client.send(frame)
  return { symbol, at }
}

const handlers = {
  open,
  run,
  tellOne,
  halt: () => clearInterval(timer),
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
