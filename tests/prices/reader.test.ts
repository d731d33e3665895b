import { expect } from 'chai'
import { PriceBoard } from '../../src/prices/board.js'
import { createMemoryCoordination } from '../../src/prices/coordination-memory.js'
import { PriceReader } from '../../src/prices/reader.js'
import type { Quote } from '../../src/prices/tick.js'
import type { QuoteListener } from '../../src/prices/wire.js'
import { createMemoryWire } from '../../src/prices/wire-memory.js'
import { FakeClock } from '../support/exchange-clock.js'
import { readableLog } from '../support/server.js'
import { until } from '../support/until.js'
import { HOLDER, holdAllSlots, quoteOf } from './quotes.js'

describe('the reader of prices', () => {
  async function open() {
    const clock = new FakeClock()
    const now = () => clock.now()
    const coordination = createMemoryCoordination({ now })
    await holdAllSlots(coordination)
    const inner = createMemoryWire({ now, coordination })
    const switches = { readable: true, duringRead: async () => {} }
    const listeners: QuoteListener[] = []
    const wire = {
      ...inner,
      subscribe: (listener: QuoteListener) => {
        listeners.push(listener)
        return inner.subscribe(listener)
      },
      readAll: async () => {
        if (!switches.readable) throw new Error('away')
        const quotes = await inner.readAll()
        await switches.duringRead()
        return quotes
      },
    }
    const board = new PriceBoard({ now: () => clock.now() })
    const moved: string[] = []
    const reader = new PriceReader({
      wire,
      board,
      clock,
      log: readableLog().log,
      moved: ({ price }) => moved.push(`${price.symbol} ${price.amount} ${price.state}`),
    })
    const quote = (price: string, more: Partial<Quote> = {}) =>
      quoteOf({ price, at: clock.now(), version: Number(price), ...more })
    const write = (...quotes: readonly Quote[]) => inner.write(quotes, HOLDER)
    const lose = () => listeners[0]?.lost()
    return { clock, inner, write, board, moved, reader, quote, switches, lose }
  }

  it('knows the whole cache before it says that it has started, in a process that starts again too', async () => {
    const { write, reader, moved, board, quote, clock } = await open()
    await write(quote('1'), quote('2', { symbol: 'ETH-USD' }))
    await reader.start()
    expect(moved).to.deep.equal(['BTC-USD 1 live', 'ETH-USD 2 live'])
    expect(board.get('ETH-USD')?.price.amount).to.equal('2')
    await write(quote('3'))
    expect(moved.at(-1)).to.equal('BTC-USD 3 live')
    await reader.stop()
    await write(quote('4'))
    expect(moved).to.have.lengthOf(3)
    expect(clock.pending).to.equal(0)
  })

  it('misses nothing that is published while it reads the cache, and keeps the newer of the two', async () => {
    const { write, reader, board, quote, switches, moved } = await open()
    await write(quote('1'))
    switches.duringRead = async () => {
      switches.duringRead = async () => {}
      await write(quote('2'))
    }
    await reader.start()
    expect(board.get('BTC-USD')?.price.amount).to.equal('2')
    expect(moved).to.deep.equal(['BTC-USD 2 live'])
    await reader.stop()
  })

  it('reads the cache again after a loss, as often as it takes', async () => {
    const { inner, write, reader, moved, quote, switches, lose, clock } = await open()
    await reader.start()
    const { readAll } = inner
    await write(quote('1'))
    moved.length = 0
    // Written while the subscription was away: the cache alone has it.
    Object.assign(inner, { readAll: async () => [quote('9')] })
    switches.readable = false
    lose()
    for (let turn = 0; turn < 3; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve))
      clock.advance(6_000)
    }
    expect(moved).to.deep.equal([])
    switches.readable = true
    await until('it has read it', () => {
      clock.advance(1_000)
      return moved.length > 0
    })
    expect(moved[0]).to.equal('BTC-USD 9 live')
    Object.assign(inner, { readAll })
    await reader.stop()
    expect(clock.pending).to.equal(0)
  })

  it('tells within a second that a price has turned stale', async () => {
    const { write, reader, moved, quote, clock } = await open()
    await reader.start()
    await write(quote('1'))
    clock.advance(300_000)
    expect(moved).to.deep.equal(['BTC-USD 1 live'])
    clock.advance(1_000)
    expect(moved).to.deep.equal(['BTC-USD 1 live', 'BTC-USD 1 stale'])
    clock.advance(60_000)
    expect(moved).to.have.lengthOf(2)
    await reader.stop()
  })
})
