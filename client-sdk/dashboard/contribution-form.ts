import type { Contribution, Goal } from '../src/index.js'
import { recorded } from './asked.js'
import type { Field } from './field.js'
import { currencies, form, today } from './form.js'
import { ledgerWords } from './ledger-words.js'
import { preferences } from './preferences.js'
import type { Frame } from './top.js'

/** Writes down money that was put by for one of these goals, or changes such an entry of the only one. */
export function contributionForm(
  { harta, words }: Frame,
  goals: readonly Goal[],
  options: { readonly entry?: Contribution; readonly saved: () => void },
): HTMLFormElement {
  const say = ledgerWords[preferences.language]
  const { entry } = options
  const [first] = goals
  const currency = entry?.currency ?? first?.currency ?? 'USD'
  const fields: Field[] = [
    {
      name: 'goalId',
      label: say.goal,
      kind: 'select',
      options: goals.map(({ id, name }) => [id, name] as const),
      wide: true,
    },
    { name: 'amount', label: words.amount, kind: 'decimal', value: entry?.amount.replace('-', '') ?? '' },
    {
      name: 'currency',
      label: words.currency,
      kind: 'select',
      options: currencies(currency, ...goals.map((goal) => goal.currency)),
      value: currency,
    },
    {
      name: 'date',
      label: words.date,
      kind: 'date',
      value: entry?.date ?? today(harta.auth.user?.timeZone),
    },
    { name: 'note', label: say.note, kind: 'text', optional: true, value: entry?.note ?? '' },
    {
      name: 'out',
      label: say.takenOut,
      kind: 'check',
      value: entry?.amount.startsWith('-') ? 'yes' : '',
    },
  ]
  const element = form(words, fields, entry ? say.save : say.addContribution, async (values) => {
    const { goalId = '', amount = '', date = '', note, out } = values
    const given = {
      amount: out === 'yes' ? `-${amount}` : amount,
      currency: values.currency ?? currency,
      date,
      note: note ?? null,
    }
    const contributions = harta.goals.contributions(goalId)
    await (entry ? contributions.update(entry, given) : contributions.create(given))
    options.saved()
    recorded()
  })
  const goal = element.elements.namedItem('goalId') as HTMLSelectElement
  goal.addEventListener('change', () => {
    const its = goals.find(({ id }) => id === goal.value)?.currency
    const select = element.elements.namedItem('currency') as HTMLSelectElement
    if (its !== undefined) select.value = its
  })
  return element
}
