import { readFileSync } from 'node:fs'
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type DeskSource, QuoteDesk, type QuoteDeskOptions } from '../../../src/feeds/sources/quote-desk.js'
import type { QuoteSource, SourceQuote } from '../../../src/feeds/sources/source.js'
import type { Learned } from '../../../src/feeds/sources/wanted-quote.js'
import { yahoo } from '../../../src/feeds/sources/yahoo.js'
import { createLog } from '../../../src/lib/log.js'
import type { Coordination } from '../../../src/prices/coordination.js'
import { createMemoryCoordination } from '../../../src/prices/coordination-memory.js'
import type { Offer } from '../../../src/prices/tick.js'
import { FakeClock } from '../../support/exchange-clock.js'
import { FEEDS, WITHOUT_FEEDS } from '../../support/exchange-frames.js'
import { answerWith, Pace, type Reply } from '../../support/pace.js'
import { RudeHttp } from '../../support/rude-http.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** A Tuesday, an hour after the open in Jakarta. */
const TUESDAY = Date.parse('2026-03-10T10:00:00+07:00')

type Told = Partial<SourceQuote> | 'unknown'

/** A source that is spoken to over real HTTP: prices by symbol as JSON. */
function source(id: string, change: Partial<QuoteSource> = {}): QuoteSource {
  return {
    id,
    kind: 'listing',
    base: 'http://unused.invalid',
    needsKey: false,
    limits: [{ count: 600, windowMs: MINUTE }],
    batch: 10,
    name: (symbol) => symbol,
    question: (base, names) => ({ url: `${base}/?names=${names.join(',')}` }),
    read: (body, names) => {
      try {
        const told = JSON.parse(body.toString()) as Record<string, SourceQuote | 'unknown'>
        const entries = names.flatMap((name) => {
          const quote = told[name]
          if (quote === undefined) return []
          return [[name, quote === 'unknown' ? { missing: quote, reason: 'not-found' } : quote] as const]
        })
        return { kind: 'quotes', quotes: new Map(entries) }
      } catch {
        return { kind: 'refused', reason: 'not-an-answer', retryAfterMs: null }
      }
    },
    ...change,
  }
}

/** Names that anybody may watch. */
const watched = (name: string): string[] => Array.from({ length: 100 }, (_, each) => `${name}${each}.JK`)

/** The names in a question, `/?names=A,B`. */
const names = (question: URL | string): string[] => String(question).split('names=')[1]?.split(',') ?? []

describe('the desk that asks for quotes', () => {
  let clock: FakeClock
  let pace: Pace
  let coordination: Coordination
  let offers: Offer[]
  let learned: [string, Learned][]
  let closers: (() => Promise<unknown>)[]

  beforeEach(() => {
    clock = new FakeClock(TUESDAY)
    pace = new Pace(clock)
    coordination = createMemoryCoordination({ now: () => clock.now() })
    offers = []
    learned = []
    closers = []
  })

  afterEach(async () => {
    for (const close of closers.reverse()) await close()
  })

  async function serve(reply: (question: URL, index: number) => Reply): Promise<RudeHttp> {
    const server = await RudeHttp.open()
    answerWith(server, reply)
    closers.push(() => server.close())
    return server
  }

  /** Tells every symbol's price of a minute ago, or what `special` says. */
  function prices(special: Record<string, Told> = {}): (question: URL) => Reply {
    return (question) => {
      const told = names(question).map((name) => [name, quote(special[name] ?? {})])
      return { body: JSON.stringify(Object.fromEntries(told)) }
    }
  }

  function quote(told: Told): SourceQuote | 'unknown' {
    if (told === 'unknown') return told
    return { price: '9250', currency: 'IDR', at: clock.now() - MINUTE, delayMs: null, ...told }
  }

  function open(sources: readonly DeskSource[], change: Partial<QuoteDeskOptions> = {}): QuoteDesk {
    const desk = new QuoteDesk({
      sources,
      ask: pace.ask,
      coordination,
      offer: (offer) => offers.push(offer),
      learned: (symbol, what) => learned.push([symbol, what]),
      share: () => 1,
      clock,
      random: () => 0.5,
      log: createLog('silent'),
      ...change,
    })
    closers.push(() => desk.stop())
    desk.start()
    return desk
  }

  const asked = (id: string, { url: base }: RudeHttp, change: Partial<QuoteSource> = {}): DeskSource => ({
    source: source(id, change),
    base,
    key: null,
  })

  const statusOf = (desk: QuoteDesk, id: string) => desk.status().sources.find((one) => one.id === id)

  it('asks at once for what is newly wanted, in batches, and offers what it is told', async () => {
    const server = await serve(prices({ 'BBCA.JK': { name: 'Bank Central Asia', instrument: 'STOCK' } }))
    const desk = open([asked('one', server, { batch: 2 })])
    desk.want(['BBCA.JK', 'BMRI.JK', 'TLKM.JK'])
    await pace.settle()
    expect(server.asked.map(names)).to.deep.equal([['BBCA.JK', 'BMRI.JK'], ['TLKM.JK']])
    expect(offers[0]).to.deep.equal({
      symbol: 'BBCA.JK',
      source: 'one',
      price: '9250',
      at: TUESDAY - MINUTE,
      order: null,
      currency: 'IDR',
      state: 'delayed',
      freshUntil: TUESDAY - MINUTE + 75 * MINUTE,
    })
    expect(learned).to.deep.equal([
      ['BBCA.JK', { source: 'one', name: 'Bank Central Asia', instrument: 'STOCK', currency: 'IDR' }],
    ])
    desk.want([])
    await pace.pass(5 * MINUTE, 10 * SECOND)
    expect(server.asked).to.have.length(2)
  })

  it('asks about once a minute while the market is open, never in step', async () => {
    const server = await serve(prices())
    const times: number[] = []
    answerWith(server, (question) => {
      times.push(clock.now())
      return prices()(question)
    })
    let drawn = 0
    const desk = open([asked('one', server)], { random: () => [0, 0.99, 0.3][drawn++ % 3] ?? 0 })
    desk.want(['BBCA.JK'])
    await pace.pass(10 * MINUTE)
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    expect(gaps.length).to.be.within(8, 12)
    for (const gap of gaps) expect(gap).to.be.within(51 * SECOND, 70 * SECOND)
    expect(new Set(gaps).size).to.be.above(2)
  })

  const failures: Record<string, Reply> = {
    'a page with status 200': {
      headers: { 'content-type': 'text/html' },
      body: '<!DOCTYPE html><html>Please wait</html>',
    },
    'nothing with status 200': { body: '' },
    'an error': { status: 500, body: 'oh' },
    'no answer': 'hang',
  }
  for (const [what, failure] of Object.entries(failures)) {
    it(`asks the next source in the same round when the first gives ${what}`, async () => {
      const bad = await serve(() => failure)
      const good = await serve(prices())
      pace = new Pace(clock, (url) => failure === 'hang' && url.startsWith(bad.url))
      const desk = open([asked('bad', bad), asked('good', good)])
      desk.want(['BBCA.JK'])
      await pace.settle()
      expect(offers.map((offer) => offer.source)).to.deep.equal(['good'])
      expect(clock.now()).to.equal(TUESDAY)
      expect(Object.keys(statusOf(desk, 'bad')?.failures ?? {})).to.have.length(1)
    })
  }

  it('leaves a source alone that fails, and returns to it when it answers again', async () => {
    let isWell = false
    const first = await serve((question) => (isWell ? prices()(question) : { status: 503 }))
    const second = await serve(prices())
    const desk = open([asked('first', first), asked('second', second)])
    desk.want(['BBCA.JK', 'BMRI.JK'])
    await pace.pass(8 * MINUTE, 5 * SECOND)
    expect(statusOf(desk, 'first')).to.deep.include({ breaker: 'open', answered: 0, symbols: 0 })
    expect(statusOf(desk, 'second')?.symbols).to.equal(2)
    expect(offers.every((offer) => offer.source === 'second')).to.equal(true)
    // Three times in the first minutes, then once after half a minute, one, two ...
    expect(first.asked.length).to.be.within(4, 6)
    isWell = true
    await pace.pass(6 * MINUTE, 5 * SECOND)
    expect(statusOf(desk, 'first')?.breaker).to.equal('closed')
    expect(offers.at(-1)?.source).to.equal('first')
  })

  it('obeys Retry-After in every worker', async () => {
    const server = await serve((question, index) =>
      index === 0 ? { status: 429, headers: { 'retry-after': '120' } } : prices()(question),
    )
    const desks = [open([asked('one', server)]), open([asked('one', server)])]
    desks[0]?.want(['BBCA.JK'])
    await pace.settle()
    desks[1]?.want(['BMRI.JK'])
    await pace.pass(120 * SECOND)
    expect(server.asked).to.have.length(1)
    expect(statusOf(desks[0] as QuoteDesk, 'one')).to.include({ breaker: 'open', rateLimited: 1 })
    await pace.pass(3 * MINUTE)
    expect(new Set(offers.map(({ symbol }) => symbol))).to.deep.equal(new Set(['BBCA.JK', 'BMRI.JK']))
  })

  it('does not ask a source again for what it does not know: an hour, then longer', async () => {
    const first = await serve(prices({ 'BBCA.JK': 'unknown' }))
    const second = await serve(prices())
    const limits = [{ count: 12, windowMs: HOUR }]
    const desk = open([asked('first', first), asked('second', second, { limits })])
    desk.want(['BBCA.JK'])
    await pace.pass(59 * MINUTE, MINUTE)
    expect(first.asked).to.have.length(1)
    expect(statusOf(desk, 'first')?.unknown).to.deep.equal(['BBCA.JK'])
    expect(statusOf(desk, 'second')).to.include({ symbols: 1 })
    await pace.pass(10 * MINUTE, MINUTE)
    expect(first.asked).to.have.length(2)
    await pace.pass(3 * HOUR, MINUTE)
    expect(first.asked).to.have.length(2)
    expect(offers.every(({ source }) => source === 'second')).to.equal(true)
  })

  it('refuses a price in another currency than the listing’s', async () => {
    const first = await serve(prices({ 'VOD.L': { currency: 'GBP' } }))
    const second = await serve(prices({ 'VOD.L': { currency: 'GBX', price: '92.5' } }))
    const desk = open([asked('first', first), asked('second', second)])
    desk.want(['VOD.L'])
    await pace.settle()
    expect(offers.map(({ source, currency }) => [source, currency])).to.deep.equal([['second', 'GBX']])
    expect(statusOf(desk, 'first')?.failures).to.deep.equal({ 'currency-mismatch': 1 })
  })

  it('does not offer a price that lies ahead before its time', async () => {
    const close = Date.parse('2026-03-10T16:01:00+07:00')
    const server = await serve(prices({ 'BBCA.JK': { at: close } }))
    const desk = open([asked('one', server)])
    desk.want(['BBCA.JK'])
    await pace.pass(6 * HOUR, MINUTE)
    expect(offers).to.deep.equal([])
    expect(server.asked).to.have.length(1)
    expect(desk.status().unserved).to.deep.equal(['BBCA.JK'])
    await pace.pass(5 * MINUTE, 10 * SECOND)
    expect(offers[0]).to.include({ at: close, state: 'closed' })
  })

  it('never asks more than the limit bears, however many workers there are', async () => {
    const times: number[] = []
    const server = await serve(prices())
    answerWith(server, (question) => {
      times.push(clock.now())
      return prices()(question)
    })
    const limits = [
      { count: 3, windowMs: 10 * SECOND },
      { count: 12, windowMs: MINUTE },
    ]
    const desks = [1, 2].map(() => open([asked('one', server, { limits, batch: 1 })], { share: () => 0.5 }))
    for (const [index, desk] of desks.entries()) {
      desk.want(Array.from({ length: 10 }, (_, each) => `S${index}${each}.JK`))
    }
    await pace.pass(5 * MINUTE)
    for (const { count, windowMs } of limits) {
      for (const from of times) {
        expect(times.filter((at) => at >= from && at < from + windowMs).length).to.be.at.most(count)
      }
    }
    expect(new Set(offers.map(({ symbol }) => symbol)).size).to.equal(20)
    // What is known already leaves room for what is new.
    expect(times.length).to.be.within(45, 56)
  })

  it('asks for what is new before all that is due', async () => {
    const server = await serve(prices())
    const limits = [{ count: 1, windowMs: 10 * SECOND }]
    const desk = open([asked('one', server, { limits, batch: 1 })])
    const known = ['BBCA.JK', 'BMRI.JK', 'TLKM.JK', 'ASII.JK']
    desk.want(known)
    await pace.pass(40 * SECOND)
    expect(server.asked).to.have.length(4)
    // In one jump nothing is answered, so all of them become due.
    clock.advance(5 * MINUTE)
    desk.want([...known, 'GOTO.JK'])
    await pace.pass(20 * SECOND)
    expect(server.asked.slice(4, 6).map(names)[1]).to.deep.equal(['GOTO.JK'])
  })

  it('asks for what somebody holds as often as before, however many names others watch', async () => {
    const server = await serve(prices(Object.fromEntries(watched('NONE').map((name) => [name, 'unknown']))))
    const limits = [{ count: 1, windowMs: 10 * SECOND }]
    const desk = open([asked('one', server, { limits, batch: 1 })])
    const held = new Set(['BBCA.JK', 'BMRI.JK'])
    for (let minute = 0; minute < 15; minute += 1) {
      const names = minute < 5 ? watched('KNOWN') : watched('NONE').slice(5 * minute)
      desk.want([...held, ...names], held)
      await pace.pass(MINUTE)
    }
    const heldAsked = server.asked.flatMap(names).filter((name) => held.has(name))
    expect(heldAsked.length).to.be.within(28, 32)
    expect(server.asked.length, 'others have what is left').to.be.at.least(85)
  })

  it('spreads a day’s few questions over the day', async () => {
    const server = await serve(prices())
    const limits = [{ count: 25, windowMs: 24 * HOUR }]
    const desk = open([asked('one', server, { limits, batch: 1 })])
    desk.want(['BBCA.JK'])
    await pace.pass(2 * HOUR, MINUTE)
    expect(server.asked).to.have.length(2)
  })

  it('asks rarely while the market is closed, and once when the closing price has settled', async () => {
    clock = new FakeClock(Date.parse('2026-03-10T15:58:00+07:00'))
    pace = new Pace(clock)
    const times: string[] = []
    const close = Date.parse('2026-03-10T16:00:30+07:00')
    const server = await serve(prices())
    answerWith(server, (question) => {
      times.push(new Date(clock.now() + 7 * HOUR).toISOString().slice(11, 16))
      return prices({ 'BBCA.JK': { at: Math.min(close, clock.now() - 10 * MINUTE), delayMs: 10 * MINUTE } })(
        question,
      )
    })
    const desk = open([asked('one', server)])
    desk.want(['BBCA.JK'])
    await pace.pass(30 * MINUTE, 5 * SECOND)
    expect(times.filter((time) => time > '16:12')).to.deep.equal(['16:18'])
    times.length = 0
    await pace.pass(17 * HOUR, 2 * MINUTE)
    expect(times[0]?.slice(0, 2)).to.equal('19')
    expect(times.filter((time) => time >= '16:30' || time < '09:00').length).to.be.within(4, 6)
    expect(times.filter((time) => time >= '09:00' && time < '09:05').length).to.be.at.least(2)
  })

  it('offers a price again when its market closes, without a new one', async () => {
    clock = new FakeClock(Date.parse('2026-03-10T16:00:50+07:00'))
    pace = new Pace(clock)
    const server = await serve(prices({ 'BBCA.JK': { at: clock.now() - 2 * HOUR } }))
    const desk = open([asked('one', server)])
    desk.want(['BBCA.JK'])
    await pace.settle()
    expect(offers).to.have.length(1)
    expect(offers[0]?.state).to.equal('delayed')
    expect(offers[0]?.freshUntil).to.be.below(clock.now())
    answerWith(server, () => 'hang')
    await pace.pass(11 * SECOND)
    expect(offers.slice(1).map(({ state, freshUntil }) => [state, freshUntil])).to.deep.equal([
      ['closed', Date.parse('2026-03-11T10:15:00+07:00')],
    ])
  })

  it('calls a price live while it is young, and delayed when it has aged without a new one', async () => {
    const server = await serve(
      prices({ 'BTC-USD': { currency: 'USD', at: TUESDAY - 20 * SECOND, delayMs: 0 } }),
    )
    const desk = open([asked('one', server, { limits: [{ count: 1, windowMs: 30 * MINUTE }] })])
    desk.want(['BTC-USD'])
    await pace.pass(2 * MINUTE)
    expect(server.asked).to.have.length(1)
    expect(offers.map(({ state, freshUntil }) => [state, freshUntil])).to.deep.equal([
      ['live', TUESDAY - 20 * SECOND + 5 * MINUTE],
      ['delayed', TUESDAY - 20 * SECOND + HOUR],
    ])
  })

  it('asks the next source when a price is months old, and keeps to the one that has a newer one', async () => {
    const old = await serve(prices({ 'BBCA.JK': { at: Date.parse('2025-08-05T09:00:00Z') } }))
    const fresh = await serve(prices())
    const desk = open([asked('old', old), asked('fresh', fresh)])
    desk.want(['BBCA.JK'])
    await pace.pass(10 * MINUTE, 5 * SECOND)
    expect(old.asked).to.have.length(1)
    expect(offers[0]?.freshUntil).to.be.below(TUESDAY)
    expect(offers.slice(1).every((offer) => offer.source === 'fresh')).to.equal(true)
    expect(statusOf(desk, 'old')?.failures).to.deep.equal({ behind: 1 })
  })

  it('offers a months-old price as stale where there is no other, and asks for it rarely', async () => {
    const server = await serve(prices({ 'WSKT.JK': { at: Date.parse('2025-08-05T09:00:00Z') } }))
    const desk = open([asked('one', server)])
    desk.want(['WSKT.JK'])
    await pace.pass(2 * HOUR, MINUTE)
    expect(offers.every(({ freshUntil = 0 }) => freshUntil < TUESDAY)).to.equal(true)
    expect(server.asked.length).to.be.within(2, 3)
  })

  it(`calls a suspended share stale that Yahoo answers like any other${WITHOUT_FEEDS}`, async function () {
    if (!FEEDS) return this.skip()
    clock = new FakeClock(Date.parse('2025-02-20T10:00:00+07:00'))
    pace = new Pace(clock)
    const body = readFileSync(join(FEEDS, 'rest/yahoo/chart-WSKT.JK-2020-01-01-to-2020-01-03.json'))
    const server = await serve(() => ({ body }))
    const desk = open([{ source: yahoo, base: server.url, key: null }])
    desk.want(['WSKT.JK'])
    await pace.settle()
    expect(offers.map(({ symbol, source, currency }) => [symbol, source, currency])).to.deep.equal([
      ['WSKT.JK', 'yahoo', 'IDR'],
    ])
    expect(new Date(offers[0]?.at ?? 0).toISOString().slice(0, 7)).to.equal('2024-07')
    expect(offers[0]?.freshUntil).to.be.below(clock.now())
  })

  it('keeps prices through a holiday that shows by nobody’s trading, save those of suspended shares', async () => {
    const monday = Date.parse('2026-03-09T16:00:00+07:00')
    const special: Record<string, Told> = {
      'BBCA.JK': { at: monday },
      'BMRI.JK': { at: monday - HOUR },
      'WSKT.JK': { at: monday - 30 * 24 * HOUR },
    }
    const server = await serve((question) => prices(special)(question))
    let drawn = 0
    const random = () => (drawn++ % 4) / 4
    const desk = open([asked('one', server)], { random })
    desk.want(Object.keys(special))
    await pace.pass(30 * MINUTE, 10 * SECOND)
    const last = (symbol: string) => offers.filter((offer) => offer.symbol === symbol).at(-1)
    const wednesday = Date.parse('2026-03-11T10:15:00+07:00')
    expect(last('BBCA.JK')).to.include({ state: 'closed', freshUntil: wednesday })
    expect(last('BMRI.JK')).to.include({ state: 'closed', freshUntil: wednesday })
    expect(last('WSKT.JK')?.freshUntil).to.be.below(TUESDAY)
    expect(server.asked.length).to.be.below(12)
    // It was a late opening: the share that has not traded is stale as soon as the other has.
    special['BBCA.JK'] = {}
    while (last('BBCA.JK')?.state === 'closed') await pace.pass(SECOND)
    const count = server.asked.length
    await pace.pass(2 * SECOND)
    expect(last('BMRI.JK')?.freshUntil).to.be.below(TUESDAY)
    expect(server.asked).to.have.length(count)
  })

  it('remembers a holiday when trading has resumed', async () => {
    const special: Record<string, Told> = Object.fromEntries(
      ['BBCA.JK', 'BMRI.JK'].map((symbol) => [symbol, { at: Date.parse('2026-03-09T16:00:00+07:00') }]),
    )
    const server = await serve((question) => prices(special)(question))
    const desk = open([asked('one', server)])
    desk.want(Object.keys(special))
    await pace.pass(23 * HOUR, 15 * MINUTE)
    expect(offers.every(({ freshUntil = 0 }) => freshUntil > TUESDAY)).to.equal(true)
    special['BBCA.JK'] = {}
    offers = []
    await pace.pass(5 * MINUTE, 5 * SECOND)
    expect(offers.find(({ symbol }) => symbol === 'BBCA.JK')).to.include({ state: 'delayed' })
    const other = offers.filter(({ symbol }) => symbol === 'BMRI.JK').map(({ freshUntil }) => freshUntil)
    expect(new Set(other)).to.deep.equal(new Set([Date.parse('2026-03-11T10:15:00+07:00')]))
  })

  it('goes on when nobody can be agreed with, and when what it tells is not wanted', async () => {
    const server = await serve(prices())
    let isAway = true
    const real = coordination
    coordination = {
      ...real,
      take: (name, limit) => (isAway ? Promise.reject(new Error('away')) : real.take(name, limit)),
    }
    const desk = open([asked('one', server)], {
      offer: (offer) => {
        offers.push(offer)
        throw new Error('no')
      },
    })
    desk.want(['BBCA.JK'])
    await pace.pass(20 * SECOND)
    expect(server.asked).to.have.length(0)
    expect(statusOf(desk, 'one')?.failures.uncoordinated).to.be.at.least(3)
    isAway = false
    await pace.pass(3 * MINUTE)
    expect(offers.length).to.be.at.least(3)
  })

  it('hears nothing any more when it is stopped', async () => {
    const server = await serve(prices())
    const desk = open([asked('one', server)])
    desk.want(['BBCA.JK'])
    await desk.stop()
    await pace.pass(2 * MINUTE, 10 * SECOND)
    expect(offers).to.deep.equal([])
    expect(clock.pending).to.equal(0)
  })

  describe('with a file of quotes', () => {
    let folder: string
    let path: string

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'quotes-'))
      path = join(folder, 'quotes.csv')
    })

    afterEach(() => rm(folder, { recursive: true }))

    it('reads it at the start and when it has changed', async () => {
      const text = (price: string) =>
        `symbol,price,currency,at,name\nFUND1.X,${price},IDR,2026-03-09,Fund One\n`
      await writeFile(path, text('1520.25'))
      const server = await serve(prices({ 'FUND1.X': 'unknown' }))
      const desk = open([asked('one', server), { file: path }])
      desk.want(['FUND1.X', 'BBCA.JK'])
      const told = () => offers.filter(({ symbol }) => symbol === 'FUND1.X').map(({ price }) => price)
      while (told().length === 0) await pace.pass(SECOND)
      expect(offers.find(({ symbol }) => symbol === 'FUND1.X')).to.include({
        source: 'csv',
        price: '1520.25',
        state: 'delayed',
        freshUntil: Date.parse('2026-03-13T01:00:00Z'),
      })
      await pace.pass(20 * SECOND)
      expect(statusOf(desk, 'csv')?.answered).to.equal(1)
      await writeFile(path, text('1530'))
      await utimes(path, new Date(), new Date(Date.now() + 10_000))
      while (!told().includes('1530')) await pace.pass(SECOND)
      expect(statusOf(desk, 'csv')).to.include({ breaker: 'closed', answered: 2, symbols: 1 })
      expect(learned.map(([symbol]) => symbol)).to.deep.equal(['FUND1.X'])
      const listed = offers.filter(({ symbol }) => symbol === 'BBCA.JK')
      expect(listed.every(({ source }) => source === 'one')).to.equal(true)
    })

    it('takes a date for the end of that day’s trading', async () => {
      await writeFile(path, 'symbol,price,currency,at\nAAPL,250,USD,2026-03-09\n')
      const desk = open([{ file: path }])
      desk.want(['AAPL'])
      while (offers.length === 0) await pace.pass(SECOND)
      expect(offers[0]).to.include({ at: Date.parse('2026-03-09T20:00:00Z'), state: 'closed' })
    })

    it('does without it while it is not there', async () => {
      const server = await serve(prices())
      const desk = open([{ file: path }, asked('one', server)])
      desk.want(['BBCA.JK'])
      await pace.settle()
      while (statusOf(desk, 'csv')?.failures.unreadable === undefined) await pace.pass(SECOND)
      expect(offers[0]?.source).to.equal('one')
    })
  })
})
