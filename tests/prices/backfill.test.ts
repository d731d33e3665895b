import { expect } from 'chai'
import type { Database } from '../../src/database/database.js'
import { instrumentStore } from '../../src/instruments/store.js'
import { formatFixed, parseFixed } from '../../src/lib/decimal.js'
import { Backfill } from '../../src/prices/backfill.js'
import type { Candle, Interval, PastCandle } from '../../src/prices/candle.js'
import type { PastAnswer, PastAsk } from '../../src/prices/past.js'
import { priceStore } from '../../src/prices/store.js'
import { openTestDatabase } from '../support/database.js'
import { eventually, FakeClock } from '../support/exchange-clock.js'
import { readableLog } from '../support/server.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Half past noon. */
const NOW = Date.UTC(2026, 2, 10, 12, 30)
const TODAY = Date.UTC(2026, 2, 10)

describe('the past that was not recorded', function () {
  this.timeout(60_000)
  let db: Database
  const opened: { stop(): Promise<void> }[] = []
  before(async () => {
    db = await openTestDatabase('embedded')
  })
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.stop()
  })
  after(() => db?.close())

  let made = 0
  /** Names of instruments that no other test has. */
  const instruments = async (count: number): Promise<readonly string[]> => {
    const symbols = Array.from({ length: count }, (_, index) => `COIN${made + index}-USD`)
    made += count
    await db.asSystem((tx) => instrumentStore.ensurePairs(tx, symbols))
    return symbols
  }
  const kept = async (symbol: string, interval: Interval) => {
    const rows = await db.asSystem((tx) =>
      tx.candle.findMany({ where: { instrument: { symbol }, interval }, orderBy: { at: 'asc' } }),
    )
    const text = (value: { toFixed(): string }) => formatFixed(parseFixed(value.toFixed()))
    return rows.map(({ at, open, high, low, close }) => [
      at.getTime(),
      [open, high, low, close].map(text).join(' '),
    ])
  }
  const open = (
    past: (ask: PastAsk) => Promise<PastAnswer> | PastAnswer,
    sourceOf: (symbol: string) => string | null = () => 'kraken',
    database: Database = db,
  ) => {
    const clock = new FakeClock(NOW)
    const asked: string[] = []
    const backfill = new Backfill({
      db: database,
      clock,
      sourceOf,
      log: readableLog().log,
      past: async (ask) => {
        asked.push(`${ask.symbol} ${ask.interval}`)
        return past(ask)
      },
    })
    opened.push(backfill)
    const want = (held: readonly string[], watched: readonly string[] = []) =>
      backfill.want(new Set([...held, ...watched]), new Set(held))
    return { backfill, clock, asked, want }
  }
  const recorded = (symbol: string, interval: Interval, at: number, price: string): Candle => {
    const close = parseFixed(price)
    return { symbol, interval, at, open: close, high: close, low: close, close, source: 'x', state: 'live' }
  }
  const record = (...candles: Candle[]) => db.asSystem((tx) => priceStore.upsertCandles(tx, candles))

  it('is read as far back as candles are kept, once, and makes the hour and the day that are under way', async () => {
    const [symbol = ''] = await instruments(1)
    const asks: PastAsk[] = []
    const { want, asked } = open((ask) => {
      asks.push(ask)
      const length = { '1m': MINUTE, '1h': HOUR, '1d': DAY }[ask.interval]
      const last = Math.floor(ask.to / length) * length - length
      return told(candle(last - length, '5 7 4 6'), candle(last, '6 9 3 8'))
    })
    want([symbol])
    await eventually(() => asked.length === 3)
    expect(asks.map(({ interval, from, to }) => [interval, (to - from) / DAY])).to.deep.equal([
      ['1m', 1],
      ['1h', 90],
      ['1d', 3_653],
    ])
    const minutes = [NOW - 2 * MINUTE, NOW - MINUTE]
    await settled(async () => (await kept(symbol, '1d')).length === 3)
    expect(await kept(symbol, '1m')).to.deep.equal([
      [minutes[0], '5 7 4 6'],
      [minutes[1], '6 9 3 8'],
    ])
    expect(await kept(symbol, '1h')).to.deep.equal([
      [TODAY + 10 * HOUR, '5 7 4 6'],
      [TODAY + 11 * HOUR, '6 9 3 8'],
      [TODAY + 12 * HOUR, '5 9 3 8'],
    ])
    expect((await kept(symbol, '1d')).at(-1)).to.deep.equal([TODAY, '5 9 3 8'])
    const again = open(() => told())
    again.want([symbol])
    const [other = ''] = await instruments(1)
    again.want([symbol, other])
    await eventually(() => again.asked.length === 3)
    expect(again.asked.every((ask) => ask.startsWith(other))).to.equal(true)
  })

  it('of a gap is read from where recording ended, whose last candles it closes', async () => {
    const [symbol = ''] = await instruments(1)
    await db.asSystem((tx) => priceStore.pastWasRead(tx, symbol, NOW - DAY))
    await record(
      recorded(symbol, '1m', NOW - 90 * MINUTE, '5'),
      recorded(symbol, '1h', TODAY + 11 * HOUR, '5'),
      recorded(symbol, '1d', TODAY, '5'),
      // Of this process, which records already.
      recorded(symbol, '1m', NOW, '8'),
      recorded(symbol, '1h', TODAY + 12 * HOUR, '8'),
    )
    const asks: PastAsk[] = []
    const { want } = open((ask) => {
      asks.push(ask)
      return ask.interval === '1h'
        ? told(candle(TODAY + 11 * HOUR, '4 6 4 6'))
        : told(candle(NOW - 90 * MINUTE, '5 6 5 5.5'), candle(NOW - 20 * MINUTE, '7 10 7 9'))
    })
    want([symbol])
    await eventually(() => asks.length === 2)
    expect(asks.map(({ interval, from }) => [interval, from])).to.deep.equal([
      ['1m', NOW - 90 * MINUTE],
      ['1h', TODAY + 11 * HOUR],
    ])
    await settled(async () => (await kept(symbol, '1h'))[0]?.[1] === '5 6 4 6')
    expect(await kept(symbol, '1m')).to.deep.equal([
      [NOW - 90 * MINUTE, '5 6 5 5.5'],
      [NOW - 20 * MINUTE, '7 10 7 9'],
      [NOW, '8 8 8 8'],
    ])
    expect(await kept(symbol, '1h')).to.deep.equal([
      [TODAY + 11 * HOUR, '5 6 4 6'],
      [TODAY + 12 * HOUR, '7 10 7 8'],
    ])
    expect(await kept(symbol, '1d')).to.deep.equal([[TODAY, '5 10 5 5']])
  })

  it('is read where a connection was lost for a while', async () => {
    const [symbol = ''] = await instruments(1)
    await db.asSystem((tx) => priceStore.pastWasRead(tx, symbol, NOW - DAY))
    await record(recorded(symbol, '1m', NOW - MINUTE, '5'))
    const asks: PastAsk[] = []
    const { want, backfill, clock } = open((ask) => {
      asks.push(ask)
      return told()
    })
    want([symbol])
    await settled(async () => true)
    clock.advance(10 * MINUTE)
    await record(recorded(symbol, '1m', NOW + 9 * MINUTE, '5'))
    expect(asks).to.deep.equal([])
    backfill.missed([symbol], NOW + MINUTE)
    await eventually(() => asks.length > 0)
    expect(asks).to.deep.equal([{ symbol, interval: '1m', from: NOW - MINUTE, to: NOW + 10 * MINUTE }])
  })

  it('is asked one at a time of each source: held before watched, wanted last before first', async () => {
    const [held = '', newer = '', watched = '', elsewhere = ''] = await instruments(4)
    const waiting: ((answer: PastAnswer) => void)[] = []
    const { want, asked, clock } = open(
      () => new Promise((resolve) => waiting.push(resolve)),
      (symbol) => (symbol === elsewhere ? 'binance' : 'kraken'),
    )
    want([held], [watched, elsewhere])
    await eventually(() => asked.length === 2)
    expect(asked).to.deep.equal([`${held} 1m`, `${elsewhere} 1m`])
    clock.advance(1)
    want([held, newer], [watched, elsewhere])
    await settled(async () => true)
    for (let answered = 0; answered < 12; ) {
      await eventually(() => waiting.length > 0)
      const answers = waiting.splice(0)
      for (const answer of answers) answer(told())
      answered += answers.length
    }
    const order = asked.filter((ask) => !ask.startsWith(elsewhere)).map((ask) => ask.split(' ')[0])
    const thrice = (symbol: string) => [symbol, symbol, symbol]
    expect(order).to.deep.equal([held, ...thrice(newer), held, held, ...thrice(watched)])
  })

  it('is asked for again after a failure, more and more seldom, and at last no more', async () => {
    const [symbol = ''] = await instruments(1)
    const times: number[] = []
    const { want, clock, asked } = open((ask) => {
      if (ask.interval !== '1m') return told()
      times.push(clock.now() - NOW)
      return { kind: 'failed' }
    })
    want([symbol])
    for (let step = 0; step < 4_000; step += 1) {
      clock.advance(30_000)
      if (step % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await eventually(() => asked.length === 7)
    expect(times.map((ms) => Math.round(ms / MINUTE / 5))).to.deep.equal([0, 1, 5, 21, 85])
  })

  it('that nobody keeps is not asked for again that day', async () => {
    const [symbol = ''] = await instruments(1)
    const { want, asked, clock } = open(() => ({ kind: 'none' }))
    want([symbol])
    await eventually(() => asked.length === 3)
    const again = async (ms: number) => {
      want([])
      clock.advance(ms)
      want([symbol])
      await settled(async () => true)
    }
    await again(23 * HOUR)
    expect(asked).to.have.lengthOf(3)
    await again(2 * HOUR)
    await eventually(() => asked.length === 6)
  })

  it('waits for a source, and for the instrument', async () => {
    const [symbol = ''] = await instruments(1)
    let source: string | null = null
    const { want, asked, clock } = open(
      () => told(),
      () => source,
    )
    want([symbol, 'LATER-USD'])
    await settled(async () => true)
    expect(asked).to.deep.equal([])
    source = 'kraken'
    await db.asSystem((tx) => instrumentStore.ensurePairs(tx, ['LATER-USD']))
    clock.advance(30_000)
    await eventually(() => asked.length === 6)
  })

  it('is not written when another worker holds the instrument by then', async () => {
    const [symbol = ''] = await instruments(1)
    let answer = (_: PastAnswer): void => {}
    const { want, asked, backfill } = open(() => new Promise((resolve) => (answer = resolve)))
    want([symbol])
    await eventually(() => asked.length === 1)
    want([])
    answer(told(candle(NOW - MINUTE, '1 1 1 1')))
    await db.asSystem((tx) => tx.user.count())
    await backfill.stop()
    expect(await kept(symbol, '1m')).to.deep.equal([])
    expect(asked).to.have.lengthOf(1)
  })

  it('keeps nobody waiting at the end who is not answered, and is not written then', async () => {
    const [symbol = ''] = await instruments(1)
    let answer = (_: PastAnswer): void => {}
    const { want, asked, backfill } = open(() => new Promise((resolve) => (answer = resolve)))
    want([symbol])
    await eventually(() => asked.length === 1)
    await backfill.stop()
    answer(told(candle(NOW - MINUTE, '1 1 1 1')))
    await db.asSystem((tx) => tx.user.count())
    expect(await kept(symbol, '1m')).to.deep.equal([])
  })

  it('is written in parts, one at a time, between which others have their turn', async () => {
    const symbols = await instruments(2)
    const length = 2_500
    let [running, most, parts, turns] = [0, 0, 0, 0]
    const counted: Database = {
      asUser: (userId, work) => db.asUser(userId, work),
      asSystem: async (work) => {
        running += 1
        parts += 1
        most = Math.max(most, running)
        return db.asSystem(work).finally(() => {
          running -= 1
        })
      },
      ping: () => db.ping(),
      close: async () => {},
    }
    const days = Array.from({ length }, (_, day) => candle(TODAY - (length - day) * DAY, '5 7 4 6'))
    const { want } = open(
      ({ interval }) => told(...(interval === '1d' ? days : [])),
      (symbol) => symbol,
      counted,
    )
    let counting = setImmediate(function count() {
      turns += 1
      counting = setImmediate(count)
    })
    want(symbols)
    // One look, and of each instrument minutes, hours and three parts of days.
    while (parts < 11 || running > 0) await new Promise((resolve) => setImmediate(resolve))
    clearImmediate(counting)
    for (const symbol of symbols) expect(await kept(symbol, '1d')).to.have.lengthOf(length)
    expect([parts, most]).to.deep.equal([11, 1])
    expect(turns).to.be.at.least(6)
  })

  it('is taken without what no candle can be', async () => {
    const [symbol = ''] = await instruments(1)
    const at = NOW - 5 * MINUTE
    const { want, asked } = open(() =>
      told(
        candle(at, '5 6 4 5'),
        candle(at + 1, '5 6 4 5'),
        candle(NOW + MINUTE, '5 6 4 5'),
        candle(NOW - 2 * DAY, '5 6 4 5'),
        candle(Number.NaN, '5 6 4 5'),
        candle(at + MINUTE, '5 6 5.5 5'),
        candle(at + MINUTE, '5 4.5 4 5'),
        candle(at + MINUTE, '0 0 0 0'),
        candle(at + MINUTE, '-5 6 -5 5'),
        candle(at + MINUTE, '5 1e9 4 5'),
        candle(at + 2 * MINUTE, `5 ${'9'.repeat(20)}.${'9'.repeat(18)} 0.${'0'.repeat(17)}1 5`),
        candle(at, '5 6 4 5.5'),
      ),
    )
    want([symbol])
    await eventually(() => asked.length === 3)
    await settled(async () => (await kept(symbol, '1m')).length > 0)
    expect(await kept(symbol, '1m')).to.deep.equal([
      [at, '5 6 4 5.5'],
      [at + 2 * MINUTE, `5 ${'9'.repeat(20)}.${'9'.repeat(18)} 0.${'0'.repeat(17)}1 5`],
    ])
  })
})

function told(...candles: readonly PastCandle[]): PastAnswer {
  return { kind: 'past', source: 'kraken', candles }
}

/** `prices`: open, high, low and close. */
function candle(at: number, prices: string): PastCandle {
  const [open = '', high = '', low = '', close = ''] = prices.split(' ')
  return { at, open, high, low, close }
}

/** Waits until it holds and what else was begun had time to end. */
async function settled(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 8_000
  for (let quiet = 0; quiet < 3; ) {
    if (Date.now() > end) throw new Error('never came true')
    quiet = (await condition()) ? quiet + 1 : 0
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
