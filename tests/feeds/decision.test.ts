import { expect } from 'chai'
import fc from 'fast-check'
import type { Health } from '../../src/feeds/connection.js'
import {
  type Contender,
  decide,
  type Fault,
  faultOf,
  type HeardRoute,
  type Hearing,
} from '../../src/feeds/decision.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const NOW = 100 * MINUTE

const WELL: Health = {
  downMs: 0,
  framelessMs: 0,
  framelessAllowedMs: 3_500,
  silentMs: 0,
  silentAllowedMs: 3_500,
}

function hearing(more: Partial<Omit<Hearing, 'allows'>> & { pace?: number | null } = {}): Hearing {
  const { pace = 0, ...rest } = more
  const allows = (leastMs: number) => (pace === null ? null : Math.max(leastMs, pace))
  const fresh = { heardAt: NOW - SECOND, freshUntil: NOW + MINUTE, untimelySince: null }
  return { health: WELL, ...fresh, allows, ...rest }
}

function route(more: Partial<HeardRoute> = {}): HeardRoute {
  return { coin: hearing(), bridge: null, startedAt: NOW - 10 * MINUTE, isActive: true, ...more }
}

describe('what is wrong with a route', () => {
  const unpriced = hearing({ heardAt: null })
  const ill = (health: Partial<Health>) => hearing({ health: { ...WELL, ...health } })
  const cases: readonly (readonly [string, HeardRoute, HeardRoute | null, Fault | null])[] = [
    ['nothing, while prices come', route(), route(), null],
    [
      'nothing yet, in its first two seconds',
      route({ coin: unpriced, startedAt: NOW - 1_900 }),
      null,
      'starting',
    ],
    ['the missing price, after them', route({ coin: unpriced, startedAt: NOW - 2_000 }), null, 'no-price'],
    ['the missing price of its stablecoin', route({ bridge: unpriced }), null, 'no-price'],
    ['nothing, when its socket was away for a moment', route({ coin: ill({ downMs: 1_500 }) }), null, null],
    ['its socket', route({ coin: ill({ downMs: 1_501 }) }), null, 'disconnected'],
    ['the socket of its stablecoin', route({ bridge: ill({ downMs: 1_501 }) }), null, 'disconnected'],
    ['the heartbeats that stay away', route({ coin: ill({ framelessMs: 3_501 }) }), null, 'no-frames'],
    [
      'nothing, where heartbeats were never known',
      route({ coin: ill({ framelessMs: 9_999, framelessAllowedMs: null }) }),
      null,
      null,
    ],
    ['its silence', route({ coin: ill({ silentMs: 3_501 }) }), null, 'silent'],
    [
      'nothing, when such a pause is its pace',
      route({ coin: ill({ silentMs: 19_000, silentAllowedMs: 20_000 }) }),
      route(),
      null,
    ],
    [
      'its silence by the pace of the other, when its own is not known',
      route({ coin: ill({ silentMs: 4_000, silentAllowedMs: null }) }),
      route(),
      'silent',
    ],
    [
      'nothing, when no pace is known',
      route({ coin: ill({ silentMs: MINUTE, silentAllowedMs: null }) }),
      route({ coin: ill({ silentAllowedMs: null }) }),
      null,
    ],
    [
      'the age of its stablecoin’s price',
      route({ bridge: hearing({ freshUntil: NOW }) }),
      null,
      'old-bridge',
    ],
    [
      'the time of its prices, when another’s are of now',
      route({ coin: hearing({ untimelySince: NOW - 1_500 }) }),
      route(),
      'wrong-time',
    ],
    [
      'nothing, when a few of them were old',
      route({ coin: hearing({ untimelySince: NOW - 1_400 }) }),
      route(),
      null,
    ],
    [
      'nothing, when the time is wrong or long past elsewhere, too',
      route({ coin: hearing({ untimelySince: NOW - MINUTE }) }),
      route({ coin: hearing({ untimelySince: NOW }) }),
      null,
    ],
    [
      'nothing, when nobody has a newer price',
      route({ coin: hearing({ untimelySince: NOW - MINUTE }) }),
      route({ coin: hearing({ freshUntil: NOW }) }),
      null,
    ],
    [
      'a symbol that trades elsewhere',
      route({ coin: hearing({ heardAt: NOW - 4 * MINUTE }) }),
      route(),
      'quiet',
    ],
    [
      'nothing, when the symbol trades as seldom elsewhere',
      route({ coin: hearing({ heardAt: NOW - 4 * MINUTE }) }),
      route({ coin: hearing({ pace: 5 * MINUTE }) }),
      null,
    ],
    [
      'nothing, when the symbol is not fresh elsewhere either',
      route({ coin: hearing({ heardAt: NOW - 4 * MINUTE }) }),
      route({ coin: hearing({ heardAt: NOW - 2 * MINUTE }) }),
      null,
    ],
    [
      'for a standby, that its pauses are longer than the active route’s',
      route({ isActive: false, coin: hearing({ pace: 10 * MINUTE }) }),
      route(),
      'quiet',
    ],
    [
      'nothing, for an active route with such pauses',
      route({ coin: hearing({ pace: 10 * MINUTE }) }),
      route(),
      null,
    ],
  ]
  for (const [title, heard, other, fault] of cases) {
    it(`is ${title}`, () => expect(faultOf(heard, other, NOW)).to.equal(fault))
  }
})

interface Moment {
  readonly fit: readonly [boolean, boolean]
  readonly priced: readonly [boolean, boolean]
  readonly forMs: number
}

const flags = fc.tuple(fc.boolean(), fc.boolean())
const moment: fc.Arbitrary<Moment> = fc.record({
  fit: flags,
  priced: fc.oneof(
    { weight: 4, arbitrary: fc.constant([true, true] as const) },
    { weight: 1, arbitrary: flags },
  ),
  forMs: fc.oneof(fc.integer({ min: 500, max: 8_000 }), fc.integer({ min: 10_000, max: 100_000 })),
})

describe('which of two routes tells the price', () => {
  /** Lives through the moments, half a second at a time, and tells every step. */
  function live(moments: readonly Moment[], step: (at: Step) => void): void {
    const since: [number | null, number | null] = [null, null]
    let [now, active, changedAt] = [0, 0, null as number | null]
    for (const { fit, priced, forMs } of moments) {
      for (let passed = 0; passed < forMs; passed += 500, now += 500) {
        const contender = (rank: 0 | 1): Contender => {
          since[rank] = fit[rank] ? (since[rank] ?? now) : null
          return { rank, fault: fit[rank] ? null : 'silent', priced: priced[rank], fitSince: since[rank] }
        }
        const both = [contender(0), contender(1)] as const
        const [mine, other] = active === 0 ? both : [both[1], both[0]]
        const change = decide(mine, other, changedAt, now)
        step({ now, mine, other, change, changedAt })
        if (change === null) continue
        active = 1 - active
        changedAt = now
      }
    }
  }

  interface Step {
    readonly now: number
    readonly mine: Contender
    readonly other: Contender
    readonly change: string | null
    readonly changedAt: number | null
  }

  const RUNS = { numRuns: 50 }
  const lives = fc.array(moment, { minLength: 1, maxLength: 12 })

  it('is never an unfit one while a fit one has a price, but for five seconds after a change', () => {
    fc.assert(
      fc.property(lives, (moments) =>
        live(moments, ({ now, mine, other, change, changedAt }) => {
          const isHeld = changedAt !== null && now - changedAt < 5 * SECOND
          if (mine.fault !== null && other.fault === null && other.priced && !isHeld) {
            expect(change).to.equal('failover')
          }
        }),
      ),
      RUNS,
    )
  })

  it('changes at most once in five seconds, never to an unfit one or one without a price', () => {
    fc.assert(
      fc.property(lives, (moments) =>
        live(moments, ({ now, other, change, changedAt }) => {
          if (change === null) return
          expect(other.fault).to.equal(null)
          expect(other.priced).to.equal(true)
          expect(now - (changedAt ?? -5 * SECOND)).to.be.at.least(5 * SECOND)
        }),
      ),
      RUNS,
    )
  })

  it('leaves a fit route only for a better one that has been fit for a minute without a break', () => {
    fc.assert(
      fc.property(lives, (moments) =>
        live(moments, ({ now, mine, other, change }) => {
          const isGood = other.fault === null && now - (other.fitSince ?? now) >= MINUTE
          if (mine.fault === null && change !== null) {
            expect([change, other.rank, isGood]).to.deep.equal(['return', 0, true])
          }
          if (mine.fault === null && other.rank === 0 && isGood && other.priced) {
            expect(change).to.equal('return')
          }
        }),
      ),
      RUNS,
    )
  })

  it('waits for a route that is starting, and stays as it is without another', () => {
    const fit: Contender = { rank: 1, fault: null, priced: true, fitSince: 0 }
    const starting: Contender = { rank: 0, fault: 'starting', priced: false, fitSince: null }
    expect(decide(starting, fit, null, SECOND)).to.equal(null)
    expect(decide({ ...starting, fault: 'no-price' }, fit, null, 2 * SECOND)).to.equal('failover')
    expect(decide({ ...starting, fault: 'no-price' }, null, null, 2 * SECOND)).to.equal(null)
  })
})
