import { expect } from 'chai'
import { coinbaseRest } from '../../../src/feeds/rest/coinbase.js'
import { coinbase } from '../../../src/feeds/venues/coinbase.js'
import {
  body,
  expectUnbreakableReaders,
  MIDNIGHT,
  partsOf,
  recordedAnswer,
  short,
  tenMinutes,
  withoutAnswers,
} from '../../support/exchange-answers.js'

const { catalogue, ticker, candles } = coinbaseRest

const PRODUCTS = JSON.stringify([
  { id: 'BTC-USD', base_currency: 'BTC', quote_currency: 'USD', status: 'online', trading_disabled: false },
  { id: 'ETH-EUR', base_currency: 'ETH', quote_currency: 'EUR', status: 'online', cancel_only: true },
  { id: 'XRP-USD', base_currency: 'XRP', quote_currency: 'USD', status: 'online', trading_disabled: true },
  { id: 'OLD-USD', base_currency: 'OLD', quote_currency: 'USD', status: 'delisted' },
  { id: 'BTC-XYZ', base_currency: 'BTC', quote_currency: 'XYZ', status: 'online' },
])
const TICKER = '{"trade_id":7,"price":"246.28000000","time":"2026-09-02T00:00:06.506997Z"}'
const CANDLES = `[[${MIDNIGHT / 1000 + 60},1.5e-7,0.0000003,0.0000002,0.00000025,1.5],[${MIDNIGHT / 1000},10,40,20.10,30,2]]`

describe('what Coinbase tells over HTTP', () => {
  it('lists what is online, and what is not traded as such', () => {
    const listed = catalogue.read(body(PRODUCTS))
    expect(listed).to.deep.equal([
      { symbol: 'BTC-USD', pair: { base: 'BTC', quote: 'USD' }, trading: true },
      { symbol: 'ETH-EUR', pair: { base: 'ETH', quote: 'EUR' }, trading: false },
      { symbol: 'XRP-USD', pair: { base: 'XRP', quote: 'USD' }, trading: false },
      { symbol: 'OLD-USD', pair: { base: 'OLD', quote: 'USD' }, trading: false },
    ])
    expect(coinbase.symbol({ base: 'BTC', quote: 'USD' })).to.equal('BTC-USD')
  })

  it('asks for candles up to the beginning of the last one', () => {
    expect(partsOf(candles.question(coinbaseRest.base, tenMinutes('BTC-USD')).url)).to.deep.equal({
      path: 'https://api.exchange.coinbase.com/products/BTC-USD/candles',
      query: { granularity: '60', start: '2026-09-02T00:00:00.000Z', end: '2026-09-02T00:09:00.000Z' },
    })
  })

  it('reads the low before the high and the open third, turns the newest last, and writes no exponent', () => {
    expect(candles.read(body(CANDLES), '1m')).to.deep.equal([
      { at: MIDNIGHT, low: '10', high: '40', open: '20.1', close: '30' },
      { at: MIDNIGHT + 60_000, low: '0.00000015', high: '0.0000003', open: '0.0000002', close: '0.00000025' },
    ])
  })

  it('names what is no answer to the question', () => {
    expect(ticker.read(body({ message: 'NotFound' }), 'NO-USD')).to.equal('error')
    expect(candles.read(body({ message: 'granularity too small' }), '1m')).to.equal('not-a-list')
    expect(catalogue.read(body('null'))).to.equal('not-a-list')
    expect(ticker.read(body('{"price":"1"}'), 'BTC-USD')).to.equal('time-missing')
  })

  it(`reads the recorded ticker, candles and products${withoutAnswers('coinbase')}`, function () {
    if (withoutAnswers('coinbase')) this.skip()
    const told = JSON.parse(recordedAnswer('coinbase/products-BTC-USD-ticker.json').toString())
    expect(ticker.read(recordedAnswer('coinbase/products-BTC-USD-ticker.json'), 'BTC-USD')).to.deep.equal({
      symbol: 'BTC-USD',
      price: short(told.price),
      at: Date.parse('2015-04-08T20:49:06.506Z') + 0.997,
      order: null,
    })
    const text = recordedAnswer('coinbase/products-candles.json').toString()
    const rows = [...text.matchAll(/\[(\d+),([\d.]+),([\d.]+),([\d.]+),([\d.]+),/g)]
    expect(rows).to.have.lengthOf(10)
    expect(candles.read(body(text), '1m')).to.deep.equal(
      rows
        .map(([, at, low = '', high = '', open = '', close = '']) => ({
          at: Number(at) * 1000,
          open: short(open),
          high: short(high),
          low: short(low),
          close: short(close),
        }))
        .reverse(),
    )
    const products: Record<string, string>[] = JSON.parse(
      recordedAnswer('coinbase/products.xchange.json').toString(),
    )
    expect(catalogue.read(recordedAnswer('coinbase/products.xchange.json'))).to.deep.equal(
      products.map(({ id, base_currency: base, quote_currency: quote, status }) => ({
        symbol: id,
        pair: { base, quote },
        trading: status === 'online',
      })),
    )
  })

  it('survives whatever comes in the place of an answer', () => {
    expectUnbreakableReaders(coinbaseRest, [PRODUCTS, TICKER, CANDLES])
  })
})
