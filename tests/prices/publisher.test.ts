import { expect } from 'chai'
import { createMemoryCoordination } from '../../src/prices/coordination-memory.js'
import { Publisher } from '../../src/prices/publisher.js'
import { slotName, slotOf } from '../../src/prices/slots.js'
import type { Quote } from '../../src/prices/tick.js'
import { createMemoryWire } from '../../src/prices/wire-memory.js'
import { FakeClock } from '../support/exchange-clock.js'
import { readableLog } from '../support/server.js'
import { HOLDER, holdAllSlots, quoteOf } from './quotes.js'

/** The wire in one process, with a switch for the time of a write and one for its end. */
async function openSlowWire() {
  const coordination = createMemoryCoordination({ now: () => 0 })
  await holdAllSlots(coordination)
  const inner = createMemoryWire({ now: () => 0, coordination })
  const writes: (readonly Quote[])[] = []
  const open: { end(error?: Error): void }[] = []
  const wire = {
    ...inner,
    write: async (quotes: readonly Quote[], holder: string) => {
      writes.push(quotes)
      await new Promise<void>((resolve, reject) =>
        open.push({ end: (error) => (error ? reject(error) : resolve()) }),
      )
      return inner.write(quotes, holder)
    },
  }
  const end = async (error?: Error) => {
    open.shift()?.end(error)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { wire, coordination, end, prices: () => writes.map((quotes) => quotes.map(({ price }) => price)) }
}

describe('the publisher', () => {
  const { log } = readableLog()
  async function openPublisher() {
    const slow = await openSlowWire()
    const clock = new FakeClock()
    const as: { holder: string | null } = { holder: HOLDER }
    const refused: string[] = []
    const publisher = new Publisher({
      wire: slow.wire,
      holder: () => as.holder,
      refused: (symbols) => refused.push(...symbols),
      clock,
      log,
      gatherMs: 10,
      random: () => 0.999,
    })
    const publish = (price: number, symbol = 'BTC-USD') =>
      publisher.publish(quoteOf({ symbol, price: String(price), version: price }))
    return { ...slow, clock, as, refused, publisher, publish }
  }

  it('writes the first at once and of what comes meanwhile only the newest of each instrument', async () => {
    const { publish, prices, end, clock, publisher } = await openPublisher()
    publish(1)
    expect(prices()).to.deep.equal([['1']])
    for (let price = 2; price <= 100; price += 1) publish(price)
    publish(7, 'ETH-USD')
    expect(prices()).to.have.lengthOf(1)
    await end()
    expect(prices()).to.have.lengthOf(1)
    clock.advance(10)
    expect(prices()).to.deep.equal([['1'], ['100', '7']])
    await end()
    clock.advance(10)
    expect(prices()).to.have.lengthOf(2)
    publish(101)
    expect(prices()).to.have.lengthOf(3)
    await end()
    await publisher.stop()
    expect(clock.pending).to.equal(0)
  })

  it('tries what failed again, unless there is something newer', async () => {
    const { publish, prices, end, clock, publisher } = await openPublisher()
    publish(1)
    publish(5, 'ETH-USD')
    await end()
    clock.advance(10)
    publish(2)
    await end(new Error('away'))
    for (let round = 0; round < 3; round += 1) {
      clock.advance(2_100)
      await end(new Error('away'))
    }
    expect(prices().slice(2)).to.deep.equal([
      ['2', '5'],
      ['2', '5'],
      ['2', '5'],
    ])
    clock.advance(2_100)
    await end()
    expect(prices().at(-1)).to.deep.equal(['2', '5'])
    clock.advance(10_000)
    expect(prices()).to.have.lengthOf(6)
    await publisher.stop()
  })

  it('waits longer after each failure, and not at all after a success', async () => {
    const { publish, prices, end, clock, publisher } = await openPublisher()
    publish(1)
    await end(new Error('away'))
    clock.advance(100)
    expect(prices()).to.have.lengthOf(1)
    clock.advance(10)
    expect(prices()).to.have.lengthOf(2)
    await end(new Error('away'))
    clock.advance(200)
    expect(prices()).to.have.lengthOf(2)
    clock.advance(10)
    await end()
    publish(2)
    clock.advance(10)
    expect(prices().at(-1)).to.deep.equal(['2'])
    await end()
    await publisher.stop()
  })

  it('ends with the write that is under way and starts no other', async () => {
    const { publish, prices, end, clock, publisher } = await openPublisher()
    publish(1)
    publish(2)
    const stopped = publisher.stop()
    await end()
    await stopped
    publish(3)
    clock.advance(10_000)
    expect(prices()).to.deep.equal([['1']])
    expect(clock.pending).to.equal(0)
  })

  it('tells what belongs to another by now, and tries it no more', async () => {
    const { publish, prices, end, clock, publisher, refused, coordination } = await openPublisher()
    await coordination.releaseAll([slotName(slotOf('ETH-USD'))], HOLDER)
    publish(1)
    publish(5, 'ETH-USD')
    await end()
    clock.advance(10)
    await end()
    expect(refused).to.deep.equal(['ETH-USD'])
    clock.advance(10_000)
    expect(prices()).to.deep.equal([['1'], ['5']])
    publish(2)
    expect(prices().at(-1)).to.deep.equal(['2'])
    await end()
    await publisher.stop()
  })

  it('writes nothing as one holder that won as another, or as none', async () => {
    const { publish, prices, end, clock, publisher, refused, as } = await openPublisher()
    publish(1)
    publish(2)
    publish(5, 'ETH-USD')
    as.holder = 'another'
    publish(6, 'ETH-USD')
    await end(new Error('away'))
    clock.advance(110)
    expect(prices()).to.deep.equal([['1'], ['6']])
    expect(refused).to.deep.equal(['BTC-USD'])
    await end(new Error('away'))
    as.holder = null
    clock.advance(210)
    publish(7)
    clock.advance(10_000)
    expect(prices()).to.have.lengthOf(2)
    expect(refused).to.deep.equal(['BTC-USD', 'ETH-USD', 'BTC-USD'])
    as.holder = HOLDER
    publish(8)
    expect(prices().at(-1)).to.deep.equal(['8'])
    await end()
    await publisher.stop()
  })
})
