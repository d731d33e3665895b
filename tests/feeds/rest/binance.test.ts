import { expect } from 'chai'
import { binanceRest } from '../../../src/feeds/rest/binance.js'
import { tokocryptoRest } from '../../../src/feeds/rest/tokocrypto.js'
import { binance } from '../../../src/feeds/venues/binance.js'
import { tokocrypto } from '../../../src/feeds/venues/tokocrypto.js'
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

const { catalogue, ticker, candles } = binanceRest

const INFO = JSON.stringify({
  timezone: 'UTC',
  symbols: [
    { symbol: 'BTCUSDT', status: 'TRADING', baseAsset: 'BTC', quoteAsset: 'USDT' },
    { symbol: 'LUNAUSDT', status: 'BREAK', baseAsset: 'LUNA', quoteAsset: 'USDT' },
    { symbol: 'OLDBTC', status: 'CANCEL_ONLY', baseAsset: 'OLD', quoteAsset: 'BTC' },
    { symbol: 'BTCFDUSD', status: 'TRADING', baseAsset: 'BTC', quoteAsset: 'FDUSD' },
    { symbol: '币安人生USDT', status: 'TRADING', baseAsset: '币安人生', quoteAsset: 'USDT' },
  ],
})
const TICKER =
  '{"symbol":"BTCUSDT","lastPrice":"6705.82000000","openTime":1586904878494,"closeTime":1586991278494}'
const KLINES = `[[${MIDNIGHT},"0.10000000","0.20000000","0.05000000","0.15000000","9.1",${MIDNIGHT + 59_999},"1.2",3,"4","5","0"]]`

describe('what Binance tells over HTTP', () => {
  it('lists pairs that are quoted in currencies, and knows no status but TRADING as trading', () => {
    expect(catalogue.read(body(INFO))).to.deep.equal([
      { symbol: 'BTCUSDT', pair: { base: 'BTC', quote: 'USDT' }, trading: true },
      { symbol: 'LUNAUSDT', pair: { base: 'LUNA', quote: 'USDT' }, trading: false },
      { symbol: 'OLDBTC', pair: { base: 'OLD', quote: 'BTC' }, trading: false },
    ])
    expect(binance.symbol({ base: 'BTC', quote: 'USDT' })).to.equal('BTCUSDT')
  })

  it('asks for candles up to the last ms before the end', () => {
    expect(partsOf(candles.question(binanceRest.base, tenMinutes('BTCUSDT')).url)).to.deep.equal({
      path: 'https://api.binance.com/api/v3/klines',
      query: {
        symbol: 'BTCUSDT',
        interval: '1m',
        startTime: String(MIDNIGHT),
        endTime: String(MIDNIGHT + 599_999),
        limit: '1000',
      },
    })
  })

  it('names what is no answer to the question', () => {
    const error = (code: number) => body({ code, msg: 'no' })
    expect(ticker.read(error(-1121), 'NOPE')).to.equal('unknown-symbol')
    expect(ticker.read(error(-1003), 'BTCUSDT')).to.equal('throttled')
    expect(candles.read(error(-1120), '1m')).to.equal('error')
    expect(catalogue.read(error(0))).to.equal('error')
    expect(catalogue.read(body('{"symbols":[]}'))).to.equal('no-pairs')
    expect(ticker.read(body('<html>blocked</html>'), 'BTCUSDT')).to.equal('not-json')
    expect(ticker.read(body(' '), 'BTCUSDT')).to.equal('empty')
    expect(ticker.read(body(TICKER.replace('6705.82000000', '0.00000000')), 'BTCUSDT')).to.equal('price-zero')
    expect(ticker.read(body(TICKER.replace('"6705.82000000"', 'null')), 'BTCUSDT')).to.equal('price-missing')
  })

  it('leaves out a candle with a fault, and says the fault when each has one', () => {
    const wrong = KLINES.replace('"0.20000000"', '"0.12000000"')
    expect(candles.read(body(wrong), '1m')).to.equal('range-crooked')
    expect(candles.read(body(KLINES.replace('0.05000000', '0.00000000')), '1m')).to.equal('price-zero')
    expect(candles.read(body(KLINES.replace(String(MIDNIGHT), String(MIDNIGHT + 1))), '1m')).to.equal(
      'time-between-intervals',
    )
    const both = `${wrong.slice(0, -1)},${KLINES.slice(1).replace(String(MIDNIGHT), String(MIDNIGHT + 60_000))}`
    expect(candles.read(body(both), '1m')).to.deep.equal([
      { at: MIDNIGHT + 60_000, open: '0.1', high: '0.2', low: '0.05', close: '0.15' },
    ])
    expect(candles.read(body('[]'), '1m')).to.deep.equal([])
  })

  for (const file of ['klines.0.json', 'klines.1.json', 'klines.2.json']) {
    it(`reads every row of the recorded ${file}${withoutAnswers('binance')}`, function () {
      if (withoutAnswers('binance')) this.skip()
      const bytes = recordedAnswer(`binance/${file}`)
      const rows: [number, string, string, string, string][] = JSON.parse(bytes.toString())
      expect(rows).not.to.have.lengthOf(0)
      expect(candles.read(bytes, '1m')).to.deep.equal(
        rows.map(([at, open, high, low, close]) => ({
          at,
          open: short(open),
          high: short(high),
          low: short(low),
          close: short(close),
        })),
      )
    })
  }

  it(`reads every recorded day's ticker${withoutAnswers('binance')}`, function () {
    if (withoutAnswers('binance')) this.skip()
    const singles = ['BTCUSDT', 'DOGEUSDT', 'ETHBTC', 'xchange'].map((name) =>
      JSON.parse(recordedAnswer(`binance/ticker-24hr.${name}.json`).toString()),
    )
    const all = JSON.parse(recordedAnswer('binance/ticker-24hr.all-trimmed.json').toString())
    for (const told of [...singles, ...all]) {
      const price = short(told.lastPrice)
      expect(ticker.read(body(told), told.symbol)).to.deep.equal(
        price === '0'
          ? 'price-zero'
          : { symbol: told.symbol, price: short(told.lastPrice), at: told.closeTime, order: null },
      )
    }
  })

  it(`takes no other recorded answer for a ticker${withoutAnswers('binance')}`, function () {
    if (withoutAnswers('binance')) this.skip()
    const read = (file: string) => ticker.read(recordedAnswer(`binance/${file}`), 'BTCUSDT')
    expect(read('ticker-price.BTCUSDT.json')).to.equal('price-missing')
    expect(read('ticker-bookTicker.BTCUSDT.json')).to.equal('price-missing')
    expect(read('aggTrades.BTCUSDT.json')).to.equal('price-missing')
    expect(candles.read(recordedAnswer('binance/aggTrades.BTCUSDT.json'), '1m')).to.equal('time-missing')
  })

  it('survives whatever comes in the place of an answer', () => {
    expectUnbreakableReaders(binanceRest, [INFO, TICKER, KLINES])
  })
})

describe('what Tokocrypto tells over HTTP', () => {
  const LIST = JSON.stringify({
    code: 0,
    msg: 'Success',
    data: {
      list: [
        { type: 1, symbol: 'BTC_USDT', baseAsset: 'BTC', quoteAsset: 'USDT', spotTradingEnable: 1 },
        { type: 1, symbol: 'BTC_IDR', baseAsset: 'BTC', quoteAsset: 'IDR', spotTradingEnable: 0 },
        { type: 3, symbol: 'TKO_IDR', baseAsset: 'TKO', quoteAsset: 'IDR', spotTradingEnable: 1 },
      ],
    },
  })

  it('lists what is on the market of its socket, as the socket spells it', () => {
    expect(tokocryptoRest.catalogue.read(body(LIST))).to.deep.equal([
      { symbol: 'BTCUSDT', pair: { base: 'BTC', quote: 'USDT' }, trading: true },
      { symbol: 'BTCIDR', pair: { base: 'BTC', quote: 'IDR' }, trading: false },
    ])
    expect(tokocrypto.symbol({ base: 'BTC', quote: 'IDR' })).to.equal('BTCIDR')
    expect(tokocryptoRest.catalogue.read(body({ code: 3702, msg: 'no', data: null }))).to.equal('error')
  })

  it('asks for the list at another host, unless one host is told for everything', () => {
    const { question } = tokocryptoRest.catalogue
    expect(question(tokocryptoRest.base).url).to.equal('https://www.tokocrypto.com/open/v1/common/symbols')
    expect(question('http://127.0.0.1:1').url).to.equal('http://127.0.0.1:1/open/v1/common/symbols')
    expect(tokocryptoRest.ticker.question(tokocryptoRest.base, 'BTCIDR').url).to.equal(
      'https://www.tokocrypto.site/api/v3/ticker/24hr?symbol=BTCIDR',
    )
  })

  it('survives whatever comes in the place of an answer', () => {
    expectUnbreakableReaders(tokocryptoRest, [LIST, TICKER, KLINES])
  })
})
