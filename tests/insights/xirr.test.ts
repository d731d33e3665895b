import { expect } from 'chai'
import fc from 'fast-check'
import { type CashFlow, xirr } from '../../src/insights/xirr.js'

/** `2008-01-01 -10000` */
const flow = (line: string): CashFlow => {
  const [date = '', amount = ''] = line.split(' ')
  return { day: Date.parse(date) / 86_400_000, amount: Number(amount) }
}
const rateOf = (...lines: string[]): number | null => xirr(lines.map(flow)).rate

/** The sum of the definition, in its own words. */
const presentValue = (flows: readonly CashFlow[], rate: number): number => {
  const first = Math.min(...flows.map(({ day }) => day))
  return flows.reduce((sum, { day, amount }) => sum + amount / (1 + rate) ** ((day - first) / 365), 0)
}

describe('the money-weighted rate', () => {
  it('is that of spreadsheets and peers', () => {
    const known: readonly [source: string, lines: readonly string[], rate: number][] = [
      [
        'Microsoft, documentation of XIRR',
        ['2008-01-01 -10000', '2008-03-01 2750', '2008-10-30 4250', '2009-02-15 3250', '2009-04-01 2750'],
        0.373362535,
      ],
      ['Portfolio Performance, IRRTest', ['2010-01-01 -200', '2010-12-31 210'], 0.050140747],
      [
        'pyxirr, minus_0_993',
        ['2021-06-08 -1000000', '2022-06-29 5000', '2023-06-08 -3'],
        -0.993785049929284,
      ],
      [
        'pyxirr, minus_0_13',
        // biome-ignore format: as it is published
        ['2015-05-04 -200', '2015-05-07 -75', '2015-05-15 -620', '2015-05-04 -0.01', '2015-05-06 -100',
          '2015-05-14 -299.99', '2015-05-19 -20', '2015-05-26 -100', '2015-05-27 -340', '2015-06-01 -500',
          '2015-06-05 -100', '2015-06-18 -1008.52', '2015-06-22 -65', '2015-06-22 -120', '2015-06-22 -450',
          '2015-06-30 -450.75', '2015-07-06 -80', '2015-07-13 -130', '2015-07-16 -1050', '2015-07-31 -1000',
          '2015-08-10 -65', '2015-08-17 -400', '2015-09-14 -100', '2015-09-16 -956.88', '2015-09-28 -117',
          '2015-10-01 -50', '2015-10-02 -1130', '2015-10-29 -70', '2015-11-02 -188', '2015-11-06 -250',
          '2015-12-29 -100', '2015-12-31 9518.08'],
        -0.13423264098831872,
      ],
    ]
    for (const [source, lines, rate] of known) expect(rateOf(...lines), source).to.be.closeTo(rate, 1e-8)
    // Portfolio Performance, IRRTest, "slow curve", which is held to 0.0001 there too.
    const slow = rateOf(
      '2002-11-30 -4398',
      '2007-06-11 200',
      '2008-05-11 270',
      '2009-05-01 280',
      '2010-06-01 280',
      '2011-05-02 300',
      '2012-04-30 330',
      '2012-12-06 14508',
    )
    expect(slow).to.be.closeTo(0.1444629967, 1e-4)
  })

  it('solves its own definition, of hundreds of flows too, wherever it lies', () => {
    const flows = fc.array(fc.tuple(fc.integer({ min: 1, max: 9_000 }), fc.integer({ min: 1, max: 1e6 })), {
      minLength: 1,
      maxLength: 400,
    })
    fc.assert(
      fc.property(flows, fc.double({ min: -0.9, max: 9, noNaN: true }), (given, rate) => {
        const returned = given.map(([day, amount]) => ({ day, amount }))
        const paid = -presentValue([{ day: 0, amount: 0 }, ...returned], rate)
        const found = xirr([{ day: 0, amount: paid }, ...returned])
        expect(found.rate).to.be.closeTo(rate, 1e-9 * Math.max(1, rate) * 10)
        expect(found.roots).to.have.length(1)
      }),
      { numRuns: 60 },
    )
  })

  it('is the root next to zero where there are several, and names them all', () => {
    // -1000 + 2500 / (1 + r) - 1540 / (1 + r)^2: roots at 10 % and 40 %.
    const { rate, roots } = xirr([
      { day: 0, amount: -1000 },
      { day: 365, amount: 2500 },
      { day: 730, amount: -1540 },
    ])
    expect(roots.map((root) => root.toFixed(9))).to.deep.equal(['0.100000000', '0.400000000'])
    expect(rate).to.be.closeTo(0.1, 1e-10)
  })

  it('says why there is none', () => {
    expect(xirr([])).to.deep.equal({ rate: null, reason: 'no-sign-change', roots: [] })
    expect(xirr([flow('2020-01-01 -5'), flow('2021-01-01 -5')]).reason).to.equal('no-sign-change')
    expect(xirr([flow('2020-01-01 -5'), flow('2020-01-01 7')]).reason).to.equal('no-sign-change')
    const none = xirr([flow('2020-01-01 -100'), flow('2021-01-01 100'), flow('2022-01-01 -100')])
    expect(none).to.deep.equal({ rate: null, reason: 'no-root', roots: [] })
    expect(xirr([flow('2020-01-01 -100'), flow('2020-01-02 150')]).reason).to.equal('out-of-range')
  })

  it('does not mind in which order the flows come, nor where days begin to count', () => {
    const flows = [flow('2020-01-01 -100'), flow('2020-06-01 -50'), flow('2021-03-01 170')]
    const shifted = flows.map(({ day, amount }) => ({ day: day - 5_000, amount })).reverse()
    expect(xirr(shifted)).to.deep.equal(xirr(flows))
  })
})
