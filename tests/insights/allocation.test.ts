import { expect } from 'chai'
import fc from 'fast-check'
import { allocationOf } from '../../src/insights/allocation.js'
import type { Allocation } from '../../src/protocol/insights.js'
import type { AssetType, Holding, Valuation } from '../../src/protocol/resources.js'

interface Held {
  readonly type: AssetType
  readonly quantity?: string
  /** Null is not priced. */
  readonly price: string | null
  readonly currency?: string
  readonly rate?: string
  readonly symbol?: string
}

function portfolio(held: readonly Held[]): Valuation {
  const holdings = held.map(
    ({ type, quantity = '1', price, currency = 'USD', rate = '1', symbol }, index) => {
      const known = price !== null
      const told = { symbol: symbol ?? 'x', amount: price ?? '', currency, at: '', source: '', state: 'live' }
      const holding: Holding = {
        assetId: `asset-${index}`,
        type,
        name: `Asset ${index}`,
        symbol: symbol ?? null,
        quantity,
        price: known ? (told as Holding['price']) : null,
        rate: known ? rate : null,
        value: known ? 'known' : null,
        cost: null,
        gain: null,
        dayChange: null,
      }
      return holding
    },
  )
  const unpriced = holdings
    .filter(({ price }) => price === null)
    .map(({ assetId }) => ({ assetId, reason: 'no-price' as const }))
  const coverage = { holdings: held.length, priced: held.length - unpriced.length, stale: 0, unpriced }
  const sums = { total: '42.00', cost: '0.00', gain: '0.00', dayChange: null }
  return { epoch: '', seq: 0, at: '', currency: 'USD', ...sums, coverage, holdings }
}

const parts = (allocation: Allocation) =>
  allocation.parts.map(({ key, value, share }) => [key, value, share] as const)

describe('the allocation of a portfolio', () => {
  const mixed = portfolio([
    { type: 'CASH', price: '1', quantity: '250' },
    { type: 'CASH', price: '1', quantity: '100', currency: 'EUR', rate: '2' },
    { type: 'STOCK', price: '15000', currency: 'GBX', rate: '0.02', symbol: 'VOD.L' },
    { type: 'CRYPTO', price: '500', quantity: '0.5', symbol: 'BTC-USDT', currency: 'USDT' },
    { type: 'CRYPTO', price: '0.01', quantity: '100', currency: 'EUR', rate: '2' },
    { type: 'REAL', price: null },
    { type: 'LIABILITY', price: '1', quantity: '400' },
    { type: 'LIABILITY', price: '1', quantity: '0.004', currency: 'EUR', rate: '2' },
  ])

  it('by type has one part of each, the largest first, and what is owed apart and negative', () => {
    const told = allocationOf(mixed, 'type')
    expect(parts(told)).to.deep.equal([
      ['CASH', '450.00', '0.4491'],
      ['STOCK', '300.00', '0.2994'],
      ['CRYPTO', '252.00', '0.2515'],
      ['LIABILITY', '-400.01', null],
    ])
    expect(told.parts.map(({ name }) => name)).to.deep.equal(['Cash', 'Stocks', 'Crypto', 'Liabilities'])
    expect(told).to.include({ currency: 'USD', by: 'type', total: '42.00' })
    expect(told.coverage).to.deep.equal(mixed.coverage)
  })

  it('by currency takes a coin for its own, and pence for pounds', () => {
    expect(parts(allocationOf(mixed, 'currency')).map(([key, value]) => [key, value])).to.deep.equal([
      ['GBP', '300.00'],
      ['USD', '250.00'],
      ['BTC', '250.00'],
      ['EUR', '202.00'],
      ['LIABILITY', '-400.01'],
    ])
  })

  it('by asset has one part of each that is priced, each debt for itself', () => {
    const told = allocationOf(mixed, 'asset')
    expect(told.parts.map(({ name, share }) => [name, share === null])).to.deep.equal([
      ['Asset 2', false],
      ['Asset 0', false],
      ['Asset 3', false],
      ['Asset 1', false],
      ['Asset 4', false],
      ['Asset 7', true],
      ['Asset 6', true],
    ])
  })

  it('gives no share to what is overdrawn, nor to anything when nothing counts positive', () => {
    const overdrawn = portfolio([
      { type: 'CASH', price: '1', quantity: '-10' },
      { type: 'STOCK', price: '30' },
      { type: 'LIABILITY', price: '1', quantity: '-5' },
    ])
    expect(parts(allocationOf(overdrawn, 'type'))).to.deep.equal([
      ['STOCK', '30.00', '1.0000'],
      ['LIABILITY', '5.00', null],
      ['CASH', '-10.00', null],
    ])
    expect(
      parts(allocationOf(portfolio([{ type: 'CASH', price: '1', quantity: '-10' }]), 'type')),
    ).to.deep.equal([['CASH', '-10.00', null]])
    expect(allocationOf(portfolio([{ type: 'REAL', price: null }]), 'asset').parts).to.deep.equal([])
  })

  it('has shares of four digits that add up to exactly 1, each next to the true one', () => {
    const quantity = fc.bigInt({ min: 0n, max: 10n ** 15n }).map(String)
    fc.assert(
      fc.property(fc.array(quantity, { minLength: 1, maxLength: 30 }), (quantities) => {
        const told = allocationOf(
          portfolio(quantities.map((one) => ({ type: 'REAL', price: '1', quantity: one }))),
          'asset',
        )
        const sum = quantities.reduce((total, one) => total + BigInt(one), 0n)
        if (sum === 0n) {
          expect(told.parts.every(({ share }) => share === null)).to.equal(true)
          return
        }
        const units = told.parts.map(({ share }) => BigInt((share ?? '').replace('.', '')))
        expect(units.reduce((total, one) => total + one, 0n)).to.equal(10_000n)
        for (const [place, part] of told.parts.entries()) {
          const own = BigInt(quantities[Number(part.key.slice(6))] ?? '0')
          const error = (units[place] ?? 0n) * sum - own * 10_000n
          expect(error < sum && -error < sum).to.equal(true)
        }
      }),
    )
  })
})
