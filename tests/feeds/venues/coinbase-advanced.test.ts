import { expect } from 'chai'
import type { Reading } from '../../../src/feeds/venue.js'
import { coinbase } from '../../../src/feeds/venues/coinbase.js'
import { plainDecimal } from '../../../src/lib/decimal.js'
import { recordedLines, withoutFrames } from '../../support/exchange-frames.js'
import { expectUnbreakable, ticksIn } from '../../support/exchange-readings.js'

const AT = '"timestamp":"2026-02-09T20:30:37.167359596Z"'
const TICKER =
  `{"channel":"ticker","client_id":"",${AT},"sequence_num":7,"events":[{"type":"snapshot",` +
  '"tickers":[{"product_id":"BTC-USD","price":"21932.980"},{"product_id":"ETH-USD","price":"0"}]}]}'
const TRADES =
  `{"channel":"market_trades",${AT},"sequence_num":8,"events":[{"type":"update","trades":[{"trade_id":"995098700",` +
  '"product_id":"BTC-USD","price":"68900.50","time":"2026-02-09T20:30:02.789012Z"}]},{"type":"update"}]}'

describe('coinbase advanced trade', () => {
  it('stamps tickers with the time of the envelope, and trades with their own', () => {
    const at = Date.UTC(2026, 1, 9, 20, 30, 37) + 167.359596
    expect(coinbase.read(TICKER)).to.deep.equal({
      kind: 'ticks',
      ticks: [{ symbol: 'BTC-USD', price: '21932.98', at, order: 7 }],
      faults: ['price-zero'],
    })
    expect(ticksIn(coinbase.read(TICKER.replace('"ticker"', '"ticker_batch"')))).to.have.lengthOf(1)
    expect(ticksIn(coinbase.read(TRADES))).to.deep.equal([
      {
        symbol: 'BTC-USD',
        price: '68900.5',
        at: Date.UTC(2026, 1, 9, 20, 30, 2) + 789.012,
        order: 995098700,
      },
    ])
  })

  it('reads heartbeats, acknowledgements and errors', () => {
    expect(coinbase.read(`{"channel":"heartbeats",${AT},"events":[{"heartbeat_counter":1}]}`).kind).to.equal(
      'heartbeat',
    )
    const subscriptions =
      '{"ticker":["BTC-USD"],"market_trades":["BTC-USD","ETH-USD"],"heartbeats":["heartbeats"]}'
    expect(
      coinbase.read(`{"channel":"subscriptions",${AT},"events":[{"subscriptions":${subscriptions}}]}`),
    ).to.deep.equal({ kind: 'acknowledged', symbols: ['BTC-USD', 'ETH-USD'], id: null })
    expect(coinbase.read('{"type":"error","message":"failure to subscribe"}').kind).to.equal('refused')
    expect(coinbase.read('{"channel":"l2_data","events":[]}').kind).to.equal('ignored')
    expect(coinbase.read('{"channel":"ticker"}')).to.deep.equal({ kind: 'malformed', reason: 'data-missing' })
  })

  it('never throws and never gives a bad price, whatever it is sent', () => {
    expectUnbreakable(coinbase, [TICKER, TRADES])
  })

  it(`gives each recorded frame exactly its ticks or its kind${withoutFrames('coinbase-advanced')}`, function () {
    if (withoutFrames('coinbase-advanced')) this.skip()
    const KINDS: Record<string, Reading['kind']> = { heartbeats: 'heartbeat', subscriptions: 'acknowledged' }
    let priced = 0
    for (const { file, frame } of recordedLines('coinbase-advanced')) {
      const reading = coinbase.read(frame)
      const message = JSON.parse(frame)
      const rows = message.events?.flatMap(
        (event: Record<string, unknown[]>) => event.tickers ?? event.trades ?? [],
      )
      if (/^(ticker|ticker_batch|market_trades)$/.test(message.channel)) {
        const expected = rows.map((row: Record<string, string>) => [
          row.product_id,
          plainDecimal(row.price ?? ''),
          (row.time ?? message.timestamp).slice(0, 23),
          row.trade_id === undefined ? message.sequence_num : Number(row.trade_id),
        ])
        const told = ticksIn(reading).map(({ symbol, price, at, order }) => [
          symbol,
          price,
          new Date(Math.floor(at ?? 0)).toISOString().slice(0, 23),
          order,
        ])
        expect(told, file).to.deep.equal(expected)
        priced += told.length
      } else {
        expect(reading.kind, file).to.equal(
          message.type === 'error' ? 'refused' : (KINDS[message.channel] ?? 'ignored'),
        )
      }
    }
    expect(priced).to.be.above(5)
  })
})
