import { expect } from 'chai'
import fc from 'fast-check'
import { type Database, openOn } from '../../src/database/database.js'
import { goals } from '../../src/goals/service.js'
import { goalWatch } from '../../src/goals/watch.js'
import type { Clock } from '../../src/lib/clock.js'
import { ONE, parseFixed } from '../../src/lib/decimal.js'
import type { LoadDated } from '../../src/prices/dated.js'
import type { Goal, NewGoal } from '../../src/protocol/goals.js'
import type { Holding, Valuation } from '../../src/protocol/resources.js'
import { addUser, databaseKinds, openTestDatabase, openTestEmbedded } from '../support/database.js'

let at = Date.UTC(2026, 4, 20, 9)
const clock: Clock = { now: () => at, after: () => () => {}, every: () => () => {} }

/** An euro is two dollars, and was four until the end of 2025. Of other currencies nothing is known. */
const dated: LoadDated = async () => ({
  rate: (from, to, date) => {
    const dollars = date < '2026-01-01' ? 4n : 2n
    if (from === to) return ONE
    if (from === 'EUR' && to === 'USD') return ONE * dollars
    return from === 'USD' && to === 'EUR' ? ONE / dollars : null
  },
  close: () => null,
})

/** What one of each holding is worth in dollars; null is not priced, `debt` is owed. */
function worth(values: Readonly<Record<string, string | null>>): Valuation {
  const holdings = Object.entries(values).map(([assetId, amount]): Holding => {
    const price = {
      symbol: assetId,
      amount: amount ?? '',
      currency: 'USD',
      at: '',
      source: '',
      state: 'live',
    }
    const named = {
      assetId,
      name: assetId,
      symbol: null,
      quantity: '1',
      cost: null,
      gain: null,
      dayChange: null,
    }
    const priced = amount !== null
    return {
      ...named,
      type: assetId === 'debt' ? 'LIABILITY' : 'REAL',
      price: priced ? (price as Holding['price']) : null,
      rate: priced ? '1' : null,
      value: amount,
    }
  })
  const coverage = { holdings: holdings.length, priced: 0, stale: 0, unpriced: [] }
  const sums = { total: '0', cost: '0', gain: '0', dayChange: null }
  return { epoch: '', seq: 0, at: '', currency: 'USD', ...sums, coverage, holdings }
}

for (const kind of databaseKinds()) {
  describe(`goals and the market, ${kind}`, function () {
    this.timeout(60_000)
    let db: Database
    let userId: string
    let now: Valuation
    const valuation = async (): Promise<Valuation> => now
    before(async () => {
      db = await openTestDatabase(kind)
    })
    beforeEach(async () => {
      userId = await addUser(db)
      now = worth({})
      at = Date.UTC(2026, 4, 20, 9)
    })
    after(() => db?.close())

    const kept = () => goals({ db, clock, dated, valuation })
    const watch = () => goalWatch({ db, clock, dated })
    const make = (more: Partial<NewGoal> = {}): Promise<Goal> => {
      const goal = { name: 'Boat', target: '100', currency: 'USD', basis: 'NET_WORTH', ...more } as const
      return kept().create(userId, goal as Parameters<ReturnType<typeof kept>['create']>[1])
    }
    const change = (id: string, to: Parameters<ReturnType<typeof kept>['change']>[2]): Promise<Goal> =>
      kept().change(userId, id, to, () => {})
    const read = (id: string): Promise<Goal> => kept().get(userId, id)
    const own = async (): Promise<string> => {
      const data = { userId, type: 'REAL', name: 'Land', currency: 'USD', pricing: 'MANUAL' } as const
      return (await db.asUser(userId, (tx) => tx.asset.create({ data }))).id
    }
    const behind = ({ milestones }: Goal): readonly number[] =>
      milestones.flatMap(({ percent, reachedAt }) => (reachedAt === null ? [] : [percent]))
    const news = async (values: Parameters<typeof worth>[0]): Promise<readonly string[]> =>
      (await watch().check(userId, worth(values))).map((one) => `${one.kind} ${one.percent}`).sort()

    it('tell the highest milestone of each step once, however many find it, and every fall from the target', async () => {
      const path = fc.array(fc.integer({ min: -50, max: 180 }), { minLength: 1, maxLength: 4 })
      await fc.assert(
        fc.asyncProperty(path, async (values) => {
          now = worth({})
          const { id } = await make()
          let [most, isFallen] = [0, false]
          for (const value of values) {
            const found = await Promise.all([1, 2].map(() => news({ land: String(value) })))
            const fresh = [25, 50, 75, 100].filter((percent) => percent > most && percent <= value)
            const isFall = most >= 100 && !isFallen && value < 95
            isFallen = isFall || (isFallen && value < 100)
            most = Math.max(most, value)
            const highest = fresh.slice(-1)
            const expected = highest.map(
              (percent) => `${percent === 100 ? 'reached' : 'milestone'} ${percent}`,
            )
            expect(found.flat().sort()).to.deep.equal(
              [...(isFall ? ['fellBack null'] : []), ...expected].sort(),
            )
          }
          now = worth({ land: String(values.at(-1)) })
          const goal = await read(id)
          expect(behind(goal)).to.deep.equal([25, 50, 75, 100].filter((percent) => percent <= most))
          expect([goal.reachedAt !== null, goal.fellBackAt !== null]).to.deep.equal([most >= 100, isFallen])
          await kept().remove(userId, id, () => {})
        }),
        { numRuns: 4 },
      )
    })

    it('are not marked by what was found before they were changed', async () => {
      const { id } = await make()
      const racing = goals({
        db,
        clock,
        dated,
        valuation: async () => {
          await db.asUser(userId, (tx) => tx.goal.updateMany({ data: { target: '1000', version: 2 } }))
          return worth({ land: '100' })
        },
      })
      expect(behind(await racing.get(userId, id))).to.deep.equal([])
      now = worth({ land: '100' })
      expect(behind(await read(id))).to.deep.equal([])
    })

    // The rest is no question of which database it is.
    if (kind === 'server') return

    it('keep the instant at which a milestone was reached first', async () => {
      const { id } = await make()
      const first = new Date(at).toISOString()
      expect(await news({ land: '60' }), 'the highest of those at one step').to.deep.equal(['milestone 50'])
      at += 3_600_000
      now = worth({ land: '120' })
      const goal = await read(id)
      const later = new Date(at).toISOString()
      expect(goal.milestones.map(({ reachedAt }) => reachedAt)).to.deep.equal([first, first, later, later])
      expect(goal.reachedAt).to.equal(later)
      expect(await news({ land: '120' })).to.deep.equal([])
      expect(goal.version, 'the market is no change of what is stored').to.equal(1)
    })

    it('count what is owed, and mark nothing while a holding is not priced', async () => {
      const [one, other] = [await own(), await own()]
      const net = await make()
      const linked = await make({ basis: 'ASSETS', assetIds: [one, other] })
      now = worth({ [one]: '70', [other]: null, debt: '10' })
      expect(await read(net.id)).to.include({ current: '60.00', progress: '0.6' })
      expect(await read(linked.id)).to.include({ current: null, progress: null, requiredPerMonth: null })
      expect(await news({ [one]: '70', [other]: null, debt: '10' })).to.deep.equal([])
      expect(behind(await read(net.id))).to.deep.equal([])
      now = worth({ [one]: '70', debt: '10' })
      expect((await read(linked.id)).current, 'a linked asset that is not there (yet)').to.equal(null)
      now = worth({ [one]: null })
      expect((await read(net.id)).current, 'nothing is priced').to.equal(null)
      now = worth({ [one]: '70', [other]: '5', debt: '10' })
      expect(await read(linked.id)).to.include({ current: '75.00' })
      expect(behind(await read(net.id))).to.deep.equal([25, 50])
    })

    it('mark nothing by a price of a while ago', async () => {
      const goal = await make()
      const { holdings, ...rest } = worth({ land: '120' })
      const old = holdings.map((holding) => ({ ...holding, price: { ...holding.price, state: 'stale' } }))
      now = { ...rest, holdings: old as Holding[] }
      expect(await read(goal.id)).to.include({ current: '120.00', reachedAt: null })
      expect(behind(await read(goal.id))).to.deep.equal([])
      const sold = old.map((holding) => ({ ...holding, assetId: 'sold', quantity: '0', value: '0.00' }))
      now = { ...rest, holdings: [...holdings, ...(sold as Holding[])] }
      expect((await read(goal.id)).reachedAt).to.be.a('string')
    })

    it('are told in their own currency, or not at all where no rate is known', async () => {
      now = worth({ land: '120' })
      const [euros, yen] = [await make({ currency: 'EUR' }), await make({ currency: 'JPY' })]
      expect(euros).to.include({ current: '60.00', progress: '0.6', remaining: '40.00' })
      expect(yen).to.include({ current: null, progress: null })
    })

    it('add contributions at the rate of the day of each', async () => {
      const { id } = await make({ basis: 'CONTRIBUTIONS', target: '1000' })
      const give = (amount: string, date: string, currency?: string) =>
        kept().contribute(userId, id, { amount, date, ...(currency ? { currency } : {}) })
      await give('100', '2025-12-31', 'EUR')
      await give('30', '2026-01-01', 'EUR')
      await give('-10.005', '2026-05-20')
      expect(await read(id)).to.include({ current: '450.00', progress: '0.449995', actualPerMonth: '0.00' })
      await give('90', '2026-02-01', 'EUR')
      await give('60', '2026-04-30')
      await give('5000', '2026-01-31')
      const goal = await read(id)
      expect(goal).to.include({ current: '5690.00', actualPerMonth: '80.00' })
      expect(behind(goal)).to.deep.equal([25, 50, 75, 100])
      await give('1', '2026-03-01', 'IDR')
      expect(await read(id)).to.include({ current: null, actualPerMonth: null, projectedDate: null })
    })

    it('measure months from the day on which those of the user begin', async () => {
      const { id } = await make({ basis: 'CONTRIBUTIONS' })
      await kept().contribute(userId, id, { amount: '3', date: '2026-05-10' })
      expect((await read(id)).actualPerMonth, 'the first month is under way').to.equal(null)
      await kept().contribute(userId, id, { amount: '30', date: '2026-02-14' })
      await kept().contribute(userId, id, { amount: '9', date: '2026-05-15' })
      expect((await read(id)).actualPerMonth).to.equal('10.00')
      await db.asSystem((tx) => tx.user.update({ where: { id: userId }, data: { monthStartDay: 15 } }))
      expect((await read(id)).actualPerMonth, '15 February to 14 May').to.equal('1.00')
    })

    it('take the pace from what everything grew by where nobody contributes', async () => {
      const [one, other] = [await own(), await own()]
      const asked: string[] = []
      const then: Record<string, readonly [string, string][]> = {
        '2026-01-31': [
          [one, '10'],
          [other, '500'],
        ],
        '2026-04-30': [
          [one, '40'],
          [other, '500'],
          ['later', '60'],
        ],
      }
      const worthsOn = async (_: string, date: string) => {
        asked.push(date)
        return new Map((then[date] ?? []).map(([id, value]) => [id, parseFixed(value)]))
      }
      await make({ target: '1000' })
      await make({ basis: 'ASSETS', assetIds: [one], currency: 'EUR' })
      now = worth({ [one]: '40', [other]: '500' })
      const paced = goals({ db, clock, dated, valuation, worthsOn })
      const { data } = await paced.list(userId, { limit: 10 })
      expect(data.map(({ actualPerMonth }) => actualPerMonth)).to.deep.equal(['5.00', '30.00'])
      expect(data.map(({ projectedDate }) => projectedDate)).to.deep.equal(['2027-09-20', '2027-08-31'])
      expect(asked).to.deep.equal(['2026-01-31', '2026-04-30'])
      expect((await read(data[0]?.id ?? '')).actualPerMonth, 'unless nobody knows').to.equal(null)
    })

    it('that are given another target keep what they have reached of it, and forget the rest', async () => {
      const { id } = await make()
      now = worth({ land: '100' })
      const { reachedAt } = await read(id)
      at += 60_000
      now = worth({ land: '50' })
      expect((await change(id, { target: '100.00', name: 'Ship' })).reachedAt, 'the same one').to.equal(
        reachedAt,
      )
      expect(behind(await read(id))).to.deep.equal([25, 50, 75, 100])
      const raised = await change(id, { target: '200' })
      expect(behind(raised)).to.deep.equal([25])
      expect(raised).to.include({ reachedAt: null, fellBackAt: null, progress: '0.25' })
      expect(raised.milestones[0]?.reachedAt).to.equal(reachedAt)
      expect(behind(await change(id, { target: '60' }))).to.deep.equal([25, 50, 75])
    })
  })
}

describe('a list of goals', function () {
  this.timeout(60_000)

  it('takes as many statements for many as for one', async () => {
    const embedded = await openTestEmbedded()
    const { pglite } = embedded
    const transaction = pglite.transaction.bind(pglite)
    let statements = 0
    pglite.transaction = (work) =>
      transaction((tx) => {
        const query = tx.query.bind(tx)
        tx.query = (...ask) => {
          statements += 1
          return query(...ask)
        }
        return work(tx)
      })
    const db = await openOn(embedded)
    try {
      const userId = await addUser(db)
      const kept = goals({
        db,
        clock,
        dated,
        valuation: async () => worth({}),
        worthsOn: async () => new Map(),
      })
      const add = (count: number): Promise<void> =>
        db.asUser(userId, async (tx) => {
          const data = Array.from({ length: count }, (_, place) => {
            const basis = place % 2 ? ('CONTRIBUTIONS' as const) : ('NET_WORTH' as const)
            return { userId, name: 'Boat', target: '9', currency: 'USD', basis }
          })
          const made = await tx.goal.createManyAndReturn({ data })
          const given = { userId, amount: '1', currency: 'EUR', date: new Date('2026-03-01') }
          await tx.goalContribution.createMany({ data: made.map(({ id }) => ({ ...given, goalId: id })) })
        })
      const counted = async (): Promise<number> => {
        await kept.list(userId, { limit: 100 })
        statements = 0
        expect((await kept.list(userId, { limit: 100 })).data.at(-1)?.current).to.equal('0.00')
        return statements
      }
      await add(1)
      const ofOne = await counted()
      await add(9)
      expect(await counted()).to.equal(ofOne)
      expect(ofOne).to.be.within(4, 8)
    } finally {
      await db.close()
    }
  })
})
