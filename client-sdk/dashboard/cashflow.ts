import type { Cashflow, CashflowReason } from '../src/index.js'
import { asked, nothing } from './asked.js'
import { budgetList } from './budgets.js'
import { h, type View } from './dom.js'
import { entryList } from './entries.js'
import { addMonths, daysOf, type Figures, figures, monthOf, orUnknown, toneOf } from './figures.js'
import { today } from './form.js'
import { type LedgerWords, ledgerWords } from './ledger-words.js'
import { choices } from './modal.js'
import { barsLegend, categoryRows, monthBars } from './month-bars.js'
import { locale, preferences } from './preferences.js'
import { openQuickAdd } from './quick-add.js'
import { type Frame, page } from './top.js'

const MONTHS = 12

/** What comes in and goes out: twelve months, and the chosen one with its categories, budgets and entries. */
export function cashflowView(frame: Frame): View {
  const { harta, words } = frame
  const say = ledgerWords[preferences.language]
  const write = figures(locale())
  const user = harta.auth.user
  const startDay = user?.monthStartDay ?? 1
  const now = monthOf(today(user?.timeZone), startDay)
  let chosen = now

  const year = asked({
    words,
    ask: () =>
      harta.insights.cashflow({
        from: daysOf(addMonths(now, 1 - MONTHS), startDay).from,
        to: daysOf(now, startDay).to,
      }),
    show: (flow) => {
      const isEmpty = flow.categories.length === 0
      const add = h(
        'button',
        { type: 'button', class: 'link', click: () => openQuickAdd(frame, 'cashflow') },
        say.addExpense,
      )
      return [
        isEmpty && nothing(say.cashflow.nothing, add),
        !isEmpty && monthBars(flow, chosen, say, write, choose),
        !isEmpty && runningNote(flow, say),
        !isEmpty && typical(flow, say, write),
        openEntries(flow, say, write),
      ]
    },
  })
  const budgets = budgetList(frame, write, () => chosen)
  const budgetCard = h('section', { class: 'card pad' }, h('h2', {}, say.budgets.title), budgets.element)
  let kind: 'EXPENSE' | 'INCOME' = 'EXPENSE'
  const month = asked({
    words,
    ask: () => harta.insights.cashflow({ month: chosen }),
    show: (flow) => {
      const rows = h('div', {}, categoryRows(flow, kind, say, write))
      const sides = choices(
        say.cashflow.categories,
        [
          ['EXPENSE', say.expense],
          ['INCOME', say.income],
        ],
        (value) => {
          kind = value
          rows.replaceChildren(categoryRows(flow, kind, say, write))
        },
        kind,
      )
      return [
        h('h2', { class: 'month-title' }, monthTitle(chosen, flow.complete, say, write)),
        monthTiles(flow, say, write),
        h(
          'div',
          { class: 'halves' },
          h('section', { class: 'card pad' }, h('h2', {}, say.cashflow.categories), sides, rows),
          budgetCard,
        ),
      ]
    },
  })
  const entries = entryList(frame, write, () => daysOf(chosen, startDay))

  function choose(next: string): void {
    chosen = next
    for (const button of year.element.querySelectorAll<HTMLElement>('.month')) {
      button.setAttribute('aria-pressed', String(button.dataset.month === next))
    }
    for (const part of [month, budgets, entries]) void part.again()
  }

  const parts = [year, month, budgets, entries]
  return page(
    frame,
    'cashflow',
    [
      h('h1', {}, say.cashflow.title),
      h(
        'section',
        { class: 'card pad' },
        h('header', { class: 'part-head' }, h('h2', {}, say.cashflow.months), barsLegend(say)),
        year.element,
      ),
      month.element,
      h('section', { class: 'card pad entries' }, h('h2', {}, say.cashflow.entries), entries.element),
    ],
    {
      stop: () => {
        for (const part of parts) part.stop()
      },
    },
  )
}

function runningNote({ months }: Cashflow, say: LedgerWords): HTMLElement | false {
  return (
    months.some(({ complete }) => !complete) && h('p', { class: 'running-note' }, `* ${say.cashflow.running}`)
  )
}

function monthTitle(month: string, isComplete: boolean, say: LedgerWords, write: Figures): string {
  return isComplete ? write.month(month) : `${write.month(month)} · ${say.cashflow.running}`
}

function monthTiles(flow: Cashflow, say: LedgerWords, write: Figures): HTMLElement {
  const { currency } = flow
  const why = say.cashflow.reasons[flow.reason ?? 'no-rate']
  const money = (text: string | null, signed = false): string | null =>
    text === null ? null : write.money(text, currency, { signed })
  const rate = (text: string | null): string | null => (text === null ? null : write.percent(text))
  const tiles: [string, string | null, string, string | undefined][] = [
    [say.income, money(flow.income), '', undefined],
    [say.expense, money(flow.expense), '', undefined],
    [say.cashflow.netSaving, money(flow.netSaving, true), '', toneOf(flow.netSaving)],
    [say.cashflow.savingRate, rate(flow.savingRate), say.cashflow.savingRateNote, toneOf(flow.savingRate)],
    [say.cashflow.expenseRatio, rate(flow.expenseRatio), say.cashflow.expenseRatioNote, undefined],
  ]
  return h(
    'dl',
    { class: 'numbers' },
    ...tiles.map(([name, text, note, tone]) =>
      h(
        'div',
        { class: 'card number-tile' },
        h('dt', {}, name),
        h('dd', { class: tone }, orUnknown(text, why)),
        h('dd', { class: 'note' }, text === null ? why : note),
      ),
    ),
  )
}

/** The median month, which one large purchase does not move. */
function typical({ medians, currency }: Cashflow, say: LedgerWords, write: Figures): HTMLElement {
  const reason: CashflowReason = medians.reason ?? 'no-complete-month'
  const fact = (name: string, text: string | null): HTMLElement =>
    h(
      'div',
      {},
      h('dt', {}, name),
      h(
        'dd',
        {},
        orUnknown(text === null ? null : write.money(text, currency), say.cashflow.reasons[reason]),
      ),
    )
  return h(
    'div',
    { class: 'typical' },
    h('h3', {}, say.cashflow.typical, ' ', h('small', {}, say.cashflow.typicalNote)),
    h(
      'dl',
      { class: 'facts' },
      fact(say.income, medians.income),
      fact(say.expense, medians.expense),
      fact(say.cashflow.netSaving, medians.netSaving),
    ),
  )
}

/** Names what is in no sum because its exchange rate is not known. */
function openEntries({ unconverted }: Cashflow, say: LedgerWords, write: Figures): HTMLElement | null {
  if (unconverted.length === 0) return null
  const named = unconverted.slice(0, 5).map(({ currency, date }) => `${currency} ${write.date(date)}`)
  const rest = unconverted.length - named.length
  return h(
    'p',
    { class: 'warning', role: 'note' },
    `${say.cashflow.unconverted} ${named.join(', ')}${rest > 0 ? ` + ${rest}` : ''}`,
  )
}
