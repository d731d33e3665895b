import { expect } from 'chai'
import { openingOf, readActivity } from '../../src/assets/entries.js'
import type { StoredAsset } from '../../src/assets/store.js'
import { activityValues } from '../../src/assets/values.js'
import type { Tx } from '../../src/database/database.js'
import { formatFixed, parseFixed } from '../../src/lib/decimal.js'
import { AppError } from '../../src/lib/errors.js'
import type { AssetType, NewActivity } from '../../src/protocol/resources.js'

const TODAY = '2026-01-01'

describe('what is told of an activity', () => {
  const assetOf = (type: AssetType) => ({ type, currency: 'USD' }) as StoredAsset
  const read = (activity: Omit<NewActivity, 'date'>) =>
    readActivity(assetOf('STOCK'), { date: TODAY, ...activity }, TODAY)
  const pointersOf = (work: () => unknown): readonly string[] => {
    try {
      work()
    } catch (error) {
      if (error instanceof AppError) return error.details.errors?.map(({ pointer }) => pointer) ?? []
      throw error
    }
    return ['nothing was refused']
  }

  it('may say twice what is the same, and nothing that is not', () => {
    const bought = { type: 'BUY', quantity: '3', unitPrice: '0.1' } as const
    expect(read({ ...bought, amount: '0.30' })).to.deep.equal(read(bought))
    expect(pointersOf(() => read({ ...bought, amount: '0.31' }))).to.deep.equal(['/amount'])
    const split = { type: 'SPLIT', ratio: '6:4' } as const
    expect(read({ ...split, quantity: '1.5' }).ratio).to.deep.equal(read(split).ratio)
    expect(pointersOf(() => read({ ...split, quantity: '2' }))).to.deep.equal(['/quantity'])
  })

  it('names the field that makes an amount too large', async () => {
    const most = '9'.repeat(20)
    const tooLarge: readonly [Omit<NewActivity, 'date'>, string][] = [
      [{ type: 'BUY', quantity: '2', unitPrice: most }, '/unitPrice'],
      [{ type: 'BUY', quantity: most, unitPrice: '2' }, '/quantity'],
    ]
    for (const [activity, pointer] of tooLarge)
      expect(pointersOf(() => read(activity))).to.deep.equal([pointer])
    const write = activityValues({ find: async () => null, require: async () => 1n })
    const written = async (more: Partial<NewActivity>): Promise<readonly string[]> => {
      const bought = { type: 'BUY', date: TODAY, quantity: '1', unitPrice: '9', ...more } as const
      const today = { date: TODAY, baseCurrency: 'USD' }
      const made = write({} as Tx, 'somebody', assetOf('STOCK'), bought, today, null)
      return made.then(
        () => pointersOf(() => undefined),
        (error: unknown) =>
          pointersOf(() => {
            throw error
          }),
      )
    }
    expect(await written({ fee: most })).to.deep.equal(['/fee'])
    expect(await written({ tax: most })).to.deep.equal(['/tax'])
    expect(await written({ currency: 'EUR', rate: most })).to.deep.equal(['/rate'])
    expect(await written({ fee: '1' })).to.deep.equal(['nothing was refused'])
  })

  it('of an opened account adds to what is told of earlier dates', () => {
    for (const [type, opening] of [
      ['CASH', 'DEPOSIT'],
      ['LIABILITY', 'WITHDRAWAL'],
    ] as const) {
      const row = {
        ...assetOf(type),
        name: type,
        symbol: null,
        pricing: 'MANUAL',
        shortAllowed: false,
      } as const
      const opened = openingOf(
        { type, quantity: '500' },
        { ...row, instrumentId: null },
        TODAY,
        parseFixed('1'),
      )
      expect([opened?.type, formatFixed(opened?.amount ?? 0n)]).to.deep.equal([opening, '500'])
    }
  })
})
