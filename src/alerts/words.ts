import { divideHalfEven, formatFixed, parseFixed } from '../lib/decimal.js'
import type { Reader, Words } from '../notifications/news.js'
import type { PortfolioAlert, PriceAlert } from '../protocol/alerts.js'
import type { CalendarDate, DecimalText } from '../protocol/resources.js'
import { type Figures, figuresOf } from './figures.js'
import { english } from './words-en.js'
import { indonesian } from './words-id.js'

/**
 * What notifications say. Facts come in as they are stored; each is told in the reader's language (Indonesian to
 * `id`, English to everybody else) with figures as his locale writes them. Plain text: titles are short enough
 * for a telephone, names in them are cut.
 */
interface Common {
  readonly value: DecimalText
  /** Where it came from; null where that is not known. */
  readonly from: DecimalText | null
  readonly threshold: DecimalText | null
  /** What was asked for, in per cent. */
  readonly percent: DecimalText | null
  /** Of `threshold`, `value` and `from`; null of a ratio. */
  readonly currency: string | null
  readonly note: string | null
}

export interface PriceFacts extends Common {
  readonly kind: 'PRICE'
  readonly condition: PriceAlert['condition']
  readonly symbol: string
  readonly per: string | null
  readonly windowMinutes: number | null
}

/** `value` is the total; of `dayChange`, `from` is the total at the start of the day. */
export interface PortfolioFacts extends Common {
  readonly kind: 'PORTFOLIO'
  readonly condition: PortfolioAlert['condition']
  /** How much it has moved, in per cent; worked out from `from` when left out. */
  readonly change?: DecimalText | null
  /** Of `share`: which holding, and how many per cent of the total it is. */
  readonly holding?: string | null
  readonly share?: DecimalText | null
}

export interface GoalFacts {
  readonly kind: 'milestone' | 'reached' | 'fellBack' | 'behindPace'
  readonly name: string
  /** The milestone; of the others null. */
  readonly percent: number | null
  /** Of `behindPace`: when it is reached at the present pace; null: not in sight. */
  readonly projectedDate?: CalendarDate | null
  readonly deadline?: CalendarDate | null
  readonly requiredPerMonth?: DecimalText | null
  readonly actualPerMonth?: DecimalText | null
  readonly currency?: string
}

export interface BudgetFacts {
  readonly category: string
  /** Which one of the marks that were asked for. */
  readonly percent: number
  readonly spent: DecimalText
  readonly amount: DecimalText
  readonly currency: string
  /** `YYYY-MM` */
  readonly month: string
}

type Say = (reader: Reader) => Words

/** A language: whole sentences from parts that are written already. */
export interface Language {
  readonly rose: (what: string, value: string) => string
  readonly fell: (what: string, value: string) => string
  readonly mark: (threshold: string, from: string | null) => string
  readonly moved: (what: string, isUp: boolean, percent: string, span: string) => string
  readonly movedBody: (from: string | null, value: string, percent: string) => string
  readonly minutes: (count: number) => string
  readonly portfolio: string
  readonly today: string
  readonly dayBody: (from: string | null, value: string, percent: string) => string
  readonly high: (value: string) => string
  readonly highBody: (from: string | null) => string
  readonly share: (holding: string, share: string) => string
  readonly shareBody: (percent: string, total: string) => string
  readonly someHolding: string
  readonly goal: Readonly<Record<GoalFacts['kind'], (name: string, percent: string) => Words>>
  readonly pace: (projected: string | null, deadline: string | null) => string
  readonly saving: (actual: string, required: string) => string
  readonly budget: (category: string, percent: string, isSpent: boolean) => string
  readonly budgetBody: (spent: string, amount: string, month: string) => string
  /** `more`: holdings without a fresh price beside the named ones. */
  readonly waiting: (names: readonly string[], more: number) => Words
  /** For months and dates, which stand inside of sentences. */
  readonly tag: string
}

export function alertWords(facts: PriceFacts | PortfolioFacts): Say {
  return ({ locale }) => {
    const [language, figures] = [languageOf(locale), figuresOf(locale)]
    const { title, body } =
      facts.kind === 'PRICE' ? priceWords(facts, language, figures) : portfolioWords(facts, language, figures)
    return { title, body: facts.note === null ? body : `${body}\n${facts.note}` }
  }
}

export function goalWords(facts: GoalFacts): Say {
  return ({ locale }) => {
    const [language, figures] = [languageOf(locale), figuresOf(locale)]
    const { title, body } = language.goal[facts.kind](
      cut(facts.name),
      figures.percent(String(facts.percent ?? 100)),
    )
    if (facts.kind !== 'behindPace') return { title, body }
    const { projectedDate = null, deadline = null, requiredPerMonth, actualPerMonth, currency } = facts
    const date = (day: string | null) => day && dateText(language.tag, day, 'day')
    const sentences = [body, language.pace(date(projectedDate), date(deadline))]
    if (requiredPerMonth && actualPerMonth && currency) {
      const [actual, required] = [actualPerMonth, requiredPerMonth].map((text) =>
        figures.amount(text, currency),
      )
      sentences.push(language.saving(actual ?? '', required ?? ''))
    }
    return { title, body: sentences.join(' ') }
  }
}

export function budgetWords({ category, percent, spent, amount, currency, month }: BudgetFacts): Say {
  return ({ locale }) => {
    const [language, figures] = [languageOf(locale), figuresOf(locale)]
    const written = dateText(language.tag, `${month}-01`, 'month')
    return {
      title: language.budget(cut(category), figures.percent(String(percent)), percent >= 100),
      body: language.budgetBody(figures.amount(spent, currency), figures.amount(amount, currency), written),
    }
  }
}

/** Of holdings that keep alerts on the portfolio from being looked at. */
export function waitingWords(holdings: readonly string[]): Say {
  const names = holdings.slice(0, MOST_NAMED).map(cut)
  return ({ locale }) => languageOf(locale).waiting(names, holdings.length - names.length)
}

function priceWords(facts: PriceFacts, language: Language, figures: Figures): Words {
  const { symbol, per, condition, percent, windowMinutes } = facts
  const what = per === null ? symbol : `${symbol} / ${per}`
  if (condition !== 'moves') return crossing(what, facts, language, figures)
  const { value, from } = amountsOf(facts, figures)
  const { isUp, size } = changeOf(facts)
  return {
    title: language.moved(what, isUp, figures.percent(size), language.minutes(windowMinutes ?? 0)),
    body: language.movedBody(from, value, figures.percent(percent ?? '0')),
  }
}

function portfolioWords(facts: PortfolioFacts, language: Language, figures: Figures): Words {
  const { condition, holding, share } = facts
  const { value, from } = amountsOf(facts, figures)
  const percent = figures.percent(facts.percent ?? '0')
  if (condition === 'newHigh') return { title: language.high(value), body: language.highBody(from) }
  if (condition === 'share') {
    const title = language.share(
      cut(holding ?? language.someHolding),
      figures.percent(share ?? facts.percent ?? '0'),
    )
    return { title, body: language.shareBody(percent, value) }
  }
  if (condition !== 'dayChange') return crossing(language.portfolio, facts, language, figures)
  const { isUp, size } = changeOf(facts)
  return {
    title: language.moved(language.portfolio, isUp, figures.percent(size), language.today),
    body: language.dayBody(from, value, percent),
  }
}

/** Through a mark: which way, where it stands now, and which mark it was. */
function crossing(
  what: string,
  facts: PriceFacts | PortfolioFacts,
  language: Language,
  figures: Figures,
): Words {
  const { value, from, threshold } = amountsOf(facts, figures)
  const { condition } = facts
  const isUp = condition === 'above' || (condition === 'crosses' && changeOf(facts).isUp)
  return {
    title: isUp ? language.rose(what, value) : language.fell(what, value),
    body: language.mark(threshold, from),
  }
}

function amountsOf({ value, from, threshold, currency }: Common, figures: Figures) {
  return {
    value: figures.amount(value, currency, threshold),
    from: from && figures.amount(from, currency, threshold),
    // As it was written, to the last digit.
    threshold: threshold === null ? '' : figures.amount(threshold, currency, threshold),
  }
}

/** Which way it went, and how far in per cent. */
function changeOf(facts: PriceFacts | PortfolioFacts): {
  readonly isUp: boolean
  readonly size: DecimalText
} {
  const told = facts.kind === 'PORTFOLIO' ? (facts.change ?? null) : null
  if (told !== null) return { isUp: !told.startsWith('-'), size: told.replace('-', '') }
  const [value, from] = [parseFixed(facts.value), facts.from === null ? null : parseFixed(facts.from)]
  if (from === null || from === 0n) return { isUp: true, size: facts.percent ?? '0' }
  const moved = value - from
  const tenThousandths = divideHalfEven((moved < 0n ? -moved : moved) * 10_000n, from < 0n ? -from : from)
  return { isUp: moved >= 0n, size: formatFixed(tenThousandths, 2) }
}

function languageOf(locale: string): Language {
  return /^(id|in)\b/i.test(locale) ? indonesian : english
}

function dateText(tag: string, day: CalendarDate, shape: 'day' | 'month'): string {
  const options =
    shape === 'day' ? ({ dateStyle: 'long' } as const) : ({ year: 'numeric', month: 'long' } as const)
  return new Intl.DateTimeFormat(tag, { ...options, timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`))
}

const LONGEST_NAME = 40
const MOST_NAMED = 3

function cut(name: string): string {
  const signs = [...name]
  return signs.length <= LONGEST_NAME ? name : `${signs.slice(0, LONGEST_NAME - 1).join('')}…`
}
