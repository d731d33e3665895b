import { expect } from 'chai'
import { bybitRest } from '../../../src/feeds/rest/bybit.js'
import { bybit } from '../../../src/feeds/venues/bybit.js'
import {
  body,
  expectUnbreakableReaders,
  MIDNIGHT,
  partsOf,
  recordedAnswer,
  tenMinutes,
  withoutAnswers,
} from '../../support/exchange-answers.js'

const { catalogue, ticker, candles } = bybitRest

const answer = (result: unknown, retCode = 0) =>
  JSON.stringify({ retCode, retMsg: 'OK', result, retExtInfo: {}, time: MIDNIGHT + 5 })
const INSTRUMENTS = answer({
  category: 'spot',
  list: [
    { symbol: 'BTCUSDT', baseCoin: 'BTC', quoteCoin: 'USDT', status: 'Trading' },
    { symbol: 'NEWUSDT', baseCoin: 'NEW', quoteCoin: 'USDT', status: 'PreLaunch' },
  ],
})
const TICKER = answer({ category: 'spot', list: [{ symbol: 'BTCUSDT', lastPrice: '20533.130' }] })
const KLINE = answer({
  list: [
    [`${MIDNIGHT + 60_000}`, '2', '4', '1', '3', '9', '9'],
    [`${MIDNIGHT}`, '1.50', '2.5', '0.5', '2', '9', '9'],
  ],
})

describe('what Bybit tells over HTTP', () => {
  it('lists its spot pairs', () => {
    expect(catalogue.read(body(INSTRUMENTS))).to.deep.equal([
      { symbol: 'BTCUSDT', pair: { base: 'BTC', quote: 'USDT' }, trading: true },
      { symbol: 'NEWUSDT', pair: { base: 'NEW', quote: 'USDT' }, trading: false },
    ])
    expect(bybit.symbol({ base: 'BTC', quote: 'USDT' })).to.equal('BTCUSDT')
  })

  it('asks for candles of the spot market and turns the newest last', () => {
    expect(partsOf(candles.question(bybitRest.base, tenMinutes('BTCUSDT')).url)).to.deep.equal({
      path: 'https://api.bybit.com/v5/market/kline',
      query: {
        category: 'spot',
        symbol: 'BTCUSDT',
        interval: '1',
        start: String(MIDNIGHT),
        end: String(MIDNIGHT + 599_999),
        limit: '1000',
      },
    })
    expect(candles.read(body(KLINE), '1m')).to.deep.equal([
      { at: MIDNIGHT, open: '1.5', high: '2.5', low: '0.5', close: '2' },
      { at: MIDNIGHT + 60_000, open: '2', high: '4', low: '1', close: '3' },
    ])
  })

  it('dates a ticker by the answer, and names errors by their codes', () => {
    expect(ticker.read(body(TICKER), 'BTCUSDT')).to.deep.equal({
      symbol: 'BTCUSDT',
      price: '20533.13',
      at: MIDNIGHT + 5,
      order: null,
    })
    expect(ticker.read(body(answer({}, 10006)), 'BTCUSDT')).to.equal('throttled')
    expect(candles.read(body(answer({}, 10016)), '1m')).to.equal('unavailable')
    expect(candles.read(body(answer({}, 10001)), '1m')).to.equal('error')
    expect(ticker.read(body(answer({ list: [] })), 'NOPE')).to.equal('unknown-symbol')
    expect(catalogue.read(body('[]'))).to.equal('error')
  })

  it(`reads the recorded ticker and lists${withoutAnswers('bybit')}`, function () {
    if (withoutAnswers('bybit')) this.skip()
    expect(ticker.read(recordedAnswer('bybit/tickers-spot.json5'), 'BTCUSDT')).to.deep.equal({
      symbol: 'BTCUSDT',
      price: '20533.13',
      at: 1673859087947,
      order: null,
    })
    for (const file of ['http_get_instruments_spot.json', 'http_get_instruments_spot_xstocks.json']) {
      const bytes = recordedAnswer(`bybit/${file}`)
      const list: Record<string, string>[] = JSON.parse(bytes.toString()).result.list
      expect(catalogue.read(bytes)).to.deep.equal(
        list.map(({ symbol, baseCoin: base, quoteCoin: quote, status }) => ({
          symbol,
          pair: { base, quote },
          trading: status === 'Trading',
        })),
      )
    }
  })

  it('survives whatever comes in the place of an answer', () => {
    expectUnbreakableReaders(bybitRest, [INSTRUMENTS, TICKER, KLINE])
  })
})
