import { expect } from 'chai'
import { assets } from '../../src/assets/service.js'
import type { Database } from '../../src/database/database.js'
import { systemClock } from '../../src/lib/clock.js'
import { AppError } from '../../src/lib/errors.js'
import { DatedMarkets } from '../../src/prices/dated-market.js'
import { addUser, openTestDatabase } from '../support/database.js'

describe('an asset whose symbol somebody else has named before', function () {
  this.timeout(120_000)
  let db: Database
  before(async () => {
    db = await openTestDatabase('embedded')
  })
  after(() => db?.close())

  const dated = new DatedMarkets({
    now: () => systemClock.now(),
    live: { price: () => undefined, rate: () => null },
  }).load
  const service = () =>
    assets({ db, clock: systemClock, priceOf: async () => undefined, dated, changed: () => {} })

  it('keeps the currency that its owner gives it', async () => {
    const [first, second] = [await addUser(db), await addUser(db)]
    const share = { type: 'STOCK', symbol: 'ABC.XX', quantity: '1', unitCost: '10' } as const
    expect(await service().create(first, { ...share, currency: 'VND' })).to.include({ currency: 'VND' })
    expect(await service().create(second, { ...share, currency: 'USD' })).to.include({ currency: 'USD' })
  })

  it('is not spoilt by a share under the name of a pair', async () => {
    const [first, second] = [await addUser(db), await addUser(db)]
    const refusal = await service()
      .create(first, { type: 'STOCK', symbol: 'ETH-IDR', quantity: '1', unitCost: '1' })
      .catch((error: unknown) => error)
    expect(refusal).to.be.instanceOf(AppError).with.property('code', 'unknown-symbol')
    const coin = { type: 'CRYPTO', symbol: 'ETH-IDR', quantity: '1', unitCost: '53000000' } as const
    expect(await service().create(second, coin)).to.include({ currency: 'IDR' })
    const share = { type: 'STOCK', symbol: 'BRK-B', quantity: '1', unitCost: '400' } as const
    expect(await service().create(first, share)).to.include({ currency: 'USD' })
  })
})
