import type { Contribution, Goal, Valuation } from '../src/index.js'
import { compareDecimals } from '../src/widgets/format.js'
import { alertButton } from './alert-forms.js'
import { type Asked, asked, nothing, recorded } from './asked.js'
import { contributionForm } from './contribution-form.js'
import { h } from './dom.js'
import { explain } from './failure.js'
import { type Figures, orUnknown } from './figures.js'
import { all } from './flow-form.js'
import { openGoal } from './goal-form.js'
import { goalNow } from './goal-live.js'
import { type InsightWords, insightWords } from './insight-words.js'
import { ledgerWords } from './ledger-words.js'
import { openModal } from './modal.js'
import { preferences } from './preferences.js'
import { sureButton } from './sure.js'
import { isLit } from './told.js'
import type { Frame } from './top.js'

/** One goal: how far, how fast, and what was put in. */
export interface GoalCard {
  readonly goal: Goal
  readonly element: HTMLElement
  /** Moves with what is owned. */
  follow(valuation: Valuation | null): void
  stop(): void
}

/** `unfolded` are the goals whose contributions are shown, however often their cards are made anew. */
export function goalCard(frame: Frame, goal: Goal, write: Figures, unfolded: Set<string>): GoalCard {
  const { goals: say } = insightWords[preferences.language]
  const common = ledgerWords[preferences.language]
  const fill = h('span', { class: 'fill' })
  const percent = h('b', { class: 'percent' })
  const current = h('span', { class: 'figure' })
  const rest = h('small')
  const meter = h(
    'div',
    {
      class: 'goal-meter',
      role: 'progressbar',
      'aria-label': goal.name,
      'aria-valuemin': 0,
      'aria-valuemax': 100,
    },
    fill,
    ...goal.milestones.map((milestone) => milestoneMark(milestone, say, write)),
  )
  const money = (text: string): string => write.money(text, goal.currency)

  const follow = (valuation: Valuation | null): void => {
    const now = goalNow(goal, valuation)
    const part = Number(now.progress ?? 0)
    fill.style.setProperty('--share', `${Math.min(100, Math.max(0, part * 100))}%`)
    meter.setAttribute('aria-valuenow', String(Math.round(Math.min(1, Math.max(0, part)) * 100)))
    percent.replaceChildren(
      orUnknown(now.progress === null ? null : write.percent(now.progress, { digits: 1 }), say.unknown),
    )
    current.replaceChildren(orUnknown(now.current === null ? null : money(now.current), say.unknown))
    rest.replaceChildren(
      goal.reachedAt !== null && part >= 1
        ? `${say.reached} · ${write.date(goal.reachedAt.slice(0, 10))}`
        : now.remaining === null
          ? say.unknown
          : `${money(now.remaining)} ${say.remaining}`,
    )
    element.toggleAttribute('data-reached', part >= 1)
  }
  const contributions = goal.basis === 'CONTRIBUTIONS' ? contributionPart(frame, goal, write, unfolded) : null
  const edit = (): void => void openGoal(frame, goal)
  const element: HTMLElement = h(
    'article',
    { class: 'card goal', 'data-goal': goal.id, 'data-subject': goal.id, 'data-lit': isLit(goal.id) },
    h(
      'header',
      {},
      h('h2', {}, goal.name),
      h(
        'span',
        { class: 'card-deeds' },
        alertButton(frame, 'GOAL', goal.id, goal.name),
        h('button', { type: 'button', class: 'ghost', 'aria-haspopup': 'dialog', click: edit }, common.edit),
      ),
    ),
    h('p', { class: 'goal-line' }, percent, h('span', {}, current, ` ${say.of} ${money(goal.target)}`)),
    meter,
    h(
      'p',
      { class: 'goal-foot' },
      rest,
      h(
        'small',
        {},
        goal.deadline === null ? say.bases[goal.basis] : `${say.by} ${write.date(goal.deadline)}`,
      ),
    ),
    pace(goal, say, write),
    contributions?.element,
  )
  follow(null)
  return { goal, element, follow, stop: () => contributions?.stop() }
}

function milestoneMark(
  { percent, reachedAt }: Goal['milestones'][number],
  say: InsightWords['goals'],
  write: Figures,
): HTMLElement {
  const told = reachedAt === null ? say.notYet : `${say.milestone} ${write.date(reachedAt.slice(0, 10))}`
  const mark = h(
    'span',
    {
      class: 'milestone',
      title: `${percent}%: ${told}`,
      'data-reached': reachedAt === null ? undefined : '',
    },
    h('span', { class: 'unseen' }, `${percent}%: ${told}`),
  )
  mark.style.setProperty('--at', `${percent}%`)
  return mark
}

/** How fast it goes, and whether that is fast enough. */
function pace(goal: Goal, say: InsightWords['goals'], write: Figures): HTMLElement | null {
  if (goal.reachedAt !== null && goal.fellBackAt === null) return null
  const { requiredPerMonth: required, actualPerMonth: actual, projectedDate, deadline } = goal
  const money = (text: string | null): string | null =>
    text === null ? null : write.money(text, goal.currency)
  const isBehind = required !== null && actual !== null && compareDecimals(actual, required) < 0
  const judged = required !== null && actual !== null && (isBehind ? say.behind : say.onTrack)
  const noRequired = deadline === null ? say.noDeadline : say.unknown
  const fact = (name: string, text: string | null, why: string, note = ''): HTMLElement =>
    h(
      'div',
      {},
      h('dt', {}, name),
      h('dd', {}, orUnknown(text, why)),
      h('dd', { class: 'note' }, text === null ? why : note),
    )
  return h(
    'div',
    { class: 'pace' },
    judged && h('span', { class: 'badge', 'data-tone': isBehind ? 'warn' : 'good' }, judged),
    h(
      'dl',
      { class: 'facts' },
      fact(say.required, money(required), noRequired),
      fact(say.actual, money(actual), say.noMonth, say.actualNote),
      fact(say.projected, projectedDate === null ? null : write.date(projectedDate), say.notInSight),
    ),
  )
}

/** What was put in; unfolds, and is asked for only then. */
function contributionPart(
  frame: Frame,
  goal: Goal,
  write: Figures,
  unfolded: Set<string>,
): { element: HTMLElement; stop(): void } {
  const { goals: say } = insightWords[preferences.language]
  let list: Asked | null = null
  const details = h(
    'details',
    { class: 'contributions', open: unfolded.has(goal.id) },
    h('summary', {}, say.contributions),
  )
  details.addEventListener('toggle', () => {
    if (details.open) unfolded.add(goal.id)
    else unfolded.delete(goal.id)
    if (!details.open || list) return
    list = asked({
      words: frame.words,
      ask: () => all(frame.harta.goals.contributions(goal.id).list({ pageSize: 100 })),
      show: (entries) => [
        entries.length === 0 && nothing(say.noContributions),
        h('ul', { class: 'plain' }, ...entries.map((entry) => contributionRow(frame, goal, entry, write))),
      ],
    })
    details.append(list.element)
  })
  const add = h(
    'button',
    { type: 'button', class: 'link', 'aria-haspopup': 'dialog', click: () => openContribution(frame, goal) },
    say.contribute,
  )
  return { element: h('footer', {}, details, add), stop: () => list?.stop() }
}

function contributionRow(frame: Frame, goal: Goal, entry: Contribution, write: Figures): HTMLElement {
  return h(
    'li',
    {},
    h(
      'button',
      {
        type: 'button',
        class: 'entry',
        'aria-haspopup': 'dialog',
        click: () => openContribution(frame, goal, entry),
      },
      h('span', { class: 'what' }, write.date(entry.date)),
      h('small', {}, entry.note ?? ''),
      h('b', {}, write.money(entry.amount, entry.currency, { signed: true })),
    ),
  )
}

function openContribution(frame: Frame, goal: Goal, entry?: Contribution): void {
  const common = ledgerWords[preferences.language]
  const trouble = h('p', { class: 'fault general', role: 'alert' })
  const remove = async (target: Contribution): Promise<void> => {
    try {
      await frame.harta.goals.contributions(goal.id).remove(target)
      close()
      recorded()
    } catch (error) {
      trouble.textContent = explain(error, frame.words)
    }
  }
  const danger =
    entry &&
    h(
      'div',
      { class: 'danger' },
      sureButton(common.remove, common.removeSure, () => void remove(entry)),
      trouble,
    )
  const close = openModal(frame.words, goal.name, [
    contributionForm(frame, [goal], { ...(entry ? { entry } : {}), saved: () => close() }),
    ...(danger ? [danger] : []),
  ])
}
