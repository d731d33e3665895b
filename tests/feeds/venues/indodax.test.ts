import { expect } from 'chai'
import { indodax } from '../../../src/feeds/venues/indodax.js'
import { plainDecimal } from '../../../src/lib/decimal.js'
import { recordedLines, withoutFrames } from '../../support/exchange-frames.js'
import { expectSaneTick, expectUnbreakable, ticksIn } from '../../support/exchange-readings.js'

const ROW = '["dogeidr",1635134109,3810.10,3480,3980,3523,"112745093944.00000000","30241791.15270789"]'
const SUMMARY = `{"result":{"channel":"market:summary-24h","data":{"data":[${ROW}],"offset":2444948}}}`
const TICKS =
  '{"result":{"channel":"chart:tick-btcidr","data":{"data":[[1790138528,44768500,1550000000,"0.1"],' +
  '[1790138528,44768501,1550001000,"0.2"]],"offset":14792811}}}'
const TRADES =
  '{"result":{"channel":"market:trade-activity-btcidr","data":{"data":[["btcidr",1635274052,21999427,"buy",' +
  '881991000,"29740","0.00003372"]],"offset":243556}}}'
const WELCOME = '{"id":1,"result":{"client":"2622fcd6","version":"2.8.7","expires":true,"ttl":156479899}}'

function row(...cells: string[]): string {
  return SUMMARY.replace(ROW, `[${cells.join(',')}]`)
}

describe('indodax', () => {
  it('names rupiah pairs, and no others', () => {
    expect(indodax.symbol({ base: 'BTC', quote: 'IDR' })).to.equal('btcidr')
    expect(indodax.symbol({ base: 'USDT', quote: 'IDR' })).to.equal('usdtidr')
    expect(indodax.symbol({ base: 'BTC', quote: 'USDT' })).to.equal(null)
    expect(indodax.symbol({ base: 'USD', quote: 'IDR' })).to.equal(null)
    expect(indodax.url()).to.equal('wss://ws3.indodax.com/ws/')
    expect(indodax.url('ws://127.0.0.1:5')).to.equal('ws://127.0.0.1:5/ws/')
  })

  it('shows a token first, the configured one or the one that Indodax prints for everybody', () => {
    expect(JSON.parse(indodax.hello?.('mine') ?? '')).to.deep.equal({ params: { token: 'mine' }, id: 1 })
    const { token } = JSON.parse(indodax.hello?.(null) ?? '').params
    const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
    expect(new Date(claims.exp * 1000).getUTCFullYear()).to.equal(2031)
  })

  it('asks for the one channel that tells of all pairs, and drops none', () => {
    expect(JSON.parse(indodax.subscribe(['btcidr', 'ethidr'], 2))).to.deep.equal({
      method: 1,
      params: { channel: 'market:summary-24h' },
      id: 2,
    })
    expect(indodax.unsubscribe(['btcidr'], 3)).to.equal(null)
  })

  it('reads the last price of each row from the digits that were sent, ordered by the offset', () => {
    const tick = { symbol: 'dogeidr', price: '3810.1', at: 1635134109000, order: 2444948 }
    expect(indodax.read(SUMMARY)).to.deep.equal({ kind: 'ticks', ticks: [tick], faults: [] })
    const two = SUMMARY.replace(ROW, `${ROW},["usdtidr",1635134410,14124],["x",1635134410,0]`)
    const second = { symbol: 'usdtidr', price: '14124', at: 1635134410000, order: 2444948 }
    expect(indodax.read(two)).to.deep.equal({ kind: 'ticks', ticks: [tick, second], faults: ['price-zero'] })
    const exact: [string, string][] = [
      ['1550000000', '1550000000'],
      ['86930.688837', '86930.688837'],
      ['1.2e-7', '0.00000012'],
    ]
    for (const [sent, price] of exact) {
      expect(ticksIn(indodax.read(row('"a"', '1635134109', sent)))[0]?.price, sent).to.equal(price)
    }
  })

  it('reads ticks and trades of one pair, ordered by their own sequence', () => {
    const tick = { symbol: 'btcidr', price: '1550000000', at: 1790138528000, order: 44768500 }
    expect(ticksIn(indodax.read(TICKS))).to.deep.equal([
      tick,
      { ...tick, price: '1550001000', order: 44768501 },
    ])
    expect(ticksIn(indodax.read(TRADES))).to.deep.equal([
      { symbol: 'btcidr', price: '881991000', at: 1635274052000, order: 21999427 },
    ])
  })

  it('parts a frame into its messages, a line each', () => {
    const reading = indodax.read(`${SUMMARY}\n{"id":4}\nnonsense\n\n${TRADES}\n`)
    if (reading.kind !== 'several') throw new Error(reading.kind)
    expect(reading.readings.map(({ kind }) => kind)).to.deep.equal([
      'ticks',
      'heartbeat',
      'malformed',
      'ticks',
    ])
    expect(indodax.read(`${SUMMARY}\n`)).to.deep.equal(indodax.read(SUMMARY))
    expect(indodax.read('\n').kind).to.equal('malformed')
  })

  it('says what is wrong with a price or a time', () => {
    const reasons: [string, string][] = [
      [row('"a"', '1635134109', '0'), 'price-zero'],
      [row('"a"', '1635134109', '-5'), 'price-negative'],
      [row('"a"', '1635134109', 'null'), 'price-missing'],
      [row('"a"', '1635134109'), 'price-missing'],
      [row('"a"', '1635134109', '"x"'), 'price-not-a-number'],
      [row('"a"', '1635134109000', '5'), 'time-out-of-range'],
      [row('"a"', 'null', '5'), 'time-missing'],
      [row('7', '1635134109', '5'), 'symbol-missing'],
      [SUMMARY.replace(`[${ROW}]`, 'null'), 'data-missing'],
    ]
    for (const [frame, reason] of reasons) {
      expect(indodax.read(frame), frame).to.deep.equal({ kind: 'malformed', reason })
    }
  })

  it('reads what the venue says of a request and of itself', () => {
    expect(indodax.read(WELCOME).kind).to.equal('welcome')
    expect(indodax.read('{"id":13}').kind).to.equal('heartbeat')
    const acknowledged = { kind: 'acknowledged', symbols: null, id: 2 }
    expect(indodax.read('{"id":2,"result":{"recoverable":true,"epoch":"1","offset":2}}')).to.deep.equal(
      acknowledged,
    )
    expect(indodax.read('{"id":2,"error":{"code":105,"message":"already subscribed"}}')).to.deep.equal(
      acknowledged,
    )
    const error = (code: number, message: string) =>
      indodax.read(JSON.stringify({ id: 2, error: { code, message } }))
    for (const [code, reason] of [
      [102, 'unknown channel'],
      [106, 'limit exceeded'],
    ] as const) {
      expect(error(code, reason)).to.deep.equal({ kind: 'refused', symbols: null, id: 2, reason })
    }
    expect(error(100, 'internal server error').kind).to.equal('throttled')
    expect(indodax.read('{"result":{"type":3,"channel":"market:summary-24h","data":{}}}').kind).to.equal(
      'ending',
    )
  })

  it('takes what was missed before for no price of now, and passes over books', () => {
    const recovered =
      '{"id":2,"result":{"epoch":"1","publications":[{"data":[[1635245109,4673347,14130,"1"]]}]}}'
    expect(indodax.read(recovered).kind).to.equal('acknowledged')
    const book =
      '{"result":{"channel":"market:order-book-btcidr","data":{"data":{"pair":"btcidr"},"offset":1}}}'
    expect(indodax.read(book).kind).to.equal('ignored')
    expect(indodax.read('{}').kind).to.equal('ignored')
  })

  it('never throws and never gives a bad price, whatever it is sent', () => {
    expectUnbreakable(indodax, [SUMMARY, TICKS, TRADES, `${SUMMARY}\n${TRADES}`, WELCOME])
  })

  it(`gives each recorded frame exactly its ticks or its kind${withoutFrames('indodax')}`, function () {
    if (withoutFrames('indodax')) this.skip()
    let priced = 0
    for (const { file, frame } of recordedLines('indodax')) {
      const told = ticksIn(indodax.read(frame))
      told.forEach(expectSaneTick)
      const expected = pricesOf(frame)
      expect(
        told.map(({ symbol, price, at }) => [symbol, price, at]),
        file,
      ).to.deep.equal(expected)
      priced += told.length
      if (expected.length === 0) expect(indodax.read(frame).kind, file).to.equal(kindOf(frame))
    }
    expect(priced).to.be.above(4)
  })
})

/** [pair, price, time] of each row of a push with prices, picked out of its text. */
function pricesOf(frame: string): unknown[] {
  const pushed = /^\{"result":\{"channel":"(?:(market:summary-24h)|chart:tick-(\w+)|market:trade)/.exec(frame)
  if (!pushed) return []
  const [, summary, pair] = pushed
  const rows = pair
    ? frame.matchAll(/\[()(\d{10}),\d+,([\d.]+),/g)
    : frame.matchAll(summary ? /\["(\w+)",(\d{10}),([\d.]+),/g : /\["(\w+)",(\d{10}),\d+,"\w+",([\d.]+),/g)
  return [...rows].map(([, name, at, price = '']) => [name || pair, plainDecimal(price), Number(`${at}000`)])
}

function kindOf(frame: string): string {
  if (frame.includes('"client"')) return 'welcome'
  if (frame.includes('order-book')) return 'ignored'
  return /^\{"id":\d+\}$/.test(frame) ? 'heartbeat' : 'acknowledged'
}
