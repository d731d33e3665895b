import { expect } from 'chai'
import { notificationStore, tidyNotifications } from '../../src/notifications/store.js'
import { events } from '../../src/protocol/events.js'
import type {
  Notification,
  NotificationPage,
  NotificationSettings,
} from '../../src/protocol/notifications.js'
import { DATABASE_START_MS } from '../http/door.js'
import { announced, announcedAll } from '../support/notifications.js'
import { listen, type Person, register } from '../support/people.js'
import { startTestServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

const PATH = '/v1/notifications'
const MISSING = '0190a7c0-0000-7000-8000-000000000000'
const DAY_MS = 24 * 3600 * 1000

describe('notifications over HTTP', function () {
  this.timeout(60_000)
  let server: TestServer
  let person: Person
  before(async function () {
    this.timeout(DATABASE_START_MS)
    server = await startTestServer()
  })
  beforeEach(async () => {
    person = await register(server.url)
  })
  after(() => server?.stop())

  const read = async (query = ''): Promise<NotificationPage> =>
    (await person.ask<NotificationPage>('GET', `${PATH}${query}`)).body
  const idsOf = (page: { readonly data: readonly Notification[] }) => page.data.map(({ id }) => id)

  it('are listed newest first, page by page, unseen ones or of one kind alone, with how many are unseen', async () => {
    const told = await announcedAll(server.db, person.userId, 5)
    const goal = await announced(server.db, person.userId, { kind: 'goal:reached', data: { goalId: 'g' } })
    const ids = [...told, goal].map(({ notification }) => notification.id).reverse()
    const first = await read('?limit=4')
    expect(idsOf(first)).to.deep.equal(ids.slice(0, 4))
    expect(first.data[0]).to.deep.equal(goal.notification)
    expect(first.unseen).to.equal(6)
    const second = await read(`?limit=4&cursor=${first.nextCursor}`)
    expect([idsOf(second), second.nextCursor]).to.deep.equal([ids.slice(4), null])
    await person.ask('POST', `${PATH}/seen`, { ids: ids.slice(2) })
    expect(await read('?unseen=true')).to.deep.include({ unseen: 2, nextCursor: null })
    expect(idsOf(await read('?unseen=true'))).to.deep.equal(ids.slice(0, 2))
    expect(idsOf(await read('?unseen=false&limit=2'))).to.deep.equal(ids.slice(2, 4))
    expect(idsOf(await read('?kind=goal:reached'))).to.deep.equal([goal.notification.id])
    for (const query of ['?kind=x', '?unseen=1', '?limit=101', '?cursor=x', '?a=b'])
      expect((await person.ask('GET', `${PATH}${query}`)).status, query).to.equal(422)
  })

  it('are read, seen, unseen again and removed one by one, of which the sockets are told', async () => {
    const told = await announced(server.db, person.userId)
    const { id } = told.notification
    const line = await listen(server.url, person.token)
    const words = () => line.heard.flatMap(({ event, data }) => (event === events.seen ? [data] : []))
    const one = await person.ask<Notification>('GET', `${PATH}/${id}`)
    expect([one.status, one.body]).to.deep.equal([200, told.notification])
    const change = (seen: unknown) => person.ask<Notification>('PATCH', `${PATH}/${id}`, { seen })
    const { seenAt } = (await change(true)).body
    expect(seenAt).to.be.a('string')
    expect((await change(true)).body.seenAt).to.equal(seenAt)
    expect((await change(false)).body).to.deep.equal(told.notification)
    expect((await person.ask('DELETE', `${PATH}/${id}`)).status).to.equal(204)
    await until('all is told', () => words().length === 3)
    expect(words()).to.deep.equal([
      { ids: [id], unseen: 0 },
      { ids: [], unseen: 1 },
      { ids: [id], unseen: 0 },
    ])
    for (const [method, body] of [['GET'], ['PATCH', { seen: true }], ['DELETE']] as const)
      for (const gone of [id, MISSING, 'seen', 'x'])
        expect((await person.ask(method, `${PATH}/${gone}`, body)).status, `${method} ${gone}`).to.equal(404)
    for (const seen of [null, 'true', 1, undefined]) expect((await change(seen)).status).to.equal(422)
    line.close()
  })

  it('are seen together, by their ids or all of them, and only by whom they are for', async () => {
    const ids = (await announcedAll(server.db, person.userId, 3)).map(({ notification }) => notification.id)
    const other = await register(server.url)
    const see = (who: Person, body: unknown) => who.ask<{ unseen: number }>('POST', `${PATH}/seen`, body)
    expect((await see(other, { ids })).body).to.deep.equal({ unseen: 0 })
    expect((await see(other, { all: true })).body).to.deep.equal({ unseen: 0 })
    expect((await read()).unseen).to.equal(3)
    const line = await listen(server.url, person.token)
    expect((await see(person, { ids: [ids[1], MISSING] })).body).to.deep.equal({ unseen: 2 })
    expect((await see(person, { all: true })).body).to.deep.equal({ unseen: 0 })
    expect((await see(person, { all: true })).body).to.deep.equal({ unseen: 0 })
    const words = () => line.heard.flatMap(({ event, data }) => (event === events.seen ? [data] : []))
    await until('both are told', () => words().length === 2)
    expect(words()).to.deep.equal([
      { ids: [ids[1]], unseen: 2 },
      { ids: [ids[0], ids[2]], unseen: 0 },
    ])
    const mistaken = [{}, { ids: [] }, { ids: ['x'] }, { all: false }, { all: true, ids }, { ids: 'x' }]
    const tooMany = { ids: Array.from({ length: 101 }, () => MISSING) }
    for (const body of [...mistaken, tooMany]) expect((await see(person, body)).status).to.equal(422)
    line.close()
  })

  describe('settings', () => {
    const SETTINGS = `${PATH}/settings`
    const settings = () => person.ask<NotificationSettings>('GET', SETTINGS)
    const change = (body: unknown, headers: Record<string, string> = {}) =>
      person.ask<NotificationSettings>('PATCH', SETTINGS, body, headers)

    it('are those of a new user until the first change, each change a version', async () => {
      const before = await settings()
      expect(before.body).to.deep.equal({
        email: false,
        push: true,
        webhook: true,
        quietHours: null,
        available: { email: false, push: true },
        emailConfirmed: false,
        version: 0,
      })
      const match = { 'If-Match': before.headers.get('etag') ?? '' }
      const [one, two] = await Promise.all([
        change({ push: false, quietHours: { from: '22:00', to: '07:00' } }, match),
        change({ push: false, quietHours: { from: '22:00', to: '07:00' } }, match),
      ])
      expect([one.status, two.status].sort()).to.deep.equal([200, 412])
      const after = await settings()
      expect(after.body).to.deep.equal({
        ...before.body,
        push: false,
        quietHours: { from: '22:00', to: '07:00' },
        version: 1,
      })
      const etag = after.headers.get('etag') ?? ''
      expect((await person.ask('GET', SETTINGS, undefined, { 'If-None-Match': etag })).status).to.equal(304)
      const third = await change({ quietHours: null, email: false }, { 'If-Match': etag })
      expect(third.body).to.deep.equal({ ...after.body, quietHours: null, version: 2 })
      expect((await change({ push: true }, match)).status).to.equal(412)
    })

    it('refuse what cannot be, and say what', async () => {
      const cases: readonly [unknown, string][] = [
        [{ email: true }, '/email'],
        [{ quietHours: { from: '24:00', to: '07:00' } }, '/quietHours/from'],
        [{ quietHours: { from: '22:00' } }, '/quietHours/to'],
        [{ quietHours: { from: '22:00', to: '22:00' } }, '/quietHours'],
        [{ push: 'yes' }, '/push'],
        [{ push: true, version: 3 }, '/version'],
        [{}, ''],
      ]
      for (const [body, pointer] of cases) {
        const refused = await person.ask('PATCH', SETTINGS, body)
        expect([refused.status, refused.body.errors?.map((error) => error.pointer)]).to.deep.equal([
          422,
          [pointer],
        ])
      }
      expect((await settings()).body.version).to.equal(0)
      const link = await person.ask('POST', '/v1/notifications/email/confirmation')
      expect([link.status, link.body.code]).to.deep.equal([422, 'not-available'])
    })
  })

  it('are forgotten three months after they were seen, or after a year', async () => {
    const ids = (await announcedAll(server.db, person.userId, 4)).map(({ notification }) => notification.id)
    const now = Date.now()
    const seenAfter = async (days: number, id = ''): Promise<void> => {
      await server.db.asSystem((tx) => notificationStore.see(tx, person.userId, [id], now + days * DAY_MS))
    }
    await seenAfter(1, ids[0])
    await seenAfter(60, ids[1])
    const left = async (days: number) => {
      await server.db.asSystem((tx) => tidyNotifications(tx, now + days * DAY_MS))
      return idsOf(await read()).reverse()
    }
    expect(await left(90)).to.deep.equal(ids)
    expect(await left(92)).to.deep.equal(ids.slice(1))
    await seenAfter(360, ids[3])
    expect(await left(364)).to.deep.equal(ids.slice(2))
    expect(await left(366)).to.deep.equal(ids.slice(3))
  })
})
