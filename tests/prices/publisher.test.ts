import { expect } from 'chai'
import { Publisher } from '../../src/prices/publisher.js'
import type { Quote } from '../../src/prices/tick.js'
import { createMemoryWire } from '../../src/prices/wire-memory.js'
import { FakeClock } from '../support/exchange-clock.js'
import { readableLog } from '../support/server.js'
import { quoteOf } from './quotes.js'

/** The wire in one process, with a switch for the time of a write and one for its end. */
function openSlowWire() {
  const inner = createMemoryWire({ now: () => 0 })
  const writes: (readonly Quote[])[] = []
  const open: { end(error?: Error): void }[] = []
  const wire = {
    ...inner,
    write: async (quotes: readonly Quote[]) => {
      writes.push(quotes)
      await new Promise<void>((resolve, reject) =>
        open.push({ end: (error) => (error ? reject(error) : resolve()) }),
      )
      await inner.write(quotes)
    },
  }
  const end = async (error?: Error) => {
    open.shift()?.end(error)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { wire, writes, end, prices: () => writes.map((quotes) => quotes.map(({ price }) => price)) }
}

describe('the publisher', () => {
  const { log } = readableLog()
  function openPublisher() {
    const slow = openSlowWire()
    const clock = new FakeClock()
    const publisher = new Publisher({ wire: slow.wire, clock, log, gatherMs: 10, random: () => 0.999 })
    const publish = (price: number, symbol = 'BTC-USD') =>
      publisher.publish(quoteOf({ symbol, price: String(price) }))
    return { ...slow, clock, publisher, publish }
  }

  it('writes the first at once and of what comes meanwhile only the newest of each instrument', async () => {
    const { publish, prices, end, clock, publisher } = openPublisher()
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
    const { publish, prices, end, clock, publisher } = openPublisher()
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
    const { publish, prices, end, clock, publisher } = openPublisher()
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
    const { publish, prices, end, clock, publisher } = openPublisher()
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
})
