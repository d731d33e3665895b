import type { Goal } from '../src/index.js'
import { asked, nothing } from './asked.js'
import { h, type View } from './dom.js'
import { figures } from './figures.js'
import { all } from './flow-form.js'
import { type GoalCard, goalCard } from './goal-card.js'
import { openGoal } from './goal-form.js'
import { insightWords } from './insight-words.js'
import { locale, preferences } from './preferences.js'
import { type Frame, page } from './top.js'

/** What only the server can reckon, a goal in another currency, is asked for again after this while. */
const STALE_MS = 15_000

/** What one saves for, and how far it is; goals of what is owned move with the prices. */
export function goalsView(frame: Frame): View {
  const { harta, words } = frame
  const say = insightWords[preferences.language].goals
  const write = figures(locale())
  let cards: readonly GoalCard[] = []
  let askedAt = 0
  const unfolded = new Set<string>()

  const part = asked<Goal[]>({
    words,
    ask: () => {
      askedAt = Date.now()
      return all(harta.goals.list({ pageSize: 100 }))
    },
    show: (goals) => {
      for (const card of cards) card.stop()
      cards = goals.map((goal) => goalCard(frame, goal, write, unfolded))
      const valuation = harta.portfolio.store.getSnapshot()
      for (const card of cards) card.follow(valuation)
      if (cards.length === 0) return [nothing(say.nothing, addButton())]
      return [h('div', { class: 'goal-cards' }, ...cards.map(({ element }) => element))]
    },
  })
  const stop = harta.portfolio.watch((valuation) => {
    for (const card of cards) card.follow(valuation)
    const isBeyond = cards.some(
      ({ goal }) => goal.basis !== 'CONTRIBUTIONS' && goal.currency !== valuation.currency,
    )
    if (isBeyond && !document.hidden && Date.now() - askedAt > STALE_MS) void part.again()
  })
  function addButton(): HTMLElement {
    return h('button', { type: 'button', class: 'primary', click: () => void openGoal(frame) }, say.add)
  }
  return page(
    frame,
    'goals',
    [h('header', { class: 'page-head' }, h('h1', {}, say.title), addButton()), part.element],
    {
      stop: () => {
        part.stop()
        stop()
        for (const card of cards) card.stop()
      },
    },
  )
}
