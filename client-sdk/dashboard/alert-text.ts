import type { Alert } from '../src/index.js'
import { type Known, sentenceOf } from '../src/widgets/alert-sentence.js'
import { english, indonesian } from '../src/widgets/alert-words.js'
import { formatNumber, formatPrice, formatSpan, formatUpToPercent } from '../src/widgets/format.js'
import { alertWords } from './alert-words.js'
import { locale, preferences } from './preferences.js'

/** What an alert watches, in the language of the page. */
export function sentence(alert: Alert, known: Known): string {
  return sentenceOf(alert, known, { en: english, id: indonesian }[preferences.language], locale())
}

/** A price; without its currency where that is not known, or where there is none. */
export function priceText(text: string, currency: string | null): string {
  return currency === null ? formatNumber(text, locale()) : formatPrice(text, currency, locale())
}

/** Per cent, with as many digits as it has, two at most. */
export function percentText(percent: string | number): string {
  return formatUpToPercent(String(percent), locale())
}

/** So many minutes in the largest whole unit. */
export function spanText(minutes: number): string {
  return formatSpan(minutes, locale())
}

/** The same of seconds, which are no whole minutes where a program said so. */
export function intervalText(seconds: number): string {
  return seconds % 60 === 0 ? spanText(seconds / 60) : `${formatNumber(String(seconds), locale())} s`
}

/** What is so already when an alert is made, and what that means for it; null where nothing is. */
export function alreadyText(alert: Alert): string | null {
  if (alert.alreadyTrue !== true) return null
  const say = alertWords[preferences.language]
  if (alert.kind === 'PRICE' || alert.kind === 'PORTFOLIO') {
    if (alert.condition === 'above') return say.isAbove
    if (alert.condition === 'below') return say.isBelow
  }
  return say.isTrue
}
