import { divideHalfEven, formatFixed, isDecimalText, ONE, parseFixed } from '../../lib/decimal.js'
import { get } from '../rest/read.js'
import { isoDate, ratesOf, ratesOn } from './daily-rates.js'
import { notAnAnswer } from './reading.js'
import type { RateAnswer, RateSource } from './source.js'

/**
 * Bank Indonesia's transaction rates, read from its English page: rupiah for one unit, or for as many as the column
 * "Value" says (100 yen), sold and bought. A rate is the middle of both, exactly; VND, of which a unit is less than a
 * rupiah, has two digits only. There is one table with these headings on the page, and one date beside it.
 */
export const bankIndonesia: RateSource = {
  id: 'bank-indonesia',
  base: 'https://www.bi.go.id',
  limits: [{ count: 4, windowMs: 3_600_000 }],
  latest: {
    question: (base) => get(base, '/en/statistik/informasi-kurs/transaksi-bi/default.aspx'),
    read,
  },
}

const MOST_CHARACTERS = 4 * 1024 * 1024
const UPDATED = /Last Update(?:&nbsp;|\s)*<span>([^<]{1,30})<\/span>/
const HEADINGS = ['Currencies', 'Value', 'Sell', 'Buy']

function read(body: Buffer): RateAnswer {
  const page = body.toString('utf8', 0, MOST_CHARACTERS)
  const date = isoDate((UPDATED.exec(page)?.[1] ?? '').trim())
  const table = tables(page).find(([heading]) => HEADINGS.every((name) => heading?.includes(name)))
  if (!table) return notAnAnswer(body)
  const [heading = [], ...rows] = table
  const [currency = 0, value = 0, sell = 0, buy = 0] = HEADINGS.map((name) => heading.indexOf(name))
  const told = rows.map((row) => {
    const rate = rateOf(row[value] ?? '', row[sell] ?? '', row[buy] ?? '')
    return [row[currency] ?? '', 'IDR', rate] as const
  })
  return ratesOf(ratesOn(date, told))
}

/** The middle of both for one unit, rounded half to even at the 18th digit. */
function rateOf(value: string, sell: string, buy: string): string | null {
  const [units, sold, bought] = [numberOf(value), numberOf(sell), numberOf(buy)]
  if (units === null || sold === null || bought === null) return null
  const rate = divideHalfEven((sold + bought) * ONE, units * 2n)
  return rate === 0n ? null : formatFixed(rate)
}

const GROUPED = /^\d{1,3}(?:,\d{3})*(?:\.\d+)?$/

/** `16,916.99`, positive; null for anything else. */
function numberOf(text: string): bigint | null {
  const plain = text.replaceAll(',', '')
  if (!GROUPED.test(text) || !isDecimalText(plain)) return null
  return parseFixed(plain) || null
}

/** The cells of each table, row by row: each part that begins with the tag, up to where it is closed. */
function tables(page: string): string[][][] {
  return parts(page, 'table').map((table) =>
    parts(table, 'tr').map((row) => parts(row, 't[dh]').map((cell) => cell.replace(/<[^<>]*>/g, '').trim())),
  )
}

function parts(text: string, tag: string): string[] {
  const [, ...rest] = text.split(new RegExp(`<${tag}\\b[^<>]*>`, 'i'))
  const end = new RegExp(`</${tag}\\s*>`, 'i')
  return rest.map((part) => part.split(end, 1)[0] ?? '')
}
