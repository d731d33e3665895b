import { expect } from 'chai'
import type { Database } from '../../src/database/database.js'
import { instrumentStore } from '../../src/instruments/store.js'
import { formatFixed, parseFixed } from '../../src/lib/decimal.js'
import { CandleRecorder } from '../../src/prices/candles.js'
import { DayStarts } from '../../src/prices/day-starts.js'
import { type Candle, priceStore } from '../../src/prices/store.js'
import { databaseKinds, openTestDatabase } from '../support/database.js'
import { FakeClock } from '../support/exchange-clock.js'
import { readableLog } from '../support/server.js'
import { quoteOf } from './quotes.js'

const MINUTE = 60_000
const NOON = Date.UTC(2026, 2, 10, 12)

for (const kind of databaseKinds()) {
  describe(`prices of the past (${kind})`, function () {
    this.timeout(60_000)
    let db: Database
    before(async () => {
      db = await openTestDatabase(kind)
      await db.asSystem(async (tx) => {
        for (const symbol of ['BTC-USD', 'ETH-USD', 'SOL-USD', 'USD-IDR', 'EUR-USD']) {
          await instrumentStore.ensure(tx, {
            symbol,
            kind: 'CRYPTO',
            name: symbol,
            currency: symbol.slice(4),
            mic: null,
          })
        }
      })
    })
    after(() => db?.close())

    const minutes = async (symbol: string) => {
      const rows = await db.asSystem((tx) =>
        tx.candle.findMany({ where: { instrument: { symbol } }, orderBy: { at: 'asc' } }),
      )
      const text = (value: { toFixed(): string }) => formatFixed(parseFixed(value.toFixed()))
      return rows.map(({ at, open, high, low, close }) => [
        at.getTime(),
        ...[open, high, low, close].map(text),
      ])
    }
    const recorder = (save?: (candles: readonly Candle[]) => Promise<void>) => {
      const clock = new FakeClock(NOON)
      const write = (candles: readonly Candle[]) => db.asSystem((tx) => priceStore.upsertMinutes(tx, candles))
      return { clock, recording: new CandleRecorder({ save: save ?? write, clock, log: readableLog().log }) }
    }

    it('are recorded by the minute, of every instrument, to the last digit', async () => {
      const { recording, clock } = recorder()
      const prices = ['100', '0.0000000123', '99999999999999999999.999999999999999999', '50']
      for (const [index, price] of prices.entries())
        recording.record(quoteOf({ symbol: 'ETH-USD', price, at: NOON + index * 1_000 + 0.5 }))
      recording.record(quoteOf({ symbol: 'ETH-USD', price: '51', at: NOON + MINUTE }))
      recording.record(quoteOf({ symbol: 'UNKNOWN-USD', price: '51', at: NOON }))
      await recording.flush()
      const first = [NOON, '100', prices[2], prices[1], '50']
      expect(await minutes('ETH-USD')).to.deep.equal([first, [NOON + MINUTE, '51', '51', '51', '51']])
      recording.record(quoteOf({ symbol: 'ETH-USD', price: '49', at: NOON + MINUTE + 1 }))
      recording.record(quoteOf({ symbol: 'ETH-USD', price: '60', at: NOON + MINUTE + 2 }))
      await recording.stop()
      expect(await minutes('ETH-USD')).to.deep.equal([first, [NOON + MINUTE, '51', '60', '49', '60']])
      expect(clock.pending).to.equal(0)
    })

    it('are kept when they cannot be written, and written whole later', async () => {
      let broken = true
      const { recording } = recorder(async (candles) => {
        if (broken) throw new Error('away')
        await db.asSystem((tx) => priceStore.upsertMinutes(tx, candles))
      })
      for (const price of ['10', '30']) recording.record(quoteOf({ symbol: 'SOL-USD', price, at: NOON }))
      await recording.flush()
      for (const price of ['5', '20']) recording.record(quoteOf({ symbol: 'SOL-USD', price, at: NOON + 1 }))
      await recording.flush()
      expect(await minutes('SOL-USD')).to.deep.equal([])
      broken = false
      await recording.stop()
      expect(await minutes('SOL-USD')).to.deep.equal([[NOON, '10', '30', '5', '20']])
    })

    it('close a day in every zone at its own midnight', async () => {
      const write = (at: number, price: string) => {
        const close = parseFixed(price)
        const candle = {
          symbol: 'BTC-USD',
          at,
          open: close,
          high: close,
          low: close,
          close,
          source: 'x',
          state: 'live',
        }
        return db.asSystem((tx) => priceStore.upsertMinutes(tx, [candle]))
      }
      const midnights = {
        'Pacific/Kiritimati': Date.UTC(2026, 2, 10, 10),
        'Asia/Jakarta': Date.UTC(2026, 2, 9, 17),
        UTC: Date.UTC(2026, 2, 10),
        'Pacific/Honolulu': Date.UTC(2026, 2, 10, 10),
      }
      let price = 1
      for (const at of [...new Set(Object.values(midnights))].sort((a, b) => a - b)) {
        await write(at - MINUTE, String(price))
        await write(at, String(price + 100))
        price += 1
      }
      const dayStarts = new DayStarts({ db, pairs: () => [] })
      const close = async (zone: string) =>
        formatFixed((await dayStarts.load(zone, NOON, ['BTC-USD'])).price('BTC-USD') ?? 0n)
      expect(await close('Asia/Jakarta')).to.equal('1')
      expect(await close('UTC')).to.equal('2')
      expect(await close('Pacific/Honolulu')).to.equal('3')
      expect(await close('Pacific/Kiritimati')).to.equal('3')
      // A close of more than a week ago is no reference.
      const late = new DayStarts({ db, pairs: () => [] })
      expect((await late.load('UTC', NOON + 9 * 86_400_000, ['BTC-USD'])).price('BTC-USD')).to.equal(null)
    })

    it('are read once for a day that has settled, and anew while it has not', async () => {
      const close = async (dayStarts: DayStarts, at: number) =>
        (await dayStarts.load('UTC', at, ['EUR-USD'])).price('EUR-USD')
      const midnight = Date.UTC(2026, 2, 20)
      const dayStarts = new DayStarts({ db, pairs: () => [] })
      expect(await close(dayStarts, midnight + 10_000)).to.equal(null)
      const price = parseFixed('1.1')
      const candle = {
        symbol: 'EUR-USD',
        at: midnight - MINUTE,
        open: price,
        high: price,
        low: price,
        close: price,
        source: 'x',
        state: 'live',
      }
      await db.asSystem((tx) => priceStore.upsertMinutes(tx, [candle]))
      expect(await close(dayStarts, midnight + 20_000)).to.equal(price)
      expect(await close(dayStarts, midnight + 60_000)).to.equal(price)
      await db.asSystem((tx) =>
        priceStore.upsertMinutes(tx, [{ ...candle, high: price + 1n, close: price + 1n }]),
      )
      expect(await close(dayStarts, midnight + 120_000)).to.equal(price)
    })

    it('turn daily fixes into rates, where no live pair was closed, a week at most', async () => {
      const fix = (base: string, quote: string, date: string, rate: string) =>
        db.asSystem((tx) => priceStore.saveRate(tx, { base, quote, date, rate, source: 'ecb' }))
      await fix('GBP', 'USD', '2026-03-05', '1.25')
      await fix('GBP', 'USD', '2026-03-09', '1.3')
      await fix('GBP', 'USD', '2026-03-10', '9')
      await fix('CHF', 'USD', '2026-03-01', '1.1')
      await fix('GBP', 'USD', '2026-03-09', '1.31')
      const start = await new DayStarts({ db, pairs: () => [] }).load('UTC', NOON, [])
      expect(start.rate('GBP', 'USD')).to.equal(parseFixed('1.31'))
      expect(start.rate('GBX', 'USD')).to.equal(parseFixed('0.0131'))
      expect(start.rate('CHF', 'USD')).to.equal(null)
      expect(start.rate('USD', 'USD')).to.equal(parseFixed('1'))
    })

    it('are removed when they are old', async () => {
      await db.asSystem((tx) => priceStore.removeMinutesBefore(tx, NOON + MINUTE))
      expect((await minutes('ETH-USD')).map(([at]) => at)).to.deep.equal([NOON + MINUTE])
    })
  })
}

describe('the recorder of candles', () => {
  it('lets the oldest go when there are more than it can hold', async () => {
    let saved: readonly Candle[] = []
    let broken = true
    const recording = new CandleRecorder({
      save: async (candles) => {
        if (broken) throw new Error('away')
        saved = candles
      },
      clock: new FakeClock(),
      log: readableLog().log,
    })
    for (let minute = 0; minute < 60_000; minute += 1) recording.record(quoteOf({ at: minute * MINUTE }))
    const failing = recording.flush()
    for (let minute = 60_000; minute < 110_000; minute += 1)
      recording.record(quoteOf({ at: minute * MINUTE }))
    await failing
    broken = false
    await recording.stop()
    expect(saved).to.have.lengthOf(100_000)
    expect(saved.every(({ at }) => at >= 10_000 * MINUTE)).to.equal(true)
  })
})
