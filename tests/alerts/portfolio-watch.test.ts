import { expect } from 'chai'
import { createFiring } from '../../src/alerts/firing.js'
import { OpQueue } from '../../src/alerts/op-queue.js'
import { PortfolioWatch } from '../../src/alerts/portfolio-watch.js'
import { assets } from '../../src/assets/service.js'
import type { Database } from '../../src/database/database.js'
import { goalWatch } from '../../src/goals/watch.js'
import { instrumentStore } from '../../src/instruments/store.js'
import { createAnnounce } from '../../src/notifications/announce.js'
import type { Told } from '../../src/notifications/news.js'
import { DatedMarkets } from '../../src/prices/dated-market.js'
import { DayStarts } from '../../src/prices/day-starts.js'
import { portfoliosLoader } from '../../src/valuation/load.js'
import { addUser, databaseKinds, openTestDatabase } from '../support/database.js'
import { FakeClock } from '../support/exchange-clock.js'
import { readableLog } from '../support/server.js'
import { TestMarket } from '../valuation/portfolios.js'

const NOON = Date.UTC(2026, 2, 10, 12)

describe('alerts on portfolios of users who are away', function () {
  this.timeout(60_000)
  let db: Database
  let userId: string
  let clock: FakeClock
  let market: TestMarket
  let told: string[]
  let workers: Worker[]
  const { log } = readableLog()
  const dated = new DatedMarkets({ now: () => NOON, live: { price: () => undefined, rate: () => null } }).load

  interface Worker {
    readonly watch: PortfolioWatch
    stop(): Promise<void>
  }

  before(async () => {
    db = await openTestDatabase(databaseKinds().at(-1) ?? 'embedded')
    await db.asSystem(async (tx) => {
      const coin = { kind: 'CRYPTO', currency: 'USD', mic: null } as const
      for (const symbol of ['BTC-USD', 'ETH-USD'])
        await instrumentStore.ensure(tx, { symbol, name: symbol, ...coin })
    })
  })
  after(() => db?.close())
  beforeEach(async () => {
    clock = new FakeClock(NOON)
    market = new TestMarket()
    market.set('BTC-USD', '90')
    told = []
    workers = []
    userId = await addUser(db)
    await own('BTC-USD', '1')
  })
  afterEach(() => Promise.all(workers.map((worker) => worker.stop())))

  const owned = () => assets({ db, clock, priceOf: async () => undefined, dated, changed: () => {} })
  const own = (symbol: string, quantity: string) =>
    owned().create(userId, { type: 'CRYPTO', symbol, quantity, unitCost: '1' } as Parameters<
      ReturnType<typeof owned>['create']
    >[1])
  const alert = (more: object = {}) => {
    const data = { userId, kind: 'PORTFOLIO', condition: 'above', threshold: '100', currency: 'USD' } as const
    return db.asUser(userId, (tx) => tx.alert.create({ data: { ...data, ...more } }))
  }

  async function begin(
    more: { mine?: (id: string) => boolean; allowSimulated?: boolean } = {},
  ): Promise<Worker> {
    const announce = createAnnounce({ emailConfigured: false, clock })
    const tell = (all: readonly Told[]) => {
      for (const { userId: whose, notification } of all) if (whose === userId) told.push(notification.title)
    }
    const queue: OpQueue = new OpQueue({
      write: createFiring({ db, announce, tell }),
      refused: (alertId) => watch.refused(alertId),
      clock,
      log,
    })
    const checking = goalWatch({
      db,
      clock,
      dated,
      announce: async (_, news) => () => told.push(...news.map(({ name, kind }) => `${name} ${kind}`)),
    })
    const watch: PortfolioWatch = new PortfolioWatch({
      db,
      load: portfoliosLoader({ db, dayStarts: new DayStarts({ db, pairs: () => [] }), clock }),
      market: () => market,
      emit: (op) => queue.add(op),
      drained: () => queue.drained(),
      checkGoals: checking.check,
      announce,
      tell,
      mine: (id) => id === userId,
      allowSimulated: false,
      clock,
      log,
      ...more,
    })
    await watch.start()
    const stop = async (): Promise<void> => {
      await watch.stop()
      await queue.stop()
    }
    workers.push({ watch, stop })
    return { watch, stop }
  }
  const moves = (worker: Worker, amount: string, more: object = {}): void => {
    market.set('BTC-USD', amount, more)
    worker.watch.moved('BTC-USD')
  }
  const until = (count: number): Promise<void> => clock.run(() => told.length >= count, 250)
  const stored = () => db.asUser(userId, (tx) => tx.alert.findFirstOrThrow({ where: { userId } }))
  /** Until what was seen last of the alert is this, whether or not anything was told. */
  async function seen(value: string, basis: RegExp = /^@USD /): Promise<void> {
    for (let rounds = 0; rounds < 400; rounds += 1) {
      const { previous, previousBasis } = await stored()
      if (String(previous) === value && basis.test(previousBasis ?? '')) return
      clock.advance(2_000)
    }
    throw new Error(`${value} was never seen: ${(await stored()).previous}`)
  }

  it('fire once, however many workers see it, and are armed and fire again', async () => {
    const { id } = await alert({ repeat: 'rearm', hysteresis: '5' })
    const [one, other] = [await begin(), await begin()]
    await seen('90')
    for (const worker of [one, other]) moves(worker, '100')
    await until(1)
    for (const worker of [one, other]) moves(worker, '95')
    await seen('95')
    for (const worker of [one, other]) moves(worker, '101')
    await until(2)
    await seen('101')
    expect(told).to.deep.equal(['Portfolio rose to $100', 'Portfolio rose to $101'])
    const firings = await db.asUser(userId, (tx) => tx.alertFiring.findMany({ where: { alertId: id } }))
    expect(firings.map(({ occasion }) => occasion).sort()).to.deep.equal(['v1', 'v2'])
    expect(await stored()).to.include({ state: 'fired', armVersion: 2 })
  })

  it('compare with the total that the worker before saw last', async () => {
    await alert()
    const first = await begin()
    await seen('90')
    await first.stop()
    market.set('BTC-USD', '120')
    await begin()
    await until(1)
    expect(told).to.deep.equal(['Portfolio rose to $120'])
  })

  it('say nothing of what is stale, simulated or left out, and go on from there', async () => {
    await alert()
    const worker = await begin()
    await seen('90')
    for (const state of ['stale', 'simulated']) {
      moves(worker, '150', { state })
      clock.advance(5_000)
    }
    await own('ETH-USD', '1')
    moves(worker, '95')
    await seen('95', /^@USD [0-9a-f-]{36}$/)
    market.set('ETH-USD', '50')
    worker.watch.moved('ETH-USD')
    await seen('145')
    expect(told).to.deep.equal([])
    moves(worker, '20')
    await seen('70')
    moves(worker, '51')
    await until(1)
    expect(told).to.deep.equal(['Portfolio rose to $101'])
  })

  it('follow what is bought, and alerts that are made, changed and removed meanwhile', async () => {
    const worker = await begin()
    expect(worker.watch.size).to.equal(0)
    const { id } = await alert({ threshold: '150' })
    await seen('90')
    await own('BTC-USD', '0.5')
    await seen('135')
    await db.asUser(userId, (tx) =>
      tx.alert.update({ where: { id }, data: { threshold: '200', armVersion: 2, version: 2 } }),
    )
    moves(worker, '120')
    await seen('180')
    moves(worker, '140')
    await until(1)
    await db.asUser(userId, (tx) => tx.alert.delete({ where: { id } }))
    await clock.run(() => worker.watch.size === 0, 1_000)
    expect(told).to.deep.equal(['Portfolio rose to $210'])
  })

  it('leave to other workers whose users are not ours, until they are', async () => {
    await alert()
    let isOurs = false
    const worker = await begin({ mine: (id) => isOurs && id === userId })
    expect(worker.watch.size).to.equal(0)
    isOurs = true
    worker.watch.divided()
    await seen('90')
    moves(worker, '100')
    await until(1)
    expect(told).to.have.length(1)
  })

  it('write down nothing of a user whom another worker has by now', async () => {
    const { id } = await alert({ threshold: '1000' })
    let isOurs = true
    const worker = await begin({ mine: (whose) => isOurs && whose === userId })
    await seen('90')
    moves(worker, '95')
    clock.advance(1_000)
    isOurs = false
    worker.watch.divided()
    await db.asSystem((tx) => tx.alert.update({ where: { id }, data: { previous: '99' } }))
    await worker.stop()
    expect(String((await stored()).previous)).to.equal('99')
  })

  it('reach the goals that the market moves, once', async () => {
    await db.asUser(userId, (tx) =>
      tx.goal.create({ data: { userId, name: 'Boat', target: '200', currency: 'USD', basis: 'NET_WORTH' } }),
    )
    const worker = await begin()
    moves(worker, '110')
    await until(1)
    expect(told).to.deep.equal(['Boat milestone'])
    moves(worker, '200')
    clock.advance(4_000)
    expect(told, 'ten seconds lie between two checks').to.have.lengthOf(1)
    await until(2)
    moves(worker, '100')
    await until(3)
    expect(told.slice(1)).to.deep.equal(['Boat reached', 'Boat fellBack'])
  })

  describe('that cannot be looked at', () => {
    const [MINUTE, HOUR] = [60_000, 3_600_000]
    const waiting = 'Portfolio alerts are waiting'
    const old = (hours: number) =>
      ({ state: 'stale', at: new Date(NOON - hours * HOUR).toISOString() }) as const
    const inbox = () => db.asUser(userId, (tx) => tx.notification.findMany({ where: { userId } }))
    /** On a slow machine it is seen hours later by this clock that something cannot be looked at. */
    const untilTold = (count: number): Promise<void> => clock.run(() => told.length >= count, MINUTE)
    /** So long, with turns for what begins meanwhile. */
    async function pass(ms: number): Promise<void> {
      const turns = async (end: number): Promise<void> => clock.run(() => clock.now() >= end, 1_000)
      await turns(clock.now() + 3_000)
      for (let left = ms; left > 0; left -= 3 * HOUR) {
        clock.stall(Math.min(left, 3 * HOUR) - 3_000)
        await turns(clock.now() + 3_000)
      }
    }

    it('say so once in the inbox, of a price that is a day old, however many workers see it', async () => {
      await alert()
      await alert({ repeat: 'rearm' })
      await own('ETH-USD', '1')
      market.set('ETH-USD', '10', old(24))
      const both = [await begin(), await begin()]
      for (let times = 0; times < 3; times += 1) await pass(2 * MINUTE)
      expect(told, 'the price may be on its way').to.deep.equal([])
      await pass(10 * MINUTE)
      await untilTold(1)
      for (const { stop } of both) await stop()
      const [word] = await inbox()
      expect(word).to.include({ kind: 'alert:waiting', title: waiting })
      expect(word?.body).to.match(/for ETH[^ ]* for a day/)
      expect(word?.data).to.deep.include({ count: 1, since: old(24).at })
      await db.asUser(userId, (tx) => tx.notification.deleteMany({ where: { userId } }))
      const { watch } = await begin()
      await pass(HOUR)
      expect(told, 'also after a restart, and taken out of the inbox').to.deep.equal([waiting])
      market.set('ETH-USD', '10')
      watch.moved('ETH-USD')
      await seen('100')
      market.set('ETH-USD', '10', old(24))
      watch.moved('ETH-USD')
      await pass(23 * HOUR)
      expect(told, 'anew').to.have.lengthOf(1)
      await pass(2 * HOUR)
      await untilTold(2)
      expect(told).to.deep.equal([waiting, waiting])
    })

    it('say nothing where nobody waits: paused, snoozed, closed markets and their first hours', async () => {
      const { id } = await alert({ state: 'paused' })
      await alert({ snoozedUntil: new Date(NOON + 1_000 * HOUR) })
      market.set('BTC-USD', '90', old(90))
      const { watch, stop } = await begin()
      await pass(HOUR)
      const closed = { state: 'closed', at: old(90).at } as const
      market.set('BTC-USD', '90', closed)
      watch.moved('BTC-USD')
      await db.asUser(userId, (tx) =>
        tx.alert.update({ where: { id }, data: { state: 'armed', version: 2 } }),
      )
      await pass(48 * HOUR)
      market.set('BTC-USD', '90', old(90))
      watch.moved('BTC-USD')
      await pass(16 * HOUR)
      await stop()
      await begin()
      await pass(HOUR)
      expect([told, await inbox()]).to.deep.equal([[], []])
      await pass(9 * HOUR)
      await untilTold(1)
      expect(told).to.deep.equal([waiting])
    })

    it('say so also where nothing has a price at all', async () => {
      await alert()
      market.marks.clear()
      await begin()
      await pass(23 * HOUR)
      expect(told).to.deep.equal([])
      await pass(2 * HOUR)
      await untilTold(1)
      expect(told).to.deep.equal([waiting])
    })
  })
})
