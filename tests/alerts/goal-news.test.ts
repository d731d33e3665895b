import { expect } from 'chai'
import { announceGoals } from '../../src/alerts/goal-news.js'
import type { Database } from '../../src/database/database.js'
import { goals } from '../../src/goals/service.js'
import { goalWatch } from '../../src/goals/watch.js'
import type { Clock } from '../../src/lib/clock.js'
import { ONE } from '../../src/lib/decimal.js'
import { createAnnounce } from '../../src/notifications/announce.js'
import type { Told } from '../../src/notifications/news.js'
import type { LoadDated } from '../../src/prices/dated.js'
import type { NewGoal } from '../../src/protocol/goals.js'
import type { Valuation } from '../../src/protocol/resources.js'
import { addUser, openTestDatabase } from '../support/database.js'
import { readableLog } from '../support/server.js'

let now = Date.UTC(2026, 4, 20, 9)
const clock: Clock = { now: () => now, after: () => () => {}, every: () => () => {} }
const dated: LoadDated = async () => ({ rate: () => ONE, close: () => null })

/** Everything in cash. */
function worth(total: string): Valuation {
  const price = { symbol: 'USD', amount: '1', currency: 'USD', at: '', source: '', state: 'live' as const }
  const holding = {
    ...{
      assetId: 'cash',
      name: 'cash',
      type: 'CASH',
      symbol: null,
      quantity: total,
      price,
      rate: '1',
      value: total,
    },
    ...{ cost: null, gain: null, dayChange: null },
  }
  const coverage = { holdings: 1, priced: 1, stale: 0, unpriced: [] }
  const sums = { total, cost: '0', gain: '0', dayChange: null }
  return { epoch: '', seq: 0, at: '', currency: 'USD', ...sums, coverage, holdings: [holding] } as never
}

describe('news of goals', function () {
  this.timeout(60_000)
  let db: Database
  let userId: string
  let total = '0'
  const told: Told[] = []
  const { log } = readableLog()
  const valuation = async (): Promise<Valuation> => worth(total)
  const options = () => ({
    ...{ db, clock, dated, valuation, log },
    announce: announceGoals({
      announce: createAnnounce({ emailConfigured: false, clock }),
      tell: (some) => void told.push(...some),
    }),
  })
  before(async () => {
    db = await openTestDatabase('embedded')
  })
  beforeEach(async () => {
    userId = await addUser(db)
    told.length = 0
    total = '0'
  })
  after(() => db?.close())

  const make = async (more: Partial<NewGoal> = {}): Promise<string> => {
    const goal = { name: 'Boat', target: '100', currency: 'USD', basis: 'CONTRIBUTIONS', ...more } as const
    return (await goals(options()).create(userId, goal as never)).id
  }
  const give = (goalId: string, amount: string) => goals(options()).contribute(userId, goalId, { amount })
  const news = (): readonly string[] =>
    told.splice(0).map(({ notification: { kind, data } }) => `${kind} ${data.percent}`)
  const inbox = () => db.asUser(userId, (tx) => tx.notification.count())

  it('are told with the contribution that makes them, the highest of each step', async () => {
    const id = await make()
    await give(id, '20')
    expect(news()).to.deep.equal([])
    const large = await give(id, '60')
    expect(told[0]?.notification).to.deep.include({ title: 'Boat: 75% reached', kind: 'goal:milestone' })
    expect(told[0]?.notification.data).to.deep.equal({ goalId: id, name: 'Boat', percent: 75, alertId: null })
    expect(news()).to.deep.equal(['goal:milestone 75'])
    await give(id, '20')
    expect(news()).to.deep.equal(['goal:reached 100'])
    now += 1_000
    await goals(options()).changeContribution(userId, id, large.id, { amount: '55' }, () => {})
    expect(news(), '95 % is not below').to.deep.equal([])
    await goals(options()).removeContribution(userId, id, large.id, () => {})
    expect(news()).to.deep.equal(['goal:fellBack null'])
    await give(id, '60')
    await goals(options()).get(userId, id)
    expect(news(), 'each milestone once').to.deep.equal([])
    expect(await inbox()).to.equal(3)
  })

  it('of the market are told once, whoever finds them', async () => {
    const id = await make({ basis: 'NET_WORTH' })
    total = '60'
    const watches = [1, 2].map(() => goalWatch(options()).check(userId, worth(total)))
    await Promise.all([...watches, goals(options()).get(userId, id)])
    expect(news()).to.deep.equal(['goal:milestone 50'])
    expect(await inbox()).to.equal(1)
  })

  it('are none of what a goal has reached by its definition', async () => {
    total = '60'
    const id = await make({ basis: 'NET_WORTH' })
    await goals(options()).change(userId, id, { target: '61' }, () => {})
    await goalWatch(options()).check(userId, worth(total))
    expect(news()).to.deep.equal([])
    await goals(options()).change(userId, id, { target: '1000' }, () => {})
    now += 1_000
    await goalWatch(options()).check(userId, worth('800'))
    expect(news(), 'what another target took back').to.deep.equal(['goal:milestone 75'])
  })

  it('go the ways that an alert of the goal chooses, and none while it is snoozed', async () => {
    const id = await make()
    const subscription = { userId, endpoint: 'https://push.example', p256dh: 'p', auth: 'a' }
    await db.asUser(userId, (tx) => tx.pushSubscription.create({ data: subscription }))
    const data = { userId, kind: 'GOAL', goalId: id, events: ['milestone', 'fellBack'] } as const
    const chosen = { ...data, events: [...data.events], channels: ['webhook'], hasChannels: true }
    const { id: alertId } = await db.asUser(userId, (tx) => tx.alert.create({ data: chosen }))
    const pushed = () => db.asSystem((tx) => tx.outboxEntry.count({ where: { userId } }))
    await give(id, '25')
    expect(told[0]?.notification.data.alertId).to.equal(alertId)
    expect(await pushed()).to.equal(0)
    const [firing] = await db.asUser(userId, (tx) => tx.alertFiring.findMany({ where: { alertId } }))
    expect(firing?.notificationId).to.equal(told[0]?.notification.id)
    const { state, firedAt } = await db.asUser(userId, (tx) => tx.alert.findFirstOrThrow())
    expect([state, firedAt?.getTime()]).to.deep.equal(['armed', now])
    const snoozed = { hasChannels: false, snoozedUntil: new Date(now + 1) }
    await db.asUser(userId, (tx) => tx.alert.updateMany({ data: snoozed }))
    await give(id, '25')
    expect(await pushed()).to.equal(0)
    await give(id, '50')
    expect(await pushed(), 'it did not ask about this').to.equal(1)
  })
})
