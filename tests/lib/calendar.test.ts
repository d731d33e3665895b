import { expect } from 'chai'
import fc from 'fast-check'
import {
  addDays,
  addMonths,
  dateIn,
  daysBetween,
  monthsAndDays,
  startOfDate,
  startOfMonth,
} from '../../src/lib/calendar.js'

const HOUR = 3_600_000

describe('calendar dates', () => {
  it('are those of the zone, east and west of Greenwich', () => {
    const at = Date.UTC(2026, 2, 31, 17, 30)
    expect(dateIn('UTC', at)).to.equal('2026-03-31')
    expect(dateIn('Asia/Jakarta', at)).to.equal('2026-04-01')
    expect(dateIn('Pacific/Honolulu', at)).to.equal('2026-03-31')
    expect(dateIn('Pacific/Honolulu', Date.UTC(2026, 3, 1, 9, 59))).to.equal('2026-03-31')
    expect(dateIn('Pacific/Honolulu', Date.UTC(2026, 3, 1, 10))).to.equal('2026-04-01')
    expect(startOfDate('Asia/Jakarta', '2026-04-01')).to.equal(Date.UTC(2026, 2, 31, 17))
    expect(startOfDate('Pacific/Honolulu', '2026-04-01')).to.equal(Date.UTC(2026, 3, 1, 10))
  })

  it('last 23 and 25 hours where clocks change', () => {
    const length = (zone: string, date: string) =>
      (startOfDate(zone, addDays(date, 1)) - startOfDate(zone, date)) / HOUR
    expect(length('Europe/Berlin', '2026-03-29')).to.equal(23)
    expect(length('Europe/Berlin', '2026-10-25')).to.equal(25)
    expect(length('Australia/Lord_Howe', '2026-10-04')).to.equal(23.5)
    expect(length('Europe/Berlin', '2026-06-01')).to.equal(24)
  })

  it('begin at the first instant there is, where midnight is skipped', () => {
    // Clocks in Beirut go from 00:00 to 01:00 on the last Sunday of March.
    expect(startOfDate('Asia/Beirut', '2026-03-29')).to.equal(Date.UTC(2026, 2, 28, 22))
    expect(dateIn('Asia/Beirut', Date.UTC(2026, 2, 28, 22) - 1)).to.equal('2026-03-28')
    // Samoa left out the whole 30th of December 2011.
    expect(dateIn('Pacific/Apia', Date.UTC(2011, 11, 30, 9, 59))).to.equal('2011-12-29')
    expect(dateIn('Pacific/Apia', Date.UTC(2011, 11, 30, 10))).to.equal('2011-12-31')
  })

  it('add up over months and leap days', () => {
    expect(addDays('2024-02-28', 1)).to.equal('2024-02-29')
    expect(addDays('2026-02-28', 1)).to.equal('2026-03-01')
    expect(addDays('2026-01-01', -1)).to.equal('2025-12-31')
  })

  it('lie in the month that begins on a day of its own', () => {
    expect(startOfMonth('2026-03-24', 25)).to.equal('2026-02-25')
    expect(startOfMonth('2026-03-25', 25)).to.equal('2026-03-25')
    expect(startOfMonth('2026-01-01', 2)).to.equal('2025-12-02')
    expect(startOfMonth('2024-03-27', 28)).to.equal('2024-02-28')
    expect(startOfMonth('2026-03-31', 1)).to.equal('2026-03-01')
  })

  it('are whole months and some days apart', () => {
    expect(monthsAndDays('2026-01-31', '2026-03-01')).to.deep.equal({ months: 1, days: 1 })
    expect(monthsAndDays('2026-01-15', '2027-01-15')).to.deep.equal({ months: 12, days: 0 })
    expect(addMonths('2026-01-31', 1)).to.equal('2026-02-28')
    const day = fc.integer({ min: 0, max: 60_000 }).map((days) => addDays('1950-01-01', days))
    fc.assert(
      fc.property(day, day, (one, other) => {
        const [first, last] = one < other ? [one, other] : [other, one]
        const { months, days } = monthsAndDays(first, last)
        expect(addDays(addMonths(first, months), days)).to.equal(last)
        expect(addMonths(first, months + 1) > last).to.equal(true)
        expect(addDays(first, daysBetween(first, last))).to.equal(last)
      }),
    )
  })

  it('hold every instant in exactly one day', () => {
    const zones = [
      'UTC',
      'Asia/Jakarta',
      'Pacific/Honolulu',
      'Europe/Berlin',
      'Asia/Beirut',
      'America/St_Johns',
      'Pacific/Chatham',
    ]
    const instants = fc.integer({ min: Date.UTC(2012, 0, 1), max: Date.UTC(2040, 0, 1) })
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, (zone, at) => {
        const date = dateIn(zone, at)
        expect(startOfDate(zone, date)).to.be.at.most(at)
        expect(startOfDate(zone, addDays(date, 1))).to.be.above(at)
      }),
    )
  })
})
