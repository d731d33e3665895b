import { expect } from 'chai'
import fc from 'fast-check'
import {
  isOpen,
  lastClose,
  lastTradingDay,
  type Market,
  marketOf,
  nextOpen,
  nextTradingDay,
} from '../../src/instruments/markets.js'

const SYMBOLS = [
  'AAPL',
  'BBCA.JK',
  'D05.SI',
  '1155.KL',
  '7203.T',
  '0700.HK',
  'VOD.L',
  'SAP.DE',
  'MC.PA',
  'ASML.AS',
  'NESN.SW',
  'RY.TO',
  'BHP.AX',
  'NPN.JO',
]

function of(symbol: string): Market {
  const market = marketOf(symbol)
  if (!market) throw new Error(`no market for ${symbol}`)
  return market
}

const at = (text: string): number => Date.parse(text)
const iso = (instant: number): string => new Date(instant).toISOString()

describe('markets', () => {
  it('are told by the suffix of a symbol, with lots where one rule holds', () => {
    expect(of('BBCA.JK')).to.include({ mic: 'XIDX', currency: 'IDR', lot: 100 })
    expect(of('VOD.L')).to.include({ mic: 'XLON', currency: 'GBX', lot: 1 })
    expect(of('0700.HK')).to.include({ mic: 'XHKG', lot: null })
    expect(of('AAPL')).to.include({ mic: null, currency: 'USD', timeZone: 'America/New_York' })
    expect(of('BRK-B')).to.equal(of('AAPL'))
    for (const symbol of ['BTC-USD', 'EUR-IDR', 'XYZ.ZZ']) expect(marketOf(symbol), symbol).to.equal(null)
  })

  it('rest at noon in Jakarta, longer on Fridays', () => {
    const jakarta = of('BBCA.JK')
    const open = (text: string) => isOpen(jakarta, at(`${text}+07:00`))
    const thursday = ['08:59', '09:00', '11:59', '12:00', '13:29', '13:30', '16:00', '16:01']
    expect(thursday.map((time) => open(`2026-03-05T${time}:00`))).to.deep.equal([
      false,
      true,
      true,
      false,
      false,
      true,
      true,
      false,
    ])
    const friday = ['11:29', '11:30', '13:30', '13:59', '14:00']
    expect(friday.map((time) => open(`2026-03-06T${time}:00`))).to.deep.equal([
      true,
      false,
      false,
      false,
      true,
    ])
    expect(open('2026-03-07T10:00:00')).to.equal(false)
    expect(iso(nextOpen(jakarta, at('2026-03-06T12:00:00+07:00')))).to.equal('2026-03-06T07:00:00.000Z')
    expect(iso(nextOpen(jakarta, at('2026-03-06T16:30:00+07:00')))).to.equal('2026-03-09T02:00:00.000Z')
    expect(iso(lastClose(jakarta, at('2026-03-06T12:00:00+07:00')))).to.equal('2026-03-05T09:01:00.000Z')
    expect(iso(lastClose(jakarta, at('2026-03-08T12:00:00+07:00')))).to.equal('2026-03-06T09:01:00.000Z')
  })

  it('go by their own clocks, which change on different days', () => {
    const newYork = of('AAPL')
    const opens = ['2026-03-06', '2026-03-09', '2026-10-30', '2026-11-02'].map((date) =>
      iso(nextOpen(newYork, at(`${date}T00:00:00Z`))),
    )
    expect(opens).to.deep.equal([
      '2026-03-06T14:30:00.000Z',
      '2026-03-09T13:30:00.000Z',
      '2026-10-30T13:30:00.000Z',
      '2026-11-02T14:30:00.000Z',
    ])
    expect(iso(nextOpen(of('VOD.L'), at('2026-03-27T20:00:00Z')))).to.equal('2026-03-30T07:00:00.000Z')
    expect(iso(lastClose(of('BHP.AX'), at('2026-10-06T00:00:00Z')))).to.equal('2026-10-05T05:11:00.000Z')
  })

  it('close in Tokyo at half past three, with an hour of lunch', () => {
    const tokyo = of('7203.T')
    const open = (time: string) => isOpen(tokyo, at(`2026-03-05T${time}+09:00`))
    expect([open('11:29'), open('11:30'), open('12:30'), open('15:29'), open('15:30')]).to.deep.equal([
      true,
      false,
      true,
      true,
      false,
    ])
  })

  it('open after every instant and closed at or before it', () => {
    const instants = fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2040, 0, 1) })
    fc.assert(
      fc.property(fc.constantFrom(...SYMBOLS), instants, (symbol, instant) => {
        const market = of(symbol)
        const next = nextOpen(market, instant)
        const last = lastClose(market, instant)
        expect(next).to.be.above(instant)
        expect(isOpen(market, next)).to.equal(true)
        expect(isOpen(market, next - 1)).to.equal(false)
        expect(last).to.be.at.most(instant)
        expect(isOpen(market, last - 1)).to.equal(true)
        expect(isOpen(market, last)).to.equal(false)
        // Between the last close and the next open nothing but the sessions of today can lie.
        if (!isOpen(market, instant)) expect(nextOpen(market, last)).to.be.at.most(next)
        expect(next - last).to.be.below(5 * 24 * 3_600_000)
      }),
      { numRuns: 100 },
    )
  })

  it('have trading days that follow one another', () => {
    const instants = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2030, 0, 1) })
    fc.assert(
      fc.property(fc.constantFrom(...SYMBOLS), instants, (symbol, instant) => {
        const market = of(symbol)
        const day = lastTradingDay(market, instant)
        const next = nextTradingDay(market, instant)
        expect(day.open).to.be.at.most(instant)
        expect(day.close).to.be.below(next.open)
        expect(lastTradingDay(market, next.open - 1)).to.deep.equal(day)
        const before = lastTradingDay(market, instant, new Set([day.date]))
        expect(before.close).to.be.below(day.open)
        expect(lastTradingDay(market, day.open - 1)).to.deep.equal(before)
      }),
      { numRuns: 60 },
    )
  })
})
