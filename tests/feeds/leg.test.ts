import { expect } from 'chai'
import { Leg } from '../../src/feeds/leg.js'

const MINUTE = 60_000
const HEALTH = { downMs: 0, framelessMs: 0, framelessAllowedMs: null, silentMs: 0, silentAllowedMs: null }

describe('a pair as it is heard at a venue', () => {
  let leg: Leg
  let moves: number

  beforeEach(() => {
    leg = new Leg({
      venue: 'kraken',
      pair: 'A-USD',
      name: 'A/USD',
      simulated: false,
      line: { health: HEALTH },
    })
    moves = 0
    leg.listen({
      moved() {
        moves += 1
      },
    })
  })

  const hear = (price: string, at: number | null, order: number | null, now: number) =>
    leg.hear({ symbol: 'A/USD', price, at, order }, now)
  const known = () => [leg.price, leg.at, leg.heardAt, moves]

  it('keeps the newest price, whatever comes late or twice', () => {
    hear('5', 2_000, 7, 2_100)
    hear('4', 1_000, 8, 2_200)
    hear('4', 2_000, 6, 2_300)
    hear('5', 2_000, 7, 2_400)
    expect(known()).to.deep.equal(['5', 2_000, 2_100, 1])
    hear('6', 2_000, 8, 2_500)
    expect(known()).to.deep.equal(['6', 2_000, 2_500, 2])
    expect(leg.freshUntil).to.equal(2_000 + 5 * MINUTE)
  })

  it('hears a venue that tells no times each time that it speaks', () => {
    hear('5', null, null, 1_000)
    hear('5', null, null, 2_000)
    expect(known()).to.deep.equal(['5', 2_000, 2_000, 2])
  })

  it('is not silenced by a tick from the future', () => {
    hear('5', MINUTE, 1, 1_000)
    expect(leg.freshUntil, 'nothing is fresher than its receipt').to.equal(1_000 + 5 * MINUTE)
    hear('6', 2_000, 2, 2_000)
    expect(known()).to.deep.equal(['6', 2_000, 2_000, 2])
  })
})
