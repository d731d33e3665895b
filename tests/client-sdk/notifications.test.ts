import { expect } from 'chai'
import { createClient, type HartaClient, type Inbox, type Notification } from '../../client-sdk/src/index.js'
import { DATABASE_START_MS } from '../http/door.js'
import { announced, announcedAll } from '../support/notifications.js'
import { PASSWORD } from '../support/people.js'
import { startTestServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

let people = 0

describe('what the client hears of notifications', () => {
  let server: TestServer
  let harta: HartaClient
  let elsewhere: HartaClient
  let userId: string
  let stops: (() => void)[]
  let problems: unknown[]
  before(async function () {
    this.timeout(DATABASE_START_MS)
    server = await startTestServer()
  })
  after(() => server?.stop())
  beforeEach(async () => {
    people += 1
    const person = { email: `told-${people}@example.org`, password: PASSWORD }
    problems = []
    harta = createClient({ url: server.url, lingerMs: 5, onError: (error) => problems.push(error) })
    elsewhere = createClient({ url: server.url, lingerMs: 5 })
    userId = (await harta.auth.register(person)).id
    await elsewhere.auth.login(person)
    stops = []
  })
  afterEach(() => {
    for (const stop of stops) stop()
    harta.close()
    elsewhere.close()
  })

  const idle = (): Promise<void> => until('the socket has left', () => harta.connection.state === 'idle')
  const inbox = (client = harta): Inbox | null => client.notifications.store.getSnapshot()
  const follow = async (client = harta): Promise<void> => {
    stops.push(client.notifications.store.subscribe(() => {}))
    await until('the inbox is known', () => inbox(client) !== null)
  }
  const counts = (unseen: number, client = harta): Promise<void> =>
    until(`${unseen} are unseen`, () => inbox(client)?.unseen === unseen)
  const titles = (client = harta): readonly string[] | undefined =>
    inbox(client)?.items.map(({ title }) => title)
  const idsOf = (items: readonly Notification[] = []): readonly string[] => items.map(({ id }) => id)
  const reach = async (): Promise<void> => {
    const goal = await harta.goals.create({ name: 'Boat', target: '10', basis: 'CONTRIBUTIONS' })
    await harta.goals.contributions(goal.id).create({ amount: '10' })
  }

  it('hands on what was missed and what comes, by kind, each once however often it is sent', async () => {
    const [missed] = await announcedAll(server.db, userId, 1, { title: 'missed' })
    const heard: string[] = []
    const reached: string[] = []
    const listen = (): (() => void)[] => [
      harta.notifications.on('notification:new', ({ id }) => heard.push(id)),
      harta.notifications.on('goal:reached', ({ title }) => reached.push(title)),
      harta.notifications.on('goal:reached', () => {
        throw new Error('mine')
      }),
    ]
    const before = listen()
    await until('what was missed', () => heard.length === 1)
    await reach()
    await until('the goal', () => reached.length === 1)
    expect([heard[0], heard.length, problems.length]).to.deep.equal([missed?.notification.id, 2, 1])
    for (const stop of before) stop()
    await idle()
    await announced(server.db, userId, { title: 'later' })
    stops.push(...listen())
    await until('what came meanwhile', () => heard.length === 3)
    expect(reached).to.have.length(1)
  })

  it('keeps the inbox as it is, for what comes and for what is seen or removed elsewhere', async () => {
    const [old] = await announcedAll(server.db, userId, 2, { title: 'old' })
    expect(inbox()).to.equal(null)
    await follow()
    await follow(elsewhere)
    expect([titles(), inbox()?.unseen]).to.deep.equal([['old', 'old'], 2])
    await reach()
    await counts(3)
    await counts(3, elsewhere)
    expect(inbox()?.items[0]?.kind).to.equal('goal:reached')
    const { id } = old?.notification ?? { id: '' }
    await elsewhere.notifications.seen([id])
    await counts(2)
    expect(inbox()?.items.find((item) => item.id === id)?.seenAt).to.be.a('string')
    await harta.notifications.remove(inbox()?.items[0]?.id ?? '')
    expect([titles(), inbox()?.unseen]).to.deep.equal([['old', 'old'], 1])
    await counts(1, elsewhere)
    await harta.notifications.seen('all')
    await counts(0, elsewhere)
    expect(await harta.notifications.get(id)).to.deep.include({ id, title: 'old' })
  })

  it('keeps a hundred, counts all, and has what happened while it was away', async () => {
    await announcedAll(server.db, userId, 102)
    await follow()
    expect([inbox()?.items.length, inbox()?.unseen]).to.deep.equal([100, 102])
    await reach()
    await counts(103)
    const shown = idsOf(inbox()?.items)
    expect([shown.length, shown]).to.deep.equal([100, [...shown].sort().reverse()])
    for (const stop of stops.splice(0)) stop()
    await idle()
    await harta.notifications.seen(shown.slice(0, 3))
    expect(inbox()?.unseen).to.equal(100)
    await elsewhere.notifications.seen('all')
    await follow()
    await counts(0)
    const unseen = harta.notifications.list({ unseen: true })
    expect(await unseen.page()).to.deep.equal({ data: [], nextCursor: null, unseen: 0 })
  })

  it('forgets with the user', async () => {
    await announced(server.db, userId)
    await follow()
    await harta.auth.logout()
    expect(inbox()).to.equal(null)
    await harta.auth.register({ email: `after-${people}@example.org`, password: PASSWORD })
    await until('the next one’s inbox', () => inbox() !== null)
    expect(inbox()).to.deep.equal({ items: [], unseen: 0 })
  })

  it('changes how the user is told, and tries a way', async () => {
    const { settings } = harta.notifications
    const quietHours = { from: '22:00', to: '06:00' }
    expect(await settings.update({ push: false, quietHours })).to.deep.include({ push: false, quietHours })
    expect(await settings.get()).to.deep.include({ push: false, quietHours, email: false })
    await follow()
    expect((await harta.notifications.try('push')).sent).to.equal(0)
    const link = await harta.notifications.confirmEmail().catch((error: unknown) => error)
    expect(link, 'a server without e-mail').to.include({ status: 422, code: 'not-available' })
    await until('the test is in the inbox', () => inbox()?.items[0]?.kind === 'test')
  })
})
