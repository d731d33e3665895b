import { expect } from 'chai'
import fc from 'fast-check'
import { accountMoves } from '../../src/assets/account-moves.js'
import { Position, replay } from '../../src/assets/ledger.js'
import { ledgerStore, toEntry } from '../../src/assets/ledger-store.js'
import { outdatedAssets } from '../../src/assets/outdated.js'
import type { NewActivity } from '../../src/assets/schema.js'
import { type Assets, assets } from '../../src/assets/service.js'
import { assetStore } from '../../src/assets/store.js'
import type { Database } from '../../src/database/database.js'
import { systemClock } from '../../src/lib/clock.js'
import { FIXED_SCALE, formatFixed, ONE, parseFixed, rescale } from '../../src/lib/decimal.js'
import { AppError } from '../../src/lib/errors.js'
import { createLog } from '../../src/lib/log.js'
import { DatedMarkets } from '../../src/prices/dated-market.js'
import { priceStore } from '../../src/prices/store.js'
import { addUser, openTestDatabase } from '../support/database.js'
import { amount, positive } from './entries.js'

const live = { price: () => undefined, rate: () => null }
const day = (number: number) => `2024-02-${String(number).padStart(2, '0')}`

describe('what follows from the activities', function () {
  this.timeout(60_000)
  let db: Database
  const now = () => Date.UTC(2026, 0, 1)
  const clock = { ...systemClock, now }
  const dated = new DatedMarkets({ now, live }).load
  const quiet = { dated, clock, log: createLog('silent') }
  const service = (distance: number): Assets =>
    assets({ db, clock, priceOf: async () => undefined, dated, changed: () => {}, distance })

  before(async () => {
    db = await openTestDatabase('embedded')
    const fix = { base: 'EUR', quote: 'USD', source: 'ecb' }
    await db.asSystem((tx) =>
      priceStore.saveRates(
        tx,
        Array.from({ length: 12 }, (_, index) => ({ ...fix, date: day(index + 1), rate: `1.${index + 10}` })),
      ),
    )
  })
  after(() => db?.close())

  /** What is stored of each asset, and what its activities come to when all are counted from the first one. */
  async function compare(userId: string) {
    return db.asUser(userId, async (tx) => {
      const rows = await ledgerStore.entries(tx, userId, { to: '2199-12-31' })
      const market = await dated(tx, {
        symbols: [],
        currencies: ['EUR', 'USD', 'IDR'],
        from: day(1),
        to: day(12),
      })
      const entries = rows.map((row) => toEntry(row, { dated: market, base: 'USD' }))
      const owned = await tx.asset.findMany({
        where: { userId },
        select: { id: true },
        orderBy: { id: 'asc' },
      })
      const held = await assetStore.among(
        tx,
        userId,
        owned.map(({ id }) => id),
      )
      const stored = owned.flatMap(({ id }) => held.get(id) ?? [])
      const rules = await assetStore.rules(
        tx,
        userId,
        stored.map(({ id }) => id),
      )
      const averages = await tx.asset.findMany({ where: { userId }, select: { id: true, averageCost: true } })
      const scratch = (method: 'fifo' | 'average') => {
        const positions = new Map([...rules].map(([id, rule]) => [id, new Position(rule, method)]))
        for (const _ of replay(positions, entries));
        return positions
      }
      const [fifo, average] = [scratch('fifo'), scratch('average')]
      return stored.map(({ id, name, ...asset }) => {
        const held = fifo.get(id)?.held
        const sign = asset.type === 'LIABILITY' ? -1n : 1n
        return {
          name,
          stored: [
            formatFixed(asset.quantity),
            formatFixed(asset.cost),
            formatFixed(asset.investment),
            averages.find((one) => one.id === id)?.averageCost.toFixed(),
            asset.baseCost === null ? null : formatFixed(asset.baseCost),
          ],
          counted: [
            formatFixed(sign * (held?.quantity ?? 0n)),
            formatFixed(sign * (held?.cost ?? 0n)),
            formatFixed(sign * (held?.investment ?? 0n)),
            formatFixed(sign * (average.get(id)?.held.cost ?? 0n)),
            typeof held?.baseCost === 'bigint'
              ? formatFixed(sign * rescale(held.baseCost, 2 * FIXED_SCALE, FIXED_SCALE))
              : null,
          ],
        }
      })
    })
  }

  async function expectCounted(userId: string): Promise<void> {
    for (const { name, stored, counted } of await compare(userId)) expect(stored, name).to.deep.equal(counted)
  }

  const HOLDINGS = [
    { type: 'CRYPTO', symbol: 'BTC-USD' },
    { type: 'CRYPTO', symbol: 'ETH-USD' },
    { type: 'REAL', currency: 'EUR', quantity: '0', name: 'Gold' },
  ] as const
  const ACCOUNTS = [
    { type: 'CASH', currency: 'USD' },
    { type: 'LIABILITY', currency: 'EUR' },
  ] as const
  const place = fc.nat(2)
  const date = fc.integer({ min: 1, max: 12 }).map(day)
  const account = fc.option(fc.nat(1), { nil: undefined })
  const trade = (type: 'BUY' | 'SELL') =>
    fc.record({ type: fc.constant(type), date, quantity: positive, unitPrice: amount, fee: amount })
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('add'), on: place, account, input: trade('BUY') }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('add'), on: place, account, input: trade('SELL') }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('add'),
        on: place,
        account: fc.constant(undefined),
        input: fc.oneof(
          fc.record({
            type: fc.constant('SPLIT' as const),
            date,
            ratio: fc.constantFrom('2:1', '1:3', '3:2'),
          }),
          fc.record({ type: fc.constant('ADJUSTMENT' as const), date, quantity: amount }),
          fc.record({ type: fc.constant('TRANSFER_OUT' as const), date, quantity: amount }),
        ),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('transfer'),
        on: place,
        by: fc.integer({ min: 1, max: 2 }),
        date,
        quantity: positive,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('change'), at: fc.nat(), date, quantity: positive }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove'), at: fc.nat() }) },
  ) as fc.Arbitrary<Step>
  type Step =
    | { kind: 'add'; on: number; account: number | undefined; input: NewActivity }
    | { kind: 'transfer'; on: number; by: number; date: string; quantity: string }
    | { kind: 'change'; at: number; date: string; quantity: string }
    | { kind: 'remove'; at: number }

  /** Somebody with all the assets, and what a step does to them. */
  async function owner(owned: Assets) {
    const userId = await addUser(db)
    const holdings: string[] = []
    const accounts: string[] = []
    for (const asset of HOLDINGS)
      holdings.push((await owned.create(userId, { ...asset, name: `h${holdings.length}` })).id)
    for (const asset of ACCOUNTS) accounts.push((await owned.create(userId, asset)).id)
    const entered: { id: string; assetId: string; type: string }[] = []
    const enter = async (assetId: string, input: NewActivity) => {
      const { id, type } = await owned.addActivity(userId, assetId, input)
      entered.push({ id, assetId, type })
    }
    // Enough that what comes later is mostly taken.
    for (const [place, id] of holdings.entries())
      await enter(id, { type: 'BUY', date: day(2 + place), quantity: '150000', unitPrice: `${place + 1}.7` })
    async function take(todo: Step): Promise<void> {
      if (todo.kind === 'add') {
        const accountId = todo.account === undefined ? undefined : accounts[todo.account]
        return enter(holdings[todo.on] ?? '', {
          ...todo.input,
          ...(accountId === undefined ? {} : { accountId }),
        })
      }
      if (todo.kind === 'transfer') {
        const toAssetId = holdings[(todo.on + todo.by) % 3] ?? ''
        const { date, quantity } = todo
        return enter(holdings[todo.on] ?? '', { type: 'TRANSFER_OUT', date, quantity, toAssetId })
      }
      const at = todo.at % Math.max(1, entered.length)
      const target = entered[at]
      if (!target) return
      if (todo.kind === 'remove') {
        await owned.removeActivity(userId, target.assetId, target.id, () => {})
        entered.splice(at, 1)
        return
      }
      const change =
        target.type === 'SPLIT' ? { date: todo.date } : { date: todo.date, quantity: todo.quantity }
      await owned.changeActivity(userId, target.assetId, target.id, change, () => {})
    }
    const outcome = (todo: Step): Promise<string> =>
      take(todo).then(
        () => 'taken',
        (error: unknown) => {
          if (error instanceof AppError) return error.code
          throw error
        },
      )
    return { userId, outcome }
  }

  it('is the same from every checkpoint as from the first activity, whatever comes in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 14, maxLength: 18 }), async (steps) => {
        const { userId, outcome } = await owner(service(1))
        for (const todo of steps) {
          const found = await outcome(todo)
          await expectCounted(userId)
          if (found === 'taken') continue
          await db.asUser(userId, (tx) => tx.assetCheckpoint.deleteMany())
          expect([found, await outcome(todo)], JSON.stringify(todo)).to.deep.equal(['oversold', 'oversold'])
        }
      }),
      { numRuns: 2 },
    )
  })

  it('is counted again when the base currency is another one, and when a rate comes later', async () => {
    const owned = service(2)
    const userId = await addUser(db)
    const gold = await owned.create(userId, { type: 'REAL', currency: 'EUR', quantity: '0', name: 'Gold' })
    for (const number of [1, 2, 3, 4, 5, 6])
      await owned.addActivity(userId, gold.id, {
        type: 'BUY',
        date: day(number),
        quantity: '1',
        unitPrice: '100',
      })
    await expectCounted(userId)
    const changes: string[] = []
    const outdated = outdatedAssets({ ...quiet, db, changed: (id) => changes.push(id), distance: 2 })
    const baseOf = () =>
      db.asUser(userId, (tx) => tx.asset.findFirst({ select: { baseCost: true, baseCurrency: true } }))
    const all = async () => {
      let found = 0
      while ((await outdated(3)) > 0 && found < 50) found += 1
    }
    await all()
    changes.length = 0
    await db.asSystem((tx) => tx.user.update({ where: { id: userId }, data: { baseCurrency: 'EUR' } }))
    await all()
    expect(await baseOf()).to.deep.include({ baseCurrency: 'EUR' })
    expect((await baseOf())?.baseCost?.toFixed()).to.equal('600')
    expect(changes).to.deep.equal([userId])
    await db.asSystem((tx) => tx.user.update({ where: { id: userId }, data: { baseCurrency: 'IDR' } }))
    await all()
    expect(await baseOf()).to.deep.equal({ baseCost: null, baseCurrency: 'IDR' })
    expect(changes).to.have.lengthOf(2)
  })

  it('is counted again of everybody, also where it fails of somebody', async () => {
    const owned = service(2)
    const users = [await addUser(db), await addUser(db)]
    for (const userId of users)
      await owned.create(userId, { type: 'CASH', currency: 'USD', quantity: '100', date: day(1) })
    const [broken = ''] = [...users].sort()
    await db.asSystem(async (tx) => {
      await tx.activity.updateMany({ where: { userId: broken }, data: { currency: 'EUR', rate: null } })
      await tx.asset.updateMany({ where: { userId: { in: users } }, data: { baseCurrency: null } })
    })
    const outdated = outdatedAssets({ ...quiet, db, changed: () => {} })
    for (let round = 0; round < 3; round += 1) await outdated(1)
    const left = await db.asSystem((tx) =>
      tx.asset.findMany({ where: { userId: { in: users }, baseCurrency: null }, select: { userId: true } }),
    )
    expect(left).to.deep.equal([{ userId: broken }])
  })

  it('takes turns where two write at once, and refuses what the other has sold', async () => {
    const owned = service(2)
    const userId = await addUser(db)
    const { id } = await owned.create(userId, {
      type: 'CRYPTO',
      symbol: 'BTC-USD',
      quantity: '5',
      unitCost: '1',
      date: day(1),
    })
    const sales = await Promise.allSettled(
      Array.from({ length: 8 }, () =>
        owned.addActivity(userId, id, { type: 'SELL', date: day(2), quantity: '1', unitPrice: '1' }),
      ),
    )
    expect(sales.filter(({ status }) => status === 'fulfilled')).to.have.lengthOf(5)
    expect((await owned.get(userId, id)).quantity).to.equal('0')
  })

  it('of an income or an expense is one move of an account, until it is forgotten', async () => {
    const owned = service(2)
    const userId = await addUser(db)
    const bank = await owned.create(userId, { type: 'CASH', currency: 'EUR', quantity: '100', date: day(1) })
    const card = await owned.create(userId, {
      type: 'LIABILITY',
      currency: 'USD',
      quantity: '10',
      date: day(1),
    })
    const coin = await owned.create(userId, { type: 'CRYPTO', symbol: 'BTC-USD' })
    const moves = accountMoves({ dated, clock })
    const id = await db.asUser(userId, async (tx) => {
      const data = { userId, amount: '11', currency: 'USD', date: new Date(`${day(1)}T00:00:00Z`) }
      return (await tx.expense.create({ data })).id
    })
    const move = { kind: 'expense', id, amount: -11n * ONE, currency: 'USD', date: day(1) } as const
    const settle = (more: object) =>
      db.asUser(userId, (tx) => moves.settle(tx, userId, { ...move, accountId: null, ...more }))
    const balances = async () => [
      (await owned.get(userId, bank.id)).quantity,
      (await owned.get(userId, card.id)).quantity,
    ]
    await settle({ accountId: bank.id })
    expect(await balances()).to.deep.equal(['90', '10'])
    await settle({ accountId: bank.id, amount: parseFixed('-22') })
    expect(await balances()).to.deep.equal(['80', '10'])
    await settle({ accountId: card.id })
    expect(await balances()).to.deep.equal(['100', '21'])
    const [row] = (await owned.listActivities(userId, card.id, { limit: 5 })).data
    expect(row).to.deep.include({ type: 'WITHDRAWAL', amount: '11', cause: { kind: 'expense', id } })
    const refusals = [
      await owned.removeActivity(userId, card.id, row?.id ?? '', () => {}).catch((error: unknown) => error),
      await settle({ accountId: coin.id }).catch((error: unknown) => error),
      await settle({ accountId: bank.id, currency: 'IDR' }).catch((error: unknown) => error),
    ]
    expect(refusals.map((error) => (error as AppError).code)).to.deep.equal([
      'follows-from-another',
      'invalid-input',
      'no-rate',
    ])
    await db.asUser(userId, (tx) => moves.forget(tx, userId, { kind: 'expense', id }))
    expect(await balances()).to.deep.equal(['100', '10'])
    await expectCounted(userId)
  })
})
