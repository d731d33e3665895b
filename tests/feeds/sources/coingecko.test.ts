import { expect } from 'chai'
import { Decimal } from 'decimal.js'
import { COIN_IDS } from '../../../src/feeds/sources/coin-ids.js'
import { coinGecko } from '../../../src/feeds/sources/coingecko.js'
import { FEEDS, WITHOUT_FEEDS } from '../../support/exchange-frames.js'
import {
  expectSaneAnswer,
  expectUnbreakable,
  json,
  recordedAnswer,
  recordedAnswers,
} from '../../support/source-answers.js'

const one = (body: Buffer, name: string) => {
  const answer = coinGecko.read(body, [name])
  return answer.kind === 'quotes' ? answer.quotes.get(name) : answer
}

const TWO = json({
  bitcoin: { usd: 88_927, idr: 1_453_000_000, last_updated_at: 1_772_571_540 },
  'shiba-inu': { usd: 0.000000605, last_updated_at: 1_772_571_530 },
})

describe('CoinGecko', () => {
  it('names well-known coins in currencies that it tells, and nothing else', () => {
    const symbols = [
      'BTC-USD',
      'SHIB-IDR',
      'ETH-BTC',
      'BTC-USDT',
      'BTC-BTC',
      'NOPE-USD',
      'BBCA.JK',
      'XAU-USD',
    ]
    expect(symbols.map((symbol) => coinGecko.name(symbol))).to.deep.equal([
      'bitcoin/usd',
      'shiba-inu/idr',
      'ethereum/btc',
      null,
      null,
      null,
      null,
      null,
    ])
  })

  it('knows each coin by one ticker', () => {
    expect(new Set(COIN_IDS.values()).size).to.equal(COIN_IDS.size)
    for (const [ticker, id] of COIN_IDS) {
      expect(ticker).to.match(/^[A-Z0-9]{2,6}$/)
      expect(id).to.match(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    }
  })

  it('asks for each coin and currency once, with the time of each price', () => {
    expect(coinGecko.question('http://h', ['bitcoin/usd', 'bitcoin/idr', 'solana/usd'], null)).to.deep.equal({
      url: 'http://h/simple/price?ids=bitcoin%2Csolana&vs_currencies=usd%2Cidr&include_last_updated_at=true',
    })
    expect(coinGecko.question('http://h', ['bitcoin/usd'], 'k').headers).to.deep.equal({
      'x-cg-demo-api-key': 'k',
    })
  })

  it('tells prices losslessly, with or without an exponent', () => {
    expect(one(TWO, 'bitcoin/idr')).to.deep.equal({
      price: '1453000000',
      currency: 'IDR',
      at: 1_772_571_540_000,
      delayMs: null,
    })
    expect(TWO.toString()).to.contain('6.05e-7')
    expect(one(TWO, 'shiba-inu/usd')).to.include({ price: '0.000000605', at: 1_772_571_530_000 })
  })

  it('does not know an id that is left out, and has no price that is left out', () => {
    expect(one(json({}), 'bitcoin/usd')).to.deep.equal({ missing: 'unknown', reason: 'not-found' })
    expect(one(TWO, 'shiba-inu/idr')).to.deep.equal({ missing: 'unusable', reason: 'no-price' })
    expect(one(json({ bitcoin: {} }), 'bitcoin/usd')).to.deep.equal({
      missing: 'unusable',
      reason: 'no-price',
    })
    expect(one(json({ bitcoin: { usd: null } }), 'bitcoin/usd')).to.include({ reason: 'no-price' })
    expect(one(json({ bitcoin: { usd: 5 } }), 'bitcoin/usd')).to.include({ reason: 'no-time' })
  })

  it('tells a spent quota, as JSON or as a page, from a wrong key and other errors', () => {
    const status = (code: number) => json({ status: { error_code: code, error_message: 'x' } })
    expect(one(status(429), 'bitcoin/usd')).to.include({ reason: 'quota' })
    expect(one(status(10_002), 'bitcoin/usd')).to.include({ reason: 'key' })
    expect(one(status(500), 'bitcoin/usd')).to.include({ reason: 'error' })
    expect(one(json({ error: 'x' }), 'bitcoin/usd')).to.include({ reason: 'error' })
    const page = (title: string) => Buffer.from(`<!DOCTYPE html><html><title>${title}</title></html>`)
    expect(one(page('429 Too Many Requests'), 'bitcoin/usd')).to.include({ reason: 'quota' })
    expect(one(page('Just a moment...'), 'bitcoin/usd')).to.include({ reason: 'not-an-answer' })
  })

  it('reads nothing that throws or is not sane', () => {
    const names = ['bitcoin/usd', 'bitcoin/idr', 'shiba-inu/usd']
    expectUnbreakable([TWO, json({ status: { error_code: 429 } })], (body) =>
      expectSaneAnswer(coinGecko.read(body, names), names),
    )
  })
})

describe(`CoinGecko's recorded answers${WITHOUT_FEEDS}`, () => {
  before(function () {
    if (!FEEDS) this.skip()
  })

  it('tells every price of the simple ones, once they have a time', () => {
    const lines = recordedAnswers('coingecko').filter(({ file }) => file.startsWith('simple-price.recorded'))
    expect(lines).to.have.length(100)
    let prices = 0
    for (const { body: line } of lines) {
      const { body } = JSON.parse(line.toString())
      const timed = body.replace(/\}(?=[,}])/g, ',"last_updated_at":1700000000}')
      for (const [, id, currency, text] of body.matchAll(/"([^"]+)":\{"(\w+)":([^},]+)\}/g)) {
        const name = `${id}/${currency}`
        prices += 1
        expect(one(Buffer.from(timed), name)).to.deep.equal({
          price: new Decimal(text).toFixed(),
          currency: currency.toUpperCase(),
          at: 1_700_000_000_000,
          delayMs: null,
        })
        expect(one(Buffer.from(body), name)).to.deep.equal({ missing: 'unusable', reason: 'no-time' })
      }
    }
    expect(prices).to.be.above(100)
  })

  it('has no quote in prices without a time', () => {
    const body = recordedAnswer('coingecko', 'simple-price.go-gecko.json')
    expect(one(body, 'bitcoin/myr')).to.deep.equal({ missing: 'unusable', reason: 'no-time' })
  })

  it('refuses lists of coins and the past of one', () => {
    for (const file of ['coins-ethereum-history', 'coins-markets.2018', 'coins-markets.2022']) {
      const body = recordedAnswer('coingecko', `${file}.json`)
      expect(one(body, 'ethereum/usd'), file).to.include({ kind: 'refused', reason: 'not-an-answer' })
    }
  })
})
