import { expect } from 'chai'
import { coinbase } from '../../../src/feeds/venues/coinbase.js'
import { demo } from '../../../src/feeds/venues/demo.js'
import { plainDecimal } from '../../../src/lib/decimal.js'
import { FEEDS, recordedLines, WITHOUT_FEEDS } from '../../support/exchange-frames.js'
import { expectSaneTick, expectUnbreakable } from '../../support/exchange-readings.js'

const TICKER =
  '{"type":"ticker","sequence":134905859981,"product_id":"BTC-USD","price":"80691.50","best_bid":"1","side":"buy",' +
  '"time":"2026-08-25T03:35:57.096368Z","trade_id":1081862674,"last_size":"0.1"}'

function ticker(fields: Record<string, unknown>): string {
  return JSON.stringify({ ...JSON.parse(TICKER), ...fields })
}

describe('coinbase', () => {
  it('names pairs that it quotes, and no others', () => {
    expect(coinbase.symbol({ base: 'BTC', quote: 'USD' })).to.equal('BTC-USD')
    expect(coinbase.symbol({ base: 'BTC', quote: 'IDR' })).to.equal(null)
    expect(coinbase.symbol({ base: 'EUR', quote: 'USD' })).to.equal(null)
    expect(demo.symbol({ base: 'USD', quote: 'IDR' })).to.equal('USD-IDR')
  })

  it('asks for tickers and heartbeats', () => {
    expect(JSON.parse(coinbase.subscribe(['BTC-USD'], 1))).to.deep.equal({
      type: 'subscribe',
      product_ids: ['BTC-USD'],
      channels: ['ticker', 'heartbeat'],
    })
    expect(JSON.parse(coinbase.unsubscribe(['BTC-USD'], 2) ?? '').type).to.equal('unsubscribe')
    expect(coinbase.url('ws://127.0.0.1:9/')).to.equal('ws://127.0.0.1:9')
  })

  it('reads tickers and matches with their sequence and the microseconds of their time', () => {
    const at = Date.UTC(2026, 7, 25, 3, 35, 57) + 96.368
    const tick = { symbol: 'BTC-USD', price: '80691.5', at, order: 134905859981 }
    for (const type of ['ticker', 'match', 'last_match']) {
      expect(coinbase.read(ticker({ type }))).to.deep.equal({ kind: 'ticks', ticks: [tick], faults: [] })
    }
  })

  it('reads heartbeats, acknowledgements of the whole set, and refusals that name no product', () => {
    expect(coinbase.read('{"type":"heartbeat","sequence":90,"product_id":"BTC-USD"}').kind).to.equal(
      'heartbeat',
    )
    const channels =
      '[{"name":"level2","product_ids":["X-USD"]},{"name":"ticker","product_ids":["BTC-USD","ETH-USD"]},' +
      '{"name":"matches","product_ids":["BTC-USD"]}]'
    expect(coinbase.read(`{"type":"subscriptions","channels":${channels}}`)).to.deep.equal({
      kind: 'acknowledged',
      symbols: ['BTC-USD', 'ETH-USD'],
      id: null,
    })
    expect(
      coinbase.read('{"type":"error","message":"Failed","reason":"XYZ-USD is not a valid product"}'),
    ).to.deep.equal({
      kind: 'refused',
      symbols: null,
      id: null,
      reason: 'Failed: XYZ-USD is not a valid product',
    })
  })

  it('says what is wrong with a price or a time', () => {
    const reasons: [Record<string, unknown>, string][] = [
      [{ price: '0' }, 'price-zero'],
      [{ price: '0.-10000' }, 'price-not-a-number'],
      [{ price: '2.276e-05' }, 'price-not-a-number'],
      [{ price: 80691.5 }, 'price-not-a-number'],
      [{ price: null }, 'price-missing'],
      [{ time: undefined }, 'time-missing'],
      [{ time: '0001-01-01T00:00:00.000000Z' }, 'time-out-of-range'],
      [{ time: '1970-01-01T00:00:00.000000Z' }, 'time-out-of-range'],
      [{ time: 'yesterday' }, 'time-not-an-instant'],
      [{ time: '2026-13-45T99:00:00Z' }, 'time-out-of-range'],
      [{ product_id: 7 }, 'symbol-missing'],
    ]
    for (const [fields, reason] of reasons) {
      expect(coinbase.read(ticker(fields)), JSON.stringify(fields)).to.deep.equal({
        kind: 'malformed',
        reason,
      })
    }
  })

  it('never throws and never gives a bad price, whatever it is sent', () => {
    expectUnbreakable(coinbase, [TICKER, ticker({ type: 'last_match' }), '{"type":"error","message":"x"}'])
  })

  it(`gives each recorded frame its reading${WITHOUT_FEEDS}`, function () {
    if (!FEEDS) this.skip()
    const kinds: Record<string, string> = {
      error: 'refused',
      heartbeat: 'heartbeat',
      subscriptions: 'acknowledged',
    }
    let priced = 0
    for (const { file, frame } of recordedLines('coinbase-exchange')) {
      const message = JSON.parse(frame)
      const reading = coinbase.read(frame)
      if (/^(ticker|match|last_match)$/.test(message.type)) {
        const [tick] = reading.kind === 'ticks' ? reading.ticks : []
        if (!tick) throw new Error(`${file}: no tick`)
        expectSaneTick(tick)
        priced += 1
        expect([tick.symbol, tick.price, tick.order], file).to.deep.equal([
          message.product_id,
          plainDecimal(message.price),
          message.sequence,
        ])
        expect(new Date(Math.floor(tick.at ?? 0)).toISOString().slice(0, 23)).to.equal(
          message.time.slice(0, 23),
        )
      } else expect(reading.kind, file).to.equal(kinds[message.type] ?? 'ignored')
    }
    expect(priced).to.be.above(200)
  })
})
