import { expect } from 'chai'
import fc from 'fast-check'
import { type PortfolioRule, type Sight, type Standing, step } from '../../src/alerts/portfolio-rules.js'
import { dateIn } from '../../src/lib/calendar.js'
import { formatFixed, ONE, parseFixed } from '../../src/lib/decimal.js'

const NOON = Date.UTC(2026, 2, 10, 12)
const DAY = 86_400_000
const EXACT = 10n ** 54n

const ruleOf = (more: Partial<PortfolioRule>): PortfolioRule => ({
  condition: 'above',
  threshold: parseFixed('100'),
  currency: 'USD',
  percent: null,
  direction: null,
  assetId: null,
  repeat: 'rearm',
  hysteresis: parseFixed('10'),
  minIntervalSeconds: 0,
  expiresAt: null,
  snoozedUntil: null,
  ...more,
})

const sightOf = (total: number, more: Partial<Sight> = {}): Sight => ({
  at: NOON,
  currency: 'USD',
  total: BigInt(total) * EXACT,
  dayChange: null,
  dayBase: 0n,
  basis: '',
  holding: () => null,
  rate: () => null,
  dateOf: (at) => dateIn('Asia/Jakarta', at),
  ...more,
})

const NEW: Standing = { state: 'armed', armVersion: 1, firedAt: null, seen: null }

/** What is written, as `at what: of which version, value`, of one sight after the other. */
function walk(rule: PortfolioRule, sights: readonly Sight[], from: Standing = NEW): readonly string[] {
  let standing = from
  return sights.flatMap((sight, place) => {
    const ops: string[] = []
    for (let steps = 0; steps < 2; steps += 1) {
      const done = step(rule, standing, sight)
      standing = done?.standing ?? standing
      if (!done?.op) break
      ops.push(`${place} ${done.op.kind} v${done.op.armVersion} ${formatFixed(done.op.value)}`)
    }
    return ops
  })
}

const fires = (rule: PortfolioRule, sights: readonly Sight[], from?: Standing) =>
  walk(rule, sights, from).flatMap((line) => (line.includes('fire') ? [Number(line.split(' ')[0])] : []))

/** The same in words of whole numbers: a side of the mark that has to be left before it may be entered again. */
function model(
  { condition, repeat }: PortfolioRule,
  path: readonly { readonly total: number; readonly basis: string }[],
): readonly number[] {
  const found: number[] = []
  let isArmed = true
  let high = Number.NEGATIVE_INFINITY
  for (const [place, { total, basis }] of path.entries()) {
    const before = path[place - 1]
    const former = high
    high = Math.max(high, total)
    if (!before || before.basis !== basis) continue
    const isOver = {
      above: total >= 100 && before.total < 100,
      below: total <= 100 && before.total > 100,
      newHigh: total > former,
    }[condition as string]
    const isBack = {
      above: total <= 90,
      below: total >= 110,
      newHigh: total * 10 <= former * 10 - Math.abs(former),
    }[condition as string]
    if (isArmed && isOver) {
      found.push(place)
      isArmed = false
    } else if (!isArmed && isBack && repeat === 'rearm') isArmed = true
  }
  return found
}

describe('alerts on a portfolio', () => {
  it('fire at each edge that a model finds, whatever the way of the total', () => {
    const path = fc.array(
      fc.record({ total: fc.integer({ min: 80, max: 120 }), basis: fc.constantFrom('', '', '', 'a') }),
      { maxLength: 40 },
    )
    const condition = fc.constantFrom('above', 'below', 'newHigh')
    fc.assert(
      fc.property(condition, fc.constantFrom('once', 'rearm'), path, (of, repeat, totals) => {
        const rule = ruleOf({ condition: of as 'above', repeat: repeat as 'once' })
        const sights = totals.map(({ total, basis }, place) => sightOf(total, { basis, at: NOON + place }))
        expect(fires(rule, sights)).to.deep.equal(model(rule, totals))
      }),
    )
  })

  it('fire for whoever comes exactly to the mark, once, and again from beyond the hysteresis', () => {
    const totals = [99, 100, 101, 91, 100, 90, 99, 100].map((total) => sightOf(total))
    expect(walk(ruleOf({}), totals)).to.deep.equal(['1 fire v1 100', '5 rearm v1 90', '7 fire v2 100'])
    expect(walk(ruleOf({ repeat: 'once' }), totals)).to.deep.equal(['1 fire v1 100'])
  })

  it('keep the high through the fall that arms them again', () => {
    const totals = [100, 110, 120, 108, 119, 121].map((total) => sightOf(total))
    const rule = ruleOf({ condition: 'newHigh', threshold: null, currency: null })
    expect(walk(rule, totals)).to.deep.equal(['1 fire v1 110', '3 rearm v1 120', '5 fire v2 121'])
  })

  it('compare a threshold in its own currency, and nothing where the rate is not known', () => {
    const rate = (amount: string | null) => ({
      currency: 'IDR',
      rate: () => (amount === null ? null : parseFixed(amount)),
    })
    const sights = [
      sightOf(1_580_000, rate('0.00006')),
      sightOf(9_000_000, rate(null)),
      sightOf(1_650_000, rate('0.000061')),
    ]
    expect(walk(ruleOf({}), sights)).to.deep.equal(['2 fire v1 100.65'])
    // A total that was seen in the currency of before is no value to come from.
    const seen = { value: parseFixed('99'), unit: null, basis: '', at: NOON - 1 }
    expect(walk(ruleOf({}), sights.slice(2), { ...NEW, seen })).to.deep.equal([])
  })

  it('say nothing while snoozed or soon after, and do not make up for it', () => {
    const at = (total: number, seconds: number) => sightOf(total, { at: NOON + seconds * 1000 })
    const path = [at(99, 0), at(100, 10), at(80, 20), at(100, 59), at(101, 61), at(80, 80), at(100, 90)]
    expect(fires(ruleOf({ snoozedUntil: NOON + 30_000 }), path)).to.deep.equal([3, 6])
    expect(fires(ruleOf({ minIntervalSeconds: 60 }), path)).to.deep.equal([1, 6])
    expect(fires(ruleOf({ expiresAt: NOON + 10_000 }), path)).to.deep.equal([])
  })

  it('tell a day once, in the direction that was asked for', () => {
    const rule = ruleOf({ condition: 'dayChange', threshold: null, percent: parseFixed('5') })
    const moved = (change: number, days: number) =>
      sightOf(1000 + change, {
        at: NOON + days * DAY,
        dayChange: BigInt(change) * EXACT,
        dayBase: 1000n * EXACT,
      })
    const path = [moved(60, 0), moved(40, 0), moved(50, 0), moved(-90, 0), moved(-50, 1), moved(80, 1)]
    expect(walk(rule, path)).to.deep.equal(['2 fire v1 1050', '4 rearm v1 950', '4 fire v2 950'])
    expect(fires({ ...rule, direction: 'down' }, path)).to.deep.equal([3, 4])
    expect(fires({ ...rule, direction: 'up' }, path)).to.deep.equal([2, 5])
    expect(fires({ ...rule, repeat: 'once' }, path)).to.deep.equal([2])
  })

  it('watch the share of one holding or of the largest', () => {
    const rule = ruleOf({ condition: 'share', threshold: null, percent: parseFixed('40') })
    const held = (share: number): Sight =>
      sightOf(200, {
        holding: (assetId) =>
          assetId === 'none' ? null : { assetId: 'a', name: 'Bitcoin', value: BigInt(share) * 2n * EXACT },
      })
    const path = [held(39), held(40), held(37), held(41), held(36), held(40)]
    expect(fires(rule, path)).to.deep.equal([1, 5])
    expect(fires({ ...rule, assetId: 'none' }, path)).to.deep.equal([])
    const [first, then] = [step(rule, NEW, held(39)), held(40)]
    const op = first && step(rule, first.standing, then)?.op
    expect(op?.data).to.deep.include({ total: '200', currency: 'USD', assetId: 'a', holding: 'Bitcoin' })
    expect(op?.data?.share).to.equal('40')
    expect(op?.value).to.equal(200n * ONE)
  })
})
