import { expect } from 'chai'
import type { Reading } from '../../../src/feeds/venue.js'
import { kraken } from '../../../src/feeds/venues/kraken.js'
import { plainDecimal } from '../../../src/lib/decimal.js'
import { FEEDS, recordedLines, WITHOUT_FEEDS } from '../../support/exchange-frames.js'
import { expectSaneTick, expectUnbreakable } from '../../support/exchange-readings.js'

const TIME = '"2026-07-10T00:00:00.023456Z"'
const AT = Date.UTC(2026, 6, 10) + 23.456

function ticker(entry: string): string {
  return `{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD",${entry}}]}`
}

function answer(fields: string): Reading {
  return kraken.read(`{"method":"subscribe","req_id":42,${fields}}`)
}

describe('kraken', () => {
  it('names pairs that it quotes, and no others', () => {
    expect(kraken.symbol({ base: 'DOGE', quote: 'USD' })).to.equal('DOGE/USD')
    expect(kraken.symbol({ base: 'EUR', quote: 'USD' })).to.equal('EUR/USD')
    expect(kraken.symbol({ base: 'USD', quote: 'IDR' })).to.equal(null)
    expect(kraken.url()).to.equal('wss://ws.kraken.com/v2')
    expect(kraken.url('ws://127.0.0.1:5')).to.equal('ws://127.0.0.1:5/v2')
  })

  it('asks for tickers on trades', () => {
    expect(JSON.parse(kraken.subscribe(['BTC/USD'], 9))).to.deep.equal({
      method: 'subscribe',
      params: { channel: 'ticker', symbol: ['BTC/USD'], event_trigger: 'trades', snapshot: true },
      req_id: 9,
    })
    expect(JSON.parse(kraken.unsubscribe(['BTC/USD'], 9) ?? '').method).to.equal('unsubscribe')
  })

  it('reads prices from the digits that were sent', () => {
    const exact: [string, string][] = [
      ['105899.40', '105899.4'],
      ['0.10000000', '0.1'],
      ['2.276e-05', '0.00002276'],
      ['1.5E+3', '1500'],
      ['12345678901234567890', '12345678901234567890'],
      ['0.000000000000000001', '0.000000000000000001'],
    ]
    for (const [sent, price] of exact) {
      const tick = { symbol: 'BTC/USD', price, at: AT, order: null }
      const reading = kraken.read(ticker(`"last":${sent},"timestamp":${TIME}`))
      expect(reading, sent).to.deep.equal({ kind: 'ticks', ticks: [tick], faults: [] })
    }
  })

  it('leaves the time open where a ticker has none, and takes trades with their id', () => {
    const stamped = kraken.read(ticker('"last":5'))
    expect(stamped.kind === 'ticks' && stamped.ticks[0]?.at).to.equal(null)
    const trades = `{"channel":"trade","data":[{"symbol":"BTC/USD","price":7.0,"trade_id":12,"timestamp":${TIME}}]}`
    expect(kraken.read(trades)).to.deep.equal({
      kind: 'ticks',
      ticks: [{ symbol: 'BTC/USD', price: '7', at: AT, order: 12 }],
      faults: [],
    })
    expect(kraken.read(trades.replace(`,"timestamp":${TIME}`, ''))).to.deep.equal({
      kind: 'malformed',
      reason: 'time-missing',
    })
  })

  it('takes the ticker of a dead token for no price', () => {
    const dead = ticker('"bid":0,"ask":0,"timestamp":"1970-01-01T00:00:00.000000Z"')
    expect(kraken.read(dead)).to.deep.equal({ kind: 'malformed', reason: 'price-missing' })
    const reasons: [string, string][] = [
      ['"last":0', 'price-zero'],
      ['"last":0e5', 'price-zero'],
      ['"last":-1', 'price-negative'],
      ['"last":"5"', 'price-not-a-number'],
      ['"last":1e30', 'price-out-of-range'],
      ['"last":1e-19', 'price-out-of-range'],
      ['"last":5,"timestamp":"1970-01-01T00:00:00.000000Z"', 'time-out-of-range'],
    ]
    for (const [entry, reason] of reasons) {
      expect(kraken.read(ticker(entry)), entry).to.deep.equal({ kind: 'malformed', reason })
    }
  })

  it('reads acknowledgements and refusals symbol by symbol', () => {
    expect(answer('"result":{"channel":"ticker","symbol":"BTC/USD"},"success":true')).to.deep.equal({
      kind: 'acknowledged',
      symbols: ['BTC/USD'],
      id: 42,
    })
    const reason = 'Currency pair not supported RATE/USD'
    expect(answer(`"error":"${reason}","success":false,"symbol":"RATE/USD"`)).to.deep.equal({
      kind: 'refused',
      symbols: ['RATE/USD'],
      id: 42,
      reason,
    })
    expect(answer('"error":"Already subscribed","success":false,"symbol":"BTC/USD"').kind).to.equal(
      'acknowledged',
    )
    expect(answer('"error":"Unsupported event","success":false').kind).to.equal('refused')
    expect(kraken.read('{"Error":"Exceeded msg rate"}').kind).to.equal('throttled')
  })

  it('tells heartbeats from the ends that are announced', () => {
    const status = (system: string) =>
      kraken.read(`{"channel":"status","data":[{"system":"${system}","connection_id":15564437896659189083}]}`)
    expect(kraken.read('{"channel":"heartbeat"}').kind).to.equal('heartbeat')
    expect(kraken.read('{"method":"pong","req_id":1}').kind).to.equal('heartbeat')
    expect(status('online').kind).to.equal('heartbeat')
    expect(status('maintenance').kind).to.equal('ending')
    expect(kraken.read('CloudFlare WebSocket proxy restarting').kind).to.equal('ending')
  })

  it('never throws and never gives a bad price, whatever it is sent', () => {
    const trade = `{"channel":"trade","data":[{"symbol":"BTC/USD","price":7.5,"trade_id":1,"timestamp":${TIME}}]}`
    expectUnbreakable(kraken, [ticker(`"last":105899.40,"timestamp":${TIME}`), ticker('"last":5'), trade])
  })

  it(`gives each recorded frame its reading${WITHOUT_FEEDS}`, function () {
    if (!FEEDS) this.skip()
    let priced = 0
    for (const { file, frame, label } of recordedLines('kraken-v2')) {
      const reading = kraken.read(frame)
      const texts = [...frame.matchAll(/"(?:last|price)":([^,}]+)/g)].map((match) =>
        plainDecimal(match[1] ?? ''),
      )
      const isPriced = /^\{"channel":"(ticker|trade)"/.test(frame) && texts.length > 0
      if (isPriced) {
        const ticks = reading.kind === 'ticks' ? reading.ticks : []
        ticks.forEach(expectSaneTick)
        expect(
          ticks.map((tick) => tick.price),
          file,
        ).to.deep.equal(texts)
        priced += ticks.length
      } else expect(reading.kind, `${file} ${label?.channel}`).to.equal(otherKind(frame))
    }
    expect(priced).to.be.above(8)
  })
})

/** What a recorded frame without a last price is, by what it says of itself. */
function otherKind(frame: string): Reading['kind'] {
  if (/"method":"pong"|"channel":"(heartbeat|status)"/.test(frame)) return 'heartbeat'
  if (frame.includes('"success":false')) return 'refused'
  if (frame.includes('"success":true')) return frame.includes('"symbol"') ? 'acknowledged' : 'ignored'
  return frame.includes('"channel":"ticker"') ? 'malformed' : 'ignored'
}
