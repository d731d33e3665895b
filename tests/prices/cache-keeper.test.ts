import { expect } from 'chai'
import { PriceBoard } from '../../src/prices/board.js'
import { CacheKeeper } from '../../src/prices/cache-keeper.js'
import { createMemoryCoordination } from '../../src/prices/coordination-memory.js'
import { slotOf } from '../../src/prices/slots.js'
import { createMemoryWire } from '../../src/prices/wire-memory.js'
import { FakeClock } from '../support/exchange-clock.js'
import { readableLog } from '../support/server.js'
import { HOLDER, holdAllSlots, quoteOf } from './quotes.js'

describe('the keeper of the cache', () => {
  async function open() {
    const clock = new FakeClock()
    const now = () => clock.now()
    const coordination = createMemoryCoordination({ now })
    await holdAllSlots(coordination)
    const state = { away: false, life: 1, reads: 0, cache: createMemoryWire({ now, coordination }) }
    const wire = {
      ...state.cache,
      epoch: async () => {
        if (state.away) throw new Error('away')
        return String(state.life)
      },
      readAll: async () => {
        state.reads += 1
        return state.cache.readAll()
      },
    }
    const board = new PriceBoard({ now })
    const published: string[] = []
    const keeper = new CacheKeeper({
      wire,
      board,
      mine: (symbol) => symbol !== 'ETH-USD',
      publish: (quote) => {
        published.push(`${quote.symbol} ${quote.price}`)
        void state.cache.write([quote], HOLDER)
      },
      clock,
      log: readableLog().log,
    })
    const forget = () => {
      state.life += 1
      state.cache = createMemoryWire({ now, coordination })
    }
    const pass = async (ms: number) => {
      clock.advance(ms)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return { clock, state, board, published, keeper, forget, pass }
  }

  it('takes what the cache holds of new slots, whatever stood on the board, and of no others', async () => {
    const { state, board, keeper } = await open()
    for (const symbol of ['BTC-USD', 'SOL-USD']) board.take(quoteOf({ symbol, price: '9', version: 9 }))
    const cached = ['BTC-USD', 'ETH-USD', 'SOL-USD'].map((symbol) =>
      quoteOf({ symbol, price: '8', version: 8 }),
    )
    await state.cache.write(cached, HOLDER)
    await keeper.prepare(new Set([slotOf('BTC-USD'), slotOf('ETH-USD')]))
    expect(['BTC-USD', 'ETH-USD', 'SOL-USD'].map((symbol) => board.get(symbol)?.quote.price)).to.deep.equal([
      '8',
      '8',
      '9',
    ])
    await keeper.stop()
  })

  it('writes what the cache has lost again, of its own, and reads the cache only then', async () => {
    const { state, board, published, keeper, forget, pass } = await open()
    for (const [symbol, version] of [
      ['BTC-USD', 2],
      ['ETH-USD', 2],
      ['SOL-USD', 2],
    ] as const)
      board.take(quoteOf({ symbol, version }))
    await state.cache.write([quoteOf({ version: 2 }), quoteOf({ symbol: 'SOL-USD', version: 3 })], HOLDER)
    await pass(2_000)
    await pass(2_000)
    expect([published, state.reads]).to.deep.equal([[], 1])
    forget()
    await state.cache.write([quoteOf({ version: 1 })], HOLDER)
    await pass(2_000)
    expect(published).to.deep.equal(['BTC-USD 64000.5', 'SOL-USD 64000.5'])
    await pass(2_000)
    expect(published).to.have.lengthOf(2)
    expect(state.reads).to.equal(2)
    await keeper.stop()
  })

  it('writes what was refused again, and what is missing of slots it has got', async () => {
    const { state, board, published, keeper, pass } = await open()
    await pass(2_000)
    board.take(quoteOf({ price: '7' }))
    await pass(2_000)
    expect(published).to.deep.equal([])
    keeper.doubt()
    await pass(2_000)
    expect(published).to.deep.equal(['BTC-USD 7'])
    board.take(quoteOf({ symbol: 'SOL-USD', price: '5' }))
    await keeper.prepare(new Set([slotOf('SOL-USD')]))
    await pass(2_000)
    expect(published).to.deep.equal(['BTC-USD 7', 'SOL-USD 5'])
    expect(await state.cache.readAll()).to.have.lengthOf(2)
    await keeper.stop()
  })

  it('looks again until the cache can be reached', async () => {
    const { state, board, published, keeper, forget, pass, clock } = await open()
    board.take(quoteOf({ price: '7' }))
    await pass(2_000)
    state.away = true
    forget()
    await pass(2_000)
    await pass(2_000)
    expect(published).to.deep.equal(['BTC-USD 7'])
    state.away = false
    await pass(2_000)
    expect(published).to.deep.equal(['BTC-USD 7', 'BTC-USD 7'])
    await keeper.stop()
    expect(clock.pending).to.equal(0)
  })
})
