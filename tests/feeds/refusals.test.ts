import { expect } from 'chai'
import { Refusals } from '../../src/feeds/refusals.js'

const MINUTE = 60_000
const REFUSED = { reason: 'not supported', isFinal: true }

describe('what venues have refused', () => {
  it('stands for five minutes, then four times as long each time, at most a day', () => {
    const refusals = new Refusals()
    const standing: number[] = []
    let now = 0
    for (let time = 0; time < 7; time += 1) {
      refusals.add('kraken', 'A-USD', REFUSED, now)
      let minutes = 0
      while (refusals.stands('kraken', 'A-USD', now + minutes * MINUTE)) minutes += 5
      standing.push(minutes)
      now += minutes * MINUTE
    }
    expect(standing).to.deep.equal([5, 20, 80, 320, 1280, 1440, 1440])
    expect(refusals.stands('coinbase', 'A-USD', now)).to.equal(null)
  })

  it('is told with its reason while it stands, a refusal apart from a doubt', () => {
    const refusals = new Refusals()
    refusals.add('kraken', 'A-USD', REFUSED, 0)
    refusals.add('kraken', 'B-USD', { reason: 'quiet', isFinal: false }, MINUTE)
    expect(refusals.stands('kraken', 'A-USD', MINUTE)).to.equal('final')
    expect(refusals.stands('kraken', 'B-USD', MINUTE)).to.equal('doubt')
    expect(refusals.of('kraken', MINUTE)).to.deep.equal([
      { symbol: 'A-USD', reason: 'not supported' },
      { symbol: 'B-USD', reason: 'quiet' },
    ])
    expect(refusals.of('kraken', 5 * MINUTE)).to.deep.equal([{ symbol: 'B-USD', reason: 'quiet' }])
  })

  for (const [title, forgottenAt, minutes] of [
    ['is remembered for as long again as it stood', 9, 20],
    ['is forgotten then', 10, 5],
  ] as const) {
    it(title, () => {
      const refusals = new Refusals()
      refusals.add('kraken', 'A-USD', REFUSED, 0)
      const now = forgottenAt * MINUTE
      refusals.forget(now)
      refusals.add('kraken', 'A-USD', REFUSED, now)
      expect(refusals.stands('kraken', 'A-USD', now + minutes * MINUTE - 1)).to.equal('final')
      expect(refusals.stands('kraken', 'A-USD', now + minutes * MINUTE)).to.equal(null)
    })
  }
})
