import { expect } from 'chai'
import { createFiring } from '../../src/alerts/firing.js'
import type { AlertOp } from '../../src/alerts/ops.js'
import type { Database } from '../../src/database/database.js'
import type { Prisma } from '../../src/generated/prisma/client.js'
import type { Clock } from '../../src/lib/clock.js'
import { parseFixed } from '../../src/lib/decimal.js'
import { createAnnounce } from '../../src/notifications/announce.js'
import type { Told } from '../../src/notifications/news.js'
import { addUser, databaseKinds, openTestDatabase } from '../support/database.js'

const NOW = Date.UTC(2026, 4, 20, 9)
const clock: Clock = { now: () => NOW, after: () => () => {}, every: () => () => {} }

for (const kind of databaseKinds()) {
  describe(`firing, ${kind}`, function () {
    this.timeout(60_000)
    let db: Database
    let userId: string
    let told: Told[] = []
    before(async () => {
      db = await openTestDatabase(kind)
      const data = { symbol: 'BTC-USD', kind: 'CRYPTO', name: 'Bitcoin', currency: 'USD' }
      await db.asSystem((tx) => tx.instrument.create({ data }))
    })
    beforeEach(async () => {
      userId = await addUser(db)
      told = []
    })
    after(() => db?.close())

    const firing = () =>
      createFiring({
        db,
        announce: createAnnounce({ emailConfigured: false, clock }),
        tell: (some) => void told.push(...some),
      })
    const alert = async (more: Partial<Prisma.AlertUncheckedCreateInput> = {}): Promise<string> => {
      const price = { kind: 'PRICE', symbol: 'BTC-USD', condition: 'above', threshold: '60000' } as const
      const data = { userId, ...price, repeat: 'rearm', ...more }
      return (await db.asUser(userId, (tx) => tx.alert.create({ data }))).id
    }
    const op = (alertId: string, more: Partial<AlertOp> = {}): AlertOp => ({
      ...{ kind: 'fire', alertId, armVersion: 1, at: NOW, version: 7 },
      ...{ value: parseFixed('60012.34'), from: parseFixed('59990.5') },
      ...more,
    })
    const stored = (id: string) => db.asUser(userId, (tx) => tx.alert.findFirstOrThrow({ where: { id } }))
    const firings = () => db.asUser(userId, (tx) => tx.alertFiring.findMany())

    it('of two writers with the same ops lets each op be written by one of them', async () => {
      const ids = await Promise.all(Array.from({ length: 12 }, () => alert()))
      const ops = ids.map((id) => op(id))
      const [there, back] = await Promise.all([firing()(ops), firing()([...ops].reverse())])
      expect(there.map((written, place) => written !== back.at(-1 - place))).to.deep.equal(
        ids.map(() => true),
      )
      expect(told.map(({ notification }) => notification.data.alertId)).to.have.members(ids)
      const rows = await firings()
      expect(rows.map(({ alertId, occasion }) => `${alertId} ${occasion}`)).to.have.members(
        ids.map((id) => `${id} v1`),
      )
      expect(rows.map((row) => row.notificationId)).to.have.members(told.map((one) => one.notification.id))
      expect(await firing()(ops), 'once more').to.deep.equal(ids.map(() => false))
      expect(told).to.have.length(12)
    })

    it('refuses what does not fit the alert as it stands', async () => {
      const later = new Date(NOW + 1)
      const refused = [
        await alert({ armVersion: 2 }),
        await alert({ state: 'paused' }),
        await alert({ state: 'fired' }),
        await alert({ snoozedUntil: later }),
        await alert({ expiresAt: new Date(NOW) }),
        '00000000-0000-7000-8000-000000000000',
      ]
      const fits = await alert({ snoozedUntil: new Date(NOW), expiresAt: later })
      const written = await firing()([...refused, fits].map((id) => op(id)))
      expect(written).to.deep.equal([...refused.map(() => false), true])
      expect(told.map(({ notification }) => notification.data.alertId)).to.deep.equal([fits])
      expect((await firings()).map((row) => row.alertId)).to.deep.equal([fits])
    })

    it('arms again what has fired, once, and lets it fire anew', async () => {
      const id = await alert()
      const rearm = op(id, { kind: 'rearm', value: parseFixed('59000'), from: null, version: 8 })
      expect(await firing()([rearm]), 'it has not fired').to.deep.equal([false])
      await firing()([op(id)])
      expect(await stored(id)).to.deep.include({ state: 'fired', armVersion: 1, previousVersion: 7n })
      expect((await stored(id)).firedAt?.getTime()).to.equal(NOW)
      expect(await firing()([rearm])).to.deep.equal([true])
      expect(await firing()([rearm])).to.deep.equal([false])
      const armed = await stored(id)
      expect(armed).to.deep.include({ state: 'armed', armVersion: 2, previousVersion: 8n })
      expect([String(armed.previous), armed.previousAt?.getTime()]).to.deep.equal(['59000', NOW])
      expect(await firing()([op(id)]), 'of the time before').to.deep.equal([false])
      expect(await firing()([op(id, { armVersion: 2 })])).to.deep.equal([true])
      expect((await firings()).map((row) => row.occasion).sort()).to.deep.equal(['v1', 'v2'])
      expect(told).to.have.length(2)
    })

    it('tells each user in his language what has happened', async () => {
      const indonesian = await addUser(db)
      await db.asSystem((tx) => tx.user.update({ where: { id: indonesian }, data: { locale: 'id-ID' } }))
      const id = await alert({ note: 'sell' })
      const data = { userId: indonesian, kind: 'PORTFOLIO', condition: 'share', percent: '40' } as const
      const other = await db.asUser(indonesian, (tx) =>
        tx.alert.create({ data: { ...data, previous: '39', channels: ['push'], hasChannels: true } }),
      )
      const seen = { currency: 'IDR', holding: 'Emas', share: '41.5' }
      await firing()([
        op(id),
        op(other.id, { version: null, from: null, value: parseFixed('9000'), data: seen }),
      ])
      const of = (user: string) => told.find((one) => one.userId === user)?.notification
      expect(of(userId)).to.deep.include({
        kind: 'alert:fired',
        title: 'BTC-USD rose to $60,012.34',
        body: 'It came from $59,990.50 and reached your mark of $60,000.\nsell',
      })
      expect(of(userId)?.data).to.deep.equal({
        ...{
          alertId: id,
          kind: 'PRICE',
          condition: 'above',
          symbol: 'BTC-USD',
          per: null,
          windowMinutes: null,
        },
        ...{ threshold: '60000', percent: null, currency: 'USD', value: '60012.34', from: '59990.5' },
        ...{ at: '2026-05-20T09:00:00.000Z', note: 'sell' },
      })
      expect(of(indonesian)).to.deep.include({
        title: 'Emas kini 41,5% dari portofolio',
        body: 'Anda meminta kabar bila porsinya lebih dari 40%. Nilai seluruhnya Rp\u00a09.000.',
      })
      const kept = await db.asUser(indonesian, (tx) => tx.alert.findFirstOrThrow())
      expect([kept.state, String(kept.previous)], 'no value but a percentage').to.deep.equal(['fired', '39'])
    })
  })
}
