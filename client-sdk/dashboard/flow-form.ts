import type { Asset, Category, Flow, FlowKind, Flows, HartaClient, NewFlow } from '../src/index.js'
import { recorded } from './asked.js'
import { h } from './dom.js'
import { explain } from './failure.js'
import type { Field } from './field.js'
import { currencies, form, today, type Values } from './form.js'
import { type LedgerWords, ledgerWords } from './ledger-words.js'
import { openModal } from './modal.js'
import { preferences } from './preferences.js'
import { sureButton } from './sure.js'
import type { Frame } from './top.js'

/** What the form of an income or an expense chooses from. */
export interface Choices {
  readonly categories: readonly Category[]
  /** Assets that money comes into and goes out of. */
  readonly accounts: readonly Asset[]
}

const NEW = '+'

export async function loadChoices(harta: HartaClient): Promise<Choices> {
  const [categories, assets] = await Promise.all([
    all(harta.categories.list({ pageSize: 100 })),
    all(harta.assets.list({ pageSize: 100 })),
  ])
  return {
    categories: categories.sort((a, b) => a.name.localeCompare(b.name)),
    accounts: assets.filter(({ type }) => type === 'CASH' || type === 'LIABILITY'),
  }
}

export async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of list) found.push(one)
  return found
}

/** Writes down an income or an expense, or changes one. */
export function flowForm(
  { harta, words }: Frame,
  kind: FlowKind,
  { categories, accounts }: Choices,
  options: { readonly flow?: Flow; readonly saved: () => void },
): HTMLElement {
  const say = ledgerWords[preferences.language]
  const { flow } = options
  const base = harta.auth.user?.baseCurrency ?? 'USD'
  const own = categories.filter((category) => category.kind === kind)
  const fields = fieldsOf(kind, say, { base, own, accounts, flow, timeZone: harta.auth.user?.timeZone })
  fields[0] = { ...(fields[0] as Field), label: words.amount }
  const labels = { currency: words.currency, date: words.date }
  const labelled = fields.map((field) => ({ ...field, label: labels[field.name as 'date'] ?? field.label }))
  const action = flow ? say.save : kind === 'INCOME' ? say.addIncome : say.addExpense
  const element = form(words, labelled, action, async (values) => {
    const entry = await entryOf(harta, kind, values)
    const flows = flowsOf(harta, kind)
    await (flow ? flows.update(flow, entry) : flows.create(entry))
    options.saved()
    recorded()
  })
  // An entry is usually in the currency of its account.
  const account = element.elements.namedItem('assetId') as HTMLSelectElement
  account.addEventListener('change', () => {
    const currency = accounts.find(({ id }) => id === account.value)?.currency
    const select = element.elements.namedItem('currency') as HTMLSelectElement
    if (currency !== undefined) select.value = currency
  })
  return element
}

function fieldsOf(
  kind: FlowKind,
  say: LedgerWords,
  known: {
    readonly base: string
    readonly own: readonly Category[]
    readonly accounts: readonly Asset[]
    readonly flow: Flow | undefined
    readonly timeZone: string | undefined
  },
): Field[] {
  const { flow, own, accounts, base } = known
  const refund: Field = { name: 'refund', label: say.refund, kind: 'check' }
  const isRefund = flow?.amount.startsWith('-') ?? false
  const used = flow ? [flow.currency] : []
  return [
    { name: 'amount', label: '', kind: 'decimal', value: flow?.amount.replace('-', '') ?? '' },
    {
      name: 'currency',
      label: '',
      kind: 'select',
      options: currencies(base, ...used, ...accounts.map(({ currency }) => currency)),
      value: flow?.currency ?? base,
    },
    {
      name: 'categoryId',
      label: say.category,
      kind: 'select',
      optional: true,
      options: [
        ['', say.noCategory],
        ...own.map(({ id, name }) => [id, name] as const),
        [NEW, say.newCategory],
      ],
      value: flow?.categoryId ?? '',
    },
    { name: 'date', label: '', kind: 'date', value: flow?.date ?? today(known.timeZone) },
    {
      name: 'newCategory',
      label: say.newCategoryName,
      kind: 'text',
      wide: true,
      when: { field: 'categoryId', is: [NEW] },
    },
    {
      name: 'assetId',
      label: say.account,
      kind: 'select',
      optional: true,
      options: [['', say.noAccount], ...accounts.map(({ id, name }) => [id, name] as const)],
      value: flow?.assetId ?? '',
      ...(accounts.length > 0 ? { hint: say.accountHint } : {}),
    },
    { name: 'note', label: say.note, kind: 'text', optional: true, value: flow?.note ?? '' },
    ...(kind === 'EXPENSE' ? [{ ...refund, ...(isRefund ? { value: 'yes' } : {}) }] : []),
  ]
}

async function entryOf(harta: HartaClient, kind: FlowKind, values: Values): Promise<NewFlow> {
  const { amount = '', currency, date = '', categoryId, newCategory, assetId, note, refund } = values
  const category =
    categoryId === NEW && newCategory !== undefined
      ? (await harta.categories.create({ kind, name: newCategory })).id
      : categoryId
  return {
    amount: refund === 'yes' ? `-${amount}` : amount,
    ...(currency === undefined ? {} : { currency }),
    date,
    categoryId: category ?? null,
    assetId: assetId ?? null,
    note: note ?? null,
  }
}

function flowsOf(harta: HartaClient, kind: FlowKind): Flows {
  return kind === 'INCOME' ? harta.incomes : harta.expenses
}

/** One entry, to change it or to delete it. */
export async function openFlow(frame: Frame, kind: FlowKind, flow: Flow): Promise<void> {
  const { harta, words } = frame
  const say = ledgerWords[preferences.language]
  const trouble = h('p', { class: 'fault general', role: 'alert' })
  const choices = await loadChoices(harta)
  const remove = async (): Promise<void> => {
    try {
      await flowsOf(harta, kind).remove(flow)
      close()
      recorded()
    } catch (error) {
      trouble.textContent = explain(error, words)
    }
  }
  const close = openModal(words, kind === 'INCOME' ? say.income : say.expense, [
    flowForm(frame, kind, choices, { flow, saved: () => close() }),
    h(
      'div',
      { class: 'danger' },
      sureButton(say.remove, say.removeSure, () => void remove()),
      trouble,
    ),
  ])
}
