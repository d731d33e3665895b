import { expect } from 'chai'
import { accountMoves } from '../../src/assets/account-moves.js'
import { flows } from '../../src/cashflow/flows.js'
import { createRecurring } from '../../src/cashflow/recurring.js'
import { rules } from '../../src/cashflow/rules.js'
import type { NewRule } from '../../src/cashflow/schema.js'
import type { Database } from '../../src/database/database.js'
import { startOfDate } from '../../src/lib/calendar.js'
import { systemClock } from '../../src/lib/clock.js'
import { DatedMarkets } from '../../src/prices/dated-market.js'
import { priceStore } from '../../src/prices/store.js'
import type { Flow } from '../../src/protocol/flows.js'
import { addUser, databaseKinds, openTestDatabase } from '../support/database.js'
import { readableLog } from '../support/server.js'

const rent: NewRule = {
  kind: 'EXPENSE',
  name: 'Rent',
  amount: '1200',
  frequency: 'MONTHLY',
  startsOn: '2026-01-31',
}

describe('what comes again', function () {
  this.timeout(60_000)
  let db: Database
  let now = 0
  const clock = { ...systemClock, now: () => now }
  const anybody = (): void => {}
  const { log, lines } = readableLog()
  const rates = new DatedMarkets({ now: () => now, live: { price: () => undefined, rate: () => null } })
  const moves = accountMoves({ dated: rates.load, clock })
  const changed: string[] = []
  const runner = () =>
    createRecurring({ db, clock, moves, changed: (userId) => void changed.push(userId), log })
  const ruleOf = (userId: string, input: NewRule) => rules({ db, clock }).create(userId, input)
  before(async () => {
    // Two runners at once need a database with more than one connection, where there is one.
    db = await openTestDatabase(databaseKinds().at(-1) ?? 'embedded')
  })
  after(() => db?.close())

  async function userIn(timeZone: string): Promise<string> {
    const id = await addUser(db)
    await db.asSystem((tx) => tx.user.update({ where: { id }, data: { timeZone } }))
    return id
  }

  /** Everything that was spent, oldest first. */
  async function spent(userId: string): Promise<readonly Flow[]> {
    const all: Flow[] = []
    const { list } = flows('EXPENSE', { db, clock, moves, changed: anybody })
    for (let cursor: Flow | undefined; ; cursor = all.at(-1)) {
      const { data, nextCursor } = await list(userId, { limit: 100, cursor })
      all.push(...data)
      if (nextCursor === null) return all.reverse()
    }
  }

  const datesOf = async (userId: string) => (await spent(userId)).map(({ date }) => date)

  it('is booked when the date comes where its user lives, also when clocks change at midnight', async () => {
    // Beirut's clocks go from 23:59 on the 28th to 01:00, New York's change at 02:00 on its day.
    const days = [
      ['Asia/Jakarta', '2026-03-10'],
      ['Pacific/Honolulu', '2026-03-10'],
      ['Pacific/Kiritimati', '2026-03-10'],
      ['Asia/Beirut', '2026-03-29'],
      ['America/New_York', '2026-03-08'],
    ] as const
    for (const [zone, date] of days) {
      now = startOfDate(zone, date) - 1
      const userId = await userIn(zone)
      const { id } = await ruleOf(userId, { ...rent, startsOn: date })
      expect(await runner().run(), `${zone} before`).to.equal(0)
      now += 1
      expect(await runner().run(), zone).to.equal(1)
      expect(await runner().run(), `${zone} again`).to.equal(0)
      const [entry] = await spent(userId)
      expect(entry).to.include({ amount: '1200.00', currency: 'USD', date, ruleId: id, note: 'Rent' })
      await rules({ db, clock }).remove(userId, id, anybody)
      expect((await spent(userId))[0]).to.include({ date, ruleId: null, version: 2 })
    }
  })

  it('keeps to the 31st, and to last weekdays, after a downtime of months', async () => {
    now = Date.parse('2026-01-31T12:00:00Z')
    const [dated, weekday] = [await userIn('UTC'), await userIn('UTC')]
    const rule = await ruleOf(dated, rent)
    await ruleOf(weekday, { ...rent, startsOn: '2026-01-01', dueOn: 'LAST_WEEKDAY' })
    now = Date.parse('2026-05-01T12:00:00Z')
    expect(await runner().run()).to.equal(8)
    expect(await datesOf(dated)).to.deep.equal(['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30'])
    expect(await datesOf(weekday)).to.deep.equal(['2026-01-30', '2026-02-27', '2026-03-31', '2026-04-30'])
    expect(await rules({ db, clock }).get(dated, rule.id)).to.include({ nextDueOn: '2026-05-31' })
  })

  it('is made up for in bounded runs, each date once, by however many runners', async () => {
    now = Date.parse('2026-05-01T12:00:00Z')
    const userId = await userIn('UTC')
    await ruleOf(userId, { ...rent, frequency: 'DAILY', startsOn: '2025-01-01', endsOn: '2026-04-30' })
    const booked = await Promise.all([runner().run(), runner().run()])
    expect(booked[0] + booked[1]).to.be.within(400, 485)
    while ((await runner().run()) > 0);
    const dates = await datesOf(userId)
    expect(dates).to.have.lengthOf(485)
    expect(new Set(dates).size).to.equal(485)
    expect([dates[0], dates.at(-1)]).to.deep.equal(['2025-01-01', '2026-04-30'])
    const taken = await db.asUser(userId, (tx) =>
      tx.recurringOccurrence.findMany({ where: { userId }, select: { entryId: true } }),
    )
    const ids = (await spent(userId)).map(({ id }) => id)
    expect(taken.map(({ entryId }) => entryId)).to.have.members(ids)
  })

  it('of one user is not made up for before others have had their turn', async () => {
    now = Date.parse('2026-05-01T12:00:00Z')
    while ((await runner().run()) > 0);
    const [many, few] = [await userIn('UTC'), await userIn('UTC')]
    await ruleOf(many, { ...rent, frequency: 'DAILY' })
    await ruleOf(few, { ...rent, startsOn: '2026-04-30' })
    const hurried = { ...clock, now: () => (now += 5_000) }
    const slow = createRecurring({ db, clock: hurried, moves, changed: anybody, log })
    await slow.run()
    await slow.run()
    expect(await datesOf(few)).to.deep.equal(['2026-04-30'])
    while ((await runner().run()) > 0);
    expect(await datesOf(many)).to.have.lengthOf(91)
  })

  it('changes for the future alone, and makes up for nothing after a pause', async () => {
    now = Date.parse('2026-02-01T12:00:00Z')
    const userId = await userIn('UTC')
    const { change } = rules({ db, clock })
    const { id } = await ruleOf(userId, rent)
    const steps: readonly [string, Parameters<typeof change>[2]][] = [
      ['2026-02-10', { amount: '1300' }],
      ['2026-03-10', { paused: true }],
      ['2026-05-31', { paused: false }],
      ['2026-06-10', { startsOn: '2026-01-15' }],
      ['2026-06-20', { endsOn: '2026-08-01' }],
    ]
    for (const [day, input] of steps) {
      now = Date.parse(`${day}T12:00:00Z`)
      await runner().run()
      await change(userId, id, input, anybody)
    }
    await runner().run()
    const [first] = await spent(userId)
    await flows('EXPENSE', { db, clock, moves, changed: anybody }).remove(userId, first?.id ?? '', anybody)
    now = Date.parse('2026-12-01T12:00:00Z')
    await runner().run()
    const entries = await spent(userId)
    expect(entries.map(({ date, amount }) => `${date} ${amount}`)).to.deep.equal([
      '2026-02-28 1300.00',
      '2026-05-31 1300.00',
      '2026-06-15 1300.00',
      '2026-07-15 1300.00',
    ])
    expect(await rules({ db, clock }).get(userId, id)).to.include({ nextDueOn: null })
  })

  it('moves its account; one that cannot be booked waits for a rate and holds up no other', async () => {
    now = Date.parse('2026-06-30T12:00:00Z')
    const userId = await userIn('UTC')
    const account = (name: string, currency: string) =>
      db.asUser(userId, (tx) =>
        tx.asset.create({ data: { userId, type: 'CASH', name, currency, pricing: 'MANUAL' } }),
      )
    const balance = async ({ id }: { id: string }) => {
      const row = await db.asUser(userId, (tx) => tx.asset.findFirst({ where: { userId, id } }))
      return row?.quantity.toFixed()
    }
    const [dollars, francs] = [await account('Dollars', 'USD'), await account('Francs', 'CHF')]
    const salary = { kind: 'INCOME', amount: '100', frequency: 'MONTHLY', startsOn: '2026-06-30' } as const
    const runs = runner()
    await ruleOf(userId, { ...salary, assetId: francs.id })
    await ruleOf(userId, { ...salary, assetId: dollars.id })
    expect(await runs.run()).to.equal(1)
    expect(await runs.run()).to.equal(0)
    expect([await balance(dollars), await balance(francs), changed]).to.deep.equal(['100', '0', [userId]])
    expect(lines.filter((line) => line.includes('could not be booked'))).to.have.lengthOf(1)
    await db.asSystem((tx) =>
      priceStore.saveRates(tx, [
        { base: 'USD', quote: 'CHF', date: '2026-06-29', rate: '0.9', source: 'ecb' },
      ]),
    )
    now += 20 * 60_000
    expect(await runs.run()).to.equal(1)
    expect(await balance(francs)).to.equal('90')
  })
})
