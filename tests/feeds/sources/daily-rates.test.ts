import { expect } from 'chai'
import { bankIndonesia } from '../../../src/feeds/sources/bank-indonesia.js'
import { frankfurter } from '../../../src/feeds/sources/frankfurter.js'
import { openErApi } from '../../../src/feeds/sources/open-er-api.js'
import type { RateAnswer } from '../../../src/feeds/sources/source.js'
import { isCurrency } from '../../../src/lib/currency.js'
import { FEEDS, WITHOUT_FEEDS } from '../../support/exchange-frames.js'
import {
  expectSaneRates,
  expectUnbreakable,
  json,
  recordedAnswer,
  recordedAnswers,
} from '../../support/source-answers.js'

const flat = (answer: RateAnswer): string[] =>
  answer.kind === 'rates'
    ? answer.rates.map(({ base, quote, date, rate }) => `${date} ${base}-${quote} ${rate}`)
    : [answer.reason]

describe('Frankfurter', () => {
  const { latest, since } = frankfurter
  const read = (value: object): string[] => flat(latest.read(json(value)))

  it('is asked for the newest, or for every day since one', () => {
    expect(latest.question('http://h/v1').url).to.equal('http://h/v1/latest')
    expect(since?.('2026-01-02', '2026-03-03').question('http://h/v1').url).to.equal(
      'http://h/v1/2026-01-02..',
    )
  })

  it('tells one day, or many', () => {
    expect(
      read({ amount: 1, base: 'EUR', date: '2026-03-02', rates: { USD: 1.18, XXX: 2, EUR: 1 } }),
    ).to.deep.equal(['2026-03-02 EUR-USD 1.18'])
    const days = { '2026-03-02': { USD: 1.18 }, '2026-02-27': { USD: 1.17, IDR: 19727.97 }, bad: { USD: 1 } }
    expect(read({ amount: 1, base: 'EUR', start_date: '2026-02-27', rates: days })).to.deep.equal([
      '2026-02-27 EUR-USD 1.17',
      '2026-02-27 EUR-IDR 19727.97',
      '2026-03-02 EUR-USD 1.18',
    ])
  })

  it('refuses rates of another amount, and what is no answer', () => {
    expect(read({ amount: 10, base: 'EUR', date: '2026-03-02', rates: { USD: 11.8 } })).to.deep.equal([
      'not-an-answer',
    ])
    expect(read({ amount: 1, base: 'EUR', date: '2026-03-02', rates: {} })).to.deep.equal(['not-an-answer'])
    expect(read({ amount: 1, base: 'EUR', date: '2026-02-30', rates: { USD: 1 } })).to.deep.equal([
      'not-an-answer',
    ])
    expect(read({ message: 'not found' })).to.deep.equal(['error'])
    expect(flat(latest.read(Buffer.from('<html>')))).to.deep.equal(['not-an-answer'])
  })

  it('reads nothing that throws or is not sane', () => {
    const one = json({ amount: 1, base: 'EUR', date: '2026-03-02', rates: { USD: 1.18, IDR: 19727.97 } })
    const many = json({ amount: 1, base: 'EUR', rates: { '2026-03-02': { USD: 1.18 } } })
    expectUnbreakable([one, many], (body) => expectSaneRates(latest.read(body)))
  })
})

describe('ExchangeRate-API', () => {
  const ANSWER = {
    result: 'success',
    time_last_update_unix: 1_772_496_151,
    time_next_update_unix: 1_772_582_781,
    base_code: 'USD',
    rates: { USD: 1, IDR: 16_790.12, EUR: 0.8481, HRK: 6.84, ZWL: 13.8, FOK: 6.77 },
  }
  const read = (value: object): string[] => flat(openErApi.latest.read(json(value)))

  it('tells living currencies, and when there are new rates', () => {
    const answer = openErApi.latest.read(json(ANSWER))
    expect(flat(answer)).to.deep.equal(['2026-03-03 USD-IDR 16790.12', '2026-03-03 USD-EUR 0.8481'])
    expect(answer).to.include({ nextAt: 1_772_582_781_000 })
    expect(openErApi.latest.read(json({ ...ANSWER, time_next_update_unix: 0 }))).to.include({ nextAt: null })
  })

  it('tells a spent quota from other errors and from no answer', () => {
    expect(read({ result: 'error', 'error-type': 'quota-reached' })).to.deep.equal(['quota'])
    expect(read({ result: 'error', 'error-type': 'unsupported-code' })).to.deep.equal(['error'])
    expect(read({ ...ANSWER, result: 'maybe' })).to.deep.equal(['not-an-answer'])
    expect(read({ ...ANSWER, time_last_update_unix: 0 })).to.deep.equal(['not-an-answer'])
    expect(read({ ...ANSWER, base_code: 'XXX' })).to.deep.equal(['not-an-answer'])
  })

  it('reads nothing that throws or is not sane', () => {
    expectUnbreakable([json(ANSWER)], (body) => expectSaneRates(openErApi.latest.read(body)))
  })
})

describe('Bank Indonesia', () => {
  const row = (...cells: readonly string[]): string =>
    `<tr>\n${cells.map((cell) => `<td class="text-right">${cell}  </td>\n`).join('')}</tr>`
  const page = (date: string, ...rows: readonly string[]): Buffer =>
    Buffer.from(
      `<html><table><tr><th>Code</th><th>Currencies</th></tr>${row('USD', 'US DOLLAR')}</table>` +
        `Last Update&nbsp;<span>${date}</span><table class="table"><thead><tr class="table-header">` +
        ['Currencies', 'Value', 'Sell', 'Buy', 'Graph']
          .map((name) => `<th scope="col">\n ${name}</th>`)
          .join('') +
        `</tr></thead><tbody>${rows.join('')}</tbody></table></html>`,
    )
  const read = (body: Buffer): string[] => flat(bankIndonesia.latest.read(body))
  const USD = row('USD', '1', '17,087.01', '16,916.99', '<input value="Lihat" />')

  it('tells the middle of both prices of one unit, in rupiah', () => {
    const body = page(
      '2 April 2026',
      USD,
      row('JPY', '100', '10,752.84', '10,644.75', ''),
      row('CNH', '1', '2', '2'),
    )
    expect(read(body)).to.deep.equal(['2026-04-02 USD-IDR 17002', '2026-04-02 JPY-IDR 106.98795'])
  })

  it('passes over rows with a hole', () => {
    const odd = [
      row('SGD', '0', '1', '1'),
      row('EUR', '1', '', '1'),
      row('GBP', '1', '1.000,00', '1'),
      row('AUD'),
    ]
    expect(read(page('2 April 2026', ...odd, USD))).to.deep.equal(['2026-04-02 USD-IDR 17002'])
  })

  it('refuses a page without a date or without the table', () => {
    expect(read(page('yesterday', USD))).to.deep.equal(['not-an-answer'])
    expect(read(page('31 April 2026', USD))).to.deep.equal(['not-an-answer'])
    expect(read(Buffer.from('<html>Last Update <span>2 April 2026</span></html>'))).to.deep.equal([
      'not-an-answer',
    ])
    expect(read(page('2 April 2026'))).to.deep.equal(['not-an-answer'])
  })

  it('reads a page of nothing but open tags in time that grows with its length', () => {
    for (const tag of ['<table>', '<tr>', '<td>', '<', '<!--', 'Last Update<span>']) {
      const started = performance.now()
      read(Buffer.concat([page('2 April 2026', USD), Buffer.from(`<table><tr><td>${tag.repeat(100_000)}`)]))
      expect(performance.now() - started, tag).to.be.below(3_000)
    }
  })

  it('reads nothing that throws or is not sane', () => {
    expectUnbreakable([page('2 April 2026', USD)], (body) => expectSaneRates(bankIndonesia.latest.read(body)))
  })
})

describe(`recorded answers with daily rates${WITHOUT_FEEDS}`, () => {
  before(function () {
    if (!FEEDS) this.skip()
  })

  it("tells Frankfurter's rates", () => {
    const answers = recordedAnswers('frankfurter')
    expect(answers).to.have.length(2)
    for (const { body } of answers) {
      const text = body.toString()
      const [, date] = /"date":"([^"]+)"/.exec(text) ?? []
      const told = [...text.matchAll(/"([A-Z]{3})":([\d.]+)/g)]
      expect(flat(frankfurter.latest.read(body))).to.deep.equal(
        told.map(([, quote, rate]) => `${date} EUR-${quote} ${rate}`),
      )
    }
  })

  it("tells ExchangeRate-API's rates", () => {
    const body = recordedAnswer('open-er-api', 'latest-USD.json')
    const told = [...body.toString().matchAll(/"([A-Z]{3})":([\d.]+)/g)].filter(
      ([, quote = '']) => isCurrency(quote) && quote !== 'USD',
    )
    const answer = openErApi.latest.read(body)
    expect(told).to.have.length.above(145)
    expect(flat(answer)).to.deep.equal(told.map(([, quote, rate]) => `2024-08-19 USD-${quote} ${rate}`))
    expect(answer).to.include({ nextAt: 1_724_112_381_000 })
    expect(flat(answer).filter((line) => /HRK|ZWL/.test(line))).to.deep.equal([])
  })

  it("tells Bank Indonesia's rates", () => {
    const body = recordedAnswer('bank-indonesia', 'transaksi-bi.html.gz')
    const cells = body
      .toString()
      .split('\n')
      .map((line) => /<td class="text-right">([^<]+)<\/td>/.exec(line)?.[1]?.trim() ?? '')
      .filter((cell) => cell !== '')
    const rows = Array.from({ length: cells.length / 4 }, (_, index) => cells.slice(index * 4, index * 4 + 4))
    const hundredths = (text = ''): number => Math.round(Number(text.replaceAll(',', '')) * 100)
    const expected = rows
      .filter(([code = '']) => isCurrency(code))
      .map(([code, value, sell, buy]) => {
        const middle = (hundredths(sell) + hundredths(buy)) / (200 * Number(value))
        return `2026-04-02 ${code}-IDR ${Number(middle.toFixed(6))}`
      })
    expect(rows).to.have.length(26)
    expect(expected).to.include('2026-04-02 USD-IDR 17002').and.include('2026-04-02 VND-IDR 0.645')
    expect(flat(bankIndonesia.latest.read(body))).to.deep.equal(expected)
  })
})
