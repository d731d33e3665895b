import { expect } from 'chai'
import { geminiRest } from '../../../src/feeds/rest/gemini.js'
import { gemini } from '../../../src/feeds/venues/gemini.js'
import {
  body,
  expectUnbreakableReaders,
  MIDNIGHT,
  partsOf,
  tenMinutes,
} from '../../support/exchange-answers.js'

const { catalogue, ticker, candles } = geminiRest

const SYMBOLS = JSON.stringify([
  { symbol: 'BTCUSD', base_currency: 'BTC', quote_currency: 'USD', status: 'open', product_type: 'spot' },
  { symbol: 'PAXGUSD', base_currency: 'PAXG', quote_currency: 'USD', status: 'closed', product_type: 'spot' },
  { symbol: 'BTCUSDPERP', base_currency: 'BTC', quote_currency: 'USD', status: 'open', product_type: 'swap' },
  { symbol: 'BTCGUSD', base_currency: 'BTC', quote_currency: 'XYZ', status: 'open', product_type: 'spot' },
])
const TRADES = `[{"timestamp":${MIDNIGHT / 1000},"timestampms":${MIDNIGHT + 123},"tid":5335307668,"price":"3610.850","amount":"0.27413495","type":"buy"}]`
const CANDLES = `[[${MIDNIGHT + 60_000},2,4,1,3.10,9],[${MIDNIGHT},1.5,2.5,0.5,2,9]]`

describe('what Gemini tells over HTTP', () => {
  it('lists spot pairs, in the spelling of its socket', () => {
    expect(catalogue.read(body(SYMBOLS))).to.deep.equal([
      { symbol: 'BTCUSD', pair: { base: 'BTC', quote: 'USD' }, trading: true },
      { symbol: 'PAXGUSD', pair: { base: 'PAXG', quote: 'USD' }, trading: false },
    ])
    expect(gemini.symbol({ base: 'BTC', quote: 'USD' })).to.equal('BTCUSD')
  })

  it('asks by lower-case names, and turns the newest candle last', () => {
    expect(candles.question(geminiRest.base, { ...tenMinutes('BTCUSD'), interval: '1h' }).url).to.equal(
      'https://api.gemini.com/v2/candles/btcusd/1hr',
    )
    expect(partsOf(ticker.question(geminiRest.base, 'BTCUSD').url).path).to.match(/\/v1\/trades\/btcusd$/)
    expect(candles.read(body(CANDLES), '1m')).to.deep.equal([
      { at: MIDNIGHT, open: '1.5', high: '2.5', low: '0.5', close: '2' },
      { at: MIDNIGHT + 60_000, open: '2', high: '4', low: '1', close: '3.1' },
    ])
  })

  it('takes the last trade for the newest price, and names what is none', () => {
    expect(ticker.read(body(TRADES), 'BTCUSD')).to.deep.equal({
      symbol: 'BTCUSD',
      price: '3610.85',
      at: MIDNIGHT + 123,
      order: null,
    })
    expect(ticker.read(body('[]'), 'BTCUSD')).to.equal('no-trades')
    const error = (reason: string) => body({ result: 'error', reason, message: '' })
    expect(ticker.read(error('InvalidSymbol'), 'NOPE')).to.equal('unknown-symbol')
    expect(candles.read(error('RateLimit'), '1m')).to.equal('throttled')
    expect(catalogue.read(error('Maintenance'))).to.equal('error')
  })

  it('survives whatever comes in the place of an answer', () => {
    expectUnbreakableReaders(geminiRest, [SYMBOLS, TRADES, CANDLES])
  })
})
