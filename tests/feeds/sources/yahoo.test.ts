import { expect } from 'chai'
import { Decimal } from 'decimal.js'
import { yahoo } from '../../../src/feeds/sources/yahoo.js'
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

const META = {
  currency: 'IDR',
  symbol: 'BBCA.JK',
  instrumentType: 'EQUITY',
  regularMarketPrice: 9875,
  regularMarketTime: 1_772_000_000,
  gmtoffset: 25_200,
  exchangeTimezoneName: 'Asia/Jakarta',
  longName: 'PT Bank Central Asia Tbk',
  shortName: 'Bank Central Asia',
  dataGranularity: '1d',
}

const chart = (meta: object, rest: object = {}): Buffer =>
  json({ chart: { result: [{ meta: { ...META, ...meta }, ...rest }], error: null } })

const failure = (code: string, description = ''): Buffer =>
  json({ chart: { result: null, error: { code, description } } })

/** Rows [seconds, open, high, low, close]. */
const rows = (...told: readonly (readonly (number | null)[])[]): object => {
  const column = (index: number) => told.map((row) => row[index])
  const quote = [{ open: column(1), high: column(2), low: column(3), close: column(4) }]
  return { timestamp: column(0), indicators: { quote } }
}

const one = (body: Buffer, name = 'BBCA.JK') => {
  const answer = yahoo.read(body, [name])
  return answer.kind === 'quotes' ? answer.quotes.get(name) : answer
}

const candles = (body: Buffer, interval: Interval) => yahoo.history?.read(body, interval)

const utc = (text: string): number => Date.parse(text)
const seconds = (text: string): number => utc(text) / 1000

describe('Yahoo', () => {
  it('asks for one symbol by its own name, as a browser does', () => {
    const { url, headers } = yahoo.question('http://127.0.0.1:1', ['^JKSE'], null)
    expect(url).to.equal('http://127.0.0.1:1/v8/finance/chart/%5EJKSE?interval=1d&range=1d')
    expect(headers?.['User-Agent']).to.match(/^Mozilla\/5\.0 .*Safari/)
    expect(yahoo.batch).to.equal(1)
  })

  it('leaves pairs in a currency to the exchanges', () => {
    expect(['BBCA.JK', 'BRK-B', '^JKSE', 'EURUSD=X', 'BTC-USD', 'BTC-IDR'].map(yahoo.name)).to.deep.equal([
      'BBCA.JK',
      'BRK-B',
      '^JKSE',
      'EURUSD=X',
      null,
      null,
    ])
  })

  it('tells price, currency, time, name and kind', () => {
    expect(one(chart({}))).to.deep.equal({
      price: '9875',
      currency: 'IDR',
      at: 1_772_000_000_000,
      delayMs: null,
      name: 'PT Bank Central Asia Tbk',
      instrument: 'STOCK',
    })
    expect(one(chart({ longName: undefined, instrumentType: 'ETF' }))).to.include({
      name: 'Bank Central Asia',
      instrument: 'FUND',
    })
    expect(one(chart({ instrumentType: 'INDEX' }))).not.to.have.property('instrument')
  })

  for (const [theirs, ours] of [
    ['GBp', 'GBX'],
    ['GBP', 'GBP'],
    ['ZAc', 'ZAc'],
    ['ILA', 'ILA'],
  ]) {
    it(`reads ${theirs} as ${ours}`, () => {
      expect(one(chart({ currency: theirs }))).to.include({ currency: ours })
    })
  }

  it('keeps the digits of a price', () => {
    const body = Buffer.from(chart({}).toString().replace('9875', '0.1000000000000000055'))
    expect(one(body)).to.deep.equal({ missing: 'unusable', reason: 'no-price' })
    expect(one(Buffer.from(chart({}).toString().replace('9875', '15564437896659189083.5')))).to.include({
      price: '15564437896659189083.5',
    })
    expect(one(Buffer.from(chart({}).toString().replace('9875', '2.276e-05')))).to.include({
      price: '0.00002276',
    })
  })

  it('has no quote without a price, a time or a currency that it knows, or of another symbol', () => {
    for (const price of [0, -1, null, undefined, '', 'x', true]) {
      expect(one(chart({ regularMarketPrice: price }))).to.deep.equal({
        missing: 'unusable',
        reason: 'no-price',
      })
    }
    for (const time of [0, null, undefined, 1.5, -5, 1e15]) {
      expect(one(chart({ regularMarketTime: time }))).to.deep.equal({
        missing: 'unusable',
        reason: 'no-time',
      })
    }
    for (const currency of ['', 'KWF', undefined, 'gbp']) {
      expect(one(chart({ currency }))).to.deep.equal({ missing: 'unusable', reason: 'no-currency' })
    }
    expect(one(chart({ symbol: 'BBRI.JK' }))).to.deep.equal({ missing: 'unusable', reason: 'other-symbol' })
  })

  it('does not know a symbol that it says not to have found', () => {
    expect(one(failure('Not Found'))).to.deep.equal({ missing: 'unknown', reason: 'not-found' })
    expect(candles(failure('Not Found'), '1d')).to.deep.equal([])
  })

  it('tells being throttled from what is no answer and from its own errors', () => {
    const reason = (body: Buffer | string) => {
      const answer = one(Buffer.from(body))
      return answer && 'kind' in answer ? answer.reason : answer
    }
    expect(reason('')).to.equal('quota')
    expect(reason('Too Many Requests\r\n')).to.equal('quota')
    expect(reason(failure('Too Many Requests'))).to.equal('quota')
    expect(reason('Edge: Too Many Requests')).to.equal('quota')
    expect(reason('<!doctype html><html><body>sorry</body></html>')).to.equal('not-an-answer')
    expect(reason('{"quoteResponse":{"result":[]}}')).to.equal('not-an-answer')
    expect(reason(json({ chart: { result: [], error: null } }))).to.equal('not-an-answer')
    expect(reason(failure('Internal Server Error'))).to.equal('error')
    expect(reason('{"chart":')).to.equal('not-an-answer')
  })

  it('asks for the past between two instants, for hours in halves', () => {
    const ask = { name: 'BBCA.JK', from: 1_772_000_000_000, to: 1_772_086_400_000 }
    const url = (interval: Interval) => yahoo.history?.question('http://h', { ...ask, interval }, null).url
    const query = (rows: string) =>
      `interval=${rows}&period1=1772000000&period2=1772086400&includePrePost=false`
    expect(url('1d')).to.equal(`http://h/v8/finance/chart/BBCA.JK?${query('1d')}`)
    expect(url('1h')).to.equal(`http://h/v8/finance/chart/BBCA.JK?${query('30m')}`)
    expect(url('1m')).to.equal(`http://h/v8/finance/chart/BBCA.JK?${query('1m')}`)
  })

  it('makes hours of half hours, whenever the session begins', () => {
    const halves = rows(
      [seconds('2026-03-02T14:30:00Z'), 10, 12, 9, 11],
      [seconds('2026-03-02T15:00:00Z'), 11, 15, 11, 14],
      [seconds('2026-03-02T15:30:00Z'), 14, 14, 8, 9],
    )
    expect(candles(chart({ dataGranularity: '30m' }, halves), '1h')).to.deep.equal([
      { at: utc('2026-03-02T14:00:00Z'), open: '10', high: '12', low: '9', close: '11' },
      { at: utc('2026-03-02T15:00:00Z'), open: '11', high: '15', low: '8', close: '9' },
    ])
  })

  it('takes the newest price, which comes as a row of its own, into the minute that it belongs to', () => {
    const minutes = rows(
      [seconds('2026-03-02T15:01:00Z'), 10, 11, 10, 11],
      [seconds('2026-03-02T15:01:37Z'), 12, 12, 12, 12],
    )
    expect(candles(chart({ dataGranularity: '1m' }, minutes), '1m')).to.deep.equal([
      { at: utc('2026-03-02T15:01:00Z'), open: '10', high: '12', low: '10', close: '12' },
    ])
  })

  it('dates a day by the exchange, also the days that began in the other half of the year', () => {
    const days = rows(
      [seconds('2025-07-01T23:00:00Z'), 1.1, 1.2, 1, 1.1],
      [seconds('2025-12-01T00:00:00Z'), 1.1, 1.2, 1, 1.1],
    )
    const dates = (meta: object) => {
      const read = candles(chart(meta, days), '1d')
      return Array.isArray(read) ? read.map(({ at }) => new Date(at).toISOString().slice(0, 10)) : read
    }
    expect(dates({ gmtoffset: 0, exchangeTimezoneName: 'Europe/London' })).to.deep.equal([
      '2025-07-02',
      '2025-12-01',
    ])
    expect(dates({ gmtoffset: 3_600, exchangeTimezoneName: 'Nowhere' })).to.deep.equal([
      '2025-07-02',
      '2025-12-01',
    ])
    expect(dates({ gmtoffset: undefined, exchangeTimezoneName: '' })).to.deep.equal([])
  })

  it('has no past in another currency than its exchange prices shares in', () => {
    const days = rows([seconds('2026-03-02T08:00:00Z'), 10, 12, 9, 11])
    const past = (symbol: string, currency: string) =>
      candles(chart({ symbol, currency, exchangeTimezoneName: 'Europe/London' }, days), '1d')
    expect(past('VOD.L', 'GBp')).to.have.length(1)
    expect(past('CSPX.L', 'USD')).to.deep.equal([])
    expect(past('VUSA.L', 'GBP')).to.deep.equal([])
    expect(past('NPN.JO', 'ZAc')).to.have.length(1)
    expect(past('VOLV-B.ST', 'SEK')).to.have.length(1)
  })

  it('leaves out rows with a hole and rows that contradict themselves', () => {
    const day = (count: number) => seconds('2026-03-02T02:00:00Z') + count * 86_400
    const told = rows(
      [day(0), 10, 12, 9, 11],
      [day(1), 10, 12, 9, null],
      [day(2), 0, 12, 9, 11],
      [day(3), 10, 9, 12, 11],
      [day(4), 13, 12, 9, 11],
      [null, 10, 12, 9, 11],
    )
    expect(candles(chart({}, told), '1d')).to.have.length(1)
  })

  it('has no past where there are no rows, and refuses rows of another length', () => {
    expect(candles(chart({}), '1d')).to.deep.equal([])
    expect(candles(chart({}, { indicators: { quote: [{}] } }), '1d')).to.deep.equal([])
    expect(candles(failure('Bad Request', "Data doesn't exist for startDate = 1"), '1d')).to.deep.equal([])
    expect(candles(failure('Bad Request', 'Invalid input'), '1d')).to.include({ reason: 'error' })
    expect(candles(chart({ dataGranularity: '1mo' }), '1d')).to.include({ reason: 'not-an-answer' })
  })

  it('reads nothing that throws or is not sane', () => {
    const day = [seconds('2026-03-02T02:00:00Z'), 10, 12, 9, 11]
    expectUnbreakable([chart({}), chart({}, rows(day, day)), failure('Not Found')], (body) => {
      expectSaneAnswer(yahoo.read(body, ['BBCA.JK']), ['BBCA.JK'])
      for (const interval of ['1m', '1h', '1d'] as const) {
        expectSaneCandles(yahoo.history?.read(body, interval) ?? [], interval)
      }
    })
  })
})

interface Chart {
  readonly meta: {
    readonly currency: string
    readonly symbol: string
    readonly instrumentType: string
    readonly longName?: string
    readonly shortName?: string
    readonly regularMarketPrice: number
    readonly regularMarketTime: number
    readonly exchangeTimezoneName: string
    readonly dataGranularity: Interval
  }
  readonly timestamp?: readonly number[]
  readonly indicators: {
    readonly quote: readonly Readonly<
      Partial<Record<'open' | 'high' | 'low' | 'close', readonly (number | null)[]>>
    >[]
  }
}

describe(`Yahoo's recorded answers${WITHOUT_FEEDS}`, () => {
  const answers = FEEDS ? recordedAnswers('yahoo') : []
  const isChart = ({ file }: { readonly file: string }) => /^(chart|historical)/.test(file)
  const chartOf = (body: Buffer): Chart => JSON.parse(body.toString()).chart.result[0]
  const KINDS: Readonly<Record<string, string>> = { EQUITY: 'STOCK', MUTUALFUND: 'FUND' }

  before(function () {
    if (!FEEDS) this.skip()
  })

  it('are all there', () => {
    expect(answers.filter(isChart)).to.have.length.above(15)
    expect(answers.filter((answer) => !isChart(answer))).to.have.length.above(4)
  })

  for (const { file, body } of answers.filter(isChart)) {
    it(`tells the quote of ${file}`, () => {
      const { meta } = chartOf(body)
      const quote = one(body, meta.symbol)
      expect(quote).to.deep.equal({
        price: new Decimal(meta.regularMarketPrice).toFixed(),
        currency: meta.currency === 'GBp' ? 'GBX' : meta.currency,
        at: meta.regularMarketTime * 1000,
        delayMs: null,
        ...(meta.longName || meta.shortName ? { name: meta.longName ?? meta.shortName } : {}),
        ...(KINDS[meta.instrumentType] ? { instrument: KINDS[meta.instrumentType] } : {}),
      })
    })

    it(`tells the past of ${file}`, () => {
      const { meta, timestamp = [], indicators } = chartOf(body)
      const read = candles(body, meta.dataGranularity)
      if (meta.dataGranularity === '1h') {
        expect(read).to.include({ kind: 'refused', reason: 'not-an-answer' })
        return
      }
      const date = new Intl.DateTimeFormat('en-CA', { timeZone: meta.exchangeTimezoneName })
      const expected = timestamp.flatMap((instant, index) => {
        const { open, high, low, close } = indicators.quote[0] ?? {}
        const prices = [open?.[index], high?.[index], low?.[index], close?.[index]]
        if (prices.some((price) => typeof price !== 'number')) return []
        const [o, h, l, c] = prices.map((price) => new Decimal(price ?? 0).toFixed())
        return { at: utc(`${date.format(instant * 1000)}T00:00:00Z`), open: o, high: h, low: l, close: c }
      })
      expect(read).to.deep.equal(expected)
    })
  }

  it('leaves out the day whose close is a hole', () => {
    expect(candles(recordedAnswer('yahoo', 'chart-JKSE-5d.claimed.json'), '1d')).to.have.length(4)
  })

  it('gives the price of a suspended share with the time of its last trade, seven months before', () => {
    const quote = one(recordedAnswer('yahoo', 'chart-WSKT.JK-2020-01-01-to-2020-01-03.json'), 'WSKT.JK')
    expect(quote).to.include({ price: '202', currency: 'IDR', at: utc('2024-07-24T03:00:00+07:00') })
  })

  for (const { file, body } of answers.filter((answer) => !isChart(answer))) {
    const isUnknown = file === 'error-404-chart-unknown-symbol.json'
    it(`${isUnknown ? 'does not know the symbol of' : 'refuses'} ${file}`, () => {
      expect(one(body)).to.deep.equal(
        isUnknown
          ? { missing: 'unknown', reason: 'not-found' }
          : { kind: 'refused', reason: 'not-an-answer', retryAfterMs: null },
      )
    })
  }
})
