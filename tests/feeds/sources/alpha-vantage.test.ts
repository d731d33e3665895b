import { expect } from 'chai'
import { alphaVantage } from '../../../src/feeds/sources/alpha-vantage.js'
import { FEEDS, WITHOUT_FEEDS } from '../../support/exchange-frames.js'
import {
  expectSaneAnswer,
  expectSaneCandles,
  expectUnbreakable,
  json,
  recordedAnswer,
  recordedAnswers,
} from '../../support/source-answers.js'

const quote = (symbol: string, more: object = {}): Buffer =>
  json({
    'Global Quote': {
      '01. symbol': symbol,
      '05. price': '187.4500',
      '07. latest trading day': '2026-07-10',
      ...more,
    },
  })

const one = (body: Buffer, name: string) => {
  const answer = alphaVantage.read(body, [name])
  return answer.kind === 'quotes' ? answer.quotes.get(name) : answer
}

const DAILY = json({
  'Meta Data': { '2. Symbol': 'IBM' },
  'Time Series (Daily)': {
    '2026-07-10': { '1. open': '10.10', '2. high': '12', '3. low': '9', '4. close': '11', '5. volume': '5' },
    '2026-07-09': { '1. open': '9', '2. high': '10.2', '3. low': '9', '4. close': '10.1', '5. volume': '5' },
    '2026-02-30': { '1. open': '9', '2. high': '10.2', '3. low': '9', '4. close': '10.1', '5. volume': '5' },
  },
})

describe('Alpha Vantage', () => {
  it('names shares of exchanges whose currency is certain, and of no other', () => {
    const names = ['IBM', 'BRK-B', 'SHOP.TO', 'MBG.DE', 'VUSA.L', 'BBCA.JK', 'BTC-USD', '^GSPC', 'X.YZ']
    expect(names.map(alphaVantage.name)).to.deep.equal([
      'IBM',
      'BRK-B',
      'SHOP.TRT',
      'MBG.DEX',
      null,
      null,
      null,
      null,
      null,
    ])
  })

  it('asks with its key', () => {
    const { url } = alphaVantage.question('http://h', ['SHOP.TRT'], 'a b')
    expect(url).to.equal('http://h/query?function=GLOBAL_QUOTE&symbol=SHOP.TRT&apikey=a%20b')
    const ask = { name: 'IBM', interval: '1d' as const, from: 0, to: 1 }
    expect(alphaVantage.history?.question('http://h', ask, 'k').url).to.equal(
      'http://h/query?function=TIME_SERIES_DAILY&symbol=IBM&outputsize=compact&apikey=k',
    )
  })

  for (const [name, currency, close] of [
    ['IBM', 'USD', '2026-07-10T16:00:00-04:00'],
    ['SHOP.TRT', 'CAD', '2026-07-10T16:00:00-04:00'],
    ['MBG.DEX', 'EUR', '2026-07-10T17:35:00+02:00'],
  ] as const) {
    it(`dates ${name} at the end of trading, in ${currency}`, () => {
      expect(one(quote(name), name)).to.deep.equal({
        price: '187.45',
        currency,
        at: Date.parse(close),
        delayMs: null,
      })
    })
  }

  it('has no quote without a price or a date, or of another symbol', () => {
    expect(one(quote('IBM', { '05. price': '0.0000' }), 'IBM')).to.include({ reason: 'no-price' })
    expect(one(quote('IBM', { '07. latest trading day': '2026-02-30' }), 'IBM')).to.include({
      reason: 'no-time',
    })
    expect(one(quote('IBM', { '07. latest trading day': '' }), 'IBM')).to.include({ reason: 'no-time' })
    expect(one(quote('IBMX'), 'IBM')).to.include({ reason: 'other-symbol' })
  })

  it('tells its errors apart by their keys', () => {
    const reason = (value: object) => one(json(value), 'IBM')
    expect(reason({ Note: 'whatever' })).to.include({ reason: 'quota' })
    expect(reason({ Information: 'whatever' })).to.include({ reason: 'quota' })
    expect(reason({ 'Error Message': 'Invalid API call.' })).to.include({ reason: 'error' })
    expect(reason({ 'Error Message': 'the parameter apikey is invalid or missing.' })).to.include({
      reason: 'key',
    })
    expect(reason({ 'Global Quote': {} })).to.deep.equal({ missing: 'unknown', reason: 'not-found' })
    expect(reason({ 'Global Quote': [] })).to.include({ reason: 'not-an-answer' })
    expect(one(Buffer.from('<html></html>'), 'IBM')).to.include({ reason: 'not-an-answer' })
    expect(alphaVantage.history?.read(json({ Note: 'x' }), '1d')).to.include({ reason: 'quota' })
  })

  it('tells days, oldest first', () => {
    expect(alphaVantage.history?.read(DAILY, '1d')).to.deep.equal([
      { at: Date.UTC(2026, 6, 9), open: '9', high: '10.2', low: '9', close: '10.1' },
      { at: Date.UTC(2026, 6, 10), open: '10.1', high: '12', low: '9', close: '11' },
    ])
  })

  it('reads nothing that throws or is not sane', () => {
    expectUnbreakable([quote('IBM'), DAILY, json({ Note: 'x' })], (body) => {
      expectSaneAnswer(alphaVantage.read(body, ['IBM']), ['IBM'])
      expectSaneCandles(alphaVantage.history?.read(body, '1d') ?? [], '1d')
    })
  })
})

describe(`Alpha Vantage's recorded answers${WITHOUT_FEEDS}`, () => {
  before(function () {
    if (!FEEDS) this.skip()
  })

  it('tells the quote of GLOBAL_QUOTE.MSFT.json', () => {
    const body = recordedAnswer('alphavantage', 'GLOBAL_QUOTE.MSFT.json')
    const [, price] = /"05\. price": "([\d.]+)"/.exec(body.toString()) ?? []
    expect(price).to.equal('112.1300')
    expect(one(body, 'MSFT')).to.deep.equal({
      price: '112.13',
      currency: 'USD',
      at: Date.parse('2018-10-05T20:00:00Z'),
      delayMs: null,
    })
  })

  it('refuses a currency pair, a list of symbols and minutes', () => {
    for (const file of ['CURRENCY_EXCHANGE_RATE.BTC-CNY', 'SYMBOL_SEARCH', 'TIME_SERIES_INTRADAY.MSFT']) {
      const body = recordedAnswer('alphavantage', `${file}.json`)
      expect(one(body, 'MSFT'), file).to.include({ kind: 'refused', reason: 'not-an-answer' })
      expect(alphaVantage.history?.read(body, '1d'), file).to.include({ reason: 'not-an-answer' })
    }
  })

  it('does not know the symbol of an empty quote', () => {
    const body = recordedAnswer('alphavantage', 'GLOBAL_QUOTE.unknown-symbol.json')
    expect(one(body, 'NOPE')).to.deep.equal({ missing: 'unknown', reason: 'not-found' })
  })

  it('tells what each of the refusals with status 200 is', () => {
    const bodies = recordedAnswers('alphavantage').filter(({ file }) => file.startsWith('rate-limit'))
    expect(
      bodies.map(({ body }) => one(body, 'MSFT')).map((told) => told && 'reason' in told && told.reason),
    ).to.deep.equal(['quota', 'quota', 'quota', 'error', 'not-found'])
  })
})
