import { expect } from 'chai'
import { paceWatch } from '../../src/alerts/pace-watch.js'
import type { Database } from '../../src/database/database.js'
import { goals } from '../../src/goals/service.js'
import { systemClock } from '../../src/lib/clock.js'
import { ONE } from '../../src/lib/decimal.js'
import { createAnnounce } from '../../src/notifications/announce.js'
import type { Told } from '../../src/notifications/news.js'
import type { LoadDated } from '../../src/prices/dated.js'
import type { Valuation } from '../../src/protocol/resources.js'
import { addUser, databaseKinds, openTestDatabase } from '../support/database.js'
import { readableLog } from '../support/server.js'

const dated: LoadDated = async () => ({
  rate: (from, to) => (from === to ? ONE : null),
  close: () => null,
})

describe('the pace of a goal', function () {
  this.timeout(60_000)
  let db: Database
  let userId: string
  let at: number
  let told: Told[]
  const { log, lines } = readableLog()
  const clock = { ...systemClock, now: () => at }
  const valuation = async () => ({ currency: 'USD', holdings: [] as unknown }) as Valuation
  const kept = () => goals({ db, clock, dated, valuation })

  before(async () => {
    db = await openTestDatabase(databaseKinds().at(-1) ?? 'embedded')
  })
  after(() => db?.close())
  beforeEach(async () => {
    told = []
    userId = await addUser(db)
    await db.asSystem((tx) => tx.user.update({ where: { id: userId }, data: { monthStartDay: 15 } }))
  })

  const run = (goal = kept().get): Promise<void> =>
    paceWatch({
      db,
      clock,
      goal,
      announce: createAnnounce({ emailConfigured: false, clock }),
      tell: (all) => told.push(...all),
      mine: (id) => id === userId,
      log,
    }).run()
  const on = (date: string): void => {
    at = Date.parse(`${date}T12:00:00Z`)
  }
  async function save(more: object = {}, wish: object = {}): Promise<string> {
    const goal = { name: 'Boat', target: '1200', currency: 'USD', basis: 'CONTRIBUTIONS' } as const
    const dates = { deadline: new Date('2026-12-31'), createdAt: new Date('2026-03-20') }
    return db.asUser(userId, async (tx) => {
      const { id } = await tx.goal.create({ data: { userId, ...goal, ...dates, ...more } })
      const alert = { userId, goalId: id, kind: 'GOAL', events: ['behindPace'] } as const
      await tx.alert.create({ data: { ...alert, events: [...alert.events], ...wish } })
      return id
    })
  }
  const give = (goalId: string, amount: string, date: string) =>
    kept().contribute(userId, goalId, { amount, date })

  it('is told once a month, after a whole one, as long as it is behind', async () => {
    const id = await save()
    on('2026-05-14')
    await run()
    expect(told, 'the first whole month is not over').to.deep.equal([])
    on('2026-05-15')
    await Promise.all([run(), run()])
    await run()
    expect(told.map(({ notification }) => notification.title)).to.deep.equal(['Boat: behind pace'])
    expect(told[0]?.notification.kind).to.equal('goal:behindPace')
    expect(told[0]?.notification.data).to.include({ goalId: id, deadline: '2026-12-31', projectedDate: null })
    await give(id, '1', '2026-05-10')
    on('2026-06-20')
    await run()
    expect(told).to.have.lengthOf(2)
    on('2026-07-16')
    await give(id, '900', '2026-07-01')
    await run()
    expect(told, 'it is in time').to.have.lengthOf(2)
  })

  it('is not told of what is reached, over, asleep or not known', async () => {
    on('2026-06-20')
    await give(await save(), '1200', '2026-06-01')
    await save({ deadline: new Date('2026-06-19') })
    await save({ deadline: null })
    await save({}, { state: 'paused' })
    await save({}, { snoozedUntil: new Date(at + 1) })
    await save({}, { expiresAt: new Date(at) })
    await save({}, { events: ['reached'] })
    await save({ basis: 'NET_WORTH' })
    await run()
    expect(told).to.deep.equal([])
    await save()
    await run(() => Promise.reject(new Error('not now')))
    expect(lines.join('\n')).to.contain('the pace of a goal could not be looked at')
    await run()
    expect(told).to.have.lengthOf(1)
  })
})
