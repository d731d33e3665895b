import { expect } from 'chai'
import { gemini } from '../../../src/feeds/venues/gemini.js'
import { plainDecimal } from '../../../src/lib/decimal.js'
import { recordedFrames, withoutFrames } from '../../support/exchange-frames.js'
import { expectSaneTick, expectUnbreakable, ticksIn } from '../../support/exchange-readings.js'

const TRADE =
  '{"E":1783981139947514400,"s":"btcusd","t":2840140956529623,"p":"64012.500","q":"0.00121425","m":true}'
const ARCHIVED =
  '{"type":"trade","symbol":"BTCUSD","event_id":3575573053,"timestamp":1560976400428,"price":"9004.21000000",' +
  '"quantity":"0.09110000","side":"buy","tid":2840140800042677}'
const UPDATES = `{"type":"l2_updates","symbol":"BTCUSD","changes":[["buy","9122.04","0.1"]],"trades":[${ARCHIVED}]}`

describe('gemini', () => {
  it('names pairs that it quotes, and no others', () => {
    expect(gemini.symbol({ base: 'BTC', quote: 'USD' })).to.equal('BTCUSD')
    expect(gemini.symbol({ base: 'BTC', quote: 'IDR' })).to.equal(null)
    expect(gemini.symbol({ base: 'EUR', quote: 'USD' })).to.equal(null)
    expect(gemini.url()).to.equal('wss://ws.gemini.com')
    expect(gemini.url('ws://127.0.0.1:5/')).to.equal('ws://127.0.0.1:5')
  })

  it('asks for trades in lower case', () => {
    expect(JSON.parse(gemini.subscribe(['BTCUSD', 'ETHUSD'], 3))).to.deep.equal({
      id: 3,
      method: 'subscribe',
      params: ['btcusd@trade', 'ethusd@trade'],
    })
    expect(JSON.parse(gemini.unsubscribe(['BTCUSD'], 4) ?? '').method).to.equal('unsubscribe')
  })

  it('reads trades with an id and nanoseconds from the digits that were sent', () => {
    const tick = { symbol: 'BTCUSD', price: '64012.5', at: 1783981139947.5144, order: 2840140956529623 }
    expect(gemini.read(TRADE)).to.deep.equal({ kind: 'ticks', ticks: [tick], faults: [] })
    expect(ticksIn(gemini.read(TRADE.replace('{', '{"e":"trade",')))).to.deep.equal([tick])
    const later = TRADE.replace('947514400', '947514999')
    expect(ticksIn(gemini.read(later))[0]?.at, 'within one microsecond').to.be.above(tick.at)
    const vast = TRADE.replace('2840140956529623', '2001939623936278528')
    expect(ticksIn(gemini.read(vast))[0]?.order, 'which no number holds exactly').to.equal(null)
  })

  it('reads trades of the archived socket, those of the initial book included', () => {
    const tick = { symbol: 'BTCUSD', price: '9004.21', at: 1560976400428, order: 2840140800042677 }
    expect(ticksIn(gemini.read(ARCHIVED))).to.deep.equal([tick])
    expect(ticksIn(gemini.read(UPDATES))).to.deep.equal([tick])
    const half = UPDATES.replace(ARCHIVED, `${ARCHIVED},{"symbol":"BTCUSD","price":"0"},5`)
    expect(gemini.read(half)).to.deep.equal({
      kind: 'ticks',
      ticks: [tick],
      faults: ['price-zero', 'symbol-missing'],
    })
  })

  it('says what is wrong with a price or a time', () => {
    const reasons: [string, string][] = [
      [TRADE.replace('64012.500', '0.000'), 'price-zero'],
      [TRADE.replace('64012.500', '-1'), 'price-negative'],
      [TRADE.replace('"64012.500"', '64012.5'), 'price-not-a-number'],
      [TRADE.replace('"p":"64012.500",', ''), 'price-missing'],
      [TRADE.replace('"s":"btcusd",', ''), 'symbol-missing'],
      [TRADE.replace('"E":1783981139947514400,', ''), 'time-missing'],
      [TRADE.replace('1783981139947514400', '1783981139947'), 'time-out-of-range'],
      [ARCHIVED.replace('1560976400428', '151231241'), 'time-out-of-range'],
    ]
    for (const [frame, reason] of reasons) {
      expect(gemini.read(frame), frame).to.deep.equal({ kind: 'malformed', reason })
    }
  })

  it('reads answers to requests, of which one bad stream fails all', () => {
    expect(gemini.read('{"id":3,"status":200}')).to.deep.equal({ kind: 'acknowledged', symbols: null, id: 3 })
    const reason = 'Invalid stream name: nosuch@trade'
    const error = (status: number, code: number) =>
      gemini.read(`{"id":4,"status":${status},"error":{"code":${code},"msg":"${reason}"}}`)
    expect(error(400, -1013)).to.deep.equal({ kind: 'refused', symbols: null, id: 4, reason })
    expect(error(429, -1003).kind).to.equal('throttled')
    expect(gemini.read('{"result":"error","reason":"NoValidTradingPairs"}')).to.deep.equal({
      kind: 'refused',
      symbols: null,
      id: null,
      reason: 'NoValidTradingPairs',
    })
  })

  it('tells heartbeats from books and other events', () => {
    const kinds: [string, string][] = [
      ['{"type":"heartbeat","timestamp":1789456747150}', 'heartbeat'],
      [
        '{"u":1751505576085,"E":1751508438600117161,"s":"btcusd","b":"45000.50","B":"1","a":"45001.00","A":"1"}',
        'ignored',
      ],
      ['{"e":"depthUpdate","E":1751508260659505382,"s":"btcusd","U":1,"u":2,"b":[],"a":[]}', 'ignored'],
      ['{"lastUpdateId":12345678,"bids":[["1","2"]],"asks":[]}', 'ignored'],
      ['{"e":"markPrice","E":1789456746446652397,"s":"btcgusdperp","p":"77303.727","i":"1"}', 'ignored'],
      ['{"e":"orderUpdate","s":"btcusd","p":"1","t":5,"status":"OPEN"}', 'ignored'],
      ['{"type":"l2_updates","symbol":"BTCUSD","changes":[["sell","9160.20","0"]]}', 'ignored'],
      ['{"type":"candles_1m_updates","symbol":"BTCUSD","changes":[]}', 'ignored'],
      ['{"id":7,"status":200,"rateLimits":[]}', 'acknowledged'],
      ['{}', 'ignored'],
      ['<html>', 'malformed'],
    ]
    for (const [frame, kind] of kinds) expect(gemini.read(frame).kind, frame).to.equal(kind)
  })

  it('never throws and never gives a bad price, whatever it is sent', () => {
    expectUnbreakable(gemini, [TRADE, ARCHIVED, UPDATES, '{"id":4,"status":400,"error":{"msg":"x"}}'])
  })

  it(`gives each recorded frame exactly its ticks${withoutFrames('gemini')}`, async function () {
    const frames = await recordedFrames('gemini')
    if (frames.length === 0) this.skip()
    let priced = 0
    for (const frame of frames) {
      const told = ticksIn(gemini.read(frame))
      told.forEach(expectSaneTick)
      const expected = archivedTrades(frame)
      // Trades of the new socket name no event; `p` and `t` are the only sign of them.
      if (expected === null) expect(told.length, frame.slice(0, 200)).to.be.below(2)
      else {
        expect(
          told.map(({ symbol, price, at }) => [symbol, price, at]),
          frame.slice(0, 200),
        ).to.deep.equal(expected)
      }
      priced += told.length
    }
    expect(priced).to.be.above(0)
  })
})

/** [symbol, price, time] of each trade in a frame of the archived socket; null for other frames. */
function archivedTrades(frame: string): unknown[] | null {
  const message = frame.startsWith('{') ? JSON.parse(frame) : {}
  if (message.type === undefined) return null
  const trades = message.type === 'trade' ? [message] : message.type === 'l2_updates' ? message.trades : []
  return (trades ?? []).map((trade: Record<string, unknown>) => [
    trade.symbol,
    plainDecimal(String(trade.price)),
    trade.timestamp,
  ])
}
