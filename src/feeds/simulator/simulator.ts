import { type Clock, systemClock } from '../../lib/clock.js'
import { openExchangeServer, SIDES, type SideName } from '../exchange-side/server.js'
import { isQuotable, PriceWalk, seededRandom } from './walk.js'

export interface Simulator {
  /** Base address for the venue's `url`. */
  readonly url: string
  /** Sets a price, in the exchange's spelling of the symbol, and tells it to every subscriber at once. */
  set(symbol: string, price: string): void
  /** Symbols that some client is subscribed to. */
  symbols(): readonly string[]
  close(): Promise<void>
}

/**
 * A whole exchange on loopback that speaks the protocol of a real one: subscribe it, and prices walk. Event
 * times are now and the sequence only rises. Every pair with a known quote currency is traded here; what is not
 * a pair is refused, or met with silence, as that exchange does.
 */
export async function startSimulator(options: {
  venue: SideName
  clock?: Clock
  random?: () => number
  /** Start prices by the exchange's symbol; others start at a rough real price. */
  prices?: Readonly<Record<string, string>>
  tickMs?: number
  port?: number
}): Promise<Simulator> {
  const side = SIDES[options.venue]
  const clock = options.clock ?? systemClock
  const random = options.random ?? seededRandom(1)
  const walks = new Map<string, PriceWalk>()
  let order = 1_000_000

  function walkOf(symbol: string): PriceWalk | null {
    const known = walks.get(symbol)
    if (known) return known
    const pair = side.pair(symbol)
    if (!pair || !isQuotable(pair.quote)) return null
    const walk = new PriceWalk(pair, random, options.prices?.[symbol])
    walks.set(symbol, walk)
    return walk
  }

  function ticker(symbol: string, price: string): string {
    order += 1
    return side.ticker({ symbol, price, at: clock.now(), order })
  }

  const server = await openExchangeServer({
    side,
    clock,
    ...(options.port === undefined ? {} : { port: options.port }),
    knows: (symbol) => walkOf(symbol) !== null,
    subscribed(client, symbols) {
      if (!side.startsWithPrice) return
      for (const symbol of symbols) client.send(ticker(symbol, walkOf(symbol)?.price ?? ''))
    },
  })

  const held = () => [...new Set(server.clients().flatMap((client) => [...client.symbols]))]

  function tell(symbol: string, price: string): void {
    const frame = ticker(symbol, price)
    for (const client of server.clients()) if (client.symbols.has(symbol)) client.send(frame)
  }

  const stopTicking = clock.every(options.tickMs ?? 250, () => {
    for (const symbol of held()) {
      const walk = walkOf(symbol)
      if (walk) tell(symbol, walk.next())
    }
  })

  return {
    url: server.url,
    symbols: held,
    set(symbol, price) {
      const walk = walkOf(symbol)
      if (!walk) throw new RangeError(`${symbol} is not traded here`)
      walk.set(price)
      tell(symbol, price)
    },
    close() {
      stopTicking()
      return server.close()
    },
  }
}
