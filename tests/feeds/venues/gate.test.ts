import { expect } from 'chai'
import { gate } from '../../../src/feeds/venues/gate.js'
import { plainDecimal } from '../../../src/lib/decimal.js'
import { recordedFrames, withoutFrames } from '../../support/exchange-frames.js'
import { expectSaneTick, expectUnbreakable, ticksIn } from '../../support/exchange-readings.js'

const TICKER =
  '{"time":1669107766,"time_ms":1669107766406,"channel":"spot.tickers","event":"update","result":{"currency_pair":' +
  '"BTC_USDT","last":"15743.40","lowest_ask":"15744.4","highest_bid":"15743.5","change_percentage":"-1.8254"}}'
const TRADE =
  '{"time":1606292218,"time_ms":1606292218231,"channel":"spot.trades","event":"update","result":{"id":309143071,' +
  '"create_time":1606292218,"create_time_ms":"1606292218213.4578","currency_pair":"GT_USDT","price":"0.4705000000"}}'

function ticker(fields: Record<string, unknown>, envelope: Record<string, unknown> = {}): string {
  const message = JSON.parse(TICKER)
  return JSON.stringify({ ...message, ...envelope, result: { ...message.result, ...fields } })
}

function answer(fields: string): string {
  return `{"time":1,"channel":"spot.tickers",${fields}}`
}

describe('gate', () => {
  it('names pairs that it quotes, and no others', () => {
    expect(gate.symbol({ base: 'BTC', quote: 'USDT' })).to.equal('BTC_USDT')
    expect(gate.symbol({ base: 'BTC', quote: 'IDR' })).to.equal(null)
    expect(gate.symbol({ base: 'EUR', quote: 'USDT' })).to.equal(null)
    expect(gate.url()).to.equal('wss://api.gateio.ws/ws/v4/')
    expect(gate.url('ws://127.0.0.1:5')).to.equal('ws://127.0.0.1:5/ws/v4/')
  })

  it('asks for tickers with the time in seconds, and pings so too', () => {
    const asking = { now: 1_619_093_532_900, memory: new Map() }
    const request = { time: 1_619_093_532, channel: 'spot.tickers', payload: ['BTC_USDT'] }
    expect(JSON.parse(gate.subscribe(['BTC_USDT'], 3, asking))).to.deep.equal({
      ...request,
      id: 3,
      event: 'subscribe',
    })
    expect(JSON.parse(gate.unsubscribe(['BTC_USDT'], 4, asking) ?? '')).to.deep.equal({
      ...request,
      id: 4,
      event: 'unsubscribe',
    })
    expect(JSON.parse(gate.ping?.frame(1, asking.now) ?? '')).to.deep.equal({
      time: 1_619_093_532,
      channel: 'spot.ping',
    })
    expect(gate.ping?.everyMs).to.be.below(30_000)
  })

  it('reads a last price with the time of the envelope, in whole seconds where there is no better', () => {
    const tick = { symbol: 'BTC_USDT', price: '15743.4', at: 1669107766406, order: null }
    expect(gate.read(TICKER)).to.deep.equal({ kind: 'ticks', ticks: [tick], faults: [] })
    expect(ticksIn(gate.read(ticker({}, { time_ms: undefined })))).to.deep.equal([
      { ...tick, at: 1669107766000 },
    ])
  })

  it('reads trades with their id and the fraction of their time', () => {
    expect(ticksIn(gate.read(TRADE))).to.deep.equal([
      { symbol: 'GT_USDT', price: '0.4705', at: 1606292218213.4578, order: 309143071 },
    ])
    expect(ticksIn(gate.read(TRADE.replace(',"create_time_ms":"1606292218213.4578"', '')))[0]?.at).to.equal(
      1606292218000,
    )
  })

  it('says what is wrong with a price or a time', () => {
    const reasons: [string, string][] = [
      [ticker({ last: '0' }), 'price-zero'],
      [ticker({ last: '-1' }), 'price-negative'],
      [ticker({ last: 15743.4 }), 'price-not-a-number'],
      [ticker({ last: '' }), 'price-missing'],
      [ticker({ currency_pair: undefined }), 'symbol-missing'],
      [ticker({}, { time_ms: undefined, time: undefined }), 'time-missing'],
      [ticker({}, { time_ms: 'x' }), 'time-not-a-number'],
      [ticker({}, { time_ms: 1669107766 }), 'time-out-of-range'],
      ['{"time":1,"channel":"spot.tickers","event":"update","result":null}', 'data-missing'],
    ]
    for (const [frame, reason] of reasons) {
      expect(gate.read(frame), frame).to.deep.equal({ kind: 'malformed', reason })
    }
  })

  it('reads acknowledgements and refusals with the id of the request', () => {
    const acknowledged = { kind: 'acknowledged', symbols: null, id: 3 }
    const success = '"id":3,"event":"subscribe","result":{"status":"success"}'
    expect(gate.read(answer(success))).to.deep.equal(acknowledged)
    expect(gate.read(answer(`"error":null,${success}`))).to.deep.equal(acknowledged)
    const error = (code: number, message: string, event = 'subscribe') =>
      gate.read(
        answer(`"id":3,"event":"${event}","error":{"code":${code},"message":"${message}"},"result":null`),
      )
    const reason = 'unknown currency pair NOPE_USDT'
    expect(error(2, reason)).to.deep.equal({ kind: 'refused', symbols: null, id: 3, reason })
    expect(error(1, 'Invalid request body format').kind).to.equal('refused')
    expect(error(3, 'Server side error happened').kind).to.equal('throttled')
    expect(error(2, 'Too many requests').kind).to.equal('throttled')
    expect(error(2, reason, 'unsubscribe').kind).to.equal('ignored')
    expect(
      gate.read('{"time":1,"error":{"code":1,"message":"request message need json scheme"}}').kind,
    ).to.equal('refused')
  })

  it('tells heartbeats and other channels from the end that is announced', () => {
    const kinds: [string, string][] = [
      ['{"time":1545404023,"channel":"spot.pong","event":"","error":null,"result":null}', 'heartbeat'],
      [
        '{"time":1,"channel":"spot.system","event":"update","result":{"type":"upgrade","msg":"soon"}}',
        'ending',
      ],
      ['{"time":1,"channel":"spot.system","event":"update","result":{"type":"news"}}', 'ignored'],
      ['{"time":1,"channel":"spot.candlesticks","event":"update","result":{"c":"1"}}', 'ignored'],
      ['{"time":1,"channel":"futures.tickers","event":"update","result":[{"last":"1"}]}', 'ignored'],
      ['{"id":null,"method":"ticker.update","params":[]}', 'ignored'],
      ['<html>', 'malformed'],
    ]
    for (const [frame, kind] of kinds) expect(gate.read(frame).kind, frame).to.equal(kind)
  })

  it('never throws and never gives a bad price, whatever it is sent', () => {
    expectUnbreakable(gate, [TICKER, TRADE, answer('"event":"subscribe","error":{"code":2,"message":"x"}')])
  })

  it(`gives each recorded frame exactly its ticks${withoutFrames('gate')}`, async function () {
    const frames = await recordedFrames('gate')
    if (frames.length === 0) this.skip()
    let priced = 0
    for (const frame of frames) {
      const told = ticksIn(gate.read(frame))
      told.forEach(expectSaneTick)
      expect(
        told.map(({ symbol, price, at }) => [symbol, price, Math.floor((at ?? 0) / 1000)]),
        frame.slice(0, 200),
      ).to.deep.equal(pricesOf(frame))
      priced += told.length
    }
    expect(priced).to.be.above(0)
  })
})

/** [symbol, price, time in whole seconds] of a frame with a last price. */
function pricesOf(frame: string): unknown[] {
  if (!/"channel": ?"spot\.(tickers|trades|trades_v2)"/.test(frame) || !/"event": ?"update"/.test(frame))
    return []
  const { result, time, time_ms } = JSON.parse(frame)
  if (!result) return []
  const price = plainDecimal(String(result.last ?? result.price))
  const seconds = result.create_time ?? (time_ms === undefined ? time : Math.floor(time_ms / 1000))
  return price === null || price === '0' ? [] : [[result.currency_pair, price, Number(seconds)]]
}
