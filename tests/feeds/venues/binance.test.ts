import { expect } from 'chai'
import type { Reading, VenueTick } from '../../../src/feeds/venue.js'
import { binance } from '../../../src/feeds/venues/binance.js'
import { plainDecimal } from '../../../src/lib/decimal.js'
import { FEEDS, recordedLines, sessionFrames, WITHOUT_FEEDS } from '../../support/exchange-frames.js'
import { expectSaneTick, expectUnbreakable } from '../../support/exchange-readings.js'

const MINI_TICKER =
  '{"e":"24hrMiniTicker","E":1754676198909,"s":"BTCUSDT","c":"116762.50000000","o":"1","h":"1","l":"1","v":"1","q":"1"}'
const TRADE =
  '{"stream":"btcidr@trade","data":{"e":"trade","E":1754676198909123,"s":"BTCIDR","t":77,"p":"1901000000","q":"1","T":1}}'

function ticks(reading: Reading): readonly VenueTick[] {
  expect(reading.kind).to.equal('ticks')
  return reading.kind === 'ticks' ? reading.ticks : []
}

function mini(fields: Record<string, unknown>): string {
  return JSON.stringify({ ...JSON.parse(MINI_TICKER), ...fields })
}

describe('binance', () => {
  it('names pairs that it quotes, and no others', () => {
    expect(binance.symbol({ base: 'BTC', quote: 'USDT' })).to.equal('BTCUSDT')
    expect(binance.symbol({ base: 'EUR', quote: 'USDT' })).to.equal('EURUSDT')
    expect(binance.symbol({ base: 'BTC', quote: 'USD' })).to.equal(null)
    expect(binance.symbol({ base: 'USD', quote: 'IDR' })).to.equal(null)
  })

  it('has the combined stream under any base address', () => {
    expect(binance.url()).to.equal('wss://stream.binance.com:9443/stream')
    expect(binance.url('ws://127.0.0.1:80/')).to.equal('ws://127.0.0.1:80/stream')
    expect(binance.url('ws://proxy/binance/stream')).to.equal('ws://proxy/binance/stream')
  })

  it('asks for mini tickers in lower case', () => {
    expect(JSON.parse(binance.subscribe(['BTCUSDT', 'ETHUSDT'], 3))).to.deep.equal({
      method: 'SUBSCRIBE',
      params: ['btcusdt@miniTicker', 'ethusdt@miniTicker'],
      id: 3,
    })
    expect(JSON.parse(binance.unsubscribe(['BTCUSDT'], 4) ?? '').method).to.equal('UNSUBSCRIBE')
  })

  it('reads a last price raw, wrapped and in lists', () => {
    const tick = { symbol: 'BTCUSDT', price: '116762.5', at: 1754676198909, order: null }
    expect(ticks(binance.read(MINI_TICKER))).to.deep.equal([tick])
    expect(ticks(binance.read(`{"stream":"btcusdt@miniTicker","data":${MINI_TICKER}}`))).to.deep.equal([tick])
    expect(ticks(binance.read(`[${MINI_TICKER},${MINI_TICKER}]`))).to.deep.equal([tick, tick])
    const all = `{"stream":"!miniTicker@arr","data":[${MINI_TICKER},${mini({ c: '0.00000000' })},{"e":"kline"}]}`
    expect(binance.read(all)).to.deep.equal({ kind: 'ticks', ticks: [tick], faults: ['price-zero'] })
  })

  it('keeps the fraction of a time in microseconds, and the trade id', () => {
    const [tick] = ticks(binance.read(TRADE))
    expect(tick).to.deep.equal({ symbol: 'BTCIDR', price: '1901000000', at: 1754676198909.123, order: 77 })
  })

  it('reads answers, errors of both shapes and the announced end', () => {
    expect(binance.read('{"result":null,"id":1}')).to.deep.equal({
      kind: 'acknowledged',
      symbols: null,
      id: 1,
    })
    const refusal = { kind: 'refused', symbols: null, reason: 'Invalid request' }
    const wire = '{"error":{"code":2,"msg":"Invalid request"},"id":20}'
    expect(binance.read(wire)).to.deep.equal({ ...refusal, id: 20 })
    expect(binance.read('{"code":2,"msg":"Invalid request"}')).to.deep.equal({ ...refusal, id: null })
    expect(binance.read('{"error":{"code":3,"msg":"Too many requests"},"id":1}').kind).to.equal('throttled')
    expect(binance.read('{"e":"serverShutdown","E":1770123456789}').kind).to.equal('ending')
  })

  it('says what is wrong with a price or a time', () => {
    const reasons: [Record<string, unknown>, string][] = [
      [{ c: '0.000' }, 'price-zero'],
      [{ c: '-1.5' }, 'price-negative'],
      [{ c: '1e5' }, 'price-not-a-number'],
      [{ c: 'NaN' }, 'price-not-a-number'],
      [{ c: 116762.5 }, 'price-not-a-number'],
      [{ c: '' }, 'price-missing'],
      [{ c: '1'.repeat(21) }, 'price-out-of-range'],
      [{ c: '0.0000000000000000001' }, 'price-out-of-range'],
      [{ E: undefined }, 'time-missing'],
      [{ E: '1754676198909' }, 'time-not-a-number'],
      [{ E: 0 }, 'time-out-of-range'],
      [{ E: 1754676198 }, 'time-out-of-range'],
      [{ s: '' }, 'symbol-missing'],
    ]
    for (const [fields, reason] of reasons) {
      expect(binance.read(mini(fields)), JSON.stringify(fields)).to.deep.equal({ kind: 'malformed', reason })
    }
  })

  it('never throws and never gives a bad price, whatever it is sent', () => {
    expectUnbreakable(binance, [MINI_TICKER, TRADE, `[${MINI_TICKER}]`, '{"result":null,"id":1}'])
  })

  it(`gives each recorded spot frame with a last price exactly its ticks${WITHOUT_FEEDS}`, function () {
    if (!FEEDS) this.skip()
    let priced = 0
    for (const { file, frame, label } of recordedLines('binance')) {
      const reading = binance.read(frame)
      if (reading.kind === 'ticks') reading.ticks.forEach(expectSaneTick)
      if (label && label.market === 'derivatives') continue
      const expected = lastPrices(frame)
      if (expected === null) {
        expect(reading.kind, file).to.equal(frame.includes('serverShutdown') ? 'ending' : 'ignored')
      } else {
        priced += expected.length
        expect(ticks(reading).map(trimmed), file).to.deep.equal(expected)
      }
    }
    expect(priced).to.be.above(9_700)
  })

  it(`gives each frame of a recorded session exactly its tick${WITHOUT_FEEDS}`, async function () {
    if (!FEEDS) this.skip()
    const found: string[] = []
    const expected: string[] = []
    for (const frame of await sessionFrames('binance')) {
      const reading = binance.read(frame)
      if (frame.includes('"e":"trade"')) expected.push(JSON.stringify(lastPrices(frame)))
      if (reading.kind === 'ticks') found.push(JSON.stringify(reading.ticks.map(trimmed)))
      else if (reading.kind !== 'ignored') throw new Error(`${reading.kind}: ${frame}`)
    }
    expect(found).to.deep.equal(expected)
    expect(found).to.have.length.above(9_000)
  })
})

/** [symbol, price, time, order] of each entry by another road: the field that holds its last price, by event. */
function lastPrices(frame: string): unknown[] | null {
  const PRICE: Record<string, string> = {
    '24hrMiniTicker': 'c',
    '24hrTicker': 'c',
    trade: 'p',
    aggTrade: 'p',
  }
  const ORDER: Record<string, string> = { trade: 't', aggTrade: 'a' }
  const message = JSON.parse(frame)
  const entries: Record<string, unknown>[] = [message.data ?? message].flat()
  const found = entries.flatMap((entry) => {
    const field = PRICE[String(entry.e)]
    if (!field) return []
    return [
      [entry.s, plainDecimal(String(entry[field])), entry.E, entry[ORDER[String(entry.e)] ?? ''] ?? null],
    ]
  })
  return found.length > 0 ? found : null
}

function trimmed(tick: VenueTick): unknown[] {
  return [tick.symbol, tick.price, tick.at, tick.order]
}
