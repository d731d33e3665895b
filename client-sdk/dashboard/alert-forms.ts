import type { Budget, Category, Goal, GoalEvent, HartaClient, NewAlert, Valuation } from '../src/index.js'
import { commonFields, commonOf, directionField, directionOf, repeatField } from './alert-fields.js'
import { type AlertWords, alertWords } from './alert-words.js'
import { anyPriceForm } from './any-price-form.js'
import { type Asked, asked, nothing } from './asked.js'
import { h } from './dom.js'
import type { Field } from './field.js'
import { all } from './flow-form.js'
import { form, type Values } from './form.js'
import { icon } from './icons.js'
import { choices, openModal } from './modal.js'
import { preferences } from './preferences.js'
import { madeKnown } from './price-alert.js'
import { suggestMark } from './threshold.js'
import type { Frame } from './top.js'

type Kind = 'PRICE' | 'PORTFOLIO' | 'GOAL' | 'BUDGET'
type Part = Pick<Asked, 'element' | 'stop'>

const PERCENTS = [50, 80, 90, 100, 120]
const PRESET_PERCENTS = '80,100'
const SUGGESTED_PERCENT = 5
/** A share of everything that is much for one holding. */
const MUCH = '25'

/** Asks what the alert is about, and then for the rest. */
export function openNewAlert(frame: Frame): void {
  const say = alertWords[preferences.language]
  const place = h('div', {})
  let part: Part | null = null
  const show = (kind: Kind): void => {
    part?.stop()
    part = partOf(frame, kind, undefined, () => close())
    place.replaceChildren(part.element)
  }
  const picker = choices<Kind>(say.kind, Object.entries(say.kinds) as [Kind, string][], show)
  const close = openModal(frame.words, say.add, [picker, place], () => part?.stop())
  show('PRICE')
}

/** A bell that asks for an alert on one goal or one budget. */
export function alertButton(frame: Frame, kind: 'GOAL' | 'BUDGET', id: string, name: string): HTMLElement {
  const label = `${alertWords[preferences.language].bell} ${name}`
  const open = (): void => openAlertOn(frame, kind, id)
  return h(
    'button',
    {
      type: 'button',
      class: 'ghost icon row-bell',
      'aria-haspopup': 'dialog',
      'aria-label': label,
      title: label,
      click: open,
    },
    icon('alerts', 18),
  )
}

function openAlertOn(frame: Frame, kind: 'GOAL' | 'BUDGET', id: string): void {
  const say = alertWords[preferences.language]
  const part = partOf(frame, kind, id, () => close())
  const close = openModal(frame.words, `${say.add}: ${say.kinds[kind]}`, [part.element], () => part.stop())
}

function partOf(frame: Frame, kind: Kind, id: string | undefined, done: () => void): Part {
  const { harta, words } = frame
  if (kind === 'PRICE') return anyPriceForm(frame, done)
  if (kind === 'PORTFOLIO') {
    return asked({
      words,
      ask: async () => harta.portfolio.store.getSnapshot() ?? harta.portfolio.get(),
      show: (valuation) => [portfolioForm(frame, valuation, done)],
      once: true,
    })
  }
  if (kind === 'GOAL') {
    return asked({
      words,
      ask: () => all(harta.goals.list({ pageSize: 100 })),
      show: (goals) => [goalForm(frame, goals, id, done)],
      once: true,
    })
  }
  return asked({
    words,
    ask: () => budgetNames(harta),
    show: (budgets) => [budgetForm(frame, budgets, id, done)],
    once: true,
  })
}

/** The names of budgets, which are those of their categories, by id. */
export async function budgetNames(harta: HartaClient): Promise<ReadonlyMap<string, string>> {
  const [budgets, categories]: [Budget[], Category[]] = await Promise.all([
    all(harta.budgets.list({ pageSize: 100 })),
    all(harta.categories.list({ kind: 'EXPENSE', pageSize: 100 })),
  ])
  const names = new Map(categories.map(({ id, name }) => [id, name]))
  return new Map(
    budgets.map(({ id, categoryId, month }) => [
      id,
      [names.get(categoryId) ?? categoryId, ...(month === null ? [] : [month])].join(' · '),
    ]),
  )
}

function portfolioForm(
  { harta, words }: Frame,
  { total, currency, holdings }: Valuation,
  done: () => void,
): HTMLElement {
  const say = alertWords[preferences.language]
  const when = (...is: string[]): NonNullable<Field['when']> => ({ field: 'condition', is })
  const fields: Field[] = [
    {
      name: 'condition',
      label: say.condition,
      kind: 'select',
      options: Object.entries(say.portfolioConditions),
      wide: true,
    },
    {
      name: 'threshold',
      label: `${say.threshold} (${currency})`,
      kind: 'decimal',
      value: suggestMark(total, SUGGESTED_PERCENT) ?? '',
      wide: true,
      when: when('above', 'below'),
    },
    {
      name: 'dayPercent',
      label: say.percent,
      kind: 'decimal',
      value: '3',
      wide: true,
      when: when('dayChange'),
    },
    directionField(when('dayChange')),
    { name: 'sharePercent', label: say.share, kind: 'decimal', value: MUCH, when: when('share') },
    {
      name: 'assetId',
      label: say.asset,
      kind: 'select',
      optional: true,
      options: [['', say.anyAsset], ...holdings.map(({ assetId, name }) => [assetId, name] as const)],
      when: when('share'),
    },
    repeatField(),
    ...commonFields({ repeats: true }),
  ]
  const element = form(words, fields, say.create, async (values) => {
    const alert = await harta.alerts.create(newPortfolioAlert(values, harta.auth.user?.timeZone))
    done()
    const nameOf = (id: string): string | null => holdings.find(({ assetId }) => assetId === id)?.name ?? null
    madeKnown({ words }, alert, currency, nameOf)
  })
  const select = element.elements.namedItem('condition') as HTMLSelectElement
  const mark = element.elements.namedItem('threshold') as HTMLInputElement
  let isTyped = false
  mark.addEventListener('input', () => {
    isTyped = mark.value !== ''
  })
  select.addEventListener('change', () => {
    const percent = select.value === 'below' ? -SUGGESTED_PERCENT : SUGGESTED_PERCENT
    if (!isTyped) mark.value = (suggestMark(total, percent) ?? '').replace('.', markOf())
  })
  return element
}

function markOf(): string {
  return preferences.language === 'id' ? ',' : '.'
}

function newPortfolioAlert(values: Values, timeZone: string | undefined): NewAlert {
  const { condition, threshold = '', dayPercent = '', sharePercent = '', assetId } = values
  const about = { kind: 'PORTFOLIO', ...commonOf(values, timeZone) } as const
  if (condition === 'newHigh') return { ...about, condition }
  if (condition === 'dayChange') return { ...about, condition, percent: dayPercent, ...directionOf(values) }
  if (condition === 'share') return { ...about, condition, percent: sharePercent, assetId: assetId ?? null }
  return { ...about, condition: condition === 'below' ? 'below' : 'above', threshold }
}

function goalForm(
  { harta, words }: Frame,
  goals: readonly Goal[],
  id: string | undefined,
  done: () => void,
): Node {
  const say = alertWords[preferences.language]
  if (goals.length === 0) return nothing(say.noGoal)
  const events = Object.keys(say.goalEvents)
  const options = goals.map((goal) => [goal.id, goal.name] as const)
  const fields: Field[] = [
    { name: 'goalId', label: say.goal, kind: 'select', options, value: id ?? '', wide: true },
    {
      name: 'events',
      label: say.events,
      kind: 'checks',
      options: Object.entries(say.goalEvents),
      value: events.join(),
    },
    ...commonFields({ repeats: false }),
  ]
  return form(words, fields, say.create, async ({ goalId = '', events: chosen = '', ...values }) => {
    const alert = await harta.alerts.create({
      ...{ kind: 'GOAL', goalId, events: chosen.split(',') as GoalEvent[] },
      ...commonOf(values, harta.auth.user?.timeZone),
    })
    done()
    madeKnown({ words }, alert, null, (goal) => new Map(options).get(goal) ?? null)
  })
}

function budgetForm(
  { harta, words }: Frame,
  budgets: ReadonlyMap<string, string>,
  id: string | undefined,
  done: () => void,
): Node {
  const say: AlertWords = alertWords[preferences.language]
  if (budgets.size === 0) return nothing(say.noBudget)
  const fields: Field[] = [
    {
      name: 'budgetId',
      label: say.budget,
      kind: 'select',
      options: [...budgets],
      value: id ?? '',
      wide: true,
    },
    {
      name: 'percents',
      label: say.percents,
      kind: 'checks',
      options: PERCENTS.map((percent) => [String(percent), `${percent}%`] as const),
      value: PRESET_PERCENTS,
    },
    ...commonFields({ repeats: false }),
  ]
  return form(words, fields, say.create, async ({ budgetId = '', percents = '', ...values }) => {
    const alert = await harta.alerts.create({
      ...{ kind: 'BUDGET', budgetId, percents: percents.split(',').map(Number) },
      ...commonOf(values, harta.auth.user?.timeZone),
    })
    done()
    madeKnown({ words }, alert, null, (budget) => budgets.get(budget) ?? null)
  })
}
