import { get } from '../rest/read.js'
import { ratesOf, ratesOn } from './daily-rates.js'
import { at, isRecord, jsonOf, notAnAnswer, priceOf, refused, secondsOf, textAt } from './reading.js'
import type { RateAnswer, RateSource } from './source.js'

/**
 * ExchangeRate-API's open access: rates of some 160 currencies once a day, for who names it as the source. It says
 * when the next ones come and refuses for 20 min who asks too often. Dead currencies stand in it still (HRK, ZWL)
 * and some of its own; those that Harta does not know are passed over.
 */
export const openErApi: RateSource = {
  id: 'open-er-api',
  base: 'https://open.er-api.com/v6',
  limits: [{ count: 2, windowMs: 3_600_000 }],
  latest: { question: (base) => get(base, '/latest/USD'), read },
}

function read(body: Buffer): RateAnswer {
  const json = jsonOf(body)
  if (!isRecord(json)) return notAnAnswer(body)
  if (textAt(json, 'result') === 'error') {
    return refused(textAt(json, 'error-type') === 'quota-reached' ? 'quota' : 'error')
  }
  const base = textAt(json, 'base_code')
  const rates = at(json, 'rates')
  const updatedAt = secondsOf(at(json, 'time_last_update_unix'))
  if (textAt(json, 'result') !== 'success' || !isRecord(rates) || updatedAt === null) {
    return refused('not-an-answer')
  }
  const date = new Date(updatedAt).toISOString().slice(0, 10)
  const told = Object.entries(rates).map(([quote, rate]) => [base, quote, priceOf(rate)] as const)
  return ratesOf(ratesOn(date, told), secondsOf(at(json, 'time_next_update_unix')))
}
