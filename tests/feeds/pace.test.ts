import { expect } from 'chai'
import fc from 'fast-check'
import { Pace } from '../../src/feeds/pace.js'
import { seededRandom } from '../../src/feeds/simulator/walk.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const LEAST = 3_500

/** Feeds a pace with one event after each pause; the time of the last. */
function follow(pace: Pace, pauses: Iterable<number>, from = 0): number {
  let now = from
  for (const pause of pauses) {
    now += pause
    pace.event(now)
  }
  return now
}

function* every(pauseMs: number, forMs: number): Iterable<number> {
  for (let passed = 0; passed < forMs; passed += pauseMs) yield pauseMs
}

describe('the pace of a stream of events', () => {
  it('is not known before eight pauses of it', () => {
    const pace = new Pace()
    expect(pace.lastAt).to.equal(null)
    follow(pace, every(SECOND, 8 * SECOND))
    expect(pace.allows(LEAST)).to.equal(null)
    pace.event(8 * SECOND + SECOND)
    expect(pace.allows(LEAST)).to.equal(LEAST)
  })

  it('allows a lively stream the least, however lively it is', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: SECOND }), { minLength: 200 }), (pauses) => {
        const pace = new Pace()
        follow(pace, [...pauses, ...every(500, 20 * SECOND)])
        expect(pace.allows(LEAST)).to.equal(LEAST)
      }),
      { numRuns: 30 },
    )
  })

  it('notices the second outage of a lively stream as soon as the first', () => {
    const pace = new Pace()
    let now = follow(pace, every(250, MINUTE))
    now = follow(pace, [MINUTE, ...every(250, MINUTE)], now)
    follow(pace, [3 * MINUTE, ...every(250, MINUTE)], now)
    expect(pace.allows(LEAST)).to.equal(LEAST)
  })

  it('does not learn a pause that we made', () => {
    const pace = new Pace()
    const now = follow(pace, every(SECOND, MINUTE))
    pace.interrupted()
    follow(pace, [3 * SECOND, ...every(SECOND, MINUTE)], now)
    expect(pace.allows(LEAST)).to.equal(LEAST)
    expect(pace.lastAt).to.equal(2 * MINUTE + 3 * SECOND)
  })

  it('hardly ever takes the pauses of a quiet stream for its end', () => {
    for (const [meanMs, seed] of [
      [2 * SECOND, 1],
      [20 * SECOND, 2],
      [2 * MINUTE, 3],
    ] as const) {
      const random = seededRandom(seed)
      const pace = new Pace()
      let alarms = 0
      for (let count = 0, now = 0; count < 2_000; count += 1) {
        const pause = -Math.log(1 - random()) * meanMs
        if (pause > (pace.allows(LEAST) ?? Number.POSITIVE_INFINITY)) alarms += 1
        now += pause
        pace.event(now)
      }
      expect(alarms, `with pauses of ${meanMs} ms`).to.be.at.most(3)
    }
  })

  it('learns within a few pauses that a lively stream has become quiet, and unlearns it', () => {
    const pace = new Pace()
    let now = follow(pace, every(250, 10 * MINUTE))
    let alarms = 0
    for (let count = 0; count < 50; count += 1) {
      if (20 * SECOND > (pace.allows(LEAST) ?? 0)) alarms += 1
      now = follow(pace, [20 * SECOND], now)
    }
    expect(alarms).to.be.within(1, 6)
    follow(pace, every(250, 60 * MINUTE), now)
    expect(pace.allows(LEAST)).to.equal(LEAST)
  })
})
