import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { type Database, openDatabase } from '../../src/database/database.js'
import { migrate } from '../../src/database/migrate.js'
import type { Notification } from '../../src/protocol/notifications.js'
import type { Page, Session } from '../../src/protocol/resources.js'
import { addUser, needsServer, serverAvailable } from '../support/database.js'
import { type Answer, PASSWORD, type Person, personOf, register, send } from '../support/people.js'
import { type PostgresServer, startPostgres } from '../support/postgres-server.js'
import { needsRedis, type RedisServer, redisAvailable, startRedis } from '../support/redis.js'
import { type Asked, ExpectedFirings, textOf } from './expected-firings.js'
import { FailingHouse, type Worker } from './failing-house.js'
import { seeded, ToldMarket } from './told-market.js'

/** `HARTA_LONG=1` tells the whole story, for minutes; else a short one. */
const LONG = process.env.HARTA_LONG === '1'
const SIZE = LONG
  ? { people: 10, symbols: 40, alerts: 1_000, firings: 10_000, atOnce: 3, pauseMs: 80 }
  : { people: 3, symbols: 8, alerts: 60, firings: 240, atOnce: 2, pauseMs: 80 }
const FREEZE_MS = 8_000
/** Requests of one person. */
const AT_ONCE = 10
const SEED = LONG ? Date.now() % 100_000 : 7

describe(`alerts through failures (${needsServer}, ${needsRedis})`, function () {
  this.timeout(LONG ? 2_400_000 : 300_000)
  let redis: RedisServer
  let postgres: PostgresServer
  let house: FailingHouse
  let market: ToldMarket
  let db: Database
  let url: string
  let people: Person[]
  let expected: ExpectedFirings
  /** How far prices go, in per cent; rises, so that there are alerts that fire for the first time to the end. */
  let reach = 3
  const random = seeded(SEED)

  before(async function () {
    if (!serverAvailable() || !redisAvailable()) this.skip()
    const symbols = Array.from({ length: SIZE.symbols }, (_, number) => `COIN${number}-USD`)
    ;[redis, postgres] = await Promise.all([startRedis(), startPostgres({ keepsCommits: true })])
    const database = await postgres.createDatabase()
    await migrate({ kind: 'server', url: database.url })
    db = await openDatabase({ kind: 'server', url: database.url, poolSize: 2 })
    market = await ToldMarket.open(symbols, random)
    house = new FailingHouse(redis, {
      ...{ DATABASE_URL: database.url, REDIS_URL: redis.url, JWT_SECRET: randomBytes(32).toString('hex') },
      ...{ FEEDS: 'coinbase', FEED_COINBASE_URL: market.url, PORT: '0', HOST: '127.0.0.1' },
    })
  })
  after(async () => {
    await house?.stop()
    await market?.close()
    await db?.close()
    await redis?.stop()
    await postgres?.stop()
  })

  /** Alerts on both sides of where prices begin. */
  function wanted(): readonly Omit<Asked, 'id'>[] {
    const conditions = ['above', 'below', 'crosses'] as const
    return Array.from({ length: SIZE.alerts }, (_, number) => ({
      symbol: market.symbols[number % SIZE.symbols] ?? '',
      condition: conditions[Math.floor(random() * 3)] ?? 'above',
      threshold: 1_000_000 + Math.round((random() * 2 - 1) * 80_000),
      repeat: random() < 0.7 ? ('rearm' as const) : ('once' as const),
      hysteresis: 1 + Math.floor(random() * 3),
    }))
  }

  async function create(): Promise<void> {
    const made: Asked[] = []
    const each = Math.ceil(SIZE.alerts / SIZE.people)
    const all = wanted()
    const creating = people.map(async (person, number) => {
      const mine = all.slice(number * each, (number + 1) * each)
      // Each of the first ones waits for the first price of its instrument.
      for (let begin = 0; begin < mine.length; begin += AT_ONCE)
        await Promise.all(mine.slice(begin, begin + AT_ONCE).map((rule) => createOne(person, rule, made)))
    })
    await Promise.all(creating)
    expected = new ExpectedFirings(made, (symbol) => market.priceOf(symbol))
    market.told = (symbol, price) => expected.price(symbol, price)
  }

  async function createOne(person: Person, rule: Omit<Asked, 'id'>, made: Asked[]): Promise<void> {
    const { symbol, condition, repeat } = rule
    const asked = { kind: 'PRICE', symbol, condition, threshold: textOf(rule.threshold), repeat }
    const body = { ...asked, hysteresis: String(rule.hysteresis), minIntervalSeconds: 0 }
    const headers = { 'Idempotency-Key': randomUUID() }
    const ask = () => person.ask<{ id: string }>('POST', '/v1/alerts', body, headers)
    const answer = await ask().catch(ask)
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201)
    made.push({ ...rule, id: answer.body.id })
  }

  /**
   * Alerts that are silent for years, at levels that each price which stands comes past: whoever has evaluated it writes
   * down at once up to where he is, and never ahead of what that led to.
   */
  async function watchLevels(): Promise<void> {
    const userId = await addUser(db)
    const levels = ToldMarket.levels().map(textOf)
    await db.asSystem(
      (tx) => tx.$executeRaw`
        INSERT INTO alerts (id, user_id, kind, symbol, condition, threshold, snoozed_until)
        SELECT gen_random_uuid(), ${userId}::uuid, 'PRICE', symbol, 'crosses', level::numeric, '2099-01-01'
        FROM unnest(${[...market.symbols]}::text[]) AS symbol, unnest(${levels}::text[]) AS level`,
    )
  }

  /** The prices of these are evaluated, and what everything so far has led to is committed. */
  async function heard(symbols: Iterable<string>): Promise<void> {
    let missing: readonly string[] = []
    try {
      await house.until('prices that stand are evaluated', async () => {
        missing = await unheard(symbols)
        return missing.length === 0
      })
    } catch (error) {
      throw new Error(`${error}\n${missing.length} are missing: ${missing.slice(0, 20).join(', ')}`)
    }
  }

  async function unheard(symbols: Iterable<string>): Promise<readonly string[]> {
    const [row] = await db
      .asSystem(
        (tx) => tx.$queryRaw<{ marks: string | null; alerts: string | null }[]>`
          SELECT (SELECT json_object_agg(symbol, trim_scale(price)::text)::text FROM alert_marks) AS marks,
            (SELECT json_object_agg(id, concat(state, ' ', arm_version))::text FROM alerts
             WHERE snoozed_until IS NULL) AS alerts`,
      )
      .catch(() => [])
    const marks = JSON.parse(row?.marks ?? '{}') as Record<string, string>
    const alerts = JSON.parse(row?.alerts ?? '{}') as Record<string, string>
    return [...symbols].flatMap((symbol) => {
      const price = textOf(market.priceOf(symbol))
      const others = [...expected.standing(symbol)].filter(([id, stands]) => alerts[id] !== stands)
      return [
        ...(marks[symbol] === price ? [] : [`${symbol} at ${price}, not ${marks[symbol]}`]),
        ...others.map(([id, stands]) => `${id} ${stands}, not ${alerts[id]}`),
      ]
    })
  }

  /** Each of them goes through something, one price after the other, until all of that is committed. */
  async function standing(symbols: Iterable<string>, moves = 1): Promise<void> {
    for (let move = 0; move < moves; move += 1) {
      for (const symbol of symbols) market.stand(symbol, reach)
      await heard(symbols)
    }
  }

  /** Prices that nobody waits for, for as long as the work takes and a moment; of those that somebody keeps. */
  async function rushing(symbols: Iterable<string>, work: Promise<unknown>): Promise<void> {
    const asked = [...symbols]
    let over = false
    const done = work.finally(() => {
      over = true
    })
    do {
      for (let turn = 0; turn < SIZE.atOnce; turn += 1) {
        const symbol = asked[Math.floor(random() * asked.length)]
        if (symbol) market.rush(symbol, 1 + Math.floor(random() * 5), reach)
      }
      await wait(SIZE.pauseMs)
    } while (!over)
    await done
  }

  /** All that follow may fail at once, as nothing waits. */
  async function calm(ms = 500): Promise<void> {
    await rushing(market.symbols, wait(ms))
    await standing(market.symbols)
    reach = Math.min(8, reach + (LONG ? 0.2 : 1))
  }

  /** Nobody knows whose symbols are whose until that is settled. */
  async function settled(workers: readonly Worker[]): Promise<void> {
    await Promise.all([house.divided(workers), standing(market.symbols)])
    await standing(market.symbols)
  }

  /** Its symbols stand until the other one has them; those of the other go on. */
  async function kill(victim: Worker, other: Worker): Promise<Worker> {
    const [lost, kept] = await Promise.all(
      [victim, other].map((worker) => house.symbolsOf(worker, market.symbols)),
    )
    const taking = async () => {
      const moved = standing(lost ?? [])
      await wait(random() * 40)
      await house.kill(victim)
      await moved
      await standing(lost ?? [])
    }
    await rushing(kept ?? [], taking())
    await calm()
    const next = await house.startWorker()
    await settled([next, other])
    return next
  }

  /** As if its machine had been asleep: what it had under way comes long after others have said more. */
  async function freeze(victim: Worker, other: Worker, withoutRedis = false): Promise<void> {
    const [lost = new Set<string>(), kept = new Set<string>()] = await Promise.all(
      [victim, other].map((worker) => house.symbolsOf(worker, market.symbols)),
    )
    const since = Date.now()
    const standingStill = async () => {
      const moved = standing(lost)
      await wait(random() * 20)
      house.freeze(victim)
      await Promise.all([moved, withoutRedis && loseRedis(200)])
      await standing(lost, 2)
      await wait(Math.max(0, FREEZE_MS - (Date.now() - since)))
    }
    // Who loses Redis may lose its leases too.
    if (withoutRedis) await Promise.all([standing(kept), standingStill()])
    else await rushing(kept, standingStill())
    house.unfreeze(victim)
    await settled([victim, other])
  }

  async function loseRedis(forMs: number): Promise<void> {
    await redis.kill()
    await wait(forMs)
    await redis.restart()
  }

  /** Both at once, with the database away or not. */
  async function killBoth(both: readonly Worker[], meanwhile: Promise<void>): Promise<[Worker, Worker]> {
    const moved = standing(market.symbols)
    await wait(random() * 40)
    await Promise.all(both.map((worker) => house.kill(worker)))
    await meanwhile
    const one = await house.startWorker()
    const other = await house.startWorker()
    await moved
    await settled([one, other])
    return [one, other]
  }

  const begun = Date.now()
  /** How far it is, for who waits for minutes. */
  function say(text: string): void {
    if (LONG) process.stdout.write(`\n    ${((Date.now() - begun) / 1000).toFixed(0)} s ${text}`)
  }

  async function shortStory([one, other]: readonly [Worker, Worker]): Promise<void> {
    const next = await kill(one, other)
    await freeze(other, next, true)
    while (expected.fired.length < SIZE.firings) await calm()
  }

  async function wholeStory([first, second]: readonly [Worker, Worker]): Promise<void> {
    let [one, other] = [first, second]
    for (let round = 0; round === 0 || expected.fired.length < SIZE.firings; round += 1) {
      one = await kill(one, other)
      await calm()
      await freeze(other, one)
      await calm()
      await freeze(one, other, true)
      await Promise.all([standing(market.symbols, 2), loseRedis(round % 2 === 0 ? 100 : 7_000)])
      await settled([one, other])
      await rushing(market.symbols, postgres.crash())
      await calm(2_000)
      ;[one, other] = await killBoth([one, other], postgres.crash())
      await calm()
      ;[one, other] = await killBoth([one, other], wait(0))
      await calm(2_000)
      say(`round ${round + 1}: ${expected.fired.length} firings`)
    }
  }

  it('tells each crossing once: none is lost, none comes twice', async () => {
    const [one, address] = await Promise.all([house.startWorker(), house.startWeb()])
    url = address
    people = await Promise.all(Array.from({ length: SIZE.people }, () => register(url)))
    const [other] = await Promise.all([house.startWorker(), create()])
    await watchLevels()
    await settled([one, other])
    await calm()
    say(`seed ${SEED}`)
    await (LONG ? wholeStory([one, other]) : shortStory([one, other]))

    const told = await db.asSystem(
      (tx) => tx.$queryRaw<{ firing: string; key: string | null }[]>`
        SELECT concat_ws(' ', f.alert_id, f.occasion, trim_scale(f.value)) AS firing, n.key
        FROM alert_firings f LEFT JOIN notifications n ON n.id = f.notification_id AND n.user_id = f.user_id`,
    )
    const fired = told.map(({ firing }) => firing)
    const [asExpected, asTold] = [new Set(expected.fired), new Set(fired)]
    expect({
      lost: expected.fired.filter((firing) => !asTold.has(firing)),
      surplus: fired.filter((firing) => !asExpected.has(firing)),
      twice: fired.length - asTold.size,
    }).to.deep.equal({ lost: [], surplus: [], twice: 0 })
    expect(fired.length).to.be.at.least(SIZE.firings)
    const keyOf = (firing: string) => `alert:${firing.split(' ').slice(0, 2).join(':')}`
    expect(told.filter(({ firing, key }) => key !== keyOf(firing))).to.deep.equal([])
    const [{ count } = { count: null }] = await db.asSystem(
      (tx) => tx.$queryRaw<{ count: number }[]>`SELECT count(*)::int AS count FROM notifications`,
    )
    expect(count).to.equal(fired.length)
  })

  it('shows each of them once in the inbox of whoever asked', async () => {
    const inboxes = await Promise.all(people.map(inboxOf))
    const shown = inboxes.flat().map(({ data }) => `${data.alertId} ${data.value}`)
    const firings = expected.fired.map((firing) => firing.replace(/ v\d+ /, ' '))
    expect(shown.sort()).to.deep.equal(firings.sort())
    expect(new Set(inboxes.flat().map(({ id }) => id)).size).to.equal(firings.length)
  })

  async function inboxOf({ session }: Person): Promise<readonly Notification[]> {
    const all: Notification[] = []
    // What he signed in with at the beginning may have run out.
    const asked = { email: session.user.email, password: PASSWORD }
    const person = personOf(url, (await send<Session>(url, 'POST', '/v1/auth/login', asked)).body)
    for (let path: string | null = INBOX; path !== null; ) {
      const { body }: Answer<Page<Notification>> = await person.ask('GET', path)
      all.push(...body.data)
      path = body.nextCursor && `${INBOX}&cursor=${encodeURIComponent(body.nextCursor)}`
    }
    return all
  }
})

const INBOX = '/v1/notifications?limit=100'
