import { parse } from 'csv-parse/sync'
import { addDays } from '../../lib/calendar.js'
import { get } from '../rest/read.js'
import { isoDate, ratesOf, ratesOn, type Told } from './daily-rates.js'
import { dayOf, notAnAnswer, priceOf } from './reading.js'
import type { DailyRate, RateAnswer, RateQuestion, RateSource } from './source.js'
import { firstFile } from './zip.js'

/**
 * The European Central Bank's reference rates: units of a currency for one euro, one fix on each day on which
 * TARGET settles, at about 16:00 in Frankfurt. It publishes them as XML for the last day and the last 90, and as
 * CSV in an archive since 1999; its data portal, whose address may be given in place of the bank's, as CSV of
 * another shape. The reader takes each of them for what it is. A fix that was not made is `N/A` or not there.
 */
export const ecb: RateSource = {
  id: 'ecb',
  base: 'https://www.ecb.europa.eu/stats/eurofxref',
  limits: [{ count: 12, windowMs: 3_600_000 }],
  latest: question('/eurofxref-daily.xml', { lastNObservations: 1 }),
  since: (date, today) =>
    question(
      date >= addDays(today, -RECENT_DAYS) ? '/eurofxref-hist-90d.xml' : '/eurofxref-hist.zip',
      { startPeriod: date },
      date,
    ),
}

/** The file of the last 90 days holds those of three calendar months. */
const RECENT_DAYS = 85
const PORTAL = /\/service\/data\/?$/

function question(path: string, portalQuery: Record<string, string | number>, from = ''): RateQuestion {
  return {
    question: (base) =>
      PORTAL.test(base)
        ? get(base.replace(/\/$/, ''), '/EXR/D..EUR.SP00.A', { format: 'csvdata', ...portalQuery })
        : get(base, path),
    read: (body) => read(body, from),
  }
}

const MOST_BYTES = 16 * 1024 * 1024

function read(body: Buffer, from: string): RateAnswer {
  const packed = body.subarray(0, 2).toString('latin1') === 'PK'
  const file = packed ? firstFile(body, MOST_BYTES) : body
  if (file === null || file.length > MOST_BYTES) return notAnAnswer(body)
  const text = file.toString('utf8').trimStart()
  const rates = readTable(text, from) ?? readXml(text, from)
  return rates === null ? notAnAnswer(body) : ratesOf(rates)
}

const NAMESPACE = /xmlns\s*=\s*['"]http:\/\/www\.ecb\.int\/vocabulary\/2002-08-01\/eurofxref['"]/
const CUBE = /<(?:\w+:)?Cube\b([^<>]*)>/g
const ATTRIBUTE = /\b(time|currency|rate)\s*=\s*(?:'([^']*)'|"([^"]*)")/g

/** The document is flat: a `Cube` with a time, then one for each currency of that day. */
function readXml(text: string, from: string): DailyRate[] | null {
  if (!/^(?:<\?xml|<\w+:Envelope)/.test(text) || !NAMESPACE.test(text)) return null
  const days = new Map<string, Told[]>()
  let date = ''
  for (const [, attributes = ''] of text.matchAll(CUBE)) {
    const told = attributesOf(attributes)
    date = told.get('time') ?? date
    const currency = told.get('currency')
    if (currency === undefined || date < from) continue
    const day = days.get(date) ?? []
    days.set(date, day)
    day.push(['EUR', currency, priceOf(told.get('rate'))])
  }
  return [...days].flatMap(([day, told]) => ratesOn(day, told))
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(ATTRIBUTE)].map(([, key = '', single, double = '']) => [key, single ?? double]),
  )
}

/** Null when the first line is not the heading of one of the two shapes. */
function readTable(text: string, from: string): DailyRate[] | null {
  const heading = cellsOf(text.slice(0, text.search(/[\r\n]|$/)))
  if (heading[0] === 'Date' && heading.includes('USD')) return readWide(heading, text, from)
  const [currency = -1, period = -1, value = -1] = COLUMNS.map((name) => heading.indexOf(name))
  if ([currency, period, value].includes(-1)) return null
  return rowsOf(text)
    .slice(1)
    .filter((row) => (row[period] ?? '') >= from)
    .flatMap((row) => ratesOn(row[period] ?? '', [['EUR', row[currency] ?? '', priceOf(row[value])]]))
}

const COLUMNS = ['CURRENCY', 'TIME_PERIOD', 'OBS_VALUE']

/** A day on each line, a currency in each column, nothing in quotation marks: long, and read without a parser. */
function readWide(codes: readonly string[], text: string, from: string): DailyRate[] {
  return text.split('\n').flatMap((line) => {
    const date = isoDate(line.slice(0, line.indexOf(',')))
    if (date < from || dayOf(date) === null) return []
    const cells = cellsOf(line)
    return ratesOn(
      date,
      codes.map((code, index) => ['EUR', code, priceOf(cells[index])]),
    )
  })
}

function cellsOf(line: string): string[] {
  return line.split(',').map((cell) => cell.trim())
}

function rowsOf(text: string): string[][] {
  try {
    return parse(text, { relax_column_count: true, trim: true })
  } catch {
    return []
  }
}
