import { expect } from 'chai'
import { bitfinexRest } from '../../../src/feeds/rest/bitfinex.js'
import { bitfinex } from '../../../src/feeds/venues/bitfinex.js'
import {
  body,
  expectUnbreakableReaders,
  MIDNIGHT,
  partsOf,
  tenMinutes,
} from '../../support/exchange-answers.js'

const { catalogue, ticker, candles } = bitfinexRest

const LIST = JSON.stringify([
  ['BTCUSD', 'BTCUST', 'AAVE:USD', 'DOGE:UST', 'DSHBTC', 'TESTBTC:TESTUSD', 'BTCCNHT'],
  [
    ['UST', 'USDt'],
    ['DSH', 'DASH'],
    ['CNHT', 'CNHt'],
  ],
])
const TICKER = '[7616.5,31.8,7617.5,43.3,-550.8,-0.0674,2.276e-05,8314.7,8257.8,7500,null]'
const CANDLES = `[[${MIDNIGHT},7379.785503,7383.80,7388.3,7379.785503,1.68829482]]`

describe('what Bitfinex tells over HTTP', () => {
  it('lists pairs by the names behind its own, in the spelling of its socket', () => {
    const listed = catalogue.read(body(LIST))
    expect(listed).to.deep.equal([
      { symbol: 'tBTCUSD', pair: { base: 'BTC', quote: 'USD' }, trading: true },
      { symbol: 'tBTCUST', pair: { base: 'BTC', quote: 'USDT' }, trading: true },
      { symbol: 'tAAVE:USD', pair: { base: 'AAVE', quote: 'USD' }, trading: true },
      { symbol: 'tDOGE:UST', pair: { base: 'DOGE', quote: 'USDT' }, trading: true },
      { symbol: 'tDSHBTC', pair: { base: 'DASH', quote: 'BTC' }, trading: true },
    ])
    expect(bitfinex.symbol({ base: 'BTC', quote: 'USDT' })).to.equal('tBTCUST')
    expect(bitfinex.symbol({ base: 'DOGE', quote: 'USDT' })).to.equal('tDOGE:UST')
  })

  it('asks for candles oldest first, and reads the close second', () => {
    expect(partsOf(candles.question(bitfinexRest.base, tenMinutes('tAAVE:USD')).url)).to.deep.equal({
      path: 'https://api-pub.bitfinex.com/v2/candles/trade:1m:tAAVE:USD/hist',
      query: { start: String(MIDNIGHT), end: String(MIDNIGHT + 599_999), limit: '2000', sort: '1' },
    })
    expect(candles.read(body(CANDLES), '1m')).to.deep.equal([
      { at: MIDNIGHT, open: '7379.785503', close: '7383.8', high: '7388.3', low: '7379.785503' },
    ])
  })

  it('reads the seventh of a ticker, exponent or not, and names errors', () => {
    expect(ticker.read(body(TICKER), 'tBTCUSD')).to.deep.equal({
      symbol: 'tBTCUSD',
      price: '0.00002276',
      at: null,
      order: null,
    })
    expect(ticker.read(body('["error",10020,"symbol: invalid"]'), 'tNOPE')).to.equal('error')
    expect(catalogue.read(body({ error: 'ERR_RATE_LIMIT' }))).to.equal('error')
    expect(catalogue.read(body('[["BTCUSD"]]'))).to.equal('not-a-list')
    expect(ticker.read(body('[1,2,3]'), 'tBTCUSD')).to.equal('price-missing')
  })

  it('survives whatever comes in the place of an answer', () => {
    expectUnbreakableReaders(bitfinexRest, [LIST, TICKER, CANDLES])
  })
})
