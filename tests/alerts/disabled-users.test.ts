import { expect } from 'chai'
import { createFiring } from '../../src/alerts/firing.js'
import { OpQueue } from '../../src/alerts/op-queue.js'
import { portfolioStore } from '../../src/alerts/portfolio-store.js'
import { PriceWatch } from '../../src/alerts/price-watch.js'
import type { Database } from '../../src/database/database.js'
import { Outbox } from '../../src/delivery/outbox.js'
import type { Parcel } from '../../src/delivery/way.js'
import type { Prisma } from '../../src/generated/prisma/client.js'
import { systemClock } from '../../src/lib/clock.js'
import { createAnnounce } from '../../src/notifications/announce.js'
import type { News, Told } from '../../src/notifications/news.js'
import { PriceBoard } from '../../src/prices/board.js'
import { versionAt } from '../../src/prices/tick.js'
import { quoteOf } from '../prices/quotes.js'
import { addUser, databaseKinds, openTestDatabase } from '../support/database.js'
import { readableLog } from '../support/server.js'
import { until } from '../support/until.js'

const FIRST_ID = '00000000-0000-0000-0000-000000000000'

for (const kind of databaseKinds()) {
  describe(`a disabled user, ${kind}`, function () {
    this.timeout(60_000)
    let db: Database
    let userId: string
    before(async () => {
      db = await openTestDatabase(kind)
    })
    beforeEach(async () => {
      userId = await addUser(db)
      await db.asSystem((tx) => tx.$executeRaw`UPDATE users SET confirmed_email = email`)
    })
    after(() => db?.close())

    const clock = { ...systemClock, every: () => () => {} }
    const announce = createAnnounce({ emailConfigured: true })
    const disable = (disabledAt: Date | null) =>
      db.asSystem((tx) => tx.user.update({ where: { id: userId }, data: { disabledAt } }))
    const alert = async (more: Partial<Prisma.AlertUncheckedCreateInput> = {}): Promise<string> => {
      const price = { kind: 'PRICE', symbol: 'BTC-USD', condition: 'above', threshold: '100' } as const
      const data = { userId, ...price, previous: '90', previousVersion: 1n, ...more }
      return (await db.asUser(userId, (tx) => tx.alert.create({ data }))).id
    }
    const portfolio = {
      kind: 'PORTFOLIO',
      symbol: null,
      previousVersion: null,
      previousAt: new Date(),
    } as const
    const stored = (id: string) => db.asUser(userId, (tx) => tx.alert.findFirstOrThrow({ where: { id } }))
    const inbox = () => db.asUser(userId, (tx) => tx.notification.count())

    function worker() {
      const { log } = readableLog()
      const board = new PriceBoard({ now: () => Date.now() })
      const told: Told[] = []
      const queue: OpQueue = new OpQueue({
        write: createFiring({ db, announce, tell: (some) => void told.push(...some) }),
        refused: (id) => watch.refused(id),
        ...{ clock, log },
      })
      const watch = new PriceWatch({
        ...{ db, clock, log, mine: () => true, allowSimulated: false },
        emit: (op) => queue.add(op),
        drained: () => queue.drained(),
        markOf: (symbol) => board.get(symbol),
      })
      let version = 0
      return {
        ...{ watch, queue, told },
        async price(price: string): Promise<void> {
          version = Math.max(version + 1, versionAt(Date.now()))
          const mark = board.take(quoteOf({ symbol: 'BTC-USD', price, version, at: Date.now() }))
          if (mark) watch.admitted(mark)
          await queue.drained()
        },
        /** What has changed in the database is known. */
        async known(size: number): Promise<void> {
          await until(`${size} alerts are known`, () => {
            watch.wake()
            return watch.size === size
          })
        },
        async stop() {
          await watch.stop()
          await queue.stop()
        },
      }
    }

    it('is not told of prices, and works from the price of the moment on when he is back', async () => {
      const ids = [await alert(), await alert({ repeat: 'rearm', hysteresis: '1' })]
      const paused = await alert({ state: 'paused' })
      const { watch, told, price, known, stop } = worker()
      await watch.start()
      await price('95')
      await known(2)
      await disable(new Date())
      // What was decided before it is known here is refused.
      await price('105')
      await known(0)
      for (const id of ids) expect((await stored(id)).state).to.equal('paused')
      await price('95')
      await price('105')
      await disable(null)
      await known(2)
      expect((await stored(paused)).state, 'by himself').to.equal('paused')
      await price('106')
      expect([told.length, await inbox()], 'what happened meanwhile is over').to.deep.equal([0, 0])
      await price('95')
      await price('101')
      expect(told.map(({ notification }) => notification.data.alertId)).to.have.members(ids)
      await stop()
    })

    it('begins anew with everything that is held against the market, also where no worker looked on', async () => {
      const price = await alert()
      const ratio = await alert({ per: 'ETH-USD', state: 'fired', repeat: 'rearm' })
      const over = await alert({ state: 'fired' })
      const total = await alert({ ...portfolio, condition: 'newHigh', threshold: null })
      const loaded = async () =>
        (await db.asSystem((tx) => portfolioStore.page(tx, FIRST_ID, 100))).filter(
          (one) => one.userId === userId,
        )
      expect(await loaded()).to.have.length(1)
      await disable(new Date())
      expect(await loaded()).to.deep.equal([])
      const before = Date.now()
      await disable(new Date(before))
      await disable(null)
      for (const [id, factor] of [
        [price, 1],
        [ratio, 2],
      ] as const) {
        const row = await stored(id)
        expect(row).to.deep.include({ state: 'armed', armVersion: 2, previous: null, suspended: false })
        const atMs = Number(row.previousVersion) / factor / versionAt(1)
        expect(atMs).to.be.within(before - 1_000, Date.now() + 1_000)
      }
      expect(await stored(over)).to.deep.include({ state: 'fired', armVersion: 1 })
      expect(await stored(total)).to.deep.include({ state: 'armed', armVersion: 2, previousAt: null })
      expect((await loaded())[0]?.standing.seen).to.equal(null)
    })

    it('is not told anything else either, and what waits to go out does not', async () => {
      const sent: Parcel[] = []
      const news = (key: string): News => ({
        ...{ userId, kind: 'goal:reached', key, data: {}, at: Date.now(), channels: ['email'] },
        words: () => ({ title: key, body: key }),
      })
      const tell = (key: string) => db.asSystem((tx) => announce(tx, [news(key)]))
      expect(await tell('before')).to.have.length(1)
      await disable(new Date())
      expect(await tell('meanwhile')).to.deep.equal([])
      await disable(null)
      await tell('after')
      const way = {
        atOnce: 10,
        close: async () => {},
        send: async (parcel: Parcel) => {
          sent.push(parcel)
          return { kind: 'sent' } as const
        },
      }
      const outbox = new Outbox({
        db,
        ways: { email: way, push: null },
        clock,
        log: readableLog().log,
      }).start()
      const open = () => db.asUser(userId, (tx) => tx.outboxEntry.count({ where: { doneAt: null } }))
      await until('the outbox is empty', async () => (await open()) === 0)
      await outbox.stop()
      expect(sent.flatMap(({ items }) => items.map(({ title }) => title))).to.deep.equal(['after'])
      expect(await inbox()).to.equal(2)
    })
  })
}
