import { expect } from 'chai'
import type { Database } from '../../src/database/database.js'
import { instrumentStore } from '../../src/instruments/store.js'
import { formatFixed, parseFixed } from '../../src/lib/decimal.js'
import type { Candle, Interval } from '../../src/prices/candle.js'
import { CandleRecorder } from '../../src/prices/candles.js'
import { DayStarts } from '../../src/prices/day-starts.js'
import { removeOldCandles } from '../../src/prices/history.js'
import { priceStore } from '../../src/prices/store.js'
import { databaseKinds, openTestDatabase } from '../support/database.js'
import { FakeClock } from '../support/exchange-clock.js'
import { readableLog } from '../support/server.js'
import { quoteOf } from './quotes.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOON = Date.UTC(2026, 2, 10, 12)

for (const kind of databaseKinds()) {
  describe(`prices of the past (${kind})`, function () {
    this.timeout(60_000)
    let db: Database
    before(async () => {
      db = await openTestDatabase(kind)
      await db.asSystem(async (tx) => {
        for (const symbol of [
          ...['BTC-USD', 'ETH-USD', 'SOL-USD', 'GAP-USD', 'USD-IDR', 'EUR-USD'],
          ...['USDT-USD', 'AUD-USD', 'AAPL', 'BBCA.JK'],
        ]) {
          await instrumentStore.ensure(tx, {
            symbol,
            kind: 'CRYPTO',
            name: symbol,
            currency: 'USD',
            mic: null,
          })
        }
      })
    })
    after(() => db?.close())

    const kept = async (symbol: string, interval: Interval = '1m') => {
      const rows = await db.asSystem((tx) =>
        tx.candle.findMany({ where: { instrument: { symbol }, interval }, orderBy: { at: 'asc' } }),
      )
      const text = (value: { toFixed(): string }) => formatFixed(parseFixed(value.toFixed()))
      return rows.map(({ at, open, high, low, close }) => [
        at.getTime(),
        ...[open, high, low, close].map(text),
      ])
    }
    const write = (candles: readonly Candle[]) => db.asSystem((tx) => priceStore.upsertCandles(tx, candles))
    const recorder = (save = write, holds = (_: string) => true) => {
      const clock = new FakeClock(NOON)
      return { clock, recording: new CandleRecorder({ save, holds, clock, log: readableLog().log }) }
    }

    it('are recorded by the minute, the hour and the day, of every instrument, to the last digit', async () => {
      const { recording, clock } = recorder()
      const prices = ['100', '0.0000000123', '99999999999999999999.999999999999999999', '50']
      for (const [index, price] of prices.entries())
        recording.record(quoteOf({ symbol: 'ETH-USD', price, at: NOON + index * 1_000 + 0.5 }))
      recording.record(quoteOf({ symbol: 'ETH-USD', price: '51', at: NOON + MINUTE }))
      recording.record(quoteOf({ symbol: 'UNKNOWN-USD', price: '51', at: NOON }))
      await recording.flush()
      const first = [NOON, '100', prices[2], prices[1], '50']
      expect(await kept('ETH-USD')).to.deep.equal([first, [NOON + MINUTE, '51', '51', '51', '51']])
      recording.record(quoteOf({ symbol: 'ETH-USD', price: '49', at: NOON + MINUTE + 1 }))
      recording.record(quoteOf({ symbol: 'ETH-USD', price: '60', at: NOON + MINUTE + 2 }))
      recording.record(quoteOf({ symbol: 'ETH-USD', price: '61', at: NOON + HOUR }))
      await recording.stop()
      expect((await kept('ETH-USD')).slice(0, 2)).to.deep.equal([
        first,
        [NOON + MINUTE, '51', '60', '49', '60'],
      ])
      expect(await kept('ETH-USD', '1h')).to.deep.equal([
        [NOON, '100', prices[2], prices[1], '60'],
        [NOON + HOUR, '61', '61', '61', '61'],
      ])
      const midnight = NOON - 12 * HOUR
      expect(await kept('ETH-USD', '1d')).to.deep.equal([[midnight, '100', prices[2], prices[1], '61']])
      expect(clock.pending).to.equal(0)
    })

    it('are kept when they cannot be written, and written whole later', async () => {
      let broken = true
      const { recording } = recorder(async (candles) => {
        if (broken) throw new Error('away')
        await write(candles)
      })
      for (const [at, price] of ['10', '30'].entries())
        recording.record(quoteOf({ symbol: 'SOL-USD', price, at: NOON + at }))
      await recording.flush()
      for (const [at, price] of ['5', '20'].entries())
        recording.record(quoteOf({ symbol: 'SOL-USD', price, at: NOON + 2 + at }))
      await recording.flush()
      expect(await kept('SOL-USD')).to.deep.equal([])
      broken = false
      await recording.stop()
      const whole = ['10', '30', '5', '20']
      expect(await kept('SOL-USD')).to.deep.equal([[NOON, ...whole]])
      expect(await kept('SOL-USD', '1d')).to.deep.equal([[NOON - 12 * HOUR, ...whole]])
    })

    it('of a share make the day of its exchange', async () => {
      const { recording } = recorder()
      // A minute before midnight in New York, and midnight in Jakarta.
      recording.record(quoteOf({ symbol: 'AAPL', price: '10', at: Date.UTC(2026, 2, 11, 3, 59) }))
      recording.record(quoteOf({ symbol: 'BBCA.JK', price: '10', at: Date.UTC(2026, 2, 10, 17) }))
      await recording.stop()
      expect((await kept('AAPL', '1d')).map(([at]) => at)).to.deep.equal([Date.UTC(2026, 2, 10)])
      expect((await kept('BBCA.JK', '1d')).map(([at]) => at)).to.deep.equal([Date.UTC(2026, 2, 11)])
    })

    it('take of a source’s word what was not recorded, and the edges of what was recorded in part', async () => {
      const symbol = 'GAP-USD'
      const candle = (at: number, [open, high, low, close]: readonly string[]) => ({
        ...{ symbol, interval: '1m' as const, at, source: 'coinbase', state: 'live' },
        ...{ open: parseFixed(open ?? ''), high: parseFixed(high ?? '') },
        ...{ low: parseFixed(low ?? ''), close: parseFixed(close ?? '') },
      })
      const recorded = ['10', '12', '9', '11']
      await write([0, 1, 3].map((minute) => candle(NOON + minute * MINUTE, recorded)))
      const told = [0, 1, 2, 3].map((minute) => candle(NOON + minute * MINUTE, ['9.5', '13', '8', '8.5']))
      const gap = { cutAt: NOON + MINUTE, lateAt: NOON + 3 * MINUTE }
      await db.asSystem((tx) => priceStore.fillCandles(tx, told, gap))
      expect(await kept(symbol)).to.deep.equal([
        [NOON, '10', '13', '8', '11'],
        [NOON + MINUTE, '10', '13', '8', '8.5'],
        [NOON + 2 * MINUTE, '9.5', '13', '8', '8.5'],
        [NOON + 3 * MINUTE, '9.5', '13', '8', '11'],
      ])
    })

    it('close a day in every zone at its own midnight', async () => {
      const writeClose = (at: number, price: string) => write([flat('BTC-USD', '1m', at, price)])
      const midnights = {
        'Pacific/Kiritimati': Date.UTC(2026, 2, 10, 10),
        'Asia/Jakarta': Date.UTC(2026, 2, 9, 17),
        UTC: Date.UTC(2026, 2, 10),
        'Pacific/Honolulu': Date.UTC(2026, 2, 10, 10),
      }
      let price = 1
      for (const at of [...new Set(Object.values(midnights))].sort((a, b) => a - b)) {
        await writeClose(at - MINUTE, String(price))
        await writeClose(at, String(price + 100))
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
      await write([flat('EUR-USD', '1m', midnight - MINUTE, '1.1')])
      expect(await close(dayStarts, midnight + 20_000)).to.equal(parseFixed('1.1'))
      expect(await close(dayStarts, midnight + 60_000)).to.equal(parseFixed('1.1'))
      await write([flat('EUR-USD', '1m', midnight - MINUTE, '1.2')])
      expect(await close(dayStarts, midnight + 120_000)).to.equal(parseFixed('1.1'))
    })

    it('are read again some minutes later, as the past may have been read from a source by then', async () => {
      const midnight = Date.UTC(2026, 3, 20)
      const dayStarts = new DayStarts({ db, pairs: () => [] })
      const close = async (minute: number) =>
        (await dayStarts.load('UTC', midnight + minute * MINUTE, ['EUR-USD'])).price('EUR-USD')
      expect(await close(60)).to.equal(null)
      await write([flat('EUR-USD', '1m', midnight - 3 * HOUR, '1.1')])
      expect(await close(60.5)).to.equal(null)
      expect(await close(61)).to.equal(parseFixed('1.1'))
      await write([flat('EUR-USD', '1m', midnight - MINUTE, '1.2')])
      expect(await close(65)).to.equal(parseFixed('1.1'))
      expect(await close(71)).to.equal(parseFixed('1.2'))
    })

    it('close a day by its daily candle where no minute of it was kept', async () => {
      const day = (date: number) => Date.UTC(2026, 4, date)
      await write([
        flat('USDT-USD', '1m', day(11) + HOUR, '0.91'),
        flat('USDT-USD', '1m', day(13) + 2 * HOUR, '0.94'),
        flat('USDT-USD', '1d', day(12), '0.92'),
        flat('USDT-USD', '1d', day(13), '0.93'),
        ...['AAPL', 'BBCA.JK'].flatMap((symbol) =>
          [12, 13, 14].map((date) => flat(symbol, '1d', day(date), String(date))),
        ),
      ])
      const start = async (zone: string, at: number) => {
        const read = await new DayStarts({ db, pairs: () => ['USDT-USD'] }).load(zone, at, [
          'AAPL',
          'BBCA.JK',
        ])
        return [read.price('AAPL'), read.price('BBCA.JK'), read.rate('USDT', 'USD')].map((price) =>
          price === null ? null : formatFixed(price),
        )
      }
      // At midnight in Jakarta New York trades and UTC's day is under way.
      expect(await start('Asia/Jakarta', day(13) + 20 * HOUR)).to.deep.equal(['12', '13', '0.94'])
      expect(await start('UTC', day(14) + HOUR)).to.deep.equal(['13', '13', '0.93'])
      expect(await start('UTC', day(13) + HOUR)).to.deep.equal(['12', '12', '0.92'])
      expect(await start('UTC', day(12) + HOUR)).to.deep.equal([null, null, '0.91'])
      expect(await start('UTC', day(24) + HOUR)).to.deep.equal([null, null, null])
    })

    it('of a pair that was closed days before a daily fix stand behind it', async () => {
      await write([flat('AUD-USD', '1m', Date.UTC(2026, 5, 8, 12), '0.5')])
      const rate = async (date: number) =>
        (
          await new DayStarts({ db, pairs: () => [] }).load('UTC', Date.UTC(2026, 5, date, 1), ['AUD-USD'])
        ).rate('AUD', 'USD')
      const fix = { base: 'AUD', quote: 'USD', rate: '0.7', source: 'ecb' }
      await db.asSystem((tx) => priceStore.saveRates(tx, [{ ...fix, date: '2026-06-08' }]))
      expect(await rate(9)).to.equal(parseFixed('0.5'))
      expect(await rate(12)).to.equal(parseFixed('0.7'))
      await db.asSystem((tx) => tx.exchangeRate.deleteMany({ where: { base: 'AUD' } }))
      expect(await rate(12)).to.equal(parseFixed('0.5'))
      expect(await rate(16)).to.equal(null)
    })

    it('turn daily fixes into rates, where no live pair was closed, a week at most', async () => {
      const fix = (base: string, quote: string, date: string, rate: string) =>
        db.asSystem((tx) => priceStore.saveRates(tx, [{ base, quote, date, rate, source: 'ecb' }]))
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

    it('are removed when they are old, days never', async () => {
      const at = (interval: Interval, age: number) => flat('SOL-USD', interval, NOON - age, '1')
      await write([at('1m', 8 * 24 * HOUR), at('1h', 8 * 24 * HOUR), at('1h', 91 * 24 * HOUR)])
      await write([at('1d', 9_000 * 24 * HOUR)])
      await removeOldCandles(db, NOON)
      expect((await kept('SOL-USD')).map(([at]) => at)).to.deep.equal([NOON])
      expect((await kept('SOL-USD', '1h')).map(([at]) => at)).to.deep.equal([NOON - 8 * 24 * HOUR, NOON])
      expect((await kept('SOL-USD', '1d')).map(([at]) => at)).to.deep.include(NOON - 9_000 * 24 * HOUR)
    })
  })
}

/** A candle of one price. */
function flat(symbol: string, interval: Interval, at: number, price: string): Candle {
  const close = parseFixed(price)
  return { symbol, interval, at, open: close, high: close, low: close, close, source: 'x', state: 'live' }
}
