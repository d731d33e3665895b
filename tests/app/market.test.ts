import { expect } from 'chai'
import { createMarket } from '../../src/app/market.js'
import { Lifetime } from '../../src/lib/lifetime.js'
import { createMemoryCoordination } from '../../src/prices/coordination-memory.js'
import { createMemoryWire } from '../../src/prices/wire-memory.js'
import { HOLDER, holdAllSlots, quoteOf } from '../prices/quotes.js'
import { openTestDatabase } from '../support/database.js'
import { FakeClock } from '../support/exchange-clock.js'
import { readableLog, testConfig } from '../support/server.js'

const NOW = Date.UTC(2026, 2, 10, 12)

describe('the market of a web process', function () {
  this.timeout(60_000)
  const life = new Lifetime()
  after(() => life.close())

  it('tells the age of the newest price of each venue or two, however many pairs are reckoned over them', async () => {
    const clock = new FakeClock(NOW)
    const now = () => clock.now()
    const coordination = createMemoryCoordination({ now })
    await holdAllSlots(coordination)
    const wire = createMemoryWire({ now, coordination })
    const db = life.add(await openTestDatabase('embedded'), (open) => open.close())
    const market = await createMarket(life, {
      config: testConfig(''),
      resources: { db, wire },
      clock,
      log: readableLog().log,
      tell: { update: () => {}, snapshot: () => {}, priceMoved: () => {} },
    })
    const reckoned = ['ADA', 'SOL'].map((coin, place) =>
      quoteOf({
        symbol: `${coin}-IDR`,
        source: `binance:${coin}-USDT*indodax:USDT-IDR`,
        at: NOW - 2_000 + place * 1_000,
      }),
    )
    await wire.write([quoteOf({ at: NOW - 500 }), ...reckoned], HOLDER)
    expect(market.ages()).to.deep.equal({ coinbase: 500, 'binance*indodax': 1_000 })
  })
})
