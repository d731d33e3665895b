import { expect } from 'chai'
import { krakenRest } from '../../../src/feeds/rest/kraken.js'
import { kraken } from '../../../src/feeds/venues/kraken.js'
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

const { catalogue, ticker, candles } = krakenRest

const PAIRS = JSON.stringify({
  error: [],
  result: {
    XXBTZUSD: { altname: 'XBTUSD', wsname: 'XBT/USD', status: 'online' },
    XDGEUR: { altname: 'XDGEUR', wsname: 'XDG/EUR', status: 'online' },
    ADAXBT: { altname: 'ADAXBT', wsname: 'ADA/XBT', status: 'post_only' },
    DARK: { altname: 'XBTUSD.d', status: 'online' },
  },
})
const TICKER = '{"error":[],"result":{"XXBTZUSD":{"a":["5.2","1","1.0"],"c":["5.10000","0.1"]}}}'
const OHLC = JSON.stringify({
  error: [],
  result: {
    XXBTZUSD: [0, 1, 2].map((minute) => [
      MIDNIGHT / 1000 + minute * 60,
      '1.0',
      '3.5',
      '0.5',
      '2.0',
      '0.0',
      '1',
      4,
    ]),
    last: MIDNIGHT / 1000 + 60,
  },
})

describe('what Kraken tells over HTTP', () => {
  it('lists pairs by their common names, in the spelling of its socket', () => {
    const listed = catalogue.read(body(PAIRS))
    expect(listed).to.deep.equal([
      { symbol: 'BTC/USD', pair: { base: 'BTC', quote: 'USD' }, trading: true },
      { symbol: 'DOGE/EUR', pair: { base: 'DOGE', quote: 'EUR' }, trading: true },
      { symbol: 'ADA/BTC', pair: { base: 'ADA', quote: 'BTC' }, trading: false },
    ])
    expect(kraken.symbol({ base: 'BTC', quote: 'USD' })).to.equal('BTC/USD')
  })

  it('asks by the names that it uses here', () => {
    expect(partsOf(candles.question(krakenRest.base, tenMinutes('DOGE/BTC')).url)).to.deep.equal({
      path: 'https://api.kraken.com/0/public/OHLC',
      query: { pair: 'XDGXBT', interval: '1', since: String(MIDNIGHT / 1000 - 1) },
    })
    expect(partsOf(ticker.question(krakenRest.base, 'BTC/USD').url).query).to.deep.equal({ pair: 'XBTUSD' })
  })

  it('reads by whatever key the result has, and leaves the candle out that is under way', () => {
    expect(ticker.read(body(TICKER), 'BTC/USD')).to.deep.equal({
      symbol: 'BTC/USD',
      price: '5.1',
      at: null,
      order: null,
    })
    const candle = { open: '1', high: '3.5', low: '0.5', close: '2' }
    expect(candles.read(body(OHLC), '1m')).to.deep.equal([
      { at: MIDNIGHT, ...candle },
      { at: MIDNIGHT + 60_000, ...candle },
    ])
  })

  it('names the errors that come with status 200', () => {
    const error = (text: string) => body({ error: [text] })
    expect(ticker.read(error('EAPI:Rate limit exceeded'), 'BTC/USD')).to.equal('throttled')
    expect(ticker.read(error('EGeneral:Temporary lockout'), 'BTC/USD')).to.equal('throttled')
    expect(candles.read(error('EGeneral:Too many requests'), '1m')).to.equal('throttled')
    expect(candles.read(error('EService:Busy'), '1m')).to.equal('unavailable')
    expect(ticker.read(error('EQuery:Unknown asset pair'), 'X/USD')).to.equal('unknown-symbol')
    expect(catalogue.read(error('EGeneral:Internal error'))).to.equal('error')
    expect(ticker.read(body('{"error":[],"result":{"A":{},"B":{}}}'), 'X/USD')).to.equal('several')
  })

  it(`reads each of the recorded tickers, whose prices may be zero${withoutAnswers('kraken')}`, function () {
    if (withoutAnswers('kraken')) this.skip()
    const files = ['Ticker-assetVersion.rotki-full.json.gz', 'Ticker.nautilus.json', 'Ticker.xchange.json']
    const entries = files.flatMap((file): [string, { c: [string] }][] =>
      Object.entries(JSON.parse(recordedAnswer(`kraken/${file}`).toString()).result),
    )
    const read = entries.map(([key, entry]) =>
      ticker.read(body({ error: [], result: { [key]: entry } }), 'A/USD'),
    )
    const zeros = read.filter((tick) => tick === 'price-zero').length
    expect(read.map((tick) => (typeof tick === 'string' ? tick : tick.price))).to.deep.equal(
      entries.map(([, { c }]) => (Number(c[0]) === 0 ? 'price-zero' : short(c[0]))),
    )
    expect(zeros).to.equal(108)
  })

  it(`reads each of the recorded candles but the last${withoutAnswers('kraken')}`, function () {
    if (withoutAnswers('kraken')) this.skip()
    const bytes = recordedAnswer('kraken/OHLC.json')
    const rows: [number, string, string, string, string][] = JSON.parse(bytes.toString()).result.XBTUSDT
    expect(candles.read(bytes, '1m')).to.deep.equal(
      rows.slice(0, -1).map(([at, open, high, low, close]) => ({
        at: at * 1000,
        open: short(open),
        high: short(high),
        low: short(low),
        close: short(close),
      })),
    )
  })

  it(`names each of the recorded errors${withoutAnswers('kraken')}`, function () {
    if (withoutAnswers('kraken')) this.skip()
    const errors: unknown[] = JSON.parse(recordedAnswer('kraken/error-bodies.json').toString())
    expect(errors.map((error) => ticker.read(body(error), 'A/USD'))).to.deep.equal([
      'throttled',
      'throttled',
      'unavailable',
      'unavailable',
      'unknown-symbol',
      'throttled',
    ])
  })

  it('survives whatever comes in the place of an answer', () => {
    expectUnbreakableReaders(krakenRest, [PAIRS, TICKER, OHLC])
  })
})
