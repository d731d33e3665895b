import { expect } from 'chai'
import fc from 'fast-check'
import { isOpen, lastClose, type Market, marketOf, nextOpen } from '../../src/instruments/markets.js'
import { type Heard, quietDates, stateOf } from '../../src/instruments/quote-state.js'
import { dateIn, startOfDate } from '../../src/lib/calendar.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DELAY = 10 * MINUTE
const jakarta = marketOf('BBCA.JK') as Market

/** A time of the second week of March 2026 in Jakarta; the 9th is a Monday. */
const wib = (day: number, time: string): number =>
  Date.parse(`2026-03-${String(day).padStart(2, '0')}T${time}:00+07:00`)

const told = (at: number, now: number, holidays?: ReadonlySet<string>) =>
  stateOf({ at, delayMs: DELAY }, jakarta, now, holidays)

/** An hour and the delay after the open of Tuesday. */
const TUESDAY_10_10 = wib(10, '10:10')

describe('the state of a quote', () => {
  it('is delayed while the market trades, and fresh for an hour and the delay', () => {
    expect(told(wib(9, '10:00'), wib(9, '10:11'))).to.deep.equal({
      state: 'delayed',
      freshUntil: wib(9, '11:10'),
    })
  })

  it('does not count the midday break', () => {
    expect(told(wib(9, '11:30'), wib(9, '12:30')).freshUntil).to.equal(wib(9, '14:10'))
    expect(told(wib(9, '10:45'), wib(9, '11:00')).freshUntil).to.equal(wib(9, '11:55'))
    expect(told(wib(13, '11:25'), wib(13, '13:00')).freshUntil).to.equal(wib(13, '15:05'))
  })

  it('is live without delay while it is young', () => {
    const live = (ageMs: number) =>
      stateOf({ at: wib(9, '10:00'), delayMs: 0 }, jakarta, wib(9, '10:00') + ageMs)
    expect(live(MINUTE)).to.deep.equal({ state: 'live', freshUntil: wib(9, '10:05') })
    expect(live(2 * MINUTE)).to.deep.equal({ state: 'delayed', freshUntil: wib(9, '11:00') })
    const coin = stateOf({ at: wib(8, '03:00'), delayMs: 0 }, null, wib(8, '03:01'))
    expect(coin.state).to.equal('live')
  })

  it('is closed after the close, until a new price ought to be there', () => {
    for (const now of [wib(9, '16:01'), wib(9, '23:00'), wib(10, '08:59')]) {
      expect(told(wib(9, '16:00'), now)).to.deep.equal({ state: 'closed', freshUntil: TUESDAY_10_10 })
    }
    // Traded once, in the morning: still the last price of that day.
    expect(told(wib(9, '09:12'), wib(9, '20:00'))).to.deep.equal({
      state: 'closed',
      freshUntil: TUESDAY_10_10,
    })
    expect(told(wib(13, '16:00'), wib(14, '12:00')).freshUntil).to.equal(wib(16, '10:10'))
  })

  it('is delayed in the first minutes of a day for the price of the day before', () => {
    expect(told(wib(9, '16:00'), wib(10, '09:05'))).to.deep.equal({
      state: 'delayed',
      freshUntil: TUESDAY_10_10,
    })
    const later = told(wib(9, '16:00'), wib(10, '10:11'))
    expect(later.freshUntil).to.be.below(wib(10, '09:00'))
  })

  it('is stale at once for a price that is older than the last session', () => {
    const now = wib(9, '20:00')
    for (const at of [Date.parse('2025-08-12T09:00:00Z'), wib(5, '16:00'), wib(6, '16:00')]) {
      expect(told(at, now).freshUntil).to.be.below(now)
      expect(told(at, wib(9, '10:30')).freshUntil).to.be.below(wib(9, '10:30'))
    }
    expect(told(wib(5, '16:00'), wib(9, '09:05')).freshUntil).to.be.below(wib(9, '09:05'))
  })

  it('trades at all hours where there is no market', () => {
    expect(stateOf({ at: wib(8, '03:00'), delayMs: null }, null, wib(8, '03:20'))).to.deep.equal({
      state: 'delayed',
      freshUntil: wib(8, '04:15'),
    })
  })

  it('keeps the price of the last session through holidays', () => {
    const lebaran = new Set(['2026-03-19', '2026-03-20', '2026-03-23'])
    const now = wib(23, '11:00')
    expect(told(wib(18, '16:00'), now, lebaran)).to.deep.equal({
      state: 'closed',
      freshUntil: wib(24, '10:10'),
    })
    expect(told(wib(17, '16:00'), now, lebaran).freshUntil).to.be.below(now)
    // The first day after: the last price before Lebaran is good until a new one ought to be there.
    expect(told(wib(18, '16:00'), wib(24, '09:30'), lebaran)).to.deep.equal({
      state: 'delayed',
      freshUntil: wib(24, '10:10'),
    })
  })

  it('is fresh for prices of the last session alone, and not for long after the next open', () => {
    const now = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2028, 0, 1) })
    const age = fc.oneof(fc.integer({ min: 0, max: 8 * HOUR }), fc.integer({ min: 0, max: 40 * 24 * HOUR }))
    const symbols = fc.constantFrom('BBCA.JK', 'AAPL', 'VOD.L', '7203.T')
    fc.assert(
      fc.property(symbols, now, age, fc.constantFrom(null, 0, DELAY), (symbol, instant, ageMs, delayMs) => {
        const market = marketOf(symbol) as Market
        const { state, freshUntil } = stateOf({ at: instant - ageMs, delayMs }, market, instant)
        if (isOpen(market, instant)) expect(state).to.not.equal('closed')
        const lastDate = dateIn(market.timeZone, lastClose(market, instant))
        if (freshUntil > instant) {
          expect(instant - ageMs).to.be.at.least(startOfDate(market.timeZone, lastDate))
        }
        expect(freshUntil).to.be.at.most(
          nextOpen(market, instant) + HOUR + (delayMs ?? 15 * MINUTE) + 3 * HOUR,
        )
      }),
      { numRuns: 100 },
    )
  })
})

describe('quiet dates', () => {
  const heard = (at: number, heardAt: number): Heard => ({ at, heardAt, delayMs: DELAY })

  it('are those on which nothing was traded though it was asked for', () => {
    const now = wib(10, '09:45')
    const asked = [heard(wib(6, '16:00'), now), heard(wib(6, '15:30'), now)]
    expect([...quietDates(jakarta, asked, now)]).to.deep.equal(['2026-03-10', '2026-03-09'])
  })

  it('need two shares, asked for when prices were due', () => {
    const now = wib(9, '09:45')
    expect(quietDates(jakarta, [heard(wib(6, '16:00'), now)], now).size).to.equal(0)
    const early = wib(9, '09:30')
    const asked = [heard(wib(6, '16:00'), now), heard(wib(6, '16:00'), early)]
    expect(quietDates(jakarta, asked, now).size).to.equal(0)
    expect(quietDates(jakarta, [], now).size).to.equal(0)
  })

  it('are none as soon as one share trades', () => {
    const now = wib(9, '11:00')
    const asked = [heard(wib(6, '16:00'), now), heard(wib(6, '16:00'), now), heard(wib(9, '10:40'), now)]
    expect(quietDates(jakarta, asked, now).size).to.equal(0)
  })

  it('are none where nothing has been traded for weeks', () => {
    const now = wib(30, '11:00')
    const asked = [heard(wib(9, '16:00'), now), heard(wib(9, '16:00'), now)]
    expect(quietDates(jakarta, asked, now).size).to.equal(0)
  })
})
