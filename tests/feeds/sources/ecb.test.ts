import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import { expect } from 'chai'
import { Decimal } from 'decimal.js'
import { ecb } from '../../../src/feeds/sources/ecb.js'
import type { DailyRate, RateAnswer } from '../../../src/feeds/sources/source.js'
import { firstFile } from '../../../src/feeds/sources/zip.js'
import { isCurrency } from '../../../src/lib/currency.js'
import { FEEDS, WITHOUT_FEEDS } from '../../support/exchange-frames.js'
import {
  expectSaneRates,
  expectUnbreakable,
  recordedAnswer,
  recordedAnswers,
} from '../../support/source-answers.js'

const NAMESPACE = 'http://www.ecb.int/vocabulary/2002-08-01/eurofxref'
const xml = (cubes: string, namespace = NAMESPACE): Buffer =>
  Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" ` +
      `xmlns="${namespace}"><gesmes:subject>Reference rates</gesmes:subject><Cube>${cubes}</Cube></gesmes:Envelope>`,
  )
const DAY =
  "<Cube time='2026-03-02'><Cube currency='USD' rate='1.1790'/><Cube currency='IDR' rate='19727.97'/></Cube>"
const OLDER = '<Cube time="2026-02-27"><Cube currency="USD" rate="1.1801"/></Cube>'
const WIDE = 'Date,USD,BGN,IDR,\n2026-03-02,1.1790,N/A,19727.97,\n2026-02-27,1.1801,1.9558,N/A,\n'

const since = (date: string, today = '2026-03-03') => {
  const question = ecb.since?.(date, today)
  if (!question) throw new Error('the past is not asked for')
  return question
}

const rates = (answer: RateAnswer): readonly DailyRate[] => (answer.kind === 'rates' ? answer.rates : [])
const flat = (answer: RateAnswer): string[] =>
  rates(answer).map(({ base, quote, date, rate }) => `${date} ${base}-${quote} ${rate}`)

/** An archive with one file whose size, by its own word, is `claimed`. */
function zip(content: Buffer, claimed = content.length, checksum = crc32(content)): Buffer {
  const [name, data] = [Buffer.from('eurofxref-hist.csv'), deflateRawSync(content)]
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(name.length, 26)
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(8, 10)
  entry.writeUInt32LE(checksum, 16)
  entry.writeUInt32LE(data.length, 20)
  entry.writeUInt32LE(claimed, 24)
  entry.writeUInt16LE(name.length, 28)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt32LE(local.length + name.length + data.length, 16)
  return Buffer.concat([local, name, data, entry, name, end])
}

describe('The European Central Bank', () => {
  it('is asked for the last day, for the last months, or for all', () => {
    const base = 'http://h/stats/eurofxref'
    expect(ecb.latest.question(base).url).to.equal(`${base}/eurofxref-daily.xml`)
    expect(since('2025-12-15').question(base).url).to.equal(`${base}/eurofxref-hist-90d.xml`)
    expect(since('2025-11-15').question(base).url).to.equal(`${base}/eurofxref-hist.zip`)
  })

  it('is asked at its data portal where that address is given', () => {
    const base = 'http://h/service/data'
    expect(ecb.latest.question(base).url).to.equal(
      `${base}/EXR/D..EUR.SP00.A?format=csvdata&lastNObservations=1`,
    )
    expect(since('2020-01-02').question(`${base}/`).url).to.equal(
      `${base}/EXR/D..EUR.SP00.A?format=csvdata&startPeriod=2020-01-02`,
    )
  })

  it('tells the rates of XML, by date, in single or double quotation marks', () => {
    expect(flat(ecb.latest.read(xml(DAY + OLDER)))).to.deep.equal([
      '2026-02-27 EUR-USD 1.1801',
      '2026-03-02 EUR-USD 1.179',
      '2026-03-02 EUR-IDR 19727.97',
    ])
  })

  it('passes over currencies that are no more, and rates that are none', () => {
    const odd =
      "<Cube time='2026-03-02'><Cube currency='HRK' rate='7.5'/><Cube currency='USD' rate='0'/>" +
      "<Cube currency='JPY' rate='N/A'/><Cube currency='EUR' rate='1'/><Cube currency='GBP' rate='0.87'/></Cube>"
    expect(flat(ecb.latest.read(xml(odd)))).to.deep.equal(['2026-03-02 EUR-GBP 0.87'])
  })

  it('tells the rates of a table, N/A and the comma at the end left out', () => {
    expect(flat(ecb.latest.read(Buffer.from(WIDE)))).to.deep.equal([
      '2026-02-27 EUR-USD 1.1801',
      '2026-02-27 EUR-BGN 1.9558',
      '2026-03-02 EUR-USD 1.179',
      '2026-03-02 EUR-IDR 19727.97',
    ])
  })

  it("tells the rates of the portal's table, whatever other columns it has", () => {
    const table =
      'KEY,FREQ,CURRENCY,CURRENCY_DENOM,TIME_PERIOD,OBS_VALUE,OBS_STATUS,TITLE\r\n' +
      'EXR.D.AUD.EUR.SP00.A,D,AUD,EUR,2026-03-02,1.6579,A,"Australian dollar, Euro"\r\n' +
      'EXR.D.USD.EUR.SP00.A,D,USD,EUR,2026-03-02,NaN,H,"US dollar, Euro"\r\n'
    expect(flat(ecb.latest.read(Buffer.from(table)))).to.deep.equal(['2026-03-02 EUR-AUD 1.6579'])
  })

  it('tells the rates of an archive, those before the date left out', () => {
    expect(flat(since('2026-03-01').read(zip(Buffer.from(WIDE))))).to.deep.equal([
      '2026-03-02 EUR-USD 1.179',
      '2026-03-02 EUR-IDR 19727.97',
    ])
    expect(flat(since('2026-03-01').read(xml(DAY + OLDER)))).to.have.length(2)
  })

  it('unpacks no more than a table may have, whatever the archive says of its size', () => {
    const bomb = zip(Buffer.alloc(17 * 1024 * 1024, '2026-03-02,1,1,1,\n'), 100)
    expect(bomb.length).to.be.below(100_000)
    expect(ecb.latest.read(bomb)).to.include({ reason: 'not-an-answer' })
    expect(firstFile(bomb, 16 * 1024 * 1024)).to.equal(null)
    expect(firstFile(bomb, 18 * 1024 * 1024)).to.have.length(17 * 1024 * 1024)
  })

  it('refuses a damaged archive', () => {
    const whole = zip(Buffer.from(WIDE))
    expect(ecb.latest.read(zip(Buffer.from(WIDE), WIDE.length, 1))).to.include({ reason: 'not-an-answer' })
    for (const length of [2, 10, 40, whole.length - 30]) {
      expect(ecb.latest.read(whole.subarray(0, length))).to.include({ reason: 'not-an-answer' })
    }
  })

  it('refuses what is not of the kind that it asked for', () => {
    for (const body of [
      '',
      '<html></html>',
      '{}',
      'Date,Open,High,Low,Close\n2026-03-02,1,1,1,1',
      WIDE.slice(0, 17),
    ]) {
      expect(ecb.latest.read(Buffer.from(body)), body).to.include({
        kind: 'refused',
        reason: 'not-an-answer',
      })
    }
    expect(ecb.latest.read(xml(DAY, 'http://example.org'))).to.include({ reason: 'not-an-answer' })
    expect(ecb.latest.read(xml(''))).to.include({ reason: 'not-an-answer' })
    expect(ecb.latest.read(Buffer.from('Too Many Requests'))).to.include({ reason: 'quota' })
  })

  it('reads nothing that throws or is not sane', () => {
    expectUnbreakable([xml(DAY + OLDER), Buffer.from(WIDE), zip(Buffer.from(WIDE))], (body) => {
      expectSaneRates(ecb.latest.read(body))
      expectSaneRates(since('2026-03-01').read(body))
    })
  })
})

describe(`The European Central Bank's recorded answers${WITHOUT_FEEDS}`, () => {
  const plain = (text: string): string => new Decimal(text).toFixed()

  before(function () {
    if (!FEEDS) this.skip()
  })

  it('tells every rate of the daily XML', () => {
    const body = recordedAnswer('ecb', 'eurofxref-daily.xml')
    const expected = body
      .toString()
      .split('\n')
      .flatMap((line) => {
        const [, currency, rate] = /currency='(...)' rate='([\d.]+)'/.exec(line) ?? []
        return currency && rate && currency !== 'HRK' ? [`2018-06-11 EUR-${currency} ${plain(rate)}`] : []
      })
    expect(expected).to.have.length(31)
    expect(flat(ecb.latest.read(body))).to.deep.equal(expected)
  })

  it('tells every rate of the one-day table, whose date is in words', () => {
    const body = recordedAnswer('ecb', 'eurofxref.csv')
    const [codes = [], values = []] = body
      .toString()
      .split('\n')
      .map((line) => line.split(', '))
    const expected = codes
      .slice(1, -1)
      .map((code, index) => `2026-04-13 EUR-${code} ${plain(values[index + 1] ?? '')}`)
    expect(expected).to.have.length(29)
    expect(flat(ecb.latest.read(body))).to.deep.equal(expected)
  })

  it("tells every rate of the portal's table", () => {
    const body = recordedAnswer('ecb', 'data-api-EXR-D.EUR.SP00.A.csv')
    const lines = body.toString().trim().split('\n').slice(1)
    const expected = lines.map((line) => {
      const [, currency, date, rate = ''] = line.split(',')
      return `${date} EUR-${currency} ${plain(rate)}`
    })
    expect(expected).to.have.length.above(600)
    expect(flat(ecb.latest.read(body))).to.have.members(expected)
  })

  it('tells every rate of the whole archive that is of a living currency', () => {
    const body = recordedAnswer('ecb', 'eurofxref-hist.zip')
    const start = 30 + body.readUInt16LE(26) + body.readUInt16LE(28)
    const text = inflateRawSync(body.subarray(start)).toString()
    const [heading = '', ...lines] = text.trim().split('\n')
    const codes = heading.split(',')
    let count = 0
    const last = new Map<string, string>()
    for (const line of lines) {
      const [date = '', ...values] = line.split(',')
      values.forEach((value, index) => {
        const code = codes[index + 1] ?? ''
        if (!/\d/.test(value) || !isCurrency(code)) return
        count += 1
        last.set(`${date} ${code}`, value)
      })
    }
    const told = rates(since('1999-01-01').read(body))
    expect(count).to.be.above(180_000)
    expect(told).to.have.length(count)
    const wrong = told.filter(
      ({ date, quote, rate }) => Number(last.get(`${date} ${quote}`)) !== Number(rate),
    )
    expect(wrong).to.deep.equal([])
    expect(rates(since('2026-04-13').read(body))).to.have.length(29)
  })

  it('refuses a page', () => {
    expect(ecb.latest.read(recordedAnswer('ecb', 'illegal.xml'))).to.include({ reason: 'not-an-answer' })
  })

  it('takes none of what Stooq answers for a table of rates', () => {
    const answers = recordedAnswers('stooq')
    expect(answers).to.have.length(3)
    for (const { file, body } of answers) expect(ecb.latest.read(body).kind, file).to.equal('refused')
  })
})
