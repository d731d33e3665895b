import type { Alert, PortfolioAlert, PriceAlert } from '../../../src/protocol/alerts.js'
import type { HartaClient } from '../client.js'
import type { AlertWords } from './alert-words.js'
import { formatMoney, formatNumber, formatPrice, formatSpan, formatUpToPercent } from './format.js'

/** The name of what an alert is about, by its id, or the currency of a price, by its symbol, where they are known. */
export type Known = (key: string) => string | null | undefined

/** A pair, such as `BTC-USD`, names the currency of its price; a share, such as `BBCA.JK`, does not. */
function quoteOf(symbol: string): string | null {
  return /^[A-Z0-9]+-([A-Z]{3,5})$/.exec(symbol)?.[1] ?? null
}

/** What has to be known for the sentence of an alert. */
function topicOf(alert: Alert): { readonly key: string; ask(client: HartaClient): Promise<string> } | null {
  switch (alert.kind) {
    case 'PRICE': {
      const { symbol, per, threshold } = alert
      if (per !== null || threshold === null || quoteOf(symbol) !== null) return null
      return { key: symbol, ask: async (client) => (await client.instruments.get(symbol)).currency }
    }
    case 'PORTFOLIO': {
      const id = alert.assetId
      return id === null ? null : { key: id, ask: async (client) => (await client.assets.get(id)).name }
    }
    case 'GOAL':
      return { key: alert.goalId, ask: async (client) => (await client.goals.get(alert.goalId)).name }
    case 'BUDGET':
      return {
        key: alert.budgetId,
        ask: async (client) => {
          const { categoryId } = await client.budgets.get(alert.budgetId)
          return (await client.categories.get(categoryId)).name
        },
      }
  }
}

/** Asks for what the sentences need and is not known yet. */
export async function learn(
  client: HartaClient,
  alerts: readonly Alert[],
  known: Map<string, string>,
): Promise<void> {
  const topics = new Map(alerts.flatMap((alert) => topicOf(alert) ?? []).map((topic) => [topic.key, topic]))
  const unknown = [...topics.values()].filter(({ key }) => !known.has(key))
  await Promise.allSettled(unknown.map(async ({ key, ask }) => known.set(key, await ask(client))))
}

/** What an alert watches, as a sentence without its end; the dashboard says it so, too. */
export function sentenceOf(alert: Alert, known: Known, words: AlertWords, locale: string): string {
  const percents = (all: readonly (number | string)[]): string =>
    all.map((percent) => formatUpToPercent(String(percent), locale)).join(', ')
  switch (alert.kind) {
    case 'PRICE':
      return ofPrice(alert, quoteOf(alert.symbol) ?? known(alert.symbol) ?? null, words, locale)
    case 'PORTFOLIO':
      return ofPortfolio(alert, known, words, locale)
    case 'GOAL': {
      const events = alert.events.map((event) => words.goalEvents[event]).join(', ')
      return words.goal(known(alert.goalId) ?? words.gone, events)
    }
    case 'BUDGET':
      return words.budget(known(alert.budgetId) ?? words.gone, percents(alert.percents))
  }
}

function ofPrice(alert: PriceAlert, currency: string | null, words: AlertWords, locale: string): string {
  const { symbol, per, condition, threshold, percent, windowMinutes, direction } = alert
  const what = per === null ? symbol : `${symbol} / ${per}`
  if (condition === 'moves') {
    const size = formatUpToPercent(percent ?? '0', locale)
    const span = formatSpan(windowMinutes ?? 0, locale)
    return `${words.moves(what, size, direction ?? 'either')} ${words.within(span)}`
  }
  const mark = threshold ?? '0'
  return words[condition](
    what,
    currency === null || per !== null ? formatNumber(mark, locale) : formatPrice(mark, currency, locale),
  )
}

function ofPortfolio(alert: PortfolioAlert, known: Known, words: AlertWords, locale: string): string {
  const { condition, threshold, currency, percent, direction, assetId } = alert
  const size = formatUpToPercent(percent ?? '0', locale)
  switch (condition) {
    case 'newHigh':
      return words.newHigh
    case 'share':
      return words.share(assetId === null ? words.oneHolding : (known(assetId) ?? words.gone), size)
    case 'dayChange':
      return `${words.moves(words.netWorth, size, direction ?? 'either')} ${words.inADay}`
    default: {
      const mark = threshold ?? '0'
      return words[condition](
        words.netWorth,
        currency === null ? formatNumber(mark, locale) : formatMoney(mark, currency, locale),
      )
    }
  }
}
