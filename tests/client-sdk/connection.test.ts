import { expect } from 'chai'
import { createClient, type HartaClient, type Price, type Valuation } from '../../client-sdk/src/index.js'
import { commands, events } from '../../src/protocol/events.js'
import { demo, type Emission, TestGateway } from '../support/test-gateway.js'
import { until } from '../support/until.js'

describe('the live connection of the client', () => {
  let gateway: TestGateway
  let harta: HartaClient
  let reported: unknown[]
  let states: string[]

  beforeEach(async () => {
    gateway = await new TestGateway().start()
    gateway.portfolio.put({
      id: 'x',
      type: 'CRYPTO',
      name: 'X',
      symbol: 'X-USD',
      quantity: 3n,
      unitCost: 100n,
      unitPrice: 100n,
    })
    gateway.portfolio.move({})
    reported = []
    states = []
    harta = createClient({
      url: gateway.url,
      lingerMs: 20,
      retryBaseMs: 40,
      retries: 0,
      onError: (error) => reported.push(error),
    })
    harta.connection.subscribe(() => states.push(harta.connection.state))
    await harta.auth.login(demo)
  })
  afterEach(async () => {
    harta.close()
    await gateway.stop()
  })

  /** Watches, and answers what was shown so far. */
  function watch(client = harta): { shown: Valuation[]; stop: () => void } {
    const shown: Valuation[] = []
    return { shown, stop: client.portfolio.watch((valuation) => shown.push(valuation)) }
  }
  const is = (state: string): Promise<void> => until(state, () => harta.connection.state === state)
  const shows = async (shown: Valuation[], total: string): Promise<void> =>
    until(`a total of ${total}`, () => shown.at(-1)?.total === total)

  it('opens with the first watcher and leaves after the last', async () => {
    expect(harta.connection.state).to.equal('idle')
    const one = watch()
    const two = watch()
    await shows(two.shown, '3.00')
    expect(gateway.sockets).to.equal(1)
    one.stop()
    one.stop()
    gateway.move({ x: 200n })
    await shows(two.shown, '6.00')
    expect(one.shown.at(-1)?.total).to.equal('3.00')
    two.stop()
    await until('the socket has left', () => gateway.sockets === 0)
    expect(harta.connection.state).to.equal('idle')
    expect(states).to.deep.equal(['connecting', 'connected', 'idle'])
  })

  it('waits for somebody to sign in', async () => {
    await harta.auth.logout()
    const { shown } = watch()
    await harta.auth.login(demo)
    await shows(shown, '3.00')
  })

  it('shows every watcher the latest state once, and survives one that throws', async () => {
    harta.portfolio.watch(() => {
      throw new Error('mine')
    })
    const { shown } = watch()
    await shows(shown, '3.00')
    gateway.move({ x: 500n })
    await shows(shown, '15.00')
    expect(shown).to.have.length(2)
    expect(reported.map(String)).to.deep.equal(['Error: mine', 'Error: mine'])
    const late = watch()
    await shows(late.shown, '15.00')
  })

  it('ends in the server’s state after updates were dropped, doubled and swapped', async () => {
    const { shown } = watch()
    await shows(shown, '3.00')
    const held: Emission[] = []
    gateway.mischief = (one) => held.push(one)
    for (const price of [110n, 120n, 130n, 140n]) gateway.move({ x: price })
    gateway.mischief = (one, deliver) => deliver(one)
    for (const i of [2, 0, 2, 1]) {
      const { event, payload } = held[i] as Emission
      gateway.emit(event, payload)
    }
    await shows(shown, '4.20')
    expect(gateway.asked.filter(({ command }) => command === commands.resume)).to.have.length(1)
    for (const valuation of shown) expect(valuation.holdings[0]?.value).to.equal(valuation.total)
  })

  it('comes back after the server was away, with what happened meanwhile', async () => {
    const { shown } = watch()
    await shows(shown, '3.00')
    await gateway.stop()
    await is('reconnecting')
    gateway.portfolio.renew('epoch-2')
    gateway.portfolio.move({ x: 700n })
    await gateway.start()
    await shows(shown, '21.00')
    expect(states).to.deep.equal(['connecting', 'connected', 'reconnecting', 'connected'])
  })

  it('renews an ended token in the handshake', async () => {
    gateway.expireTokens()
    const { shown } = watch()
    await shows(shown, '3.00')
    expect(harta.auth.store.getSnapshot()?.accessToken).to.equal('access-2')
    expect(states).to.deep.equal(['connecting', 'connected'])
  })

  it('fails for good when the server will never have it', async () => {
    gateway.refusals.push({ code: 'unauthenticated', retryable: false })
    watch()
    await is('failed')
    await harta.auth.login(demo)
    await is('connected')
  })

  it('tries again when the server refuses for now', async () => {
    gateway.refusals.push({ code: 'unavailable', retryable: true }, { code: 'limited', retryable: true })
    watch()
    await is('connected')
    expect(states).to.deep.equal(['connecting', 'reconnecting', 'connected'])
  })

  it('backs off instead of renewing for ever when every token counts as ended', async () => {
    const refusal = { code: 'token-expired', retryable: true }
    gateway.refusals.push(refusal, refusal, refusal)
    watch()
    await is('connected')
    expect(gateway.seen.filter(({ path }) => path === '/v1/auth/refresh')).to.have.length(1)
  })

  it('gives the server a new token before the old one ends', async () => {
    const { shown } = watch()
    await shows(shown, '3.00')
    gateway.emit(events.expiring, { expiresAt: new Date().toISOString() })
    await until('the session is renewed', () =>
      gateway.asked.some(({ command }) => command === commands.renew),
    )
    expect(gateway.asked.at(-1)?.data).to.deep.equal({ token: 'access-2' })
    expect(harta.connection.state).to.equal('connected')
  })

  it('leaves a draining server and returns after the time it names', async () => {
    const { shown } = watch()
    await shows(shown, '3.00')
    const start = Date.now()
    gateway.emit(events.draining, { retryAfterMs: 150 })
    await is('reconnecting')
    await is('connected')
    expect(Date.now() - start).to.be.within(145, 2_000)
  })

  it('closes and forgets when the user signs out', async () => {
    const { shown } = watch()
    await shows(shown, '3.00')
    await harta.auth.logout()
    await is('closed')
    expect(harta.portfolio.store.getSnapshot()).to.equal(null)
    await until('the socket has left', () => gateway.sockets === 0)
  })

  it('watches prices of symbols, each once for all watchers', async () => {
    gateway.setPrice('A', 100n)
    const totals: string[][] = []
    const stopA = harta.prices.watch(['A', 'B'], (prices) => totals.push(prices.map(({ amount }) => amount)))
    const stopB = harta.prices.watch(['B'], () => {})
    await until('the known price', () => totals.at(-1)?.[0] === '1.00')
    gateway.setPrice('B', 200n)
    await until('both prices', () => totals.at(-1)?.join() === '1.00,2.00')
    gateway.setPrice('B', 150n, Date.now() - 60_000)
    gateway.setPrice('A', 300n)
    await until('an older price changes nothing', () => totals.at(-1)?.join() === '3.00,2.00')
    const watches = gateway.asked.filter(({ command }) => command === commands.watch)
    expect(watches.map(({ data }) => data)).to.deep.equal([{ symbols: ['A', 'B'] }])
    stopA()
    await until('A is let go', () => gateway.asked.some(({ command }) => command === commands.unwatch))
    expect(gateway.asked.at(-1)?.data).to.deep.equal({ symbols: ['A'] })
    stopB()
  })

  it('shows who looks again soon the price that moved meanwhile', async () => {
    gateway.setPrice('A', 100n)
    const seen: Record<string, string> = {}
    const see = ([price]: readonly Price[]): void => {
      if (price) seen[price.symbol] = price.amount
    }
    const stopA = harta.prices.watch(['A'], see)
    const stopB = harta.prices.watch(['B'], see)
    await until('the first price', () => seen.A === '1.00')
    stopA()
    gateway.setPrice('A', 400n)
    gateway.setPrice('B', 200n)
    await until('what was sent after it', () => seen.B === '2.00')
    harta.prices.watch(['A'], see)
    await until('the newest price', () => seen.A === '4.00')
    stopB()
  })

  it('asks for its symbols again on a new connection', async () => {
    const seen: string[] = []
    harta.prices.watch(['A'], ([price]) => price && seen.push(price.amount))
    await until('the first ask', () => gateway.asked.length === 1)
    await gateway.stop()
    await gateway.start()
    await until('the second ask', () => gateway.asked.length === 2)
    gateway.setPrice('A', 700n)
    await until('the price', () => seen.at(-1) === '7.00')
  })

  it('watches the good symbols beside a bad one and reports the bad one', async () => {
    gateway.setPrice('A', 100n)
    const seen: string[] = []
    harta.prices.watch(['A', 'BAD!'], ([price]) => price && seen.push(price.amount))
    await until('the good one', () => seen.at(-1) === '1.00')
    await until('the bad one', () => reported.length === 1)
    expect(String(reported[0])).to.contain('invalid-symbol')
  })
})
