import { expect } from 'chai'
import { kraken } from '../../../src/feeds/venues/kraken.js'
import { plainDecimal } from '../../../src/lib/decimal.js'
import { recordedLines, sessionFrames, withoutFrames } from '../../support/exchange-frames.js'
import { expectUnbreakable, ticksIn } from '../../support/exchange-readings.js'

const TICKER = '[340,{"a":["9",1,"1"],"c":["29938.60000","0.1"],"v":["1","2"]},"ticker","XBT/USD"]'
const TRADE =
  '[8,[["354.10","0.8","1618678142.557535","s","l",""],["0.0","1","1.0","b","m",""]],"trade","XDG/XBT"]'

describe('kraken, version 1', () => {
  it('reads tickers without a time, and trades with theirs, under the names of version 2', () => {
    expect(kraken.read(TICKER)).to.deep.equal({
      kind: 'ticks',
      ticks: [{ symbol: 'BTC/USD', price: '29938.6', at: null, order: null }],
      faults: [],
    })
    expect(kraken.read(TRADE)).to.deep.equal({
      kind: 'ticks',
      ticks: [{ symbol: 'DOGE/BTC', price: '354.1', at: 1618678142557.535, order: null }],
      faults: ['price-zero'],
    })
  })

  it('reads the name from the end, where book updates hold two objects', () => {
    const update = '[7,{"a":[["1","2","3"]]},{"b":[["1","2","3"]]},"book-1000","XBT/USD"]'
    expect(kraken.read(update).kind).to.equal('ignored')
    expect(kraken.read('[7,["1","2"],"spread","XBT/USD"]').kind).to.equal('ignored')
    expect(kraken.read('[7,{},{},"trade","XBT/USD"]')).to.deep.equal({
      kind: 'malformed',
      reason: 'data-missing',
    })
    expect(kraken.read('[7,{},"ticker","XBT/USD"]')).to.deep.equal({
      kind: 'malformed',
      reason: 'price-missing',
    })
  })

  it('reads what the venue says of a subscription and of itself', () => {
    const status = (fields: string) => kraken.read(`{"event":"subscriptionStatus","reqid":4,${fields}}`)
    expect(status('"pair":"XBT/EUR","status":"subscribed"')).to.deep.equal({
      kind: 'acknowledged',
      symbols: ['BTC/EUR'],
      id: 4,
    })
    const reason = 'Currency pair not supported'
    expect(status(`"pair":"NO/PE","status":"error","errorMessage":"${reason}"`)).to.deep.equal({
      kind: 'refused',
      symbols: ['NO/PE'],
      id: 4,
      reason,
    })
    expect(status('"pair":"XBT/EUR","status":"unsubscribed"').kind).to.equal('ignored')
    expect(
      kraken.read('{"event":"systemStatus","status":"online","connectionID":17843232920108168701}').kind,
    ).to.equal('heartbeat')
    expect(kraken.read('{"event":"systemStatus","status":"maintenance"}').kind).to.equal('ending')
    expect(kraken.read('{"event":"heartbeat"}').kind).to.equal('heartbeat')
  })

  it('never throws and never gives a bad price, whatever it is sent', () => {
    expectUnbreakable(kraken, [TICKER, TRADE])
  })

  it(`gives each recorded frame exactly its ticks${withoutFrames('kraken-v1')}`, async function () {
    if (withoutFrames('kraken-v1')) this.skip()
    const lines = recordedLines('kraken-v1').map(({ frame }) => frame)
    let priced = 0
    for (const frame of [...lines, ...(await sessionFrames('kraken-v1'))]) {
      const told = ticksIn(kraken.read(frame)).map(({ symbol, price, at }) => [symbol, price, at])
      expect(told, frame.slice(0, 200)).to.deep.equal(pricesOf(frame))
      priced += told.length
      if (told.length === 0) expect(kraken.read(frame).kind, frame.slice(0, 200)).to.equal(kindOf(frame))
    }
    expect(priced).to.be.above(25)
  })
})

/** [symbol, price, time] of each price in a frame, picked out of its text. */
function pricesOf(frame: string): unknown[] {
  const pair = /"([^"]+)"\]$/.exec(frame)?.[1]?.replace('XBT', 'BTC').replace('XDG', 'DOGE')
  if (/"ticker","[^"]+"\]$/.test(frame)) {
    return [[pair, plainDecimal(/"c":\["([^"]+)"/.exec(frame)?.[1] ?? ''), null]]
  }
  if (!/"trade","[^"]+"\]$/.test(frame)) return []
  const rows = frame.matchAll(/\["([\d.]+)","[\d.]+","(\d+)\.(\d{3})(\d{3})"/g)
  return [...rows].map(([, price = '', s, ms, us]) => [pair, plainDecimal(price), Number(`${s}${ms}.${us}`)])
}

function kindOf(frame: string): string {
  if (/"event":"(heartbeat|pong|systemStatus)"/.test(frame)) return 'heartbeat'
  return frame.includes('"status":"subscribed"') ? 'acknowledged' : 'ignored'
}
