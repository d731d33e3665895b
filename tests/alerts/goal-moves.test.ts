import { expect } from 'chai'
import { GoalMoves } from '../../src/alerts/goal-moves.js'
import type { Database } from '../../src/database/database.js'
import type { Clock } from '../../src/lib/clock.js'
import { ONE } from '../../src/lib/decimal.js'
import type { Valuation } from '../../src/protocol/resources.js'
import { addUser, openTestDatabase } from '../support/database.js'
import { readableLog } from '../support/server.js'
import { until } from '../support/until.js'

describe('goals that the market moves', () => {
  const { log } = readableLog()
  let db: Database
  before(async () => {
    db = await openTestDatabase('embedded')
  })
  after(() => db?.close())

  /** Watched by a clock that stands, with `read` called whenever goals have been read; `check` fails first. */
  async function watched({
    failures = 0,
    read = async () => {},
  }: {
    failures?: number
    read?: () => Promise<void>
  }) {
    const userId = await addUser(db)
    const checked: string[] = []
    let now = 1e12
    let look = (): void => {}
    const clock: Clock = {
      now: () => now,
      after: () => () => {},
      every(_, work) {
        look = work
        return () => {}
      },
    }
    const slow: Database = {
      ...db,
      async asUser(id, work) {
        const result = await db.asUser(id, work)
        await read()
        return result
      },
    }
    const moves = new GoalMoves({
      ...{ db: slow, clock, log, left: () => {} },
      market: (currency) => ({
        mark: () => undefined,
        rate: (from) => (from === currency ? { amount: ONE, text: '1', isStale: false } : null),
      }),
      async check(_, { total }) {
        checked.push(total)
        if (checked.length <= failures) throw new Error('the database is away')
      },
    })
    moves.start()
    moves.changed(userId)
    return {
      ...{ userId, moves, checked },
      goal: (target: string) =>
        db.asUser(userId, (tx) =>
          tx.goal.create({ data: { userId, name: 'House', target, currency: 'USD', basis: 'NET_WORTH' } }),
        ),
      worth: (total: string) => moves.valued(userId, BigInt(total), () => worthOf(total)),
      /** Lets ten seconds pass. */
      async pass(ms = 10_000) {
        now += ms
        look()
        await new Promise((resolve) => setTimeout(resolve, 5))
      },
    }
  }

  it('looks at a goal that was made while others were being read', async () => {
    let making = true
    const { goal, worth, moves, userId, pass, checked } = await watched({
      async read() {
        if (!making) return
        making = false
        await goal('50')
        moves.changed(userId)
      },
    })
    await goal('1000')
    worth('60')
    await pass()
    await until('it is looked at', async () => {
      worth('60')
      await pass()
      return checked.length > 0
    })
    expect(checked).to.deep.equal(['60'])
    await moves.stop()
  })

  it('is looked at though the clock was set back by an hour', async () => {
    const { goal, worth, moves, pass, checked } = await watched({})
    await goal('500')
    worth('40')
    await pass()
    await pass(-3_600_000)
    await until('it is looked at', async () => {
      worth('600')
      await pass(0)
      return checked.length > 0
    })
    expect(checked).to.deep.equal(['600'])
    await moves.stop()
  })

  it('is tried again when it could not be written down, though nothing moves', async () => {
    const { goal, worth, moves, pass, checked } = await watched({ failures: 1 })
    await goal('50')
    worth('60')
    await until('it is looked at again', async () => {
      await pass()
      return checked.length > 1
    })
    expect(checked).to.deep.equal(['60', '60'])
    await moves.stop()
  })
})

function worthOf(total: string): Valuation {
  const price = { amount: total, currency: 'USD' }
  const holding = { assetId: 'a', type: 'CASH', quantity: '1', value: total, rate: '1', price }
  return { currency: 'USD', total, holdings: [holding] } as unknown as Valuation
}
