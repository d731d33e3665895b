import { expect } from 'chai'
import { Refusals } from '../../src/feeds/refusals.js'

const MINUTE = 60_000

describe('what venues have refused', () => {
  it('stands for five minutes, then four times as long each time, at most a day', () => {
    const refusals = new Refusals()
    const standing: number[] = []
    let now = 0
    for (let time = 0; time < 7; time += 1) {
      refusals.add('kraken', 'A-USD', now)
      let minutes = 0
      while (refusals.stands('kraken', 'A-USD', now + minutes * MINUTE)) minutes += 5
      standing.push(minutes)
      now += minutes * MINUTE
    }
    expect(standing).to.deep.equal([5, 20, 80, 320, 1280, 1440, 1440])
    expect(refusals.stands('coinbase', 'A-USD', now)).to.equal(false)
  })

  it('is forgotten once it has run out and nobody wants it', () => {
    const refusals = new Refusals()
    refusals.add('kraken', 'A-USD', 0)
    refusals.forget(() => false, 4 * MINUTE)
    expect(refusals.size).to.equal(1)
    refusals.forget(() => true, 6 * MINUTE)
    expect(refusals.size).to.equal(1)
    refusals.forget(() => false, 6 * MINUTE)
    expect(refusals.size).to.equal(0)
  })
})
