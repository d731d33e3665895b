import { expect } from 'chai'
import { kucoinRest } from '../../../src/feeds/rest/kucoin.js'
import { kucoin } from '../../../src/feeds/venues/kucoin.js'
import {
  body,
  expectUnbreakableReaders,
  MIDNIGHT,
  partsOf,
  tenMinutes,
} from '../../support/exchange-answers.js'

const { catalogue, ticker, candles } = kucoinRest

const answer = (data: unknown, code = '200000') => JSON.stringify({ code, data })
const SYMBOLS = answer([
  { symbol: 'BTC-USDT', baseCurrency: 'BTC', quoteCurrency: 'USDT', enableTrading: true },
  { symbol: 'BCHSV-USDT', baseCurrency: 'BCHSV', quoteCurrency: 'USDT', enableTrading: false },
  { symbol: 'BTC-KCS', baseCurrency: 'BTC', quoteCurrency: 'KCS', enableTrading: true },
])
const LEVEL = answer({ time: MIDNIGHT + 3, sequence: '123', price: '1e-05', size: '1', bestBid: '1' })
const CANDLES = answer([
  [`${MIDNIGHT / 1000 + 60}`, '2', '3', '4', '1', '9', '9'],
  [`${MIDNIGHT / 1000}`, '1.50', '2', '2.5', '0.5', '9', '9'],
])

describe('what KuCoin tells over HTTP', () => {
  it('lists what may be traded, by the names that coins have now', () => {
    expect(catalogue.read(body(SYMBOLS))).to.deep.equal([
      { symbol: 'BTC-USDT', pair: { base: 'BTC', quote: 'USDT' }, trading: true },
      { symbol: 'BCHSV-USDT', pair: { base: 'BSV', quote: 'USDT' }, trading: false },
    ])
    expect(kucoin.symbol({ base: 'BTC', quote: 'USDT' })).to.equal('BTC-USDT')
  })

  it('asks for candles in seconds, reads the close second and turns the newest last', () => {
    expect(partsOf(candles.question(kucoinRest.base, tenMinutes('BTC-USDT')).url)).to.deep.equal({
      path: 'https://api.kucoin.com/api/v1/market/candles',
      query: {
        symbol: 'BTC-USDT',
        type: '1min',
        startAt: String(MIDNIGHT / 1000),
        endAt: String(MIDNIGHT / 1000 + 599),
      },
    })
    expect(candles.read(body(CANDLES), '1m')).to.deep.equal([
      { at: MIDNIGHT, open: '1.5', close: '2', high: '2.5', low: '0.5' },
      { at: MIDNIGHT + 60_000, open: '2', close: '3', high: '4', low: '1' },
    ])
  })

  it('reads the newest price, and names what is none', () => {
    expect(ticker.read(body(LEVEL), 'BTC-USDT')).to.deep.equal({
      symbol: 'BTC-USDT',
      price: '0.00001',
      at: MIDNIGHT + 3,
      order: null,
    })
    expect(ticker.read(body(answer(null)), 'NO-USDT')).to.equal('unknown-symbol')
    expect(ticker.read(body(answer(null, '429000')), 'BTC-USDT')).to.equal('throttled')
    expect(candles.read(body(answer(null, '400100')), '1m')).to.equal('error')
    expect(ticker.read(body(answer({ time: MIDNIGHT, price: '0' })), 'BTC-USDT')).to.equal('price-zero')
  })

  it('survives whatever comes in the place of an answer', () => {
    expectUnbreakableReaders(kucoinRest, [SYMBOLS, LEVEL, CANDLES])
  })
})
