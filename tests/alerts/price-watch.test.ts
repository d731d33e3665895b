import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { createFiring } from '../../src/alerts/firing.js'
import { OpQueue } from '../../src/alerts/op-queue.js'
import type { AlertOp } from '../../src/alerts/ops.js'
import { portfolioStore } from '../../src/alerts/portfolio-store.js'
import { priceAlertStore } from '../../src/alerts/price-alert-store.js'
import { PriceWatch } from '../../src/alerts/price-watch.js'
import { ruleOf } from '../../src/alerts/rule.js'
import { newAlert } from '../../src/alerts/schema.js'
import { alertStore } from '../../src/alerts/store.js'
import type { Database } from '../../src/database/database.js'
import type { Prisma } from '../../src/generated/prisma/client.js'
import { type Clock, systemClock } from '../../src/lib/clock.js'
import { formatFixed } from '../../src/lib/decimal.js'
import { createAnnounce } from '../../src/notifications/announce.js'
import { type Mark, PriceBoard } from '../../src/prices/board.js'
import { versionAt } from '../../src/prices/tick.js'
import { quoteOf } from '../prices/quotes.js'
import { addUser, openTestDatabase } from '../support/database.js'
import { readableLog } from '../support/server.js'
import { until } from '../support/until.js'

const NOW = Date.UTC(2026, 4, 20, 9)
const clock: Clock = { now: () => NOW, after: systemClock.after, every: () => () => {} }

describe('price alerts of a worker', () => {
  let db: Database
  let userId: string
  before(async () => {
    db = await openTestDatabase('embedded')
    userId = await addUser(db)
  })
  after(() => db?.close())
  afterEach(async () => {
    await db.asUser(userId, (tx) => tx.alert.deleteMany({ where: { userId } }))
    await db.asSystem((tx) => tx.alertMark.deleteMany())
  })

  const alert = async (more: Partial<Prisma.AlertUncheckedCreateInput>): Promise<string> => {
    const price = { kind: 'PRICE', symbol: 'BTC-USD', condition: 'above', threshold: '60000' } as const
    return (await db.asUser(userId, (tx) => tx.alert.create({ data: { userId, ...price, ...more } }))).id
  }
  const stored = (id: string) => db.asUser(userId, (tx) => tx.alert.findFirstOrThrow({ where: { id } }))

  /** A worker that has every symbol; what it decided, as it was handed to the database. */
  async function worker(own = clock) {
    const { log, lines } = readableLog()
    const board = new PriceBoard({ now: () => NOW })
    const written: AlertOp[] = []
    const write = createFiring({
      db,
      announce: createAnnounce({ emailConfigured: false, clock }),
      tell: () => {},
    })
    const queue: OpQueue = new OpQueue({
      write: (ops) => {
        written.push(...ops)
        return write(ops)
      },
      refused: (id) => watch.refused(id),
      clock,
      log,
    })
    const watch = new PriceWatch({
      ...{ db, clock: own, log, mine: () => true, allowSimulated: false },
      emit: (op) => queue.add(op),
      drained: () => queue.drained(),
      markOf: (symbol) => board.get(symbol),
    })
    await watch.start()
    const take = (symbol: string, price: string, version: number): Mark => {
      const mark = board.take(quoteOf({ symbol, price, version, at: NOW }))
      if (!mark) throw new Error('it is not newer')
      return mark
    }
    return {
      ...{ watch, queue, written, lines, take },
      async stop() {
        await watch.stop()
        await queue.stop()
      },
    }
  }

  it('hold a ratio against both prices, also where they come at the same instant', async () => {
    const id = await alert({ symbol: 'ETH-USD', per: 'BTC-USD', threshold: '0.05' })
    const { watch, queue, take, stop } = await worker()
    const tell = (prices: readonly (readonly [string, string])[], version: number): void => {
      for (const [symbol, price] of prices) {
        take(symbol, price, version)
        watch.moved(symbol)
      }
    }
    tell(
      [
        ['ETH-USD', '4000'],
        ['BTC-USD', '100000'],
      ],
      1,
    )
    await Promise.resolve()
    // Both have risen alike, so that it is 0.04 still.
    tell(
      [
        ['ETH-USD', '6000'],
        ['BTC-USD', '150000'],
      ],
      2,
    )
    await queue.drained()
    expect((await stored(id)).state, 'nothing has happened to the ratio').to.equal('armed')
    tell(
      [
        ['ETH-USD', '6300'],
        ['BTC-USD', '120000'],
      ],
      3,
    )
    await Promise.resolve()
    await queue.drained()
    expect(await stored(id)).to.deep.include({ state: 'fired' })
    expect(String((await stored(id)).previous)).to.equal('0.0525')
    await stop()
  })

  it('leave a ratio alone that is too large or too small to be told', async () => {
    const id = await alert({
      symbol: 'PEPE-BTC',
      per: 'BTC-IDR',
      condition: 'moves',
      threshold: null,
      percent: '5',
      windowMinutes: 5,
    })
    const other = await alert({
      symbol: 'BTC-IDR',
      per: 'PEPE-BTC',
      condition: 'moves',
      threshold: null,
      percent: '5',
      windowMinutes: 5,
    })
    const { watch, queue, take, written, lines, stop } = await worker()
    for (const [version, price] of ['0.00000000001', '0.00000000002'].entries()) {
      take('BTC-IDR', '1900000000', version)
      take('PEPE-BTC', price, version)
      watch.moved('PEPE-BTC')
      await Promise.resolve()
    }
    await queue.drained()
    await stop()
    expect([written.length, (await stored(id)).state, (await stored(other)).state]).to.deep.equal([
      0,
      'armed',
      'armed',
    ])
    expect(lines).to.deep.equal([])
  })

  it('go on at the price at which the last worker stopped', async () => {
    const id = await alert({ previous: '61000', previousVersion: 1n })
    const first = await worker()
    first.watch.admitted(first.take('BTC-USD', '59000', 2))
    await first.stop()
    expect(first.written).to.deep.equal([])
    const second = await worker()
    second.watch.admitted(second.take('BTC-USD', '60000', 3))
    await second.queue.drained()
    await second.stop()
    expect(await stored(id)).to.deep.include({ state: 'fired', previousVersion: 3n })
  })

  it('do not miss what an alert would have seen that the last worker had not looked for yet', async () => {
    await alert({ threshold: '90000', previous: '59000', previousVersion: 1n })
    const first = await worker()
    const late = await alert({ previous: '59000', previousVersion: 1n })
    first.watch.admitted(first.take('BTC-USD', '61000', 2))
    await first.stop()
    const second = await worker()
    second.watch.admitted(second.take('BTC-USD', '59500', 3))
    await second.queue.drained()
    await second.stop()
    expect(await stored(late)).to.deep.include({ state: 'fired', previousVersion: 2n })
    expect(second.written).to.have.length(1)
  })

  it('walk through what was admitted before an alert was read, whether or not its symbol had others', async () => {
    const { watch, queue, take, stop } = await worker()
    const spike = (symbol: string): void => {
      for (const [version, price] of ['59000', '59500', '61000', '59200'].entries())
        watch.admitted(take(symbol, price, version + 1))
    }
    const seen = { previous: '59000', previousVersion: 1n }
    const first = await alert(seen)
    spike('BTC-USD')
    watch.wake()
    await until('the first is told', async () => (await stored(first)).state === 'fired')
    const second = await alert({ ...seen, symbol: 'ETH-USD', threshold: '90000' })
    watch.wake()
    await until('the second is read', async () => watch.size === 1)
    const third = await alert({ ...seen, symbol: 'ETH-USD' })
    spike('ETH-USD')
    watch.wake()
    await until('the third is told', async () => (await stored(third)).state === 'fired')
    await queue.drained()
    await stop()
    for (const id of [first, third]) expect((await stored(id)).previousVersion).to.equal(3n)
    expect((await stored(second)).state).to.equal('armed')
  })

  it('leave what was before out of an alert that was brought along from another account', async () => {
    await alert({ threshold: '90000', previous: '59000', previousVersion: 1n })
    const first = await worker()
    first.watch.admitted(first.take('BTC-USD', '59000', 2))
    await first.stop()
    const id = randomUUID()
    const input = { kind: 'PRICE', symbol: 'BTC-USD', condition: 'above', threshold: '60000' }
    const rule = ruleOf(newAlert.parse(input), null)
    const kept = {
      id,
      rule,
      state: 'armed',
      firedAt: null,
      snoozedUntil: null,
      createdAt: NOW,
      told: [],
    } as const
    await db.asUser(userId, (tx) => alertStore.insertKept(tx, userId, [kept], NOW))
    const second = await worker()
    for (const [after, price] of ['61000', '59500', '60500'].entries())
      second.watch.admitted(second.take('BTC-USD', price, versionAt(NOW) + 1 + after))
    await second.queue.drained()
    await second.stop()
    expect(second.written.map(({ value }) => formatFixed(value))).to.deep.equal(['60500'])
  })

  it('are followed by what has touched them, though nobody has counted the alerts there are', async () => {
    await db.asUser(
      userId,
      (tx) => tx.$executeRaw`
        INSERT INTO alerts (id, user_id, kind, symbol, condition, threshold)
        SELECT gen_random_uuid(), ${userId}::uuid, 'PRICE', 'BTC-USD', 'above', 1 FROM generate_series(1, 3000)`,
    )
    const plans: unknown[] = []
    await db.asSystem(async (tx) => {
      const explain = async (sql: string, ...values: unknown[]): Promise<unknown[]> => {
        plans.push(await tx.$queryRawUnsafe(`EXPLAIN ${sql}`, ...values))
        return []
      }
      const explaining = new Proxy(tx, {
        get: (of, name) => (name === '$queryRawUnsafe' ? explain : Reflect.get(of, name)),
      })
      await priceAlertStore.changes(explaining, 2n ** 31n)
      await portfolioStore.changes(explaining, 2n ** 31n)
    })
    expect(plans).to.have.length(2)
    const [prices, portfolios] = plans.map((plan) => JSON.stringify(plan).match(/ on alerts\w+/g))
    expect([prices, portfolios]).to.deep.equal([[' on alerts_touched_idx'], [' on alerts_touched_idx']])
  })

  it('are read though the clock was set back by an hour', async () => {
    let now = NOW
    const { watch, stop } = await worker({ ...clock, now: () => now })
    await alert({})
    now -= 3_600_000
    watch.wake()
    await until('it is read', async () => watch.size === 1)
    await stop()
  })

  it('give up an alert whose time is over when it would have fired', async () => {
    const id = await alert({ expiresAt: new Date(NOW), previous: '59000', previousVersion: 1n })
    const { watch, written, take, stop } = await worker()
    watch.admitted(take('BTC-USD', '61000', 2))
    await until('it is over', async () => (await stored(id)).state === 'expired', 4_000).catch(() => {})
    await stop()
    expect((await stored(id)).state).to.equal('expired')
    expect(written).to.have.length(1)
  })
})
