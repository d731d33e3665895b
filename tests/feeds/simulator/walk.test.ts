import { expect } from 'chai'
import { PriceWalk, seededRandom } from '../../../src/feeds/simulator/walk.js'
import { isDecimalText } from '../../../src/lib/decimal.js'

describe('a simulated price', () => {
  const pairs = ['BTC-USD', 'BTC-IDR', 'USD-IDR', 'SHIB-USD', 'SHIB-BTC', 'WHATEVER-EUR', 'EUR-USD'].map(
    (name) => {
      const [base = '', quote = ''] = name.split('-')
      return { base, quote }
    },
  )

  it('begins near the real one', () => {
    const start = (base: string, quote: string) => Number(new PriceWalk({ base, quote }, Math.random).price)
    expect(start('BTC', 'USD')).to.equal(64_000)
    expect(start('USD', 'IDR')).to.be.closeTo(16_300, 1)
    expect(start('BTC', 'IDR')).to.be.closeTo(64_000 * 16_300, 1_000)
  })

  it('is always a positive plain decimal between half and double of where it began', () => {
    for (const pair of pairs) {
      const walk = new PriceWalk(pair, seededRandom(3))
      const start = Number(walk.price)
      for (let step = 0; step < 20_000; step += 1) {
        const price = walk.next()
        if (!isDecimalText(price)) throw new Error(`${pair.base}-${pair.quote}: ${price}`)
        expect(Number(price) / start).to.be.within(0.499, 2.001)
      }
    }
  })

  it('moves, and moves the same way from the same seed', () => {
    const path = (seed: number) => {
      const walk = new PriceWalk({ base: 'ETH', quote: 'USD' }, seededRandom(seed))
      return Array.from({ length: 50 }, () => walk.next())
    }
    expect(new Set(path(1)).size).to.be.above(40)
    expect(path(1)).to.deep.equal(path(1))
    expect(path(1)).not.to.deep.equal(path(2))
  })
})
