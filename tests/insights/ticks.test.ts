import { expect } from 'chai'
import { ticksOf } from '../../src/insights/ticks.js'

const now = Date.parse('2026-06-10T12:00:30Z')
const ask = { interval: '1d', from: null, to: null, timeZone: 'UTC', now, first: '2026-06-01' } as const
const told = (more: Partial<Parameters<typeof ticksOf>[0]>) =>
  ticksOf({ ...ask, ...more }).map(({ at, date }) => `${new Date(at).toISOString()} ${date}`)

describe('moments of a history', () => {
  it('are the ends of days, also where clocks change, and none is still to come', () => {
    const days = told({ timeZone: 'Europe/Berlin', first: '2026-03-28', to: { date: '2026-03-30' } })
    expect(days).to.deep.equal([
      '2026-03-28T22:59:59.999Z 2026-03-28',
      '2026-03-29T21:59:59.999Z 2026-03-29',
      '2026-03-30T21:59:59.999Z 2026-03-30',
    ])
    expect(told({}).at(-1)).to.equal('2026-06-09T23:59:59.999Z 2026-06-09')
    expect(told({ from: { date: '2026-06-10' } })).to.deep.equal([])
    expect(told({ to: { at: Date.parse('2026-06-03T12:00:00Z') } })).to.have.length(2)
    expect(told({ to: { date: '2199-01-01' }, from: { date: '1900-01-01' } })).to.have.length(9)
  })

  it('are minutes and hours of UTC as long as candles of them are kept', () => {
    expect(told({ interval: '1m' })).to.have.length(24 * 60)
    expect(told({ interval: '1m' }).at(-1)).to.equal('2026-06-10T11:59:59.999Z 2026-06-10')
    const hours = told({ interval: '1h', first: '2020-01-01', timeZone: 'Asia/Kolkata' })
    expect(hours).to.have.length(90 * 24)
    expect(hours.filter((tick) => tick.endsWith('2026-06-01'))).to.have.length(24)
    expect(told({ interval: '1h', to: { date: '2019-01-01' } })).to.deep.equal([])
  })

  it('are thinned out evenly where they would be too many, and the last one stays', () => {
    const days = told({ first: '1990-01-01' })
    expect(days.length).to.be.within(4_000, 5_000)
    expect(days.slice(-2)).to.deep.equal([
      '2026-06-06T23:59:59.999Z 2026-06-06',
      '2026-06-09T23:59:59.999Z 2026-06-09',
    ])
    expect(told({ interval: '1m', from: { date: '2026-06-04' } }).length).to.be.within(2_500, 5_000)
  })
})
