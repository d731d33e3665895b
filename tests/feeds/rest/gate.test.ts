import { expect } from 'chai'
import { gateRest } from '../../../src/feeds/rest/gate.js'
import { gate } from '../../../src/feeds/venues/gate.js'
import {
  body,
  expectUnbreakableReaders,
  MIDNIGHT,
  partsOf,
  tenMinutes,
} from '../../support/exchange-answers.js'

const { catalogue, ticker, candles } = gateRest

const PAIRS = JSON.stringify([
  { id: 'BTC_USDT', base: 'BTC', quote: 'USDT', trade_status: 'tradable' },
  { id: 'XAR_USDT', base: 'XAR', quote: 'USDT', trade_status: 'untradable' },
  { id: 'NEW_USDT', base: 'NEW', quote: 'USDT', trade_status: 'buyable' },
])
const TICKER = '[{"currency_pair":"BTC_USDT","last":"9999.990","lowest_ask":"10000"}]'
const CANDLES = `[["${MIDNIGHT / 1000}","971519.677","8538.950","8600","8500.0","8527.0","1.5","true"]]`

describe('what Gate tells over HTTP', () => {
  it('lists its pairs, of which only tradable ones trade', () => {
    expect(catalogue.read(body(PAIRS))).to.deep.equal([
      { symbol: 'BTC_USDT', pair: { base: 'BTC', quote: 'USDT' }, trading: true },
      { symbol: 'XAR_USDT', pair: { base: 'XAR', quote: 'USDT' }, trading: false },
      { symbol: 'NEW_USDT', pair: { base: 'NEW', quote: 'USDT' }, trading: false },
    ])
    expect(gate.symbol({ base: 'BTC', quote: 'USDT' })).to.equal('BTC_USDT')
  })

  it('asks for no more than the range, and reads the close before the open', () => {
    expect(partsOf(candles.question(gateRest.base, tenMinutes('BTC_USDT')).url)).to.deep.equal({
      path: 'https://api.gateio.ws/api/v4/spot/candlesticks',
      query: {
        currency_pair: 'BTC_USDT',
        interval: '1m',
        from: String(MIDNIGHT / 1000),
        to: String(MIDNIGHT / 1000 + 599),
      },
    })
    expect(candles.read(body(CANDLES), '1m')).to.deep.equal([
      { at: MIDNIGHT, open: '8527', high: '8600', low: '8500', close: '8538.95' },
    ])
  })

  it('reads a ticker, and names what is none', () => {
    expect(ticker.read(body(TICKER), 'BTC_USDT')).to.deep.equal({
      symbol: 'BTC_USDT',
      price: '9999.99',
      at: null,
      order: null,
    })
    expect(ticker.read(body({ label: 'INVALID_CURRENCY_PAIR', message: '' }), 'X')).to.equal('unknown-symbol')
    expect(candles.read(body({ label: 'TOO_MANY_REQUESTS', message: '' }), '1m')).to.equal('throttled')
    expect(catalogue.read(body({ label: 'SERVER_ERROR', message: '' }))).to.equal('error')
    expect(ticker.read(body('[]'), 'X_USDT')).to.equal('unknown-symbol')
  })

  it('survives whatever comes in the place of an answer', () => {
    expectUnbreakableReaders(gateRest, [PAIRS, TICKER, CANDLES])
  })
})
