import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { type Database, openDatabase } from '../../src/database/database.js'
import { createGuardedRequest } from '../../src/delivery/guarded-request.js'
import { createSecrets } from '../../src/delivery/secrets.js'
import { webhooks } from '../../src/delivery/webhook-service.js'
import { systemClock } from '../../src/lib/clock.js'
import { createAnnounce } from '../../src/notifications/announce.js'
import { openPost, type Post } from '../delivery/stage.js'
import { bundled, SHORT_LIVED } from '../support/bundled.js'
import { addUser, createServerDatabase, needsServer, serverAvailable } from '../support/database.js'
import { needsRedis, type RedisServer, redisAvailable, startRedis } from '../support/redis.js'
import { type CutLine, openCutLine } from './cut-line.js'
import { FailingHouse } from './failing-house.js'
import { type ManyReceivers, openReceivers } from './many-receivers.js'
import { seeded } from './told-market.js'

/** `HARTA_LONG=1`: ten thousand, killed at random moments; else a few hundred, killed at each point once. */
const LONG = process.env.HARTA_LONG === '1'
/** E-mails of one user, of which no more leave within an hour. */
const MAILS_OF_ONE = 30
const SIZE = LONG ? { people: 20, deliveries: 10_000 } : { people: 6, deliveries: 300 }
const ROUNDS = 5
const MOST_UNDER_WAY = 64
const SENDER = new URL('sender-process.ts', import.meta.url)

describe(`what is under way when workers are killed (${needsServer}, ${needsRedis})`, function () {
  this.timeout(LONG ? 2_400_000 : 300_000)
  let redis: RedisServer
  let line: CutLine
  let house: FailingHouse
  let receivers: ManyReceivers
  let post: Post
  let db: Database
  let drop: () => Promise<void>
  let people: { readonly userId: string; readonly path: string }[]
  const sent: string[] = []
  const mailed: string[] = []
  const senders: ChildProcess[] = []
  const random = seeded(11)
  let kills = 0

  before(async function () {
    if (!serverAvailable() || !redisAvailable()) this.skip()
    const [cache, database] = await Promise.all([startRedis(), createServerDatabase()])
    redis = cache
    drop = database.drop
    line = await openCutLine(database.url)
    db = await openDatabase({ kind: 'server', url: database.url, poolSize: 2 })
    ;[receivers, post] = await Promise.all([openReceivers(8), openPost()])
    people = []
    for (let number = 0; number < SIZE.people; number += 1) people.push(await addPerson(number))
    house = new FailingHouse(redis, {
      ...{ DATABASE_URL: line.url, REDIS_URL: redis.url, FEEDS: 'none' },
      ...{ WEBHOOK_NETWORKS: '127.0.0.0/8', SMTP_URL: post.url, MAIL_FROM: 'alerts@harta.example' },
      PUBLIC_URL: 'https://harta.example',
    })
  })
  after(async () => {
    for (const sender of senders) sender.kill('SIGKILL')
    await house?.stop()
    await Promise.all([receivers?.close(), post?.close(), line?.close(), redis?.stop()])
    await db?.close()
    await drop?.()
  })

  async function addPerson(number: number): Promise<{ userId: string; path: string }> {
    const userId = await addUser(db)
    const path = `/${number}`
    const request = createGuardedRequest({ allowedNetworks: ['127.0.0.0/8'] })
    const service = webhooks({ db, clock: systemClock, request, secrets: createSecrets(db) })
    const url = `${receivers.urls[number % receivers.urls.length]}${path}`
    await service.create(userId, { format: 'standard', url })
    return { userId, path }
  }

  /** So many notifications of each, one after the other; some of them by e-mail as well. */
  async function announce(each: number, mails: number): Promise<void> {
    const write = createAnnounce({ emailConfigured: true })
    for (const { userId, path } of people) {
      const first = sent.length
      const news = Array.from({ length: each }, (_, index) => ({
        ...{ userId, kind: 'alert:fired' as const, key: `${first + index}`, at: Date.now() },
        words: () => ({ title: `BTC-USD fell ${first + index}`, body: 'Below your mark.' }),
        data: {},
        channels: index < mails ? (['webhook', 'email'] as const) : (['webhook'] as const),
      }))
      const told = await db.asSystem((tx) => write(tx, news))
      for (const [index, { notification }] of told.entries()) {
        sent.push(`${path} ${notification.id}`)
        if (index < mails) mailed.push(`<${notification.id}@harta.example>`)
      }
    }
  }

  /** In the short story what sends is a process of its own, which starts in no time. */
  async function startSender(): Promise<ChildProcess> {
    if (LONG) return (await house.startWorker()).program.child
    const stdio = ['ignore', 'pipe', 'inherit'] as const
    const words = [SHORT_LIVED, bundled(SENDER), line.url, post.url]
    const child = spawn(process.execPath, words, { stdio: [...stdio] })
    senders.push(child)
    await once(child.stdout as Readable, 'data')
    return child
  }

  async function kill(sender: ChildProcess): Promise<void> {
    kills += 1
    // One that was still beginning when the line was cut has ended by itself.
    if (sender.exitCode !== null || sender.signalCode !== null) return
    const gone = once(sender, 'exit')
    sender.kill('SIGKILL')
    await gone
  }

  const count = async (which: string): Promise<number> => {
    const [row] = await db.asSystem((tx) =>
      tx.$queryRawUnsafe<{ n: number }[]>(`SELECT count(*)::int AS n FROM webhook_deliveries WHERE ${which}`),
    )
    return row?.n ?? 0
  }
  const delivered = () => count(`state = 'delivered'`)

  /** Two workers, of which each in turn is killed, at one of the points that there are on the way. */
  async function shortStory(): Promise<void> {
    const each = SIZE.deliveries / SIZE.people / ROUNDS
    const mails = MAILS_OF_ONE / ROUNDS
    let [one, other] = await Promise.all([startSender(), startSender()])
    const points = [
      async function beforeTheClaim() {},
      async function claimed() {
        await receivers.connected()
      },
      async function sentAndNotMarked() {
        receivers.hold()
        await house.until('requests are held', async () => receivers.held() >= 20)
      },
      async function beingMarked() {
        receivers.hold()
        await house.until('requests are held', async () => receivers.held() >= 20)
        receivers.release()
        await wait(random() * 10)
        line.cut()
      },
      async function marked() {
        const before = await delivered()
        await house.until('some are marked', async () => (await delivered()) > before)
      },
    ]
    for (const point of points) {
      const killed = point().then(() => kill(one))
      await announce(each, mails)
      await killed
      receivers.release()
      await wait(100)
      line.mend()
      ;[one, other] = [other, await startSender()]
    }
    await house.until(
      'nobody sends any more',
      async () => (await count(`state = 'pending' AND claimed_until IS NULL`)) === 0,
    )
    await house.until('all is noted down', async () => receivers.held() === 0)
    await timePasses()
  }

  /** Claims of those that are dead run out. */
  async function timePasses(): Promise<void> {
    await db.asSystem(async (tx) => {
      await tx.$executeRaw`
        UPDATE webhook_deliveries SET claimed_until = now() WHERE state = 'pending' AND claimed_until IS NOT NULL`
      await tx.$executeRaw`
        UPDATE outbox SET claimed_until = now() WHERE done_at IS NULL AND claimed_until IS NOT NULL`
    })
  }

  /** Kills whom it likes, when it likes, and cuts the line to the database now and then. */
  async function longStory(): Promise<void> {
    const each = SIZE.deliveries / SIZE.people
    const workers = [await startSender(), await startSender()]
    await announce(each, MAILS_OF_ONE)
    const begun = Date.now()
    for (let turn = 0; kills < 12; turn += 1) {
      await wait(random() * 2_000)
      if (turn % 3 === 2) {
        line.cut()
        await wait(random() * 1_000)
        line.mend()
        continue
      }
      const place = Math.floor(random() * workers.length)
      const worker = workers[place]
      if (worker) await kill(worker)
      workers[place] = await startSender()
    }
    for (let known = -1; known < SIZE.deliveries; ) {
      const before = known
      // As long as it goes on, it may take its time.
      await house.until('more are delivered', async () => {
        known = await delivered()
        return known > before
      })
      process.stdout.write(`\n    ${known} delivered after ${((Date.now() - begun) / 1000).toFixed(0)} s`)
      await wait(known < SIZE.deliveries ? 10_000 : 0)
    }
  }

  it('reaches every receiver, and whoever drops what comes again by its id has each of it once', async () => {
    await (LONG ? longStory() : shortStory())
    await house.until('all are delivered', async () => (await delivered()) === SIZE.deliveries)
    const repeats = receivers.heard.length - new Set(receivers.heard).size
    if (LONG) process.stdout.write(`\n    ${kills} kills, ${sent.length} deliveries, ${repeats} came again`)
    expect([...new Set(receivers.heard)].sort()).to.deep.equal([...sent].sort())
    expect(sent).to.have.length(SIZE.deliveries)
    // Or nobody was killed while anything was under way.
    expect(repeats).to.be.within(1, (kills + ROUNDS) * MOST_UNDER_WAY)
  })

  it('brings every e-mail, and each again under its own name alone', async () => {
    if (!LONG) await timePasses()
    await house.until('all e-mails have left', async () => {
      const [row] = await db.asSystem(
        (tx) => tx.$queryRaw<{ n: number }[]>`SELECT count(*)::int AS n FROM outbox WHERE done_at IS NULL`,
      )
      return row?.n === 0
    })
    const names = post.mails.map(({ messageId = '' }) => messageId)
    if (LONG)
      process.stdout.write(`\n    ${mailed.length} e-mails, ${names.length - new Set(names).size} came again`)
    expect([...new Set(names)].sort()).to.deep.equal([...mailed].sort())
    expect(names.length - mailed.length).to.be.below(4 * (kills + ROUNDS))
  })
})
