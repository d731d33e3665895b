import { expect } from 'chai'
import { bitstampRest } from '../../../src/feeds/rest/bitstamp.js'
import { bitstamp } from '../../../src/feeds/venues/bitstamp.js'
import { isCurrency } from '../../../src/lib/currency.js'
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

const { catalogue, ticker, candles } = bitstampRest

const PAIRS = JSON.stringify([
  { name: 'BTC/USD', url_symbol: 'btcusd', trading: 'Enabled' },
  { name: 'ZK/EUR', market_symbol: 'zkeur', trading: 'Disabled' },
  { name: 'BTC/USD-PERP', market_symbol: 'btcusd-perp', trading: 'Enabled' },
])
const TICKER = '{"last":"2211.00","timestamp":"1643640186","open":"2211.00"}'
const OHLC = `{"data":{"pair":"BTC/USD","ohlc":[{"close":"2.5","high":"3.00","low":"1","open":"2","timestamp":"${MIDNIGHT / 1000}"}]}}`

describe('what Bitstamp tells over HTTP', () => {
  it('lists its pairs by either of their two spellings, and no perpetuals', () => {
    expect(catalogue.read(body(PAIRS))).to.deep.equal([
      { symbol: 'btcusd', pair: { base: 'BTC', quote: 'USD' }, trading: true },
      { symbol: 'zkeur', pair: { base: 'ZK', quote: 'EUR' }, trading: false },
    ])
    expect(bitstamp.symbol({ base: 'BTC', quote: 'USD' })).to.equal('btcusd')
  })

  it('asks for candles in seconds', () => {
    expect(partsOf(candles.question(bitstampRest.base, tenMinutes('btcusd')).url)).to.deep.equal({
      path: 'https://www.bitstamp.net/api/v2/ohlc/btcusd/',
      query: {
        step: '60',
        limit: '1000',
        start: String(MIDNIGHT / 1000),
        end: String(MIDNIGHT / 1000 + 599),
      },
    })
  })

  it('names what is no answer to the question', () => {
    expect(ticker.read(body({ status: 'error', reason: 'no' }), 'nope')).to.equal('error')
    expect(candles.read(body({ code: 'Not found' }), '1m')).to.equal('error')
    expect(catalogue.read(body({ status: 'error' }))).to.equal('not-a-list')
  })

  it(`reads the recorded ticker, candles and pairs${withoutAnswers('bitstamp')}`, function () {
    if (withoutAnswers('bitstamp')) this.skip()
    const at = Date.UTC(2022, 0, 31, 14, 43, 6)
    expect(ticker.read(recordedAnswer('bitstamp/ticker-btcusd.json'), 'btcusd')).to.deep.equal({
      symbol: 'btcusd',
      price: '2211',
      at,
      order: null,
    })
    const bytes = recordedAnswer('bitstamp/ohlc-btcusd.json')
    const rows: Record<string, string>[] = JSON.parse(bytes.toString()).data.ohlc
    expect(candles.read(bytes, '1m')).to.deep.equal(
      rows.map(({ timestamp, open = '', high = '', low = '', close = '' }) => ({
        at: Number(timestamp) * 1000,
        open: short(open),
        high: short(high),
        low: short(low),
        close: short(close),
      })),
    )
    const pairs: Record<string, string>[] = JSON.parse(
      recordedAnswer('bitstamp/trading-pairs-info.json').toString(),
    )
    const expected = pairs.flatMap(({ name = '', url_symbol: symbol, trading }) => {
      const [base, quote = ''] = name.split('/')
      return isCurrency(quote) ? [{ symbol, pair: { base, quote }, trading: trading === 'Enabled' }] : []
    })
    expect(expected.length).to.be.above(50)
    expect(catalogue.read(recordedAnswer('bitstamp/trading-pairs-info.json'))).to.deep.equal(expected)
  })

  it('survives whatever comes in the place of an answer', () => {
    expectUnbreakableReaders(bitstampRest, [PAIRS, TICKER, OHLC])
  })
})
