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

/** An exchange on loopback where these pairs are traded; answers its address. */
async function open(name: SideName, symbols: readonly string[]): Promise<string> {
  const side = SIDES[name]
  traded = symbols.flatMap((symbol) => {
    const pair = parsePair(symbol)
    const spelled = pair && side.venue.symbol(pair)
    return spelled === null ? [] : [{ symbol, spelled }]
  })
  if (traded.length !== symbols.length) throw new Error(`${name} does not trade all of these`)
  let step = 0
  ticker = ({ symbol, spelled }, at) => {
    step += 1
    return side.ticker({ symbol: spelled, price: priceOf(symbol, step), at, order: step })
  }
  const known = new Map(traded.map((pair) => [pair.spelled, pair]))
  const first = (client: ExchangeClient, spelled: string): void => {
    const pair = known.get(spelled)
    if (pair) client.send(ticker(pair, systemClock.now()))
  }
  server = await openExchangeServer({
    side,
    clock: systemClock,
    knows: (spelled) => known.has(spelled),
    subscribed: (client, added) => {
      if (side.startsWithPrice) for (const spelled of added) first(client, spelled)
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

const handlers = {
  open,
  run,
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
