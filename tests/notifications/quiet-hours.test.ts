import { expect } from 'chai'
import fc from 'fast-check'
import { heldUntil } from '../../src/notifications/quiet-hours.js'

const HOUR_MS = 3_600_000
const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'))
const quiet = fc.record({ from: time, to: time }).filter(({ from, to }) => from !== to)
const instant = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) })

/** What a clock in the zone shows, by another way than the one under test. */
function shown(timeZone: string, at: number): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(at)
}

function isBetween(now: string, { from, to }: { from: string; to: string }): boolean {
  return from < to ? from <= now && now < to : from <= now || now < to
}

describe('quiet hours', () => {
  it('hold what comes while the clock shows them, until it shows their end for the first time', () => {
    const zone = fc.constantFrom('UTC', 'Asia/Jakarta', 'Asia/Kathmandu', 'Pacific/Kiritimati')
    fc.assert(
      fc.property(quiet, zone, instant, (hours, timeZone, now) => {
        const until = heldUntil(hours, timeZone, now)
        expect(until !== null).to.equal(isBetween(shown(timeZone, now), hours))
        if (until === null) return
        expect(until).to.be.within(now + 1, now + 24 * HOUR_MS)
        expect(shown(timeZone, until)).to.equal(hours.to)
        expect(heldUntil(hours, timeZone, until)).to.equal(null)
      }),
      { numRuns: 150 },
    )
  })

  it('end within a day where clocks are changed, at their time or right after it is skipped', () => {
    const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe')
    const changing = fc.constantFrom(Date.UTC(2026, 2, 8), Date.UTC(2026, 2, 29), Date.UTC(2026, 9, 25))
    const near = fc
      .tuple(changing, fc.integer({ min: -24, max: 48 }))
      .map(([at, hours]) => at + hours * HOUR_MS)
    fc.assert(
      fc.property(quiet, zone, near, (hours, timeZone, now) => {
        const until = heldUntil(hours, timeZone, now)
        if (until === null) return
        expect(until).to.be.within(now + 1, now + 25 * HOUR_MS)
        const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
        const late = minutes(shown(timeZone, until)) - minutes(hours.to)
        expect((late + 1_440) % 1_440).to.be.within(0, 60)
      }),
      { numRuns: 150 },
    )
  })

  it('last an hour less or more in the night of the change', () => {
    const hours = { from: '22:00', to: '07:00' }
    const length = (day: string): number => {
      const begin = Date.parse(`${day}T22:00:00+0${day.includes('-03-') ? 1 : 2}:00`)
      expect(heldUntil(hours, 'Europe/Berlin', begin - 1)).to.equal(null)
      return ((heldUntil(hours, 'Europe/Berlin', begin) ?? 0) - begin) / HOUR_MS
    }
    expect([length('2026-03-28'), length('2026-06-01'), length('2026-10-24')]).to.deep.equal([8, 9, 10])
  })

  it('hold nothing where there are none', () => {
    expect(heldUntil(null, 'UTC', 0)).to.equal(null)
  })
})
