import { expect } from 'chai'
import fc from 'fast-check'
import { readQuotesFile } from '../../../src/feeds/sources/quotes-file.js'
import { FEEDS, WITHOUT_FEEDS } from '../../support/exchange-frames.js'
import { expectSaneAnswer, recordedAnswers } from '../../support/source-answers.js'

const HEADING = 'symbol,price,currency,at,name,isin'
const file = (...lines: readonly string[]): string => [HEADING, ...lines, ''].join('\n')
const fault = (...lines: readonly string[]) => readQuotesFile(file(...lines)).faults

describe("an operator's file of prices", () => {
  it('tells price, currency, time, name and ISIN', () => {
    const { quotes, faults } = readQuotesFile(
      file('RDPU.JK,1523.4500,IDR,2026-03-02T17:00:00+07:00,"Reksa Dana, Pasar Uang",ID1000095003'),
    )
    expect(faults).to.deep.equal([])
    expect([...quotes]).to.deep.equal([
      [
        'RDPU.JK',
        {
          price: '1523.45',
          currency: 'IDR',
          at: Date.UTC(2026, 2, 2, 10),
          delayMs: null,
          name: 'Reksa Dana, Pasar Uang',
          isin: 'ID1000095003',
        },
      ],
    ])
  })

  it('takes the columns in any order, and passes over those that it does not know', () => {
    const { quotes } = readQuotesFile('At,Note,Currency,Symbol,Price\r\n2026-03-02,x,GBp,VOD.L,71.3\r\n')
    expect(quotes.get('VOD.L')).to.deep.equal({
      price: '71.3',
      currency: 'GBX',
      at: Date.UTC(2026, 2, 2),
      delayMs: null,
    })
  })

  it('passes over a byte order mark, spaces, empty lines and remarks', () => {
    const { quotes, faults } = readQuotesFile(
      `\uFEFF# my funds\n\n${HEADING}\n  A , 1 , IDR , 2026-03-02\n#B,1\n\n`,
    )
    expect(faults).to.deep.equal([])
    expect([...quotes.keys()]).to.deep.equal(['A'])
  })

  it('holds the newest of a symbol, and of two equally new the lower', () => {
    const { quotes } = readQuotesFile(
      file(
        'A,1,IDR,2026-03-01',
        'A,3,IDR,2026-03-03',
        'A,2,IDR,2026-03-02',
        'B,1,IDR,2026-03-01',
        'B,2,IDR,2026-03-01',
      ),
    )
    expect(quotes.get('A')?.price).to.equal('3')
    expect(quotes.get('B')?.price).to.equal('2')
  })

  for (const [reason, line] of [
    ['symbol', 'bbca,1,IDR,2026-03-02'],
    ['symbol', ',1,IDR,2026-03-02'],
    ['price', 'A,0,IDR,2026-03-02'],
    ['price', 'A,-1,IDR,2026-03-02'],
    ['price', 'A,1.523.450,IDR,2026-03-02'],
    ['price', 'A,1e3,IDR,2026-03-02'],
    ['price', 'A,,IDR,2026-03-02'],
    ['currency', 'A,1,Rp,2026-03-02'],
    ['at', 'A,1,IDR,2026-02-30'],
    ['at', 'A,1,IDR,02/03/2026'],
    ['at', 'A,1,IDR,2026-03-02T17:00:00'],
    ['at', 'A,1,IDR,2026-02-30T17:00:00Z'],
    ['at', 'A,1,IDR,2026-03-02T24:00:00Z'],
    ['at', 'A,1,IDR'],
    ['isin', 'A,1,IDR,2026-03-02,Name,ID1000095004'],
    ['isin', 'A,1,IDR,2026-03-02,Name,US0378331005x'],
    ['too-many-cells', 'A,1,IDR,2026-03-02,Name,US0378331005,more'],
    ['too-many-cells', 'A,1,523,IDR,2026-03-02,Name,US0378331005'],
    ['quotation-mark', 'A,1,IDR,2026-03-02,"open'],
  ] as const) {
    it(`reports the line ${line} by its number, for its ${reason}, and uses the others`, () => {
      const { quotes, faults } = readQuotesFile(file('X,1,IDR,2026-03-02', '', line, 'Y,1,USD,2026-03-02'))
      expect(faults).to.deep.equal([{ line: 4, reason }])
      expect([...quotes.keys()]).to.deep.equal(['X', 'Y'])
    })
  }

  it('takes an ISIN whose last digit checks', () => {
    for (const isin of ['US0378331005', 'GB0002634946', 'ID1000109507']) {
      expect(fault(`A,1,IDR,2026-03-02,,${isin}`), isin).to.deep.equal([])
    }
  })

  it('takes nothing without a heading', () => {
    expect(readQuotesFile('').faults).to.deep.equal([])
    expect(readQuotesFile('A,1,IDR,2026-03-02\nB,1,IDR,2026-03-02')).to.deep.equal({
      quotes: new Map(),
      faults: [{ line: 1, reason: 'no-heading' }],
    })
    expect(readQuotesFile('x'.repeat(9 * 1024 * 1024)).faults).to.deep.equal([
      { line: 1, reason: 'too-long' },
    ])
  })

  it('uses every good line whatever stands between them', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 6 }), (junk) => {
        const lines = junk.map((line) => line.replace(/[\r\n]/g, ''))
        const good = lines.map((_, index) => `G${index},${index + 1},IDR,2026-03-02`)
        const { quotes, faults } = readQuotesFile(
          file(...lines.flatMap((line, index) => [line, good[index] ?? ''])),
        )
        for (const index of lines.keys()) expect(quotes.get(`G${index}`)?.price).to.equal(String(index + 1))
        for (const { line } of faults) expect(line % 2, `line ${line}`).to.equal(0)
        expectSaneAnswer({ kind: 'quotes', quotes }, [...quotes.keys()])
      }),
    )
  })
})

describe(`Stooq's recorded answers${WITHOUT_FEEDS}`, () => {
  before(function () {
    if (!FEEDS) this.skip()
  })

  for (const { file, body } of FEEDS ? recordedAnswers('stooq') : []) {
    it(`are no file of prices: ${file}`, () => {
      expect(readQuotesFile(body.toString())).to.deep.equal({
        quotes: new Map(),
        faults: [{ line: 1, reason: 'no-heading' }],
      })
    })
  }
})
