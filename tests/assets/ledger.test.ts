import { expect } from 'chai'
import { Decimal } from 'decimal.js'
import fc from 'fast-check'
import { type Entry, fold } from '../../src/assets/ledger.js'
import type { NewActivity } from '../../src/assets/schema.js'
import { type Assets, assets } from '../../src/assets/service.js'
import type { Database } from '../../src/database/database.js'
import { systemClock } from '../../src/lib/clock.js'
import { formatFixed, parseFixed } from '../../src/lib/decimal.js'
import { AppError } from '../../src/lib/errors.js'
import type { ActivityType } from '../../src/protocol/resources.js'
import { addUser, openTestDatabase } from '../support/database.js'

const Model = Decimal.clone({
  precision: 120,
  rounding: Decimal.ROUND_HALF_EVEN,
  toExpNeg: -99,
  toExpPos: 99,
})

/** The same ledger, plainly: by date, then by entry; null when something would be oversold. */
function recompute(activities: readonly NewActivity[]): { quantity: string; cost: string } | null {
  let quantity = new Model(0)
  let cost = new Model(0)
  const ordered = [...activities].sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0))
  for (const { type, ...activity } of ordered) {
    const moved = new Model(activity.quantity ?? 0)
    const price = moved.mul(activity.unitPrice ?? 0).toDecimalPlaces(18)
    const left = type === 'ADJUSTMENT' ? moved : quantity.sub(moved)
    if (type === 'BUY' || type === 'TRANSFER_IN') {
      quantity = quantity.add(moved)
      cost = cost.add(type === 'TRANSFER_IN' ? (activity.amount ?? price) : price).add(activity.fee ?? 0)
    } else if (type !== 'DIVIDEND') {
      if (left.isNegative() && !left.isZero()) return null
      if (left.lt(quantity))
        cost = left.isZero() ? new Model(0) : cost.mul(left).div(quantity).toDecimalPlaces(18)
      quantity = left
    }
  }
  return { quantity: quantity.toFixed(), cost: cost.toFixed() }
}

const amount = fc
  .tuple(fc.nat(99_999), fc.constantFrom('', '.5', '.333333333333333333', '.0000000123'))
  .map((parts) => parts.join(''))
const positive = amount.map((text) => (Number(text) === 0 ? '1' : text))
const date = fc.integer({ min: 1, max: 28 }).map((day) => `2024-02-${String(day).padStart(2, '0')}`)
const activity: fc.Arbitrary<NewActivity> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('BUY' as const),
      date,
      quantity: positive,
      unitPrice: amount,
      fee: amount,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('SELL' as const), date, quantity: positive, unitPrice: amount }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('TRANSFER_IN' as const), date, quantity: amount, amount }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('TRANSFER_OUT' as const), date, quantity: amount }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('ADJUSTMENT' as const), date, quantity: amount }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('DIVIDEND' as const), date, amount }) },
)

function entryOf(input: NewActivity): Entry {
  const fixed = (text: string | undefined) => (text === undefined ? null : parseFixed(text))
  return {
    type: input.type,
    quantity: fixed(input.quantity),
    unitPrice: fixed(input.unitPrice),
    amount: fixed(input.amount),
    fee: parseFixed(input.fee ?? '0'),
    tax: 0n,
  }
}

describe('the ledger', () => {
  it('adds up as a plain recomputation does, to the last digit', () => {
    fc.assert(
      fc.property(fc.array(activity, { maxLength: 20 }), (activities) => {
        const ordered = [...activities].sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0))
        const expected = recompute(ordered)
        if (expected === null) {
          expect(() => fold('CRYPTO', ordered.map(entryOf), false)).to.throw(AppError, /given away/)
        } else {
          const held = fold('CRYPTO', ordered.map(entryOf), false)
          expect({ quantity: formatFixed(held.quantity), cost: formatFixed(held.cost) }).to.deep.equal(
            expected,
          )
        }
      }),
      { numRuns: 500 },
    )
  })

  it('leaves fees out of the investment and keeps the same share of both', () => {
    const entry = (type: ActivityType, quantity: string, unitPrice: string, fee: string) =>
      entryOf({ type: type as NewActivity['type'], date: '2024-01-01', quantity, unitPrice, fee })
    const held = fold('STOCK', [entry('BUY', '10', '100', '50'), entry('SELL', '4', '1', '9')], false)
    expect(held).to.deep.equal({
      quantity: parseFixed('6'),
      cost: parseFixed('630'),
      investment: parseFixed('600'),
    })
  })

  it('lets an asset go short only where that is allowed, at no cost', () => {
    const sale = entryOf({ type: 'SELL', date: '2024-01-01', quantity: '3', unitPrice: '5' })
    expect(() => fold('CRYPTO', [sale], false)).to.throw(AppError)
    expect(fold('CRYPTO', [sale], true)).to.deep.equal({
      quantity: parseFixed('-3'),
      cost: 0n,
      investment: 0n,
    })
  })
})

describe('activities that are inserted, changed and removed later', function () {
  this.timeout(60_000)
  let db: Database
  let owned: Assets
  let userId: string
  before(async () => {
    db = await openTestDatabase('embedded')
    userId = await addUser(db)
    owned = assets({ db, clock: systemClock, priceOf: async () => undefined, changed: () => {} })
  })
  after(() => db?.close())

  it('give the same state as if all had been entered in order, and a refused one changes nothing', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), activity }) },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('change' as const),
          at: fc.nat(),
          date,
          quantity: positive,
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), at: fc.nat() }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 14 }), async (steps) => {
        const { id } = await owned.create(userId, { type: 'CRYPTO', symbol: 'BTC-USD' })
        let model: { id: string; activity: NewActivity }[] = []
        for (const todo of steps) {
          const target = todo.kind === 'add' ? undefined : model[todo.at % Math.max(1, model.length)]
          const next = [...model]
          let work: () => Promise<string>
          if (todo.kind === 'add') {
            next.push({ id: 'new', activity: todo.activity })
            work = async () => (await owned.addActivity(userId, id, todo.activity)).id
          } else if (!target || (todo.kind === 'change' && target.activity.type === 'DIVIDEND')) {
            continue
          } else if (todo.kind === 'change') {
            const change = { date: todo.date, quantity: todo.quantity }
            next[next.indexOf(target)] = { id: target.id, activity: { ...target.activity, ...change } }
            work = async () => (await owned.changeActivity(userId, id, target.id, change, () => {})).id
          } else {
            next.splice(next.indexOf(target), 1)
            work = async () => {
              await owned.removeActivity(userId, id, target.id, () => {})
              return ''
            }
          }
          const fits = recompute(next.map((entry) => entry.activity)) !== null
          const outcome = await work().catch((error: unknown) => error)
          if (fits) {
            expect(outcome).to.be.a('string')
            model = next.map((entry) => (entry.id === 'new' ? { ...entry, id: String(outcome) } : entry))
          } else expect(outcome).to.be.instanceOf(AppError).with.property('code', 'oversold')
          const expected = recompute(model.map((entry) => entry.activity))
          expect(await owned.get(userId, id)).to.include({
            quantity: expected?.quantity,
            cost: new Model(expected?.cost ?? 'NaN').toFixed(2),
          })
        }
        await owned.remove(userId, id, () => {})
      }),
      { numRuns: 20 },
    )
  })
})
