import { expect } from 'chai'
import { finnhub } from '../../../src/feeds/sources/finnhub.js'
import { FEEDS, WITHOUT_FEEDS } from '../../support/exchange-frames.js'
import { expectSaneAnswer, expectUnbreakable, json, recordedAnswers } from '../../support/source-answers.js'

const one = (body: Buffer) => {
  const answer = finnhub.read(body, ['AAPL'])
  return answer.kind === 'quotes' ? answer.quotes.get('AAPL') : answer
}

const told = (c: unknown, t: unknown): Buffer => json({ c, d: null, dp: null, h: 0, l: 0, o: 0, pc: 0, t })

const seconds = (text: string): number => Date.parse(text) / 1000

describe('Finnhub', () => {
  it('names shares of the United States alone', () => {
    expect(['AAPL', 'BRK-B', 'BBCA.JK', 'BTC-USD', '^GSPC', 'GC=F'].map(finnhub.name)).to.deep.equal([
      'AAPL',
      'BRK.B',
      null,
      null,
      null,
      null,
    ])
  })

  it('keeps its key out of the address', () => {
    expect(finnhub.question('http://h', ['BRK.B'], 'secret')).to.deep.equal({
      url: 'http://h/quote?symbol=BRK.B',
      headers: { 'X-Finnhub-Token': 'secret' },
    })
  })

  it('takes a time in trading hours as the time of the price', () => {
    expect(one(told(261.74, seconds('2026-03-03T10:15:30-05:00')))).to.deep.equal({
      price: '261.74',
      currency: 'USD',
      at: Date.parse('2026-03-03T15:15:30Z'),
      delayMs: null,
    })
  })

  for (const [asked, traded] of [
    ['2026-03-03T16:00:00-05:00', '2026-03-03T16:00:00-05:00'],
    ['2026-03-03T21:00:00-05:00', '2026-03-03T16:00:00-05:00'],
    ['2026-03-04T09:29:59-05:00', '2026-03-03T16:00:00-05:00'],
    ['2026-03-08T12:00:00-04:00', '2026-03-06T16:00:00-05:00'],
  ] as const) {
    it(`takes ${asked} as the end of trading on ${traded.slice(0, 10)}`, () => {
      expect(one(told(261.74, seconds(asked)))).to.include({ at: Date.parse(traded) })
    })
  }

  it('does not know what is all zero, and has no quote of a zero price', () => {
    expect(one(told(0, 0))).to.deep.equal({ missing: 'unknown', reason: 'not-found' })
    expect(one(told(0, 1_772_000_000))).to.include({ missing: 'unusable', reason: 'no-price' })
    expect(one(told(5, 0))).to.include({ missing: 'unusable', reason: 'no-time' })
    expect(one(told(null, null))).to.include({ missing: 'unusable', reason: 'no-price' })
  })

  it('tells a spent quota from a wrong key and from other errors', () => {
    expect(one(json({ error: 'API limit reached. Please try again later.' }))).to.include({ reason: 'quota' })
    expect(one(json({ error: 'Invalid API key' }))).to.include({ reason: 'key' })
    expect(one(json({ error: "You don't have access to this resource." }))).to.include({ reason: 'key' })
    expect(one(json({ error: 'Symbol not supported' }))).to.include({ reason: 'error' })
    expect(one(json({ s: 'no_data' }))).to.include({ reason: 'not-an-answer' })
    expect(one(Buffer.from('Too Many Requests'))).to.include({ reason: 'quota' })
  })

  it('reads nothing that throws or is not sane', () => {
    expectUnbreakable([told(261.74, 1_772_000_000), told(0, 0), json({ error: 'x' })], (body) =>
      expectSaneAnswer(finnhub.read(body, ['AAPL']), ['AAPL']),
    )
  })
})

describe(`Finnhub's recorded answers${WITHOUT_FEEDS}`, () => {
  before(function () {
    if (!FEEDS) this.skip()
  })

  it('are two quotes, asked for when the market was closed, and an unknown symbol', () => {
    const quotes = recordedAnswers('finnhub').filter(({ file }) => file.startsWith('quote'))
    expect(quotes.map(({ body }) => one(body))).to.deep.equal([
      // Asked for on a Saturday.
      { price: '267.99', currency: 'USD', at: Date.parse('2020-04-10T16:00:00-04:00'), delayMs: null },
      // At four in the morning of New York; high, low and open are zero.
      { price: '517.96', currency: 'USD', at: Date.parse('2020-03-26T16:00:00-04:00'), delayMs: null },
      { missing: 'unknown', reason: 'not-found' },
    ])
  })

  it('refuses frames of its socket', () => {
    const frames = recordedAnswers('finnhub').filter(({ file }) => file.startsWith('ws'))
    expect(frames).to.have.length(5)
    for (const { body, file } of frames) expect(one(body), file).to.include({ reason: 'not-an-answer' })
  })
})
