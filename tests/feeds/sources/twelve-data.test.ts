import { expect } from 'chai'
import { twelveData } from '../../../src/feeds/sources/twelve-data.js'
import type { Interval } from '../../../src/prices/candle.js'
import { FEEDS, WITHOUT_FEEDS } from '../../support/exchange-frames.js'
import {
  expectSaneAnswer,
  expectSaneCandles,
  expectUnbreakable,
  json,
  recordedAnswer,
  recordedAnswers,
} from '../../support/source-answers.js'

const QUOTE = {
  symbol: 'AAPL',
  name: 'Apple Inc',
  currency: 'USD',
  datetime: '2026-03-03',
  timestamp: 1_772_548_200,
  last_quote_at: 1_772_571_540,
  close: '261.74000',
  is_market_open: false,
}
const failure = (code: number, message = ''): object => ({ code, message, status: 'error' })

const series = (interval: string, ...values: readonly object[]): Buffer =>
  json({ meta: { symbol: 'AAPL', interval }, values, status: 'ok' })

const row = (datetime: string, open: string, high: string, low: string, close: string) => ({
  datetime,
  open,
  high,
  low,
  close,
})

const one = (body: Buffer, name = 'AAPL') => {
  const answer = twelveData.read(body, [name])
  return answer.kind === 'quotes' ? answer.quotes.get(name) : answer
}

const candles = (body: Buffer, interval: Interval) => twelveData.history?.read(body, interval)

describe('Twelve Data', () => {
  it('names shares with their exchange, those of the United States without', () => {
    const symbols = ['AAPL', 'BRK-B', 'BBCA.JK', '0700.HK', 'VOD.L', 'MC.PA', 'BTC-USD', '^GSPC']
    expect(symbols.map(twelveData.name)).to.deep.equal([
      'AAPL',
      'BRK.B',
      'BBCA:IDX',
      '0700:HKEX',
      'VOD:LSE',
      null,
      null,
      null,
    ])
  })

  it('asks for several at once and keeps its key out of the address', () => {
    expect(twelveData.question('http://h', ['AAPL', 'RY:TSX'], 'secret')).to.deep.equal({
      url: 'http://h/quote?symbol=AAPL%2CRY%3ATSX',
      headers: { Authorization: 'apikey secret' },
    })
  })

  it('takes the time of the last minute, or else the beginning of the day', () => {
    expect(one(json(QUOTE))).to.deep.equal({
      price: '261.74',
      currency: 'USD',
      at: 1_772_571_540_000,
      delayMs: null,
      name: 'Apple Inc',
    })
    expect(one(json({ ...QUOTE, last_quote_at: undefined }))).to.include({ at: 1_772_548_200_000 })
  })

  it('tells each of several symbols for itself', () => {
    const body = json({
      AAPL: QUOTE,
      'RY:TSX': { ...QUOTE, symbol: 'RY', name: 'Royal Bank', currency: 'CAD', close: '150.10' },
      NOPE: failure(404),
      'BBCA:IDX': failure(403, 'available with a higher plan'),
      ODD: failure(500),
    })
    const names = ['AAPL', 'RY:TSX', 'NOPE', 'BBCA:IDX', 'ODD', 'MSFT']
    const answer = twelveData.read(body, names)
    if (answer.kind === 'refused') return expect.fail(answer.reason)
    expect(answer.quotes.get('AAPL')).to.include({ price: '261.74', currency: 'USD' })
    expect(answer.quotes.get('RY:TSX')).to.include({ price: '150.1', currency: 'CAD' })
    expect(answer.quotes.get('NOPE')).to.deep.equal({ missing: 'unknown', reason: 'not-found' })
    expect(answer.quotes.get('BBCA:IDX')).to.deep.equal({ missing: 'unusable', reason: 'not-in-plan' })
    expect(answer.quotes.get('ODD')).to.deep.equal({ missing: 'unusable', reason: 'error' })
    expect(answer.quotes.get('MSFT')).to.deep.equal({ missing: 'unusable', reason: 'other-symbol' })
  })

  it('reads pence as such, and takes no other listing for one of the United States', () => {
    const london = { ...QUOTE, symbol: 'VOD', currency: 'GBp', close: '71.3' }
    expect(one(json(london), 'VOD:LSE')).to.include({ price: '71.3', currency: 'GBX' })
    expect(one(json(london), 'VOD')).to.deep.equal({ missing: 'unusable', reason: 'other-listing' })
    expect(one(json(QUOTE), 'MSFT')).to.deep.equal({ missing: 'unusable', reason: 'other-symbol' })
  })

  it('tells errors of the question from those of its symbol', () => {
    expect(one(json(failure(404)))).to.deep.equal({ missing: 'unknown', reason: 'not-found' })
    expect(one(json(failure(429, 'out of credits for the day')))).to.include({
      reason: 'quota',
      retryAfterMs: null,
    })
    expect(one(json(failure(401)))).to.include({ reason: 'key' })
    expect(one(json(failure(400)))).to.include({ reason: 'error' })
    expect(one(json(failure(500)))).to.include({ reason: 'error' })
    expect(one(json({}))).to.include({ reason: 'not-an-answer' })
    expect(twelveData.read(json({ status: 'ok' }), ['AAPL', 'MSFT'])).to.include({ reason: 'not-an-answer' })
  })

  it('asks for the past by clocks of UTC, for hours in halves', () => {
    const ask = { name: 'AAPL', from: Date.UTC(2026, 2, 2, 14, 30), to: Date.UTC(2026, 2, 3) }
    const url = (interval: Interval) =>
      twelveData.history?.question('http://h', { ...ask, interval }, 'k').url
    expect(url('1h')).to.equal(
      'http://h/time_series?symbol=AAPL&interval=30min&start_date=2026-03-02%2014%3A30%3A00' +
        '&end_date=2026-03-03%2000%3A00%3A00&timezone=UTC&order=ASC&outputsize=5000',
    )
    expect(url('1d')).to.contain('interval=1day&')
    expect(url('1m')).to.contain('interval=1min&')
  })

  it('tells days, minutes and hours', () => {
    expect(candles(series('1day', row('2026-03-03', '10.50', '12', '9', '11')), '1d')).to.deep.equal([
      { at: Date.UTC(2026, 2, 3), open: '10.5', high: '12', low: '9', close: '11' },
    ])
    expect(candles(series('1min', row('2026-03-03 14:31:00', '10', '12', '9', '11')), '1m')).to.deep.equal([
      { at: Date.UTC(2026, 2, 3, 14, 31), open: '10', high: '12', low: '9', close: '11' },
    ])
    const halves = [
      row('2026-03-03 15:30:00', '11', '11', '7', '8'),
      row('2026-03-03 15:00:00', '10', '12', '9', '11'),
    ]
    expect(candles(series('30min', ...halves), '1h')).to.deep.equal([
      { at: Date.UTC(2026, 2, 3, 15), open: '10', high: '12', low: '7', close: '8' },
    ])
    expect(candles(series('1h'), '1h')).to.include({ reason: 'not-an-answer' })
    expect(candles(json(failure(404)), '1d')).to.deep.equal([])
    expect(candles(json(failure(429)), '1d')).to.include({ reason: 'quota' })
  })

  it('reads nothing that throws or is not sane', () => {
    const bodies = [
      json(QUOTE),
      json({ AAPL: QUOTE, MSFT: failure(404) }),
      series('1day', row('2026-03-03', '10.50', '12', '9', '11')),
      series('1min', row('2026-03-03 14:31:00', '10', '12', '9', '11')),
    ]
    expectUnbreakable(bodies, (body) => {
      for (const names of [['AAPL'], ['AAPL', 'MSFT']]) expectSaneAnswer(twelveData.read(body, names), names)
      for (const interval of ['1m', '1h', '1d'] as const) {
        expectSaneCandles(twelveData.history?.read(body, interval) ?? [], interval)
      }
    })
  })
})

describe(`Twelve Data's recorded answers${WITHOUT_FEEDS}`, () => {
  before(function () {
    if (!FEEDS) this.skip()
  })

  it("tells the documentation's quote", () => {
    const body = recordedAnswer('twelvedata', 'quote.AAPL.doc.json')
    const told = JSON.parse(body.toString())
    expect(told.close).to.equal('148.85001')
    expect(one(body)).to.deep.equal({
      price: told.close,
      currency: told.currency,
      at: told.last_quote_at * 1000,
      delayMs: null,
      name: told.name,
    })
  })

  it('tells what each of the errors is, whatever their status', () => {
    const errors = recordedAnswers('twelvedata').filter(({ file }) => file.startsWith('errors'))
    expect(errors.map(({ body }) => one(body))).to.deep.equal([
      { kind: 'refused', reason: 'quota', retryAfterMs: 60_000 },
      { missing: 'unknown', reason: 'not-found' },
      { kind: 'refused', reason: 'key', retryAfterMs: null },
    ])
  })

  it('has no quote in frames of its socket', () => {
    const frames = recordedAnswers('twelvedata').filter(({ file }) => file.startsWith('ws'))
    expect(frames).to.have.length(4)
    for (const { body, file } of frames) expect(one(body), file).not.to.have.property('price')
  })
})
