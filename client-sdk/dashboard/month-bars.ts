import type { Cashflow, CashflowMonth } from '../src/index.js'
import { h } from './dom.js'
import { type Figures, orUnknown } from './figures.js'
import type { LedgerWords } from './ledger-words.js'

/**
 * Months side by side, each with a bar of what came in, one of what went out, and a mark of what was left. A month
 * is a button that chooses it. Heights need no exact numbers, so here amounts become binary fractions; what is
 * written is formatted from the decimal text.
 */
export function monthBars(
  { months, currency }: Cashflow,
  chosen: string,
  say: LedgerWords,
  write: Figures,
  choose: (month: string) => void,
): HTMLElement {
  const heights = months.flatMap(({ income, expense, netSaving }) =>
    [income, expense, netSaving].map((text) => Number(text ?? 0)),
  )
  const { top, bottom, step } = scaleOf(Math.max(0, ...heights), Math.min(0, ...heights))
  const share = (value: number): string => `${((value - bottom) / (top - bottom)) * 100}%`
  const lines: HTMLElement[] = []
  for (let value = Math.ceil(bottom / step) * step; value <= top + step / 1_000; value += step) {
    const line = h('div', { class: 'grid-line' }, h('span', {}, write.compact(value)))
    line.style.setProperty('--at', share(value))
    if (Math.abs(value) < step / 1_000) line.classList.add('zero')
    lines.push(line)
  }

  const column = (one: CashflowMonth): HTMLElement => {
    const bar = (kind: string, text: string | null): HTMLElement | false => {
      if (text === null) return false
      const element = h('span', { class: `bar ${kind}` })
      const value = Number(text)
      element.style.setProperty('--from', share(Math.min(0, value)))
      element.style.setProperty('--height', `${(Math.abs(value) / (top - bottom)) * 100}%`)
      return element
    }
    const mark = h('span', { class: 'mark', hidden: one.netSaving === null })
    mark.style.setProperty('--at', share(Number(one.netSaving ?? 0)))
    return h(
      'button',
      {
        type: 'button',
        class: 'month',
        'aria-pressed': String(one.month === chosen),
        'aria-label': spoken(one),
        'data-month': one.month,
        'data-running': one.complete ? undefined : '',
        click: () => choose(one.month),
      },
      h('span', { class: 'columns' }, bar('income', one.income), bar('expense', one.expense), mark),
      h('span', { class: 'month-name' }, write.month(one.month, 'short')),
    )
  }
  const spoken = (one: CashflowMonth): string => {
    const figure = (text: string | null): string =>
      text === null ? say.unknown : write.money(text, currency)
    return [
      `${write.month(one.month)}${one.complete ? '' : ` (${say.cashflow.running})`}`,
      `${say.income} ${figure(one.income)}`,
      `${say.expense} ${figure(one.expense)}`,
      `${say.cashflow.netSaving} ${figure(one.netSaving)}`,
    ].join(', ')
  }
  return h(
    'div',
    { class: 'bars' },
    h(
      'div',
      { class: 'plot' },
      h('div', { class: 'grid', 'aria-hidden': 'true' }, ...lines),
      h(
        'div',
        { class: 'month-row', role: 'group', 'aria-label': say.cashflow.choose },
        ...months.map(column),
      ),
    ),
  )
}

/** What the colours mean. */
export function barsLegend(say: LedgerWords): HTMLElement {
  return h(
    'ul',
    { class: 'legend' },
    h('li', { class: 'income' }, say.income),
    h('li', { class: 'expense' }, say.expense),
    h('li', { class: 'net' }, say.cashflow.netSaving),
  )
}

/** Ends of the axis on round numbers, with three to six of them between. */
function scaleOf(most: number, least: number): { top: number; bottom: number; step: number } {
  const span = Math.max(most - least, 1)
  const power = 10 ** Math.floor(Math.log10(span / 3))
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => span / size <= 4.5) ?? 10 * power
  return { top: Math.max(step, Math.ceil(most / step) * step), bottom: Math.floor(least / step) * step, step }
}

/** Rows of categories with their shares, the largest first. */
export function categoryRows(
  { categories, currency, reason }: Cashflow,
  kind: 'INCOME' | 'EXPENSE',
  say: LedgerWords,
  write: Figures,
): HTMLElement {
  const rows = categories
    .filter((one) => one.kind === kind)
    .map(({ name, amount, share }) => {
      const fill = h('span', { class: 'fill' })
      fill.style.setProperty('--share', `${Math.min(100, Math.max(0, Number(share ?? 0) * 100))}%`)
      const missing = say.cashflow.reasons[reason ?? 'no-rate']
      return h(
        'li',
        {},
        h('span', { class: 'category-name' }, name ?? say.noCategory),
        h('b', {}, orUnknown(amount === null ? null : write.money(amount, currency), missing)),
        h('span', { class: 'meter', 'aria-hidden': 'true' }, fill),
        h('small', {}, share === null ? '' : write.percent(share)),
      )
    })
  if (rows.length === 0) return h('p', { class: 'nothing-yet' }, say.cashflow.noCategories)
  return h('ul', { class: `category-rows ${kind.toLowerCase()}` }, ...rows)
}
