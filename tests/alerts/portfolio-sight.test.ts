import { expect } from 'chai'
import { baselineOf } from '../../src/alerts/baseline.js'
import { doubtsOf, sightOf } from '../../src/alerts/portfolio-sight.js'
import { ruleOf } from '../../src/alerts/rule.js'
import type { Valuation } from '../../src/protocol/resources.js'
import { encodeSnapshot } from '../../src/valuation/encode.js'
import { bookOf, type Position, value } from '../../src/valuation/value.js'
import { portfolioOf, positionOf, TestMarket } from '../valuation/portfolios.js'

const AT = Date.UTC(2026, 2, 10, 12)

describe('what alerts on a portfolio go by', () => {
  const market = new TestMarket()
  const coin = positionOf()
  const sold = positionOf({
    assetId: '0190a7c0-0000-7000-8000-000000000002',
    symbol: 'LUNA-USD',
    quantity: 0n,
  })
  const old = { state: 'stale', at: '2026-03-01T00:00:00.000Z' } as const
  beforeEach(() => {
    market.marks.clear()
    market.set('BTC-USD', '90')
  })

  function look(positions: readonly Position[]) {
    const valued = value(bookOf(positions), market)
    const options = { timeZone: 'UTC', at: AT, market: () => market, allowSimulated: false }
    const sight = sightOf(valued, { loaded: portfolioOf(positions), ...options })
    const text = encodeSnapshot({ epoch: '', seq: 0, at: AT }, 'USD', valued.worths, valued.totals)
    const facts = { quote: () => undefined, valuation: JSON.parse(text) as Valuation, budgets: new Map() }
    const rule = ruleOf(
      {
        ...{ kind: 'PORTFOLIO', condition: 'above', threshold: '100', repeat: 'once', hysteresis: '1' },
        ...{ expiresAt: null, channels: null, note: null },
      },
      'USD',
    )
    return { sight, doubts: doubtsOf(valued, false), baseline: baselineOf(rule, facts, AT) }
  }

  it('is the same with what is sold to the last, whether or not that has a price', () => {
    const { basis } = look([coin]).sight ?? {}
    for (const price of ['none', 'old', 'fresh']) {
      if (price !== 'none') market.set('LUNA-USD', '1', price === 'old' ? old : {})
      const { sight, baseline, doubts } = look([coin, sold])
      expect([sight?.basis, baseline.basis, doubts], price).to.deep.equal([basis, basis, []])
    }
  })

  it('is nothing, and zero, where all is sold', () => {
    const { sight, baseline } = look([sold])
    expect([sight?.total, baseline.previous]).to.deep.equal([0n, '0.00'])
  })

  it('leaves out what is held without a price, and is not sure of what has an old one', () => {
    const held = { ...sold, quantity: coin.quantity }
    const { sight, baseline } = look([coin, held])
    expect([sight?.basis, baseline.basis]).to.deep.equal([held.assetId, held.assetId])
    market.set('LUNA-USD', '1', old)
    const { sight: none, doubts } = look([coin, held])
    expect([none, doubts]).to.deep.equal([
      null,
      [{ assetId: held.assetId, name: 'Bitcoin', since: Date.parse(old.at) }],
    ])
    market.marks.clear()
    expect(look([coin, held]).doubts.map(({ since }) => since)).to.deep.equal([null, null])
  })
})
