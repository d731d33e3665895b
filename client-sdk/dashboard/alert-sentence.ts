import type { Alert, PortfolioAlert, PriceAlert } from '../src/index.js'
import { formatMoney, formatPrice } from '../src/widgets/format.js'
import { type AlertWords, alertWords, counted, fill } from './alert-words.js'
import { locale, preferences } from './preferences.js'

/** Names of what alerts are about, and the currencies of prices, as far as they are known. */
export interface Known {
  /** Of a goal, a budget's category or an asset, by id. */
  name(id: string): string | null
  currency(symbol: string): string | null
}

/** What an alert watches, as a sentence without its end. */
export function sentenceOf(alert: Alert, known: Known): string {
  const say = alertWords[preferences.language]
  if (alert.kind === 'PRICE') return ofPrice(alert, known, say)
  if (alert.kind === 'PORTFOLIO') return ofPortfolio(alert, known, say)
  if (alert.kind === 'GOAL')
    return fill(say.what.goal, {
      what: known.name(alert.goalId) ?? say.what.gone,
      events: alert.events.map((event) => say.goalEvents[event]).join(', '),
    })
  return fill(say.what.budget, {
    what: known.name(alert.budgetId) ?? say.what.gone,
    percents: alert.percents.map((percent) => percentText(percent)).join(', '),
  })
}

function ofPrice(alert: PriceAlert, known: Known, say: AlertWords): string {
  const { symbol, per, condition, threshold, percent, windowMinutes, direction } = alert
  const what = per === null ? symbol : `${symbol} / ${per}`
  if (condition === 'moves') {
    const sentence =
      direction === 'up' ? say.what.movesUp : direction === 'down' ? say.what.movesDown : say.what.moves
    return fill(sentence, {
      what,
      percent: percentText(percent ?? '0'),
      window: spanText(windowMinutes ?? 0),
    })
  }
  const currency = per === null ? known.currency(symbol) : null
  return fill(say.what[condition], { what, mark: priceText(threshold ?? '0', currency) })
}

function ofPortfolio(alert: PortfolioAlert, known: Known, say: AlertWords): string {
  const { condition, threshold, currency, percent, direction, assetId } = alert
  const share = percentText(percent ?? '0')
  if (condition === 'newHigh') return say.what.newHigh
  if (condition === 'share') {
    const what = assetId === null ? say.what.oneHolding : (known.name(assetId) ?? say.what.gone)
    return fill(say.what.share, { what, percent: share })
  }
  if (condition === 'dayChange') {
    const { dayChange, dayChangeUp, dayChangeDown } = say.what
    const sentence = direction === 'up' ? dayChangeUp : direction === 'down' ? dayChangeDown : dayChange
    return fill(sentence, { percent: share })
  }
  const mark = formatMoney(threshold ?? '0', currency ?? 'USD', locale())
  return fill(say.what[condition], { what: say.what.netWorth, mark })
}

/** A price; without its currency where that is not known, or where there is none. */
export function priceText(text: string, currency: string | null): string {
  if (currency !== null) return formatPrice(text, currency, locale())
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 8 }).format(
    text as Intl.StringNumericLiteral,
  )
}

/** Per cent, with as many digits as it has, two at most. */
export function percentText(percent: string | number): string {
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit: 'percent',
    maximumFractionDigits: 2,
  }).format(percent as number | Intl.StringNumericLiteral)
}

/** So many minutes in the largest whole unit. */
export function spanText(minutes: number): string {
  const say = alertWords[preferences.language]
  if (minutes % 1_440 === 0 && minutes > 0) return counted(minutes / 1_440, say.days)
  if (minutes % 60 === 0 && minutes > 0) return counted(minutes / 60, say.hours)
  return counted(minutes, say.minutes)
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
