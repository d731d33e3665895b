import type { Budget, Category } from '../src/index.js'
import { alertButton } from './alert-forms.js'
import { type Asked, asked, nothing, recorded } from './asked.js'
import { h } from './dom.js'
import { explain } from './failure.js'
import type { Field } from './field.js'
import { type Figures, orUnknown } from './figures.js'
import { all } from './flow-form.js'
import { currencies, form } from './form.js'
import { type LedgerWords, ledgerWords } from './ledger-words.js'
import { openModal } from './modal.js'
import { preferences } from './preferences.js'
import { sureButton } from './sure.js'
import { isLit } from './told.js'
import type { Frame } from './top.js'

/** From this part of a budget on it is nearly spent. */
const NEARLY = 0.8

/** What may be spent in categories, and how much of it is spent in the month. */
export function budgetList(frame: Frame, write: Figures, month: () => string): Asked {
  const say = ledgerWords[preferences.language]
  const { harta, words } = frame
  return asked({
    words,
    ask: () =>
      Promise.all([
        all(harta.budgets.list({ month: month(), pageSize: 100 })),
        all(harta.categories.list({ kind: 'EXPENSE', pageSize: 100 })),
      ]),
    show: ([budgets, categories]) => {
      const open = (budget?: Budget): void => openBudget(frame, categories, month(), budget)
      const add = h('button', { type: 'button', class: 'link', click: () => open() }, say.budgets.add)
      if (categories.length === 0) return [nothing(say.budgets.noCategory)]
      if (budgets.length === 0) return [nothing(say.budgets.nothing, add)]
      const names = new Map(categories.map(({ id, name }) => [id, name]))
      const inForce = budgets.filter(
        (budget) =>
          budget.month === month() ||
          (budget.month === null &&
            !budgets.some((other) => other.month === month() && other.categoryId === budget.categoryId)),
      )
      const nameOf = ({ categoryId }: Budget): string => names.get(categoryId) ?? ''
      inForce.sort((a, b) => nameOf(a).localeCompare(nameOf(b)))
      return [
        h(
          'ul',
          { class: 'budget-rows' },
          ...inForce.map((budget) =>
            h(
              'li',
              { 'data-subject': budget.id, 'data-lit': isLit(budget.id) },
              budgetRow(budget, nameOf(budget), say, write, () => open(budget)),
              alertButton(frame, 'BUDGET', budget.id, nameOf(budget)),
            ),
          ),
        ),
        add,
      ]
    },
  })
}

function budgetRow(
  { id, amount, currency, spent, remaining, ratio }: Budget,
  name: string,
  say: LedgerWords,
  write: Figures,
  open: () => void,
): HTMLElement {
  const part = Number(ratio ?? 0)
  const tone = ratio === null ? 'idle' : part > 1 ? 'bad' : part >= NEARLY ? 'warn' : 'good'
  const fill = h('span', { class: 'fill' })
  fill.style.setProperty('--share', `${Math.min(100, Math.max(0, part * 100))}%`)
  const isOver = remaining?.startsWith('-') ?? false
  const left = remaining === null ? null : write.money(remaining.replace('-', ''), currency)
  return h(
    'button',
    {
      type: 'button',
      class: 'budget',
      'data-tone': tone,
      'data-budget': id,
      'aria-haspopup': 'dialog',
      click: open,
    },
    h('span', { class: 'category-name' }, name),
    h('b', {}, orUnknown(left, say.budgets.noRate), ` ${isOver ? say.budgets.over : say.budgets.left}`),
    h('span', { class: 'meter', 'aria-hidden': 'true' }, fill),
    h(
      'small',
      {},
      orUnknown(spent === null ? null : write.money(spent, currency), say.budgets.noRate),
      ` ${say.budgets.of} ${write.money(amount, currency)}`,
      ratio !== null && ` · ${write.percent(ratio, { digits: 0 })}`,
    ),
  )
}

function openBudget(frame: Frame, categories: readonly Category[], month: string, budget?: Budget): void {
  const { harta, words } = frame
  const say = ledgerWords[preferences.language]
  const base = harta.auth.user?.baseCurrency ?? 'USD'
  const fields: Field[] = [
    {
      name: 'categoryId',
      label: say.category,
      kind: 'select',
      options: categories.map(({ id, name }) => [id, name] as const),
      value: budget?.categoryId ?? '',
      wide: true,
    },
    { name: 'amount', label: say.budgets.amount, kind: 'decimal', value: budget?.amount ?? '' },
    {
      name: 'currency',
      label: words.currency,
      kind: 'select',
      options: currencies(base, ...(budget ? [budget.currency] : [])),
      value: budget?.currency ?? base,
    },
    {
      name: 'month',
      label: say.budgets.onlyMonth,
      kind: 'check',
      value: budget && budget.month !== null ? 'yes' : '',
    },
  ]
  const trouble = h('p', { class: 'fault general', role: 'alert' })
  const done = (): void => {
    close()
    recorded()
  }
  const entry = form(words, fields, say.save, async ({ categoryId = '', amount = '', ...values }) => {
    const { currency = base } = values
    const only = values.month === 'yes' ? (budget?.month ?? month) : null
    const change = { categoryId, amount, currency, month: only }
    await (budget ? harta.budgets.update(budget, change) : harta.budgets.create(change))
    done()
  })
  const remove = async (target: Budget): Promise<void> => {
    try {
      await harta.budgets.remove(target)
      done()
    } catch (error) {
      trouble.textContent = explain(error, words)
    }
  }
  const danger =
    budget &&
    h(
      'div',
      { class: 'danger' },
      sureButton(say.remove, say.removeSure, () => void remove(budget)),
      trouble,
    )
  const close = openModal(words, budget ? say.budgets.edit : say.budgets.add, [
    entry,
    ...(danger ? [danger] : []),
  ])
}
