import { expect } from 'chai'
import fc from 'fast-check'
import { Backoff } from '../../src/lib/backoff.js'

describe('back-off', () => {
  it('draws from a range that doubles up to its cap', () => {
    const backoff = new Backoff({ baseMs: 100, capMs: 2_000, random: () => 0.999999 })
    expect(Array.from({ length: 7 }, () => backoff.next())).to.deep.equal([
      99, 199, 399, 799, 1599, 1999, 1999,
    ])
    expect(backoff.attempt).to.equal(7)
    backoff.reset()
    expect(backoff.next()).to.equal(99)
  })

  it('uses the whole range, down to nothing, and never leaves it', () => {
    expect(new Backoff({ baseMs: 100, capMs: 2_000, random: () => 0 }).next()).to.equal(0)
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(fc.array(random, { minLength: 1, maxLength: 50 }), (draws) => {
        let turn = 0
        const backoff = new Backoff({ baseMs: 50, capMs: 1_000, random: () => draws[turn++] ?? 0 })
        draws.forEach((_, attempt) => {
          const delay = backoff.next()
          expect(delay).to.be.within(0, Math.min(1_000, 50 * 2 ** attempt))
          expect(Number.isInteger(delay)).to.equal(true)
        })
      }),
    )
  })

  it('stays at its cap after thousands of failures', () => {
    const backoff = new Backoff({ baseMs: 1_000, capMs: 30_000, random: () => 0.5 })
    for (let attempt = 0; attempt < 5_000; attempt += 1) backoff.next()
    expect(backoff.next()).to.equal(15_000)
  })
})
