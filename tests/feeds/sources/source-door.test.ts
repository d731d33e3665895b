import { expect } from 'chai'
import type { SourceLimit, SourceRefusal } from '../../../src/feeds/sources/source.js'
import { SourceDoor } from '../../../src/feeds/sources/source-door.js'
import { createLog } from '../../../src/lib/log.js'
import type { Coordination } from '../../../src/prices/coordination.js'
import { createMemoryCoordination } from '../../../src/prices/coordination-memory.js'
import { FakeClock } from '../../support/exchange-clock.js'
import { answerWith, Pace, type Reply } from '../../support/pace.js'
import { RudeHttp } from '../../support/rude-http.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const read = (body: Buffer): { kind: 'text'; text: string } | SourceRefusal => {
  const text = body.toString()
  if (text === 'boom') throw new Error('a reader with a mistake')
  if (text.startsWith('told ')) return { kind: 'text', text }
  const reason = text === 'quota' ? 'quota' : 'not-an-answer'
  return { kind: 'refused', reason, retryAfterMs: null }
}

describe('the door of a source', () => {
  let clock: FakeClock
  let server: RudeHttp
  let coordination: Coordination
  let reply: Reply

  beforeEach(async () => {
    clock = new FakeClock()
    coordination = createMemoryCoordination({ now: () => clock.now() })
    server = await RudeHttp.open()
    reply = { body: 'told all' }
    answerWith(server, () => reply)
  })

  afterEach(() => server.close())

  function door(
    limits: readonly SourceLimit[] = [{ count: 100, windowMs: MINUTE }],
    isForPast = false,
  ): SourceDoor {
    return new SourceDoor({
      source: { id: 'one', limits },
      isForPast,
      ask: new Pace(clock).ask,
      coordination,
      clock,
      random: () => 0.5,
      log: createLog('silent'),
    })
  }

  const ask = (one: SourceDoor) => one.ask({ url: server.url }, read)

  it('opens after three failures in a row, for twice as long each time, and closes with an answer', async () => {
    const one = door()
    reply = { status: 500 }
    for (let count = 0; count < 2; count += 1) await ask(one)
    reply = { body: 'told all' }
    await ask(one)
    reply = { status: 500 }
    for (let count = 0; count < 2; count += 1) await ask(one)
    expect(one.breaker).to.equal('closed')
    expect(await ask(one)).to.deep.include({ kind: 'refused', reason: 'error' })
    for (const holdMs of [30 * SECOND, MINUTE, 2 * MINUTE]) {
      expect(one.breaker).to.equal('open')
      expect(await ask(one)).to.deep.equal({ kind: 'later', waitMs: holdMs })
      clock.advance(holdMs)
      expect(one.breaker).to.equal('half-open')
      await ask(one)
    }
    expect(server.asked).to.have.length(9)
    clock.advance(4 * MINUTE)
    reply = { body: 'told all' }
    expect(await ask(one)).to.deep.equal({ kind: 'text', text: 'told all' })
    expect(one.status()).to.deep.include({
      breaker: 'closed',
      asked: 10,
      answered: 2,
      failures: { error: 8 },
    })
  })

  it('lets one question through when it is half-open, over all workers', async () => {
    const doors = [door(), door()]
    reply = { status: 500 }
    for (const one of doors) for (let count = 0; count < 3; count += 1) await ask(one)
    clock.advance(2 * MINUTE)
    expect(doors.map((one) => one.breaker)).to.deep.equal(['half-open', 'half-open'])
    const before = server.asked.length
    const told = await Promise.all(doors.map(ask))
    expect(server.asked.length - before).to.equal(1)
    expect(told.map(({ kind }) => kind)).to.have.members(['refused', 'later'])
    // The other one keeps to the hold, too.
    clock.advance(10 * SECOND)
    for (const one of doors) expect(await ask(one)).to.include({ kind: 'later' })
    expect(server.asked.length - before).to.equal(1)
  })

  it('leaves the source alone as long as it asks for, a day at most, and a little longer', async () => {
    const one = door()
    for (const [asked, leastMs] of [
      ['90', 90 * SECOND],
      ['99999999', 24 * HOUR],
    ] as const) {
      reply = { status: 503, headers: { 'retry-after': asked } }
      await ask(one)
      const later = await ask(one)
      if (later.kind !== 'later') throw new Error(later.kind)
      expect(later.waitMs).to.be.within(leastMs, leastMs + 6 * SECOND)
      clock.advance(later.waitMs)
    }
  })

  it('is held for all workers by a quota that is spent, however that is said', async () => {
    const replies: Reply[] = [{ status: 429 }, { body: 'quota' }, { status: 418, body: 'teapot' }]
    for (const [index, each] of replies.entries()) {
      coordination = createMemoryCoordination({ now: () => clock.now() })
      const [one, other] = [door(), door()]
      reply = each
      expect(await ask(one)).to.deep.include({ kind: 'refused', reason: 'quota' })
      expect(one.status()).to.deep.include({ breaker: 'open', rateLimited: 1, failures: { quota: 1 } })
      expect(await ask(other)).to.include({ kind: 'later' })
      expect(server.asked).to.have.length(index + 1)
    }
  })

  it('knows another worker’s hold from an empty bucket', async () => {
    const limits = [
      { count: 1, windowMs: SECOND },
      { count: 5, windowMs: HOUR },
    ]
    const [one, other] = [door(limits), door(limits)]
    reply = { status: 500 }
    await ask(one)
    expect(await ask(other)).to.deep.equal({ kind: 'later', waitMs: SECOND })
    expect(other.breaker).to.equal('closed')
    for (let count = 0; count < 2; count += 1) {
      clock.advance(SECOND)
      await ask(one)
    }
    expect(one.breaker).to.equal('open')
    expect(await ask(other)).to.deep.equal({ kind: 'later', waitMs: 30 * SECOND })
    expect(other.breaker).to.equal('open')
  })

  it('takes nothing of the long window when the short one is spent', async () => {
    const one = door([
      { count: 3, windowMs: HOUR },
      { count: 1, windowMs: SECOND },
    ])
    await ask(one)
    for (let count = 0; count < 5; count += 1) await ask(one)
    clock.advance(SECOND)
    await ask(one)
    clock.advance(SECOND)
    expect((await ask(one)).kind).to.equal('text')
    clock.advance(SECOND)
    expect(await ask(one)).to.deep.equal({ kind: 'later', waitMs: HOUR - 3 * SECOND })
  })

  it('lets the past have half of each limit, and what is left of the whole', async () => {
    const limits = [
      { count: 2, windowMs: SECOND },
      { count: 10, windowMs: HOUR },
    ]
    const [newest, past] = [door(limits), door(limits, true)]
    /** How often it is answered in twenty seconds. */
    async function answers(one: SourceDoor): Promise<number> {
      let answered = 0
      for (let second = 0; second < 20; second += 1) {
        for (const _ of limits) if ((await ask(one)).kind === 'text') answered += 1
        clock.advance(SECOND)
      }
      return answered
    }
    expect(await answers(past)).to.equal(5)
    expect(await answers(newest)).to.equal(5)
    clock.advance(HOUR)
    expect(await answers(newest)).to.equal(10)
    expect(await answers(past)).to.equal(0)
  })

  it('lets the body of a refusal speak before its status', async () => {
    const one = door()
    reply = { status: 404, body: 'told that there is none' }
    expect(await ask(one)).to.deep.equal({ kind: 'text', text: 'told that there is none' })
    reply = { status: 404, body: '<html>' }
    expect(await ask(one)).to.include({ kind: 'refused', reason: 'error' })
    reply = { status: 403, body: '<html>' }
    expect(await ask(one)).to.include({ kind: 'refused', reason: 'forbidden' })
    expect(one.breaker).to.equal('open')
  })

  it('takes a reader’s mistake for no answer', async () => {
    reply = { body: 'boom' }
    expect(await ask(door())).to.include({ kind: 'refused', reason: 'not-an-answer' })
  })

  it('asks nothing while it cannot agree with the other workers', async () => {
    const real = coordination
    coordination = { ...real, take: () => Promise.reject(new Error('away')) }
    expect(await ask(door())).to.include({ kind: 'later' })
    expect(server.asked).to.have.length(0)
    coordination = { ...real, hold: () => Promise.reject(new Error('away')) }
    const one = door()
    reply = { status: 429 }
    await ask(one)
    expect(one.status()).to.deep.include({ breaker: 'open', failures: { quota: 1, uncoordinated: 1 } })
  })
})
