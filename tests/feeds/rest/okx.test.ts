import { expect } from 'chai'
import { okxRest } from '../../../src/feeds/rest/okx.js'
import { okx } from '../../../src/feeds/venues/okx.js'
import {
  body,
  expectUnbreakableReaders,
  MIDNIGHT,
  partsOf,
  tenMinutes,
} from '../../support/exchange-answers.js'

const { catalogue, ticker, candles } = okxRest

const answer = (data: unknown, code = '0') => JSON.stringify({ code, msg: '', data })
const INSTRUMENTS = answer([
  { instType: 'SPOT', instId: 'BTC-USDT', baseCcy: 'BTC', quoteCcy: 'USDT', state: 'live' },
  { instType: 'SPOT', instId: 'NEW-USDT', baseCcy: 'NEW', quoteCcy: 'USDT', state: 'preopen' },
  { instType: 'SPOT', instId: 'OLD-USDC', baseCcy: 'OLD', quoteCcy: 'USDC', state: 'suspend' },
])
const TICKER = answer([{ instId: 'BTC-USDT', last: '9999.990', lastSz: '1', ts: `${MIDNIGHT + 1}` }])
const CANDLES = answer([
  [`${MIDNIGHT + 60_000}`, '2', '4', '1', '3', '9', '9', '9', '0'],
  [`${MIDNIGHT}`, '1.50', '2.5', '0.5', '2', '9', '9', '9', '1'],
])

describe('what OKX tells over HTTP', () => {
  it('lists spot instruments, of which only live ones trade', () => {
    expect(catalogue.read(body(INSTRUMENTS))).to.deep.equal([
      { symbol: 'BTC-USDT', pair: { base: 'BTC', quote: 'USDT' }, trading: true },
      { symbol: 'NEW-USDT', pair: { base: 'NEW', quote: 'USDT' }, trading: false },
      { symbol: 'OLD-USDC', pair: { base: 'OLD', quote: 'USDC' }, trading: false },
    ])
    expect(okx.symbol({ base: 'BTC', quote: 'USDT' })).to.equal('BTC-USDT')
  })

  it('asks for what lies after the earlier and before the later border, by days of UTC', () => {
    const ask = tenMinutes('BTC-USDT')
    expect(partsOf(candles.question(okxRest.base, ask).url)).to.deep.equal({
      path: 'https://www.okx.com/api/v5/market/history-candles',
      query: {
        instId: 'BTC-USDT',
        bar: '1m',
        before: String(MIDNIGHT - 1),
        after: String(MIDNIGHT + 600_000),
        limit: '100',
      },
    })
    const bar = (interval: '1h' | '1d') =>
      partsOf(candles.question(okxRest.base, { ...ask, interval }).url).query.bar
    expect([bar('1h'), bar('1d')]).to.deep.equal(['1H', '1Dutc'])
  })

  it('turns the newest candle last, and takes no day of another calendar', () => {
    expect(candles.read(body(CANDLES), '1m')).to.deep.equal([
      { at: MIDNIGHT, open: '1.5', high: '2.5', low: '0.5', close: '2' },
      { at: MIDNIGHT + 60_000, open: '2', high: '4', low: '1', close: '3' },
    ])
    const hongKong = answer([[`${MIDNIGHT - 8 * 3_600_000}`, '1', '1', '1', '1']])
    expect(candles.read(body(hongKong), '1d')).to.equal('time-between-intervals')
  })

  it('reads a ticker, and names what is none', () => {
    expect(ticker.read(body(TICKER), 'BTC-USDT')).to.deep.equal({
      symbol: 'BTC-USDT',
      price: '9999.99',
      at: MIDNIGHT + 1,
      order: null,
    })
    expect(ticker.read(body(answer([], '51001')), 'NO-USDT')).to.equal('unknown-symbol')
    expect(ticker.read(body(answer([], '50011')), 'BTC-USDT')).to.equal('throttled')
    expect(candles.read(body(answer([], '50013')), '1m')).to.equal('unavailable')
    expect(candles.read(body(answer([], '51000')), '1m')).to.equal('error')
    expect(ticker.read(body(TICKER.replace('9999.990', '')), 'BTC-USDT')).to.equal('price-missing')
    expect(ticker.read(body(answer([])), 'BTC-USDT')).to.equal('unknown-symbol')
  })

  it('survives whatever comes in the place of an answer', () => {
    expectUnbreakableReaders(okxRest, [INSTRUMENTS, TICKER, CANDLES])
  })
})
