import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Gateway, type GatewayOptions } from '../../src/gateway/gateway.js'
import { toProblem } from '../../src/http/problem.js'
import { AppError } from '../../src/lib/errors.js'
import { LiveValuations } from '../../src/valuation/live.js'
import type { LoadedPortfolio } from '../../src/valuation/watched.js'
import { FakeClock } from '../support/exchange-clock.js'
import { readableLog } from '../support/server.js'
import { portfolioOf, positionOf, TestMarket } from '../valuation/portfolios.js'

/**
 * The gateway and the live valuations behind it, on a clock that stands. A token is `user/session/endsAt`, and
 * good as long as it has not ended; so tests reach what a signed one of a quarter of an hour would hide.
 */
export interface House {
  readonly url: string
  readonly port: number
  readonly gateway: Gateway
  readonly live: LiveValuations
  readonly clock: FakeClock
  readonly market: TestMarket
  readonly demanded: string[][]
  readonly lines: string[]
  portfolio: LoadedPortfolio
  /** Sets a price and tells everybody whom it concerns. */
  move(symbol: string, price: string): void
  token(user: string, livesMs?: number, session?: string): string
  close(): Promise<void>
}

export const WINDOW_MS = 100

export async function openGateway(more: Partial<GatewayOptions> = {}): Promise<House> {
  const clock = new FakeClock()
  const market = new TestMarket()
  market.set('BTC-USD', '300')
  const { log, lines } = readableLog()
  const server = createServer()
  const demanded: string[][] = []
  let gateway: Gateway | null = null
  const live = new LiveValuations({
    load: async () => house.portfolio,
    market: () => market,
    tell: {
      update: (user, text) => gateway?.update(user, text),
      snapshot: (user, text) => gateway?.snapshot(user, text),
    },
    clock,
    log,
    windowMs: WINDOW_MS,
  })
  gateway = new Gateway({
    server,
    allowedOrigins: [],
    authenticate: async (token) => {
      const [userId = '', sessionId = '', ends] = token.split('/')
      const expiresAt = Number(ends)
      if (!(expiresAt > 0)) throw new AppError('unauthenticated', 'token-invalid', 'Not a token.')
      if (expiresAt <= clock.now()) throw new AppError('unauthenticated', 'token-expired', 'Too late.')
      return { userId, sessionId, expiresAt }
    },
    admit: async () => {},
    admitCommand: async () => {},
    watch: (user) => live.watch(user),
    holdingsChanged: (user) => void live.changed(user),
    unseen: async () => [],
    seen: async () => {},
    priceText: (symbol) => market.mark(symbol)?.json,
    demand: (symbols) => void demanded.push([...symbols]),
    toProblem,
    windowMs: WINDOW_MS,
    clock,
    log,
    ...more,
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const open = gateway
  const house: House = {
    url: `http://127.0.0.1:${port}`,
    port,
    gateway: open,
    live,
    clock,
    market,
    demanded,
    lines,
    portfolio: portfolioOf([positionOf()]),
    move(symbol, price) {
      market.set(symbol, price)
      live.moved(symbol)
      open.priceMoved(symbol)
    },
    token: (user, livesMs = 900_000, session = `${user}-session`) =>
      `${user}/${session}/${clock.now() + livesMs}`,
    async close() {
      live.stop()
      await open.stop()
    },
  }
  return house
}
