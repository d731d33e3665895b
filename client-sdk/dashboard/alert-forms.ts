import type { Budget, Category, Goal, GoalEvent, HartaClient, NewAlert, Valuation } from '../src/index.js'
import { commonOf, directionOf } from './alert-fields.js'
import { budgetFields, goalFields, portfolioFields } from './alert-kinds.js'
import { alertWords } from './alert-words.js'
import { writeAmount } from './amount.js'
import { anyPriceForm } from './any-price-form.js'
import { type Asked, asked, nothing } from './asked.js'
import { h } from './dom.js'
import { all } from './flow-form.js'
import { form, type Values } from './form.js'
import { icon } from './icons.js'
import { choices, openModal } from './modal.js'
import { preferences } from './preferences.js'
import { madeKnown } from './price-alert.js'
import { SUGGESTED_PERCENT } from './price-form.js'
import { suggestMark } from './threshold.js'
import type { Frame } from './top.js'

type Kind = 'PRICE' | 'PORTFOLIO' | 'GOAL' | 'BUDGET'
type Part = Pick<Asked, 'element' | 'stop'>

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
      show: (goals) => [goalForm(frame, goals, id ?? '', done)],
      once: true,
    })
  }
  return asked({
    words,
    ask: () => budgetNames(harta),
    show: (budgets) => [budgetForm(frame, budgets, id ?? '', done)],
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
  const markAt = (percent: number): string => suggestMark(total, percent) ?? ''
  const fields = portfolioFields({ currency, holdings, mark: markAt(SUGGESTED_PERCENT) })
  const element = form(words, fields, say.create, async (values) => {
    const alert = await harta.alerts.create(newPortfolioAlert(values, harta.auth.user?.timeZone))
    done()
    madeKnown({ words }, alert, (id) => holdings.find(({ assetId }) => assetId === id)?.name)
  })
  const select = element.elements.namedItem('condition') as HTMLSelectElement
  const mark = element.elements.namedItem('threshold') as HTMLInputElement
  let isTyped = false
  mark.addEventListener('input', () => {
    isTyped = mark.value !== ''
  })
  select.addEventListener('change', () => {
    const percent = select.value === 'below' ? -SUGGESTED_PERCENT : SUGGESTED_PERCENT
    if (!isTyped) mark.value = writeAmount(markAt(percent), preferences.language)
  })
  return element
}

function newPortfolioAlert(values: Values, timeZone: string | undefined): NewAlert {
  const { condition, threshold = '', dayPercent = '', sharePercent = '', assetId } = values
  const about = { kind: 'PORTFOLIO', ...commonOf(values, timeZone) } as const
  if (condition === 'newHigh') return { ...about, condition }
  if (condition === 'dayChange') return { ...about, condition, percent: dayPercent, ...directionOf(values) }
  if (condition === 'share') return { ...about, condition, percent: sharePercent, assetId: assetId ?? null }
  return { ...about, condition: condition === 'below' ? 'below' : 'above', threshold }
}

function goalForm({ harta, words }: Frame, goals: readonly Goal[], id: string, done: () => void): Node {
  const say = alertWords[preferences.language]
  if (goals.length === 0) return nothing(say.noGoal)
  const options = goals.map((goal) => [goal.id, goal.name] as const)
  return form(words, goalFields(options, id), say.create, async (values) => {
    const { goalId = '', events = '' } = values
    const alert = await harta.alerts.create({
      ...{ kind: 'GOAL', goalId, events: events.split(',') as GoalEvent[] },
      ...commonOf(values, harta.auth.user?.timeZone),
    })
    done()
    madeKnown({ words }, alert, (goal) => new Map(options).get(goal))
  })
}

function budgetForm(
  { harta, words }: Frame,
  budgets: ReadonlyMap<string, string>,
  id: string,
  done: () => void,
): Node {
  const say = alertWords[preferences.language]
  if (budgets.size === 0) return nothing(say.noBudget)
  return form(words, budgetFields([...budgets], id), say.create, async (values) => {
    const { budgetId = '', percents = '' } = values
    const alert = await harta.alerts.create({
      ...{ kind: 'BUDGET', budgetId, percents: percents.split(',').map(Number) },
      ...commonOf(values, harta.auth.user?.timeZone),
    })
    done()
    madeKnown({ words }, alert, (budget) => budgets.get(budget))
  })
}
