import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ecb } from '../../../src/feeds/sources/ecb.js'
import { frankfurter } from '../../../src/feeds/sources/frankfurter.js'
import { openErApi } from '../../../src/feeds/sources/open-er-api.js'
import { RateDesk, type RateDeskOptions, type SourcedRate } from '../../../src/feeds/sources/rate-desk.js'
import type { RateSource } from '../../../src/feeds/sources/source.js'
import { createLog } from '../../../src/lib/log.js'
import type { Coordination } from '../../../src/prices/coordination.js'
import { createMemoryCoordination } from '../../../src/prices/coordination-memory.js'
import { FakeClock } from '../../support/exchange-clock.js'
import { FEEDS, WITHOUT_FEEDS } from '../../support/exchange-frames.js'
import { answerWith, Pace, type Reply } from '../../support/pace.js'
import { RudeHttp } from '../../support/rude-http.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** A Tuesday, before the fix of its day. */
const TUESDAY = Date.parse('2026-03-10T08:00:00Z')

const daysBefore = (date: string, days: number): string =>
  new Date(Date.parse(date) - days * DAY).toISOString().slice(0, 10)

describe('the desk that asks for exchange rates', () => {
  let clock: FakeClock
  let pace: Pace
  let coordination: Coordination
  let saved: SourcedRate[][]
  let closers: (() => Promise<unknown>)[]

  beforeEach(() => {
    clock = new FakeClock(TUESDAY)
    pace = new Pace(clock)
    coordination = createMemoryCoordination({ now: () => clock.now() })
    saved = []
    closers = []
  })

  afterEach(async () => {
    for (const close of closers.reverse()) await close()
  })

  async function serve(reply: (question: URL) => Reply): Promise<RudeHttp> {
    const server = await RudeHttp.open()
    closers.push(() => server.close())
    answerWith(server, reply)
    return server
  }

  function open(
    sources: readonly (readonly [RateSource, RudeHttp])[],
    change: Partial<RateDeskOptions> = {},
  ): RateDesk {
    const desk = new RateDesk({
      sources: sources.map(([source, { url }]) => ({ source, base: url })),
      ask: pace.ask,
      coordination,
      save: async (rates) => {
        saved.push([...rates])
      },
      kept: async () => null,
      clock,
      random: () => 0.5,
      log: createLog('silent'),
      ...change,
    })
    closers.push(() => desk.stop())
    desk.start()
    return desk
  }

  /** The bank's file of one fix, or of every working day up to one. */
  const xml = (dates: readonly string[]): string => {
    const days = dates.map(
      (date) => `<Cube time='${date}'><Cube currency='USD' rate='1.1${date.slice(8)}'/></Cube>`,
    )
    return `<?xml version="1.0"?><gesmes:Envelope xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube>${days.join('')}</Cube></gesmes:Envelope>`
  }

  /** The date of the newest fix now: at 16:15 in Frankfurt, on working days. */
  function newestFix(): string {
    let date = new Date(clock.now() - 15.25 * HOUR).toISOString().slice(0, 10)
    while ([0, 6].includes(new Date(date).getUTCDay())) date = daysBefore(date, 1)
    return date
  }

  function bank(question: URL): Reply {
    const newest = newestFix()
    if (question.pathname.endsWith('-daily.xml')) return { body: xml([newest]) }
    const dates = Array.from({ length: 80 }, (_, index) => daysBefore(newest, index))
    if (question.pathname.endsWith('-90d.xml')) return { body: xml(dates) }
    const rows = Array.from({ length: 6_000 }, (_, index) => `${daysBefore(newest, index)},1.1,`)
    return { body: ['Date,USD,', ...rows].join('\n') }
  }

  const datesOf = (rates: readonly SourcedRate[]): string[] => rates.map(({ date }) => date)

  it('asks for the last weeks first, then for each fix when it is there', async () => {
    const server = await serve(bank)
    const desk = open([[ecb, server]])
    await pace.settle()
    expect(server.asked).to.deep.equal(['/eurofxref-hist-90d.xml'])
    expect(datesOf(saved[0] ?? []).at(-1)).to.equal('2026-03-09')
    expect(saved[0]?.at(-1)).to.deep.equal({
      base: 'EUR',
      quote: 'USD',
      date: '2026-03-09',
      rate: '1.109',
      source: 'ecb',
    })
    const times: string[] = []
    answerWith(server, (question) => {
      times.push(new Date(clock.now()).toISOString())
      return bank(question)
    })
    await pace.pass(6 * DAY, 10 * MINUTE)
    expect(new Set(server.asked.slice(1))).to.deep.equal(new Set(['/eurofxref-daily.xml']))
    // From Tuesday to Friday, each about 16:00 in Frankfurt; late by a quarter of an hour, it is asked once more.
    const days = times.map((time) => time.slice(8, 10))
    expect([...new Set(days)]).to.deep.equal(['10', '11', '12', '13'])
    expect(times.every((time) => time.slice(11, 13) === '15')).to.equal(true)
    expect(times).to.have.length(8)
    expect(desk.status().sources[0]).to.include({ newest: '2026-03-13', symbols: 1, breaker: 'closed' })
  })

  it('does not ask at the very minute', async () => {
    const seen: number[] = []
    for (const drawn of [0, 0.99]) {
      coordination = createMemoryCoordination({ now: () => clock.now() })
      clock = new FakeClock(TUESDAY)
      pace = new Pace(clock)
      const server = await serve(bank)
      const desk = open([[ecb, server]], { random: () => drawn })
      await pace.settle()
      await pace.pass(7 * HOUR - MINUTE, 10 * MINUTE)
      while (server.asked.length < 2) await pace.pass(10_000, 10_000)
      seen.push(clock.now() - Date.parse('2026-03-10T15:00:00Z'))
      await desk.stop()
    }
    expect(seen[0]).to.be.within(30_000, 50_000)
    expect(seen[1]).to.be.within(280_000, 310_000)
  })

  it('comes back when the source says that it has something new', async () => {
    const nextAt = TUESDAY + 16 * HOUR
    const server = await serve(() => ({
      body: JSON.stringify({
        result: 'success',
        base_code: 'USD',
        time_last_update_unix: Math.floor(clock.now() / DAY) * 86_400,
        time_next_update_unix: (clock.now() < nextAt ? nextAt : nextAt + DAY) / 1000,
        rates: { USD: 1, IDR: 16950 },
      }),
    }))
    open([[openErApi, server]])
    await pace.pass(16 * HOUR, 10 * MINUTE)
    expect(server.asked).to.have.length(1)
    await pace.pass(10 * MINUTE, MINUTE)
    expect(server.asked).to.have.length(2)
    await pace.pass(12 * HOUR, 10 * MINUTE)
    expect(server.asked).to.have.length(2)
  })

  it('asks less and less often for a fix that does not come, as on a holiday', async () => {
    const server = await serve(() => ({ body: xml(['2026-03-09']) }))
    open([[ecb, server]])
    await pace.pass(7 * HOUR + 23 * HOUR, 10 * MINUTE)
    expect(server.asked.length).to.be.within(6, 9)
  })

  it('asks a source whose pairs an earlier one tells only while that one fails', async () => {
    let isWell = true
    const first = await serve((question) => (isWell ? bank(question) : { status: 500 }))
    const second = await serve((question) =>
      question.pathname.includes('..') ? { status: 500 } : { body: latest(newestFix()) },
    )
    const latest = (date: string) => JSON.stringify({ amount: 1, base: 'EUR', date, rates: { USD: 1.2 } })
    const desk = open([
      [ecb, first],
      [frankfurter, second],
    ])
    await pace.pass(2 * DAY, 10 * MINUTE)
    expect(second.asked).to.deep.equal(['/latest'])
    isWell = false
    await pace.pass(DAY, 10 * MINUTE)
    expect(second.asked.length).to.be.within(2, 4)
    expect(saved.at(-1)?.[0]).to.include({ source: 'frankfurter', date: '2026-03-12' })
    expect(desk.status().sources[0]?.failures.error).to.be.at.least(3)
    expect(first.asked.length).to.be.below(40)
  })

  it('asks the next source for the past when the first fails', async () => {
    const first = await serve(() => ({
      body: '<html>Just a moment</html>',
      headers: { 'content-type': 'text/html' },
    }))
    const second = await serve(() => ({
      body: JSON.stringify({
        amount: 1,
        base: 'EUR',
        rates: { '2026-03-06': { USD: 1.2 }, '2026-03-09': { USD: 1.3 } },
      }),
    }))
    open([
      [ecb, first],
      [frankfurter, second],
    ])
    await pace.settle()
    expect(second.asked).to.deep.equal(['/2025-12-16..'])
    expect(saved.flat().map(({ date, source }) => [date, source])).to.deep.equal([
      ['2026-03-06', 'frankfurter'],
      ['2026-03-09', 'frankfurter'],
    ])
  })

  it('fetches the whole past in the background when it is needed, the newest first', async () => {
    const server = await serve(bank)
    const desk = open([[ecb, server]])
    await pace.settle()
    desk.need('2026-01-01')
    await pace.pass(MINUTE, 10_000)
    expect(server.asked).to.have.length(1)
    desk.need('2010-06-01')
    await pace.pass(MINUTE, 10_000)
    expect(server.asked.slice(1)).to.deep.equal(['/eurofxref-hist.zip'])
    const [, newest = [], oldest = []] = saved
    expect(newest.length + oldest.length).to.be.within(5_000, 6_000)
    expect(datesOf(newest).at(-1)).to.equal('2026-03-09')
    expect((datesOf(oldest).at(-1) ?? '') < (datesOf(newest)[0] ?? '')).to.equal(true)
    expect(datesOf(oldest)[0]).to.equal('2010-06-01')
    expect(desk.status().from).to.equal('2010-06-01')
    desk.need('2012-01-01')
    await pace.pass(MINUTE, 10_000)
    expect(server.asked).to.have.length(2)
  })

  it('asks for no past that is kept already, and for all that is missing since', async () => {
    const server = await serve(bank)
    const desk = open([[ecb, server]], { kept: async () => ({ from: '2010-06-01', to: '2025-06-30' }) })
    await pace.settle()
    expect(server.asked).to.deep.equal(['/eurofxref-hist.zip'])
    expect(datesOf(saved.flat())[0]).to.equal('2025-06-30')
    desk.need('2011-01-01')
    await pace.pass(MINUTE, 10_000)
    expect(server.asked).to.have.length(1)
  })

  it('tries again what could not be kept', async () => {
    const server = await serve(bank)
    let attempts = 0
    open([[ecb, server]], {
      save: async (rates) => {
        attempts += 1
        if (attempts < 3) throw new Error('no database')
        saved.push([...rates])
      },
    })
    await pace.pass(10 * MINUTE, 10_000)
    expect(attempts).to.equal(3)
    expect(saved).to.have.length(1)
    expect(server.asked).to.have.length(3)
  })

  it('keeps no rate of a day to come', async () => {
    const server = await serve(() => ({ body: xml(['2026-03-09', '2031-03-09']) }))
    open([[ecb, server]])
    await pace.settle()
    expect(datesOf(saved.flat())).to.deep.equal(['2026-03-09'])
  })

  it('leaves the asking to one worker, until that one is gone', async () => {
    const server = await serve(bank)
    const [one, other] = [open([[ecb, server]]), open([[ecb, server]])]
    await pace.pass(5 * MINUTE, 10_000)
    expect(server.asked).to.have.length(1)
    expect([one.status().isAsking, other.status().isAsking]).to.deep.equal([true, false])
    await one.stop()
    await pace.pass(MINUTE, 10_000)
    expect(other.status().isAsking).to.equal(true)
    expect(server.asked).to.have.length(2)
  })

  it(`keeps what was recorded of the sources${WITHOUT_FEEDS}`, async function () {
    if (!FEEDS) return this.skip()
    clock = new FakeClock(Date.parse('2026-04-14T08:00:00Z'))
    pace = new Pace(clock)
    const recorded = (path: string) => readFileSync(join(FEEDS ?? '', 'rest', path))
    const bankServer = await serve(() => ({ body: recorded('ecb/eurofxref-hist.zip') }))
    const erServer = await serve(() => ({ body: recorded('open-er-api/latest-USD.json') }))
    const desk = open([
      [ecb, bankServer],
      [openErApi, erServer],
    ])
    await pace.settle()
    expect(desk.status().sources.map(({ newest }) => newest)).to.deep.equal(['2026-04-13', '2024-08-19'])
    const rates = saved.flat()
    const rupiah = rates.filter(({ quote, source }) => quote === 'IDR' && source === 'ecb')
    expect(rupiah.length).to.be.within(50, 62)
    expect(rates.filter(({ source }) => source === 'open-er-api').length).to.be.within(140, 160)
  })
})
