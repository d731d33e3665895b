import { expect } from 'chai'
import { indodaxRest } from '../../../src/feeds/rest/indodax.js'
import { indodax } from '../../../src/feeds/venues/indodax.js'
import {
  body,
  expectUnbreakableReaders,
  MIDNIGHT,
  partsOf,
  recordedAnswer,
  tenMinutes,
  withoutAnswers,
} from '../../support/exchange-answers.js'

const { catalogue, ticker, candles } = indodaxRest

const row = (id: string, base: string, quote: string, more: object) => ({
  id,
  symbol: id.toUpperCase(),
  base_currency: quote,
  traded_currency: base,
  ...more,
})
const PAIRS = JSON.stringify([
  row('btcidr', 'btc', 'idr', { is_maintenance: 0, is_market_suspended: 0 }),
  row('tenidr', 'ten', 'idr', {}),
  row('ethidr', 'eth', 'idr', { is_maintenance: 1, is_market_suspended: 0 }),
  row('xrpidr', 'xrp', 'idr', { is_maintenance: 0, is_market_suspended: 'perhaps' }),
  row('btcusdt', 'btc', 'usdt', { is_maintenance: 0 }),
])
const TICKER = '{"ticker":{"high":"523","last":"511","server_time":1788307200}}'
const HISTORY = `[{"Time":${MIDNIGHT / 1000},"Open":1550000000,"High":1.551e9,"Low":1550000000,"Close":1550500000.5,"Volume":"1"}]`

describe('what Indodax tells over HTTP', () => {
  it('lists pairs with base and quote put right, and no unknown status as trading', () => {
    expect(catalogue.read(body(PAIRS))).to.deep.equal([
      { symbol: 'btcidr', pair: { base: 'BTC', quote: 'IDR' }, trading: true },
      { symbol: 'tenidr', pair: { base: 'TEN', quote: 'IDR' }, trading: true },
      { symbol: 'ethidr', pair: { base: 'ETH', quote: 'IDR' }, trading: false },
      { symbol: 'xrpidr', pair: { base: 'XRP', quote: 'IDR' }, trading: false },
      { symbol: 'btcusdt', pair: { base: 'BTC', quote: 'USDT' }, trading: true },
    ])
    expect(indodax.symbol({ base: 'BTC', quote: 'IDR' })).to.equal('btcidr')
  })

  it('asks for the past by upper-case names and reads its numbers exactly', () => {
    expect(partsOf(candles.question(indodaxRest.base, tenMinutes('btcidr')).url)).to.deep.equal({
      path: 'https://indodax.com/tradingview/history_v2',
      query: {
        symbol: 'BTCIDR',
        tf: '1',
        from: String(MIDNIGHT / 1000),
        to: String(MIDNIGHT / 1000 + 599),
      },
    })
    expect(candles.read(body(HISTORY), '1m')).to.deep.equal([
      { at: MIDNIGHT, open: '1550000000', high: '1551000000', low: '1550000000', close: '1550500000.5' },
    ])
  })

  it('takes a time of seconds and one of ms for what they are', () => {
    const at = 1_788_307_200_000
    expect(ticker.read(body(TICKER), 'tenidr')).to.deep.equal({
      symbol: 'tenidr',
      price: '511',
      at,
      order: null,
    })
    expect(ticker.read(body(TICKER.replace('1788307200', `"${at}"`)), 'tenidr')).to.include({ at })
  })

  it('names what is no answer to the question', () => {
    const unknown = body({ error: 'invalid_pair', error_description: 'Invalid Pair' })
    expect(ticker.read(unknown, 'nopeidr')).to.equal('unknown-symbol')
    expect(candles.read(body({ error: 'else' }), '1m')).to.equal('error')
    expect(ticker.read(body('{"ticker":{"last":"0","server_time":1}}'), 'x')).to.equal('price-zero')
  })

  it(`reads the recorded ticker${withoutAnswers('indodax')}`, function () {
    if (withoutAnswers('indodax')) this.skip()
    expect(ticker.read(recordedAnswer('indodax/ticker-btcusdt.json'), 'btcusdt')).to.deep.equal({
      symbol: 'btcusdt',
      price: '73302',
      at: Date.UTC(2024, 2, 13, 11, 10, 44),
      order: null,
    })
  })

  it('survives whatever comes in the place of an answer', () => {
    expectUnbreakableReaders(indodaxRest, [PAIRS, TICKER, HISTORY])
  })
})
