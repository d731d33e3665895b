import { expect } from 'chai'
import { budgetWatch } from '../../src/alerts/budget-watch.js'
import { budgets } from '../../src/cashflow/budgets.js'
import { categoryStore } from '../../src/cashflow/category-store.js'
import { flowStore } from '../../src/cashflow/flow-store.js'
import type { Database } from '../../src/database/database.js'
import { systemClock } from '../../src/lib/clock.js'
import { createAnnounce } from '../../src/notifications/announce.js'
import type { Told } from '../../src/notifications/news.js'
import { DatedMarkets } from '../../src/prices/dated-market.js'
import { addUser, databaseKinds, openTestDatabase } from '../support/database.js'
import { readableLog } from '../support/server.js'

describe('alerts on budgets', function () {
  this.timeout(60_000)
  let db: Database
  let userId: string
  let categoryId: string
  let budgetId: string
  let at: number
  let told: string[]
  const { log, lines } = readableLog()
  const clock = { ...systemClock, now: () => at }
  const live = { price: () => undefined, rate: () => null }
  const dated = new DatedMarkets({ now: () => at, live }).load
  const kept = () => budgets({ db, clock, dated })
  const mine = new Set<string>()

  before(async () => {
    db = await openTestDatabase(databaseKinds().at(-1) ?? 'embedded')
  })
  after(() => db?.close())
  beforeEach(async () => {
    at = Date.parse('2026-03-20T12:00:00Z')
    told = []
    userId = await addUser(db)
    mine.add(userId)
    categoryId = await db.asUser(userId, async (tx) => {
      return (await categoryStore.insert(tx, userId, { kind: 'EXPENSE', name: 'Food' })).id
    })
    budgetId = (await kept().create(userId, { categoryId, amount: '100' })).id
  })

  const watch = () =>
    budgetWatch({
      db,
      clock,
      standings: kept().standingsIn,
      announce: createAnnounce({ emailConfigured: false, clock }),
      tell: (all: readonly Told[]) => told.push(...all.map(({ notification }) => notification.title)),
      mine: (id) => mine.has(id),
      log,
    })
  const run = (): Promise<void> => watch().run()
  const alert = (more: object = {}) =>
    db.asUser(userId, (tx) =>
      tx.alert.create({ data: { userId, kind: 'BUDGET', budgetId, percents: [80, 100], ...more } }),
    )
  const spend = (amount: string, more: { currency?: string; date?: string } = {}): Promise<unknown> =>
    db.asUser(userId, (tx) => {
      const blank = { categoryId, assetId: null, ruleId: null, note: null, tags: [] }
      return flowStore.insert(tx, userId, 'EXPENSE', {
        ...{ amount, currency: 'USD', date: '2026-03-19' },
        ...blank,
        ...more,
      })
    })
  const inbox = () =>
    db.asUser(userId, (tx) => tx.notification.findMany({ where: { userId }, orderBy: { key: 'desc' } }))
  const due = async (): Promise<number> =>
    db.asUser(userId, (tx) => tx.alert.count({ where: { userId, checkDue: { not: null } } }))

  const firings = async (): Promise<readonly string[]> => {
    const found = await db.asUser(userId, (tx) => tx.alertFiring.findMany({ where: { userId } }))
    return found.map(({ occasion }) => occasion).sort()
  }
  const calendar = (data: { timeZone?: string; monthStartDay?: number }) =>
    db.asSystem((tx) => tx.user.update({ where: { id: userId }, data }))
  /** As if it had been snoozed until then, and marked then. */
  const snoozed = (id: string, { due, until }: { due: number; until: number }) =>
    db.asUser(userId, (tx) =>
      tx.alert.update({ where: { id }, data: { checkDue: new Date(due), snoozedUntil: new Date(until) } }),
    )

  it('tell each percentage once a month, whatever is taken back and spent again', async () => {
    const { id } = await alert()
    await spend('79.99')
    await run()
    expect(told).to.deep.equal([])
    await spend('0.01')
    await run()
    expect(told).to.deep.equal(['Food: 80% of the budget spent'])
    await spend('-30')
    await run()
    await spend('40')
    await spend('15')
    await run()
    await run()
    expect(told.slice(1)).to.deep.equal(['Food: budget spent'])
    const data = { alertId: id, kind: 'BUDGET', budgetId, currency: 'USD', month: '2026-03' }
    expect((await inbox()).map((row) => row.data)).to.deep.equal([
      { ...data, percent: 80, spent: '80.00', amount: '100.00' },
      { ...data, percent: 100, spent: '105.00', amount: '100.00' },
    ])
    const firings = await db.asUser(userId, (tx) => tx.alertFiring.findMany({ where: { alertId: id } }))
    expect(firings.map((row) => row.occasion).sort()).to.deep.equal(['2026-03:100', '2026-03:80'])
    expect(firings.every((row) => row.notificationId !== null)).to.equal(true)
    at = Date.parse('2026-04-02T12:00:00Z')
    await spend('85', { date: '2026-04-02' })
    await run()
    expect(told.slice(2)).to.deep.equal(['Food: 80% of the budget spent'])
  })

  it('tell of the month in which something was spent, though it is over when they look', async () => {
    await alert()
    await alert({ percents: [50] })
    at = Date.parse('2026-04-01T00:00:01Z')
    await spend('85', { date: '2026-03-31' })
    const [first, second] = ['2026-03-31T23:59:59Z', '2026-04-01T00:00:00Z']
    await db.asUser(userId, async (tx) => {
      await tx.alert.updateMany({ where: { userId }, data: { checkDue: second } })
      await tx.alert.updateMany({ where: { userId, percents: { has: 80 } }, data: { checkDue: first } })
    })
    await run()
    expect(told).to.deep.equal(['Food: 80% of the budget spent'])
    expect((await inbox())[0]?.data).to.include({ month: '2026-03', spent: '85.00' })
  })

  it('tell of several percentages that are passed at once only the highest, and of a smaller budget', async () => {
    await alert()
    await spend('50')
    await run()
    expect(told).to.deep.equal([])
    await kept().change(userId, budgetId, { amount: '40' }, () => {})
    await run()
    await run()
    expect(told).to.deep.equal(['Food: budget spent'])
  })

  it('are told once by two workers that look at the same time', async () => {
    await alert()
    await spend('100')
    await Promise.all([run(), run(), run()])
    expect(told).to.deep.equal(['Food: budget spent'])
    expect(await inbox()).to.have.lengthOf(1)
  })

  it('see what was being written while they looked', async () => {
    await alert()
    await spend('50')
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let isLooking = (): void => {}
    const looking = new Promise<void>((resolve) => {
      isLooking = resolve
    })
    const slow = budgetWatch({
      db,
      clock,
      async standings(...args) {
        const found = await kept().standingsIn(...args)
        isLooking()
        await held
        return found
      },
      announce: createAnnounce({ emailConfigured: false, clock }),
      tell: () => {},
      mine: () => true,
      log,
    }).run()
    await looking
    const spending = spend('50')
    setTimeout(release, 50)
    await Promise.all([slow, spending])
    await run()
    expect(told).to.deep.equal(['Food: budget spent'])
  })

  it('are silent while paused, snoozed or expired', async () => {
    const past = new Date(at - 1)
    await alert({ state: 'paused' })
    await alert({ expiresAt: past })
    const awake = await alert({ snoozedUntil: past, percents: [90] })
    await spend('95')
    await run()
    expect((await inbox()).map((row) => (row.data as { alertId: string }).alertId)).to.deep.equal([awake.id])
    expect(await due()).to.equal(0)
    expect(await db.asUser(userId, (tx) => tx.alertFiring.count({ where: { userId } }))).to.equal(1)
  })

  it('never tell what was passed while they were snoozed, however late they look', async () => {
    const { id } = await alert({ snoozedUntil: new Date(at + 60_000), percents: [50, 80, 100, 120] })
    await spend('60')
    await run()
    await spend('21')
    await snoozed(id, { due: at + 59_999, until: at + 60_000 })
    at += 120_000
    await run()
    await spend('1')
    await run()
    expect(told).to.deep.equal([])
    expect(await firings()).to.deep.equal(['2026-03:50', '2026-03:80'])
    await spend('20')
    await run()
    expect(told).to.deep.equal(['Food: budget spent'])
  })

  it('do so also where the rate becomes known only later', async () => {
    const { id } = await alert({ snoozedUntil: new Date(at + 60_000) })
    await spend('85', { currency: 'SEK' })
    await snoozed(id, { due: at + 59_999, until: at + 60_000 })
    at += 120_000
    await run()
    expect([await due(), await firings()]).to.deep.equal([1, []])
    const rate = { base: 'SEK', quote: 'USD', date: new Date('2026-03-19'), rate: '1', source: 'ecb' }
    await db.asSystem((tx) => tx.exchangeRate.create({ data: rate }))
    await db.asSystem((tx) => tx.$executeRaw`UPDATE alerts SET check_after = NULL`)
    at += 3_600_000
    await run()
    expect([told, await firings()]).to.deep.equal([[], ['2026-03:80']])
  })

  it('look at once when the calendar of their user changes, and tell nothing of his month twice', async () => {
    const { id } = await alert()
    await spend('85', { date: '2026-03-05' })
    at = Date.parse('2026-03-05T12:00:00Z')
    await run()
    at = Date.parse('2026-03-20T12:00:00Z')
    await spend('10', { date: '2026-02-26' })
    await db.asUser(userId, (tx) =>
      tx.alertFiring.create({
        data: { userId, alertId: id, occasion: '2026-02:100', at: new Date('2026-02-10') },
      }),
    )
    await run()
    expect([told.length, await due()]).to.deep.equal([1, 0])
    await calendar({ timeZone: 'Asia/Jakarta' })
    expect(await due()).to.equal(1)
    await run()
    await calendar({ monthStartDay: 25 })
    expect(await due()).to.equal(1)
    await run()
    expect(told.splice(0)).to.deep.equal(['Food: 80% of the budget spent'])
    expect(await firings(), 'of the month that began on 25 February').to.deep.equal(['2026-02:80'])
    await spend('5')
    await run()
    at = Date.parse('2026-03-26T12:00:00Z')
    await spend('80', { date: '2026-03-26' })
    await run()
    expect(told).to.deep.equal(['Food: budget spent', 'Food: 80% of the budget spent'])
    expect(await firings()).to.deep.equal(['2026-02:100', '2026-02:80', '2026-03:80'])
  })

  it('tell at once what the month has only since its first day is another', async () => {
    await alert()
    await spend('85', { date: '2026-02-26' })
    await run()
    expect(told).to.deep.equal([])
    await calendar({ monthStartDay: 25 })
    await run()
    expect(told).to.deep.equal(['Food: 80% of the budget spent'])
  })

  it('wait for a rate that is not known, and hold up nobody else', async () => {
    await alert()
    await spend('100', { currency: 'CHF' })
    const other = { userId, categoryId, budgetId }
    ;[userId, categoryId, budgetId] = [await addUser(db), categoryId, budgetId]
    mine.add(userId)
    categoryId = await db.asUser(userId, async (tx) => {
      return (await categoryStore.insert(tx, userId, { kind: 'EXPENSE', name: 'Fun' })).id
    })
    budgetId = (await kept().create(userId, { categoryId, amount: '10' })).id
    await alert()
    await spend('10')
    await run()
    expect(told).to.deep.equal(['Fun: budget spent'])
    ;({ userId, categoryId, budgetId } = other)
    expect(await due()).to.equal(1)
    const users = () =>
      db.asSystem(
        (tx) =>
          tx.$queryRaw<unknown[]>`SELECT 1 FROM alerts WHERE check_due <= now() AND check_after IS NULL`,
      )
    expect(await users(), 'later').to.deep.equal([])
    await db.asUser(userId, (tx) => tx.expense.updateMany({ where: { userId }, data: { currency: 'USD' } }))
    await run()
    expect(told).to.deep.equal(['Fun: budget spent', 'Food: budget spent'])
  })

  it('leave a user of another worker to it for a while, and go on past one who cannot be looked at', async () => {
    await alert()
    await spend('100')
    mine.delete(userId)
    await run()
    expect(told).to.deep.equal([])
    const age = (seconds: number) =>
      db.asSystem(
        (tx) => tx.$executeRaw`
        UPDATE alerts SET check_due = now() - make_interval(secs => ${seconds}::float8), check_after = NULL
        WHERE check_due IS NOT NULL`,
      )
    await age(60)
    const broken = budgetWatch({
      db,
      clock,
      standings: () => Promise.reject(new Error('broken')),
      announce: createAnnounce({ emailConfigured: false, clock }),
      tell: () => {},
      mine: () => true,
      log,
    })
    await broken.run()
    expect(lines.join('\n')).to.contain("a user's budgets could not be looked at")
    await run()
    expect(told).to.deep.equal([])
    await age(60)
    await run()
    expect(told).to.deep.equal(['Food: budget spent'])
  })
})
