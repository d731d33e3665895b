import { get } from '../rest/read.js'
import { ratesOf, ratesOn } from './daily-rates.js'
import {
  at,
  decimalOf,
  isRecord,
  type Json,
  jsonOf,
  notAnAnswer,
  priceOf,
  refused,
  textAt,
} from './reading.js'
import type { DailyRate, RateAnswer, RateSource } from './source.js'

/**
 * Frankfurter (v1): the central bank's fixes as JSON, from a public server or from one's own. A range is answered
 * by date; the dates are those on which there was a fix.
 */
export const frankfurter: RateSource = {
  id: 'frankfurter',
  base: 'https://api.frankfurter.dev/v1',
  limits: [{ count: 12, windowMs: 3_600_000 }],
  latest: { question: (base) => get(base, '/latest'), read },
  since: (date) => ({ question: (base) => get(base, `/${date}..`), read }),
}

function read(body: Buffer): RateAnswer {
  const json = jsonOf(body)
  const rates = at(json, 'rates')
  if (!isRecord(rates)) return isRecord(json) && 'message' in json ? refused('error') : notAnAnswer(body)
  if (decimalOf(at(json, 'amount')) !== '1') return refused('not-an-answer')
  const base = textAt(json, 'base')
  const date = textAt(json, 'date')
  if (date !== '') return ratesOf(fixes(base, date, rates))
  return ratesOf(Object.entries(rates).flatMap(([day, told]) => fixes(base, day, told)))
}

function fixes(base: string, date: string, told: Json): DailyRate[] {
  if (!isRecord(told)) return []
  return ratesOn(
    date,
    Object.entries(told).map(([quote, rate]) => [base, quote, priceOf(rate)]),
  )
}
