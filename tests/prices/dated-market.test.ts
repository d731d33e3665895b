import { expect } from 'chai'
import type { Database } from '../../src/database/database.js'
import { instrumentStore } from '../../src/instruments/store.js'
import { addDays } from '../../src/lib/calendar.js'
import { type Fixed, formatFixed, parseFixed } from '../../src/lib/decimal.js'
import type { Candle } from '../../src/prices/candle.js'
import type { DatedAsk } from '../../src/prices/dated.js'
import { DatedMarkets } from '../../src/prices/dated-market.js'
import { priceStore } from '../../src/prices/store.js'
import { databaseKinds, openTestDatabase } from '../support/database.js'

const NOW = Date.UTC(2026, 4, 20, 12)
const text = (value: Fixed | null | undefined) => (value == null ? value : formatFixed(value))

for (const kind of databaseKinds()) {
  describe(`prices and rates of calendar dates (${kind})`, function () {
    this.timeout(30_000)
    let db: Database
    let now = NOW
    const live = {
      price: (symbol: string) =>
        symbol === 'BTC-USD' ? { amount: parseFixed('70000'), currency: 'USD' } : undefined,
      rate: (from: string, to: string) => (from === 'EUR' && to === 'USD' ? parseFixed('1.2') : null),
    }
    const markets = () => new DatedMarkets({ now: () => now, live })
    const ask = (changes: Partial<DatedAsk> = {}): DatedAsk => ({
      symbols: ['BTC-USD', 'ADRO.JK'],
      currencies: ['EUR', 'USD', 'IDR', 'BTC'],
      from: '2026-01-01',
      to: '2026-05-20',
      ...changes,
    })
    const load = (from: DatedMarkets, asked: DatedAsk = ask()) => db.asSystem((tx) => from.load(tx, asked))
    const day = (symbol: string, date: string, close: string): Candle => {
      const amount = parseFixed(close)
      const at = Date.parse(`${date}T00:00:00Z`)
      const prices = { open: amount, high: amount, low: amount, close: amount }
      return { symbol, interval: '1d', at, ...prices, source: 'test', state: 'delayed' }
    }
    const fix = (base: string, quote: string, date: string, rate: string, source = 'ecb') =>
      ({ base, quote, date, rate, source }) as const

    before(async () => {
      db = await openTestDatabase(kind)
      await db.asSystem(async (tx) => {
        for (const [symbol, currency] of [
          ['BTC-USD', 'USD'],
          ['ADRO.JK', 'IDR'],
        ] as const)
          await instrumentStore.ensure(tx, { symbol, kind: 'CRYPTO', name: symbol, currency, mic: null })
        await priceStore.upsertCandles(tx, [
          day('BTC-USD', '2026-03-01', '60000'),
          day('BTC-USD', '2026-03-02', '61000.5'),
          day('ADRO.JK', '2026-03-06', '2500'),
        ])
        await priceStore.saveRates(tx, [
          fix('EUR', 'USD', '2026-03-06', '1.08'),
          fix('EUR', 'USD', '2026-03-06', '9', 'frankfurter'),
          fix('EUR', 'IDR', '2026-03-06', '17280'),
        ])
      })
    })
    after(() => db?.close())
    beforeEach(() => {
      now = NOW
    })

    it('are those of the day, or of the nearest one before it, seven days back at most', async () => {
      const market = await load(markets())
      expect(market.close('BTC-USD', '2026-03-01')).to.deep.equal({
        amount: parseFixed('60000'),
        currency: 'USD',
        date: '2026-03-01',
      })
      expect(text(market.close('ADRO.JK', '2026-03-08')?.amount)).to.equal('2500')
      expect(text(market.close('ADRO.JK', '2026-03-13')?.amount)).to.equal('2500')
      expect(market.close('ADRO.JK', '2026-03-14')).to.equal(null)
      expect(market.close('ADRO.JK', '2026-03-05')).to.equal(null)
      expect(market.close('NOBODY-USD', '2026-03-05')).to.equal(null)
      expect(text(market.rate('EUR', 'USD', '2026-03-10'))).to.equal('1.08')
      expect(market.rate('EUR', 'USD', '2026-03-14')).to.equal(null)
      expect(market.rate('EUR', 'USD', '2026-03-05')).to.equal(null)
    })

    it('lead over other currencies, by the first source, and from coins over their own pairs', async () => {
      const market = await load(markets())
      expect(text(market.rate('USD', 'IDR', '2026-03-06'))).to.match(/^16000\.0{14}/)
      expect(text(market.rate('BTC', 'USD', '2026-03-02'))).to.equal('61000.5')
      expect(text(market.rate('USD', 'USD', '1990-01-01'))).to.equal('1')
    })

    it('are as they are now for the date that is under way where the question comes from', async () => {
      const market = await load(markets())
      expect(text(market.close('BTC-USD', '2026-05-20')?.amount)).to.equal('70000')
      expect(market.close('BTC-USD', '2026-05-19')).to.equal(null)
      expect(text(market.rate('EUR', 'USD', '2026-05-20'))).to.equal('1.2')
      const west = await load(markets(), ask({ today: '2026-05-19' }))
      expect(text(west.close('BTC-USD', '2026-05-19')?.amount)).to.equal('70000')
    })

    it('show what is written later: today soon, the past as soon as it was filled in', async () => {
      const kept = markets()
      await load(kept)
      await db.asSystem(async (tx) => {
        await priceStore.upsertCandles(tx, [
          day('ADRO.JK', '2026-05-19', '2700'),
          day('ADRO.JK', '2026-02-10', '2100'),
        ])
      })
      const at = async (date: string) => text((await load(kept)).close('ADRO.JK', date)?.amount)
      expect(await at('2026-05-19')).to.equal(undefined)
      now += 31_000
      expect(await at('2026-05-19')).to.equal('2700')
      expect(await at('2026-02-10')).to.equal(undefined)
      await db.asSystem((tx) => priceStore.pastWasRead(tx, 'ADRO.JK', now))
      now += 31_000
      expect(await at('2026-02-10')).to.equal('2100')
    })

    it('go as far back as each of two questions that come at the same time', async () => {
      const kept = markets()
      const asks = [ask(), ask({ from: '2026-05-01' })]
      const answers = await db.asSystem((tx) => Promise.all(asks.map((one) => kept.load(tx, one))))
      expect(text(answers[0]?.close('BTC-USD', '2026-03-01')?.amount)).to.equal('60000')
      const again = await db.asSystem((tx) => Promise.all(asks.toReversed().map((one) => kept.load(tx, one))))
      expect(text(again[1]?.close('BTC-USD', '2026-03-01')?.amount)).to.equal('60000')
    })

    it('are all there for a question about more of them than are kept', async () => {
      const letters = [...'ABCDEFGH']
      const others = letters.flatMap((a) => letters.map((b) => `X${a}${b}`))
      const market = await load(markets(), ask({ currencies: ['EUR', 'USD', ...others] }))
      expect(text(market.rate('EUR', 'USD', '2026-03-06'))).to.equal('1.08')
    })

    it('go further back for whoever asks for it', async () => {
      const kept = markets()
      const late = await load(kept, ask({ from: '2026-03-20' }))
      expect(late.close('BTC-USD', addDays('2026-03-20', -12))).to.equal(null)
      expect(text((await load(kept)).close('BTC-USD', '2026-03-01')?.amount)).to.equal('60000')
    })
  })
}
