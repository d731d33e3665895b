import { expect } from 'chai'
import { guessKind, guessMapping } from '../../src/portability/csv-columns.js'
import { guessDelimiter } from '../../src/portability/csv-text.js'
import { guessDateFormat, guessDecimal, readDate, readNumber } from '../../src/portability/csv-values.js'

describe('a table of money', () => {
  it('has its numbers read as they are written, or not at all', () => {
    const cases: readonly [string, '.' | ',', string | null][] = [
      ['1234.5', '.', '1234.5'],
      ['1,234,567.80', '.', '1234567.8'],
      ['12,34,567', '.', '1234567'],
      ['Rp 1.500.000,00', ',', '1500000'],
      ['-$1,200.05', '.', '-1200.05'],
      ['(45,5)', ',', '-45.5'],
      ['1\u00a0234,5-', ',', '-1234.5'],
      ['+7 USD', '.', '7'],
      ["1'000.25", '.', '1000.25'],
      ['.5', '.', '0.5'],
      ['1e-7', '.', '0.0000001'],
      ['1,5', '.', null],
      ['1.2.3', ',', null],
      ['1,2,3', ',', null],
      ['=1+1', '.', null],
      ['USD', '.', null],
      ['', '.', null],
      [`0.${'1'.repeat(19)}`, '.', null],
      ['123456789012345678901', '.', null],
    ]
    for (const [text, decimal, expected] of cases) expect(readNumber(text, decimal), text).to.equal(expected)
  })

  it('tells by its own numbers and dates how they are written, and otherwise by the language', () => {
    expect(guessDecimal(['1.500', '2.750.000'], '.')).to.equal(',')
    expect(guessDecimal(['1.500', '12,5'], '.')).to.equal(',')
    expect(guessDecimal(['1,500', '0.125'], ',')).to.equal('.')
    expect(guessDecimal(['1.500', '20'], ',')).to.equal(',')
    expect(guessDateFormat(['03/04/2024', '13/04/2024'], 'en-US')).to.equal('DD/MM/YYYY')
    expect(guessDateFormat(['03/04/2024', '04/13/2024'], 'id-ID')).to.equal('MM/DD/YYYY')
    expect(guessDateFormat(['03.04.2024'], 'en-US')).to.equal('DD.MM.YYYY')
    expect(guessDateFormat(['03/04/2024'], 'en-US')).to.equal('MM/DD/YYYY')
    expect(readDate('2024-3-4 10:00', 'DD/MM/YYYY')).to.equal('2024-03-04')
    expect(readDate('3/4/2024', 'DD/MM/YYYY')).to.equal('2024-04-03')
    expect(readDate('20240304', 'MM/DD/YYYY')).to.equal('2024-03-04')
    expect(readDate('3/4/24', 'DD/MM/YYYY')).to.equal(null)
  })

  it('tells by the names of its columns what they are', () => {
    expect(guessDelimiter('"a,b,c";d;e\n1,2,3,4')).to.equal(';')
    const cases: readonly [string, string, Record<string, string>][] = [
      [
        'Tanggal,Jenis,Kode Saham,Jumlah Lembar,Harga,Biaya',
        'activities',
        {
          date: 'Tanggal',
          type: 'Jenis',
          symbol: 'Kode Saham',
          quantity: 'Jumlah Lembar',
          unitPrice: 'Harga',
          fee: 'Biaya',
        },
      ],
      ['Tgl,Uraian,Debet,Kredit', 'flows', { date: 'Tgl', note: 'Uraian', debit: 'Debet', credit: 'Kredit' }],
      ['Date,Payee,Amount (USD)', 'flows', { date: 'Date', note: 'Payee', amount: 'Amount (USD)' }],
      ['tanggal,jumlah,kategori', 'flows', { date: 'tanggal', amount: 'jumlah', category: 'kategori' }],
      ['date,expense,currency,category,account,tags,note', 'expenses', { debit: 'expense', tags: 'tags' }],
    ]
    for (const [head, kind, expected] of cases) {
      const columns = head.split(',')
      const guessed = guessKind(columns, {})
      expect(guessed, head).to.equal(kind)
      expect(guessMapping(columns, guessed), head).to.include(expected)
    }
  })
})
