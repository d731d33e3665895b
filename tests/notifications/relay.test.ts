import { expect } from 'chai'
import type { Database } from '../../src/database/database.js'
import type { Told } from '../../src/notifications/news.js'
import { createMemoryNotices } from '../../src/notifications/notices-memory.js'
import { Relay } from '../../src/notifications/relay.js'
import { inbox } from '../../src/notifications/service.js'
import { unseenReader } from '../../src/notifications/unseen.js'
import { commands, events } from '../../src/protocol/events.js'
import type { Notification } from '../../src/protocol/notifications.js'
import { type House, openGateway } from '../gateway/house.js'
import { openRaw } from '../gateway/raw.js'
import { DATABASE_START_MS } from '../http/door.js'
import { addUser, openTestDatabase } from '../support/database.js'
import { FakeClock } from '../support/exchange-clock.js'
import { announced, announcedAll } from '../support/notifications.js'
import { dial, type Line } from '../support/people.js'
import { readableLog } from '../support/server.js'
import { until } from '../support/until.js'

const SWEEP_MS = 5_000

describe('what a user is told', function () {
  this.timeout(30_000)
  let db: Database
  let house: House
  let relay: Relay
  let ani: string
  let lines: Line[]
  /** Stands in front of the reading of what is unseen. */
  let beforeUnseen: () => Promise<void>
  const notices = createMemoryNotices()
  const { log, lines: logged } = readableLog()
  let clock: FakeClock
  let isAway: boolean
  before(async function () {
    this.timeout(DATABASE_START_MS)
    db = await openTestDatabase('embedded')
  })
  after(() => db?.close())
  beforeEach(async () => {
    beforeUnseen = async () => {}
    lines = []
    isAway = false
    clock = new FakeClock(Date.now())
    const read = unseenReader(db)
    const told = inbox({
      db,
      clock,
      available: { email: false, push: true },
      tellSeen: (userId, notice) => house.gateway.tell(userId, events.seen, notice),
    })
    house = await openGateway({
      unseen: async (userId) => {
        await beforeUnseen()
        return read(userId)
      },
      seen: told.see,
    })
    const asSystem: Database['asSystem'] = (work) =>
      isAway ? Promise.reject(new Error('the database is away')) : db.asSystem(work)
    relay = new Relay({ db: { ...db, asSystem }, notices, sockets: house.gateway, clock, log })
    await relay.start()
    ani = await addUser(db)
  })
  afterEach(async () => {
    for (const line of lines) line.close()
    await relay.stop()
    await house.close()
    expect(clock.pending, 'timers left behind').to.equal(0)
  })

  const join = async (user: string): Promise<Line> => {
    const line = dial(house.url, { token: house.token(user) })
    lines.push(line)
    await until('the first snapshot', () => line.snapshots.length > 0)
    return line
  }
  const publish = (told: Told) => notices.publish([told])
  const heardOf = (line: Line, name: string): string[] =>
    line.heard.flatMap(({ event, data }) => (event === name ? [(data as Notification).id] : []))
  const newTo = (line: Line) => heardOf(line, events.notification)
  const idOf = (told: Told) => told.notification.id

  it('reaches all his sockets, by its own event too where it has one, and nobody else’s', async () => {
    const budi = await addUser(db)
    const [one, two, other] = [await join(ani), await join(ani), await join(budi)]
    const fired = await announced(db, ani, { data: { symbol: 'BTC-USD', value: '70000.5' } })
    const fellBack = await announced(db, ani, { kind: 'goal:fellBack' })
    const theirs = await announced(db, budi, { kind: 'goal:reached' })
    await notices.publish([fired, fellBack, theirs])
    await until('all heard', () => newTo(one).length + newTo(two).length + newTo(other).length === 5)
    for (const line of [one, two]) {
      expect(newTo(line)).to.deep.equal([idOf(fired), idOf(fellBack)])
      expect(heardOf(line, events.alertFired)).to.deep.equal([idOf(fired)])
      expect(line.heard.find(({ event }) => event === events.alertFired)?.data).to.deep.equal(
        fired.notification,
      )
    }
    expect(newTo(other)).to.deep.equal([idOf(theirs)])
    expect(heardOf(other, events.goalReached)).to.deep.equal([idOf(theirs)])
    expect(other.heard.filter(({ event }) => event === events.alertFired)).to.deep.equal([])
  })

  it('while he was away waits for him until it is seen: behind the snapshot, the newest hundred, oldest first', async () => {
    const ids = (await announcedAll(db, ani, 103)).map(idOf)
    const line = await join(ani)
    await until('a hundred', () => newTo(line).length >= 100)
    expect(newTo(line)).to.deep.equal(ids.slice(3))
    expect(heardOf(line, events.alertFired)).to.deep.equal(ids.slice(3))
    expect(line.heard[0]?.event).to.equal(events.snapshot)
    line.close()
    const again = await join(ani)
    await until('a hundred again', () => newTo(again).length >= 100)
    await again.command(commands.seen, { ids: ids.slice(4, 103) })
    const later = await join(ani)
    await until('what is left', () => newTo(later).length >= 4)
    expect(newTo(later)).to.deep.equal(ids.slice(0, 4))
  })

  it('is seen on one socket and so on all, for that user alone', async () => {
    const [mine, budi] = [await announced(db, ani), await addUser(db)]
    const [one, two, other] = [await join(ani), await join(ani), await join(budi)]
    const second = await announced(db, ani)
    expect(await other.command(commands.seen, { ids: [idOf(mine)] })).to.deep.equal({ ok: true, data: null })
    expect(await one.command(commands.seen, { ids: [idOf(mine)] })).to.deep.equal({ ok: true, data: null })
    const seen = (line: Line) => line.heard.filter(({ event }) => event === events.seen)
    await until('both are told', () => seen(one).length > 0 && seen(two).length > 0)
    await one.command(commands.seen, { ids: [idOf(mine)] })
    for (const line of [one, two])
      expect(seen(line).map(({ data }) => data)).to.deep.equal([{ ids: [idOf(mine)], unseen: 1 }])
    expect(seen(other)).to.deep.equal([])
    const rows = await db.asUser(ani, (tx) => tx.notification.findMany({ orderBy: { id: 'asc' } }))
    expect(rows.map(({ id, seenAt }) => [id, seenAt?.getTime() ?? null])).to.deep.equal([
      [idOf(mine), clock.now()],
      [idOf(second), null],
    ])
    for (const ids of [[], ['x'], 'x', null, Array.from({ length: 101 }, () => idOf(mine))])
      expect(await one.command(commands.seen, { ids })).to.have.nested.property('problem.status', 422)
  })

  it('reaches him once when it comes while his socket is being let in', async () => {
    let open = (): void => {}
    const shut = new Promise<void>((resolve) => {
      open = resolve
    })
    const before = await announced(db, ani)
    beforeUnseen = () => shut
    const line = await join(ani)
    const during = await announced(db, ani)
    await notices.publish([before, during])
    expect(newTo(line)).to.deep.equal([])
    open()
    await until('both', () => newTo(line).length === 2)
    const after = await announced(db, ani)
    await notices.publish([after, during, before])
    await until('the last', () => newTo(line).length > 2)
    expect(newTo(line)).to.deep.equal([before, during, after].map(idOf))
  })

  it('is found in the inbox when nobody published it, once', async () => {
    const [line, budi] = [await join(ani), await addUser(db)]
    const [told, heard] = [await announced(db, ani), await announced(db, ani)]
    await announced(db, budi)
    await publish(heard)
    clock.advance(SWEEP_MS)
    await until('it is found', () => newTo(line).length === 2)
    for (let sweep = 0; sweep < 3; sweep += 1) clock.advance(SWEEP_MS)
    await publish(told)
    const last = await announced(db, ani)
    await publish(last)
    await until('the last', () => newTo(line).includes(idOf(last)))
    expect(newTo(line)).to.deep.equal([heard, told, last].map(idOf))
  })

  it('is found by the next sweep that succeeds, however long none did', async () => {
    const line = await join(ani)
    const told = await announced(db, ani)
    isAway = true
    const failures = () => logged.filter((entry) => entry.includes('the sweep of the inbox failed')).length
    for (let sweep = 1; sweep <= 3; sweep += 1) {
      clock.advance(2 * 60_000)
      await until('it is logged', () => failures() >= sweep)
    }
    isAway = false
    clock.advance(SWEEP_MS)
    await until('it is found', () => newTo(line).length === 1)
    expect(newTo(line)).to.deep.equal([idOf(told)])
  })

  it('waits in the inbox for a socket that reads nothing, and comes when it reads again', async () => {
    const raw = await openRaw(house.port, house.token(ani))
    await until('it is open', () => house.gateway.sockets === 1)
    raw.stream.pause()
    const large = 'x'.repeat(200_000)
    const { notification } = await announced(db, ani)
    const filler = (count: number) => ({
      ...notification,
      id: `0190a7c0-0000-7000-8000-${String(count).padStart(12, '0')}`,
      body: large,
    })
    // More than the network takes in for a reader who reads nothing, and than may wait here.
    for (let count = 0; count < 100; count += 1) {
      house.gateway.notify(ani, filler(count))
      await new Promise((resolve) => setImmediate(resolve))
    }
    const missed = await announced(db, ani)
    await publish(missed)
    raw.stream.resume()
    const isTold = () => raw.frames.some((frame) => frame.includes(idOf(missed)))
    await until('it comes', () => {
      house.clock.advance(1_000)
      raw.send('3') // the clock's pings are answered
      return isTold()
    })
    const fillers = raw.frames.filter(
      (frame) => frame.startsWith('42["notification:new"') && frame.includes(large),
    )
    expect(fillers.length).to.be.within(1, 99)
    expect(raw.frames.filter((frame) => frame.includes(idOf(missed)))).to.have.lengthOf(2)
    raw.socket.terminate()
  })
})
