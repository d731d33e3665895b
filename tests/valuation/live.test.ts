import { expect } from 'chai'
import fc from 'fast-check'
import { parseFixed } from '../../src/lib/decimal.js'
import { rateKey } from '../../src/prices/rate-book.js'
import type { Valuation, ValuationUpdate } from '../../src/protocol/resources.js'
import { LiveValuations } from '../../src/valuation/live.js'
import { type LoadedPortfolio, WatchedPortfolio } from '../../src/valuation/watched.js'
import { FakeClock } from '../support/exchange-clock.js'
import { readableLog } from '../support/server.js'
import { portfolioOf, positionOf, TestMarket } from './portfolios.js'

const WINDOW_MS = 100

/** Live valuations on a clock that stands, and everything that they told each user. */
function openLive(load?: (user: string) => Promise<LoadedPortfolio | null>) {
  const clock = new FakeClock()
  const market = new TestMarket()
  market.set('BTC-USD', '300')
  const stored = new Map<string, LoadedPortfolio>()
  const told: { user: string; at: number; snapshot?: Valuation; update?: ValuationUpdate }[] = []
  const live = new LiveValuations({
    load: load ?? (async (user) => stored.get(user) ?? null),
    market: () => market,
    tell: {
      update: (user, text) =>
        told.push({ user, at: clock.now(), update: JSON.parse(text) as ValuationUpdate }),
      snapshot: (user, text) => told.push({ user, at: clock.now(), snapshot: JSON.parse(text) as Valuation }),
    },
    clock,
    log: readableLog().log,
    windowMs: WINDOW_MS,
    lingerMs: 1_000,
  })
  const move = (symbol: string, price: string): void => {
    market.set(symbol, price)
    live.moved(symbol)
  }
  const watch = async (user: string) => {
    const watching = await live.watch(user)
    if (!watching) throw new Error(`${user} is not there`)
    return watching
  }
  return { live, clock, market, stored, told, move, watch }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('live valuations', () => {
  it('tell at most one update a window, and only when something moved', async () => {
    const { live, clock, stored, told, move, watch } = openLive()
    stored.set('ani', portfolioOf([positionOf()]))
    await watch('ani')
    for (let step = 1; step <= 1_000; step += 1) {
      move('BTC-USD', String(300 + step))
      clock.advance(1)
    }
    expect(told.length).to.be.within(9, 11)
    told.slice(1).forEach((one, index) => {
      expect(one.at - (told[index]?.at ?? 0)).to.be.at.least(WINDOW_MS)
      expect(one.update?.seq).to.equal((told[index]?.update?.seq ?? 0) + 1)
    })
    clock.advance(WINDOW_MS)
    const count = told.length
    move('ETH-USD', '1')
    clock.advance(10 * WINDOW_MS)
    expect(told).to.have.lengthOf(count)
    live.stop()
  })

  it('tell those who hold what moved, and nobody else, what has changed, and nothing else', async () => {
    const { live, clock, market, stored, told, move, watch } = openLive()
    market.set('ETH-USD', '10')
    const both = [
      positionOf({ assetId: 'btc' }),
      positionOf({ assetId: 'eth', symbol: 'ETH-USD' }),
      positionOf({ assetId: 'rupiah', symbol: 'X-IDR', currency: 'IDR' }),
    ]
    stored.set('ani', portfolioOf(both))
    stored.set('budi', portfolioOf([positionOf({ symbol: 'ETH-USD' })]))
    await watch('ani')
    await watch('budi')
    move('BTC-USD', '400')
    clock.advance(WINDOW_MS)
    expect(
      told.map(({ user, update }) => [user, update?.total, update?.changed.map(({ assetId }) => assetId)]),
    ).to.deep.equal([['ani', '410.00', ['btc']]])
    market.rates.set('IDR', '0.0001')
    live.moved(rateKey('IDR', 'USD'))
    clock.advance(WINDOW_MS)
    expect(
      told.slice(1).map(({ user, update }) => [user, update?.changed.map(({ assetId }) => assetId)]),
    ).to.deep.equal([['ani', ['rupiah']]])
    expect(told[1]?.update?.coverage.unpriced).to.deep.equal([{ assetId: 'rupiah', reason: 'no-price' }])
    live.stop()
  })

  it('are after any sequence of events what a valuation from the beginning would be', async () => {
    const positions = fc.uniqueArray(
      fc.record({
        assetId: fc.constantFrom('a', 'b', 'c', 'd'),
        // A symbol is priced in the currency of whoever holds it (see instruments/listing.ts).
        listing: fc.constantFrom(
          { symbol: 'BTC-USD', currency: 'USD' },
          { symbol: 'SOL-IDR', currency: 'IDR' },
        ),
        quantity: fc.bigInt(0n, 10n ** 24n),
      }),
      { selector: ({ assetId }) => assetId },
    )
    const event = fc.oneof(
      fc.record({
        kind: fc.constant('price' as const),
        symbol: fc.constantFrom('BTC-USD', 'ETH-USD', 'SOL-IDR'),
        price: fc.integer({ min: 1, max: 9e6 }),
      }),
      fc.record({ kind: fc.constant('rate' as const), rate: fc.integer({ min: 1, max: 9e6 }) }),
      fc.record({ kind: fc.constant('holdings' as const), positions }),
      fc.record({ kind: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 300 }) }),
    )
    await fc.assert(
      fc.asyncProperty(positions, fc.array(event, { maxLength: 30 }), async (first, happening) => {
        const { live, clock, market, stored, told, move, watch } = openLive()
        let version = 1
        const store = (next: typeof first) =>
          stored.set(
            'ani',
            portfolioOf(
              next.map(({ listing, ...one }) => positionOf({ ...one, ...listing })),
              { version: version++ },
            ),
          )
        store(first)
        const watching = await watch('ani')
        let state = JSON.parse(watching.portfolio().snapshot()) as Valuation
        for (const one of happening) {
          if (one.kind === 'price') {
            const currency = one.symbol.endsWith('IDR') ? 'IDR' : 'USD'
            market.set(one.symbol, String(one.price), { currency })
            live.moved(one.symbol)
          } else if (one.kind === 'rate') {
            market.rates.set('IDR', `0.${String(one.rate).padStart(9, '0')}`)
            live.moved(rateKey('IDR', 'USD'))
          } else if (one.kind === 'time') clock.advance(one.ms)
          else {
            store(one.positions)
            await live.changed('ani')
          }
        }
        move('NONE', '1')
        clock.advance(2 * WINDOW_MS)
        for (const { snapshot, update } of told) {
          if (snapshot) expect(snapshot.seq).to.equal(state.seq + 1)
          if (snapshot) state = snapshot
          if (!update) continue
          expect([update.epoch, update.seq]).to.deep.equal([state.epoch, state.seq + 1])
          const { changed, ...rest } = update
          const fresh = new Map(changed.map((holding) => [holding.assetId, holding]))
          state = { ...state, ...rest, holdings: state.holdings.map((old) => fresh.get(old.assetId) ?? old) }
        }
        const loaded = stored.get('ani') ?? portfolioOf([])
        const scratch = new WatchedPortfolio({ epoch: state.epoch, loaded, market, at: 0 })
        const { seq, at, ...expected } = JSON.parse(scratch.snapshot()) as Valuation
        const { seq: _, at: __, ...reached } = state
        expect(reached).to.deep.equal(expected)
        expect(JSON.parse(watching.portfolio().snapshot())).to.deep.equal(state)
        live.stop()
      }),
      { numRuns: 150 },
    )
  })

  it('keep one portfolio for all readers, its epoch for who comes back soon, and nothing for who does not', async () => {
    const { live, clock, stored, told, move, watch } = openLive()
    stored.set('ani', portfolioOf([positionOf()]))
    const idle = clock.pending
    const [first, second] = await Promise.all([watch('ani'), watch('ani')])
    expect(first.portfolio()).to.equal(second.portfolio())
    const { epoch } = first.portfolio()
    first.release()
    first.release()
    second.release()
    clock.advance(999)
    const back = await watch('ani')
    expect(back.portfolio().epoch).to.equal(epoch)
    clock.advance(5_000)
    expect([...live.watched()]).to.have.lengthOf(1)
    back.release()
    clock.advance(1_000)
    expect([...live.watched()]).to.deep.equal([])
    move('BTC-USD', '1')
    clock.advance(10 * WINDOW_MS)
    expect(told).to.deep.equal([])
    expect(clock.pending).to.equal(idle)
    const later = await watch('ani')
    expect(later.portfolio().epoch).not.to.equal(epoch)
    live.stop()
    expect(clock.pending).to.equal(0)
  })

  it('know nobody who does not exist, and forget who could not be loaded', async () => {
    let broken = true
    const { live, clock } = openLive(async (user) => {
      if (broken) throw new Error('database away')
      return user === 'ani' ? portfolioOf([positionOf()]) : null
    })
    const idle = clock.pending
    const failures = await Promise.allSettled([live.watch('ani'), live.watch('ani')])
    expect(failures.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected'])
    broken = false
    expect(await live.watch('nobody')).to.equal(null)
    const watching = await live.watch('ani')
    expect(watching?.portfolio().seq).to.equal(0)
    watching?.release()
    clock.advance(10_000)
    expect([...live.watched()]).to.deep.equal([])
    expect(clock.pending).to.equal(idle)
    live.stop()
  })

  it('load again what changed while it was being loaded', async () => {
    const loads: ((loaded: LoadedPortfolio) => void)[] = []
    const { live, told } = openLive(() => new Promise((resolve) => loads.push(resolve)))
    const watching = live.watch('ani')
    const early = live.changed('ani')
    loads.shift()?.(portfolioOf([], { version: 1 }))
    await watching
    await settled()
    const late = live.changed('ani')
    loads.shift()?.(portfolioOf([positionOf()], { version: 2 }))
    await settled()
    // Told at once, though more is to come: whoever writes without end sees his dashboard move all the same.
    expect(told.map(({ snapshot }) => snapshot?.holdings.length)).to.deep.equal([1])
    loads.shift()?.(portfolioOf([positionOf(), positionOf({ assetId: 'b' })], { version: 3 }))
    await Promise.all([early, late])
    expect(told.map(({ snapshot }) => snapshot?.holdings.length)).to.deep.equal([1, 2])
    expect(loads).to.deep.equal([])
    live.stop()
  })

  it('tell no update of holdings that are out of date, and miss no move meanwhile', async () => {
    const loads: ((loaded: LoadedPortfolio) => void)[] = []
    const { live, clock, told, move } = openLive(() => new Promise((resolve) => loads.push(resolve)))
    const watching = live.watch('ani')
    loads.shift()?.(portfolioOf([positionOf()]))
    await watching
    const changed = live.changed('ani')
    await settled()
    move('BTC-USD', '999')
    clock.advance(2 * WINDOW_MS)
    expect(told).to.deep.equal([])
    loads.shift()?.(portfolioOf([positionOf({ quantity: parseFixed('2') })], { version: 2 }))
    await changed
    expect(told.map(({ snapshot }) => snapshot?.total)).to.deep.equal(['1998.00'])
    live.stop()
  })

  it('try again when changed holdings could not be loaded', async () => {
    let broken = false
    let holdings = portfolioOf([positionOf()])
    const { live, clock, told, watch } = openLive(async () => {
      if (broken) throw new Error('database away')
      return holdings
    })
    await watch('ani')
    broken = true
    holdings = portfolioOf([positionOf(), positionOf({ assetId: 'b' })], { version: 2 })
    await live.changed('ani')
    expect(told).to.deep.equal([])
    broken = false
    for (let turn = 0; turn < 20 && told.length === 0; turn += 1) {
      clock.advance(500)
      await settled()
    }
    expect(told.map(({ snapshot }) => snapshot?.holdings.length)).to.deep.equal([2])
    clock.advance(60_000)
    await settled()
    expect(told).to.have.lengthOf(1)
    live.stop()
  })

  it('catch up with the stored version before they answer', async () => {
    const { live, stored, watch } = openLive()
    expect(await live.current('ani', 1)).to.equal(null)
    stored.set('ani', portfolioOf([positionOf()]))
    await watch('ani')
    stored.set('ani', portfolioOf([], { version: 7 }))
    expect((await live.current('ani', 1))?.loaded.positions).to.have.lengthOf(1)
    expect((await live.current('ani', 7))?.loaded.positions).to.have.lengthOf(0)
    live.stop()
  })
})
