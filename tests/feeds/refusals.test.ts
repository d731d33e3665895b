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

  for (const [title, wanted, minutes] of [
    ['is forgotten once it has run out and nobody wants it', false, 5],
    ['is remembered while somebody wants it', true, 20],
  ] as const) {
    it(title, () => {
      const refusals = new Refusals()
      refusals.add('kraken', 'A-USD', 0)
      refusals.forget(() => wanted, 4 * MINUTE)
      expect(refusals.stands('kraken', 'A-USD', 4 * MINUTE)).to.equal(true)
      refusals.forget(() => wanted, 6 * MINUTE)
      refusals.add('kraken', 'A-USD', 6 * MINUTE)
      expect(refusals.stands('kraken', 'A-USD', (6 + minutes) * MINUTE - 1)).to.equal(true)
      expect(refusals.stands('kraken', 'A-USD', (6 + minutes) * MINUTE)).to.equal(false)
    })
  }
})
