import type { Goal } from '../../../src/protocol/goals.js'
import type { HartaClient } from '../client.js'
import { HartaError } from '../errors.js'
import { make, setFigure, setText } from './dom.js'
import { HartaElement } from './element.js'
import { formatDate, formatMoment, formatMoney, formatPart } from './format.js'
import { lately } from './lately.js'
import type { WidgetWords } from './words.js'

const style = `
.label { margin: 0; font-weight: 550; overflow-wrap: anywhere }
.line { display: flex; flex-wrap: wrap; gap: .1rem .7rem; align-items: baseline; margin: .1rem 0 .5rem }
.percent { font-size: 1.5rem; font-weight: 600; letter-spacing: -.02em }
.meter { position: relative; height: .5rem; border-radius: .25rem; background: var(--tint) }
.bar { height: 100%; border-radius: inherit; overflow: hidden }
.fill { display: block; width: var(--share); height: 100%; border-radius: inherit; background: var(--up); transition: width .4s }
.marks { position: absolute; inset: 0; list-style: none; margin: 0; padding: 0 }
.marks li {
  position: absolute; inset-inline-start: var(--at); inset-block: -.15rem; width: 2px; margin-inline-start: -2px;
  background: var(--line);
}
.marks li[data-reached] { background: var(--up) }
.foot { justify-content: space-between; margin: .5rem 0 0; color: var(--muted); font-size: .8125rem }
:host([data-reached]) .percent { color: var(--up) }
@media (prefers-reduced-motion: reduce) { .fill { transition: none } }
`

/** The parts stay, the figures move. */
class GoalCard {
  readonly element: HTMLElement
  readonly #host: HTMLElement
  readonly #words: WidgetWords
  readonly #locale: string
  readonly #name = make('p', 'label')
  readonly #percent = make('span', 'percent figure')
  readonly #current = make('span', 'figure')
  readonly #target = make('span', 'muted')
  readonly #fill = make('span', 'fill')
  readonly #marks = make('ul', 'marks')
  readonly #rest = make('span')
  readonly #when = make('span')
  readonly #meter: HTMLElement

  constructor(host: HTMLElement, words: WidgetWords, locale: string) {
    this.#host = host
    this.#words = words
    this.#locale = locale
    this.#meter = make('div', 'bar', this.#fill)
    this.#meter.role = 'progressbar'
    this.#meter.ariaValueMin = '0'
    this.#meter.ariaValueMax = '100'
    this.element = make(
      'div',
      '',
      this.#name,
      make('p', 'line', this.#percent, make('span', '', this.#current, ' ', this.#target)),
      make('div', 'meter', this.#meter, this.#marks),
      make('p', 'line foot', this.#rest, this.#when),
    )
  }

  render(goal: Goal): void {
    const words = this.#words.goal
    const locale = this.#locale
    const { name, target, currency, current, progress } = goal
    const money = (text: string | null): string => formatMoney(text, currency, locale)
    setText(this.#name, name)
    const percent = progress === null ? '–' : formatPart(progress, locale)
    setFigure(this.#percent, percent, progress)
    setFigure(this.#current, money(current), current)
    setText(this.#target, `${words.of} ${money(target)}`)
    const share = Math.min(100, Math.max(0, Number(progress ?? 0) * 100))
    this.#fill.style.setProperty('--share', `${share}%`)
    this.#meter.ariaLabel = name
    this.#meter.ariaValueNow = progress === null ? null : String(Math.floor(share))
    this.#meter.ariaValueText = `${percent} · ${money(current)} ${words.of} ${money(target)}`
    this.#host.toggleAttribute('data-reached', goal.reachedAt !== null && goal.fellBackAt === null)
    this.#marks.replaceChildren(...goal.milestones.map((milestone) => this.#mark(milestone)))
    this.#tell(goal)
  }

  #tell({ reachedAt, fellBackAt, remaining, currency, projectedDate, deadline }: Goal): void {
    const words = this.#words.goal
    const isReached = reachedAt !== null && fellBackAt === null
    const left = remaining === null ? '' : words.left(formatMoney(remaining, currency, this.#locale))
    setText(this.#rest, isReached ? `${words.reached} ${formatMoment(reachedAt, this.#locale)}` : left)
    const pace =
      projectedDate === null ? words.notInSight : words.projected(formatDate(projectedDate, this.#locale))
    const by = deadline === null ? '' : ` · ${words.by(formatDate(deadline, this.#locale))}`
    setText(this.#when, isReached ? '' : pace + by)
  }

  #mark({ percent, reachedAt }: Goal['milestones'][number]): HTMLElement {
    const words = this.#words.goal
    const when =
      reachedAt === null ? words.notYet : `${words.reached} ${formatMoment(reachedAt, this.#locale)}`
    const told = `${formatPart(String(percent / 100), this.#locale)}: ${when}`
    const mark = make('li', '', make('span', 'unseen', told))
    mark.title = told
    mark.toggleAttribute('data-reached', reachedAt !== null)
    mark.style.setProperty('--at', `${percent}%`)
    return mark
  }
}

/** The market moves what some goals count; that is looked after this often. */
const LOOK_EVERY_MS = 5_000

/** `<harta-goal goal-id="...">`: how far a goal is, what it has passed, and when it is reached at this pace. */
export class HartaGoal extends HartaElement {
  static readonly observedAttributes = ['goal-id']
  protected readonly ownStyle = style
  #reload: () => void = () => {}

  get goalId(): string {
    return this.getAttribute('goal-id') ?? ''
  }
  set goalId(id: string) {
    this.setAttribute('goal-id', id)
  }

  attributeChangedCallback(): void {
    this.restart()
  }

  /** Looks again, after the page has put something into the goal. */
  refresh(): void {
    this.#reload()
  }

  protected follow(client: HartaClient, body: HTMLElement): () => void {
    const { goalId, words, locale } = this
    if (goalId === '') return () => {}
    const note = make('p', 'note', words.goal.loading)
    const card = new GoalCard(this, words, locale)
    card.element.hidden = true
    body.append(card.element, note)
    let stopMarket: (() => void) | null = null

    const show = (goal: Goal | null, why: string): void => {
      if (goal) card.render(goal)
      card.element.hidden = goal === null
      note.hidden = goal !== null
      setText(note, why)
    }
    const load = lately(LOOK_EVERY_MS, async () => {
      const { user } = client.auth
      if (user === null) return show(null, words.signedOut)
      if (client.connection.state !== 'connected') return
      const goal = await client.goals.get(goalId).catch((error: unknown) => {
        if (error instanceof HartaError && [404, 422].includes(error.status)) return null
        throw error
      })
      if (load.isStopped() || client.auth.user?.id !== user.id) return
      show(goal, words.goal.missing)
      if (goal && goal.basis !== 'CONTRIBUTIONS') stopMarket ??= client.portfolio.store.subscribe(load.soon)
    })
    this.#reload = load.now
    load.now()
    const stops = [
      load.stop,
      client.connection.subscribe(load.now),
      client.notifications.on('notification:new', ({ data }) => {
        if (data.goalId === goalId) load.now()
      }),
      () => stopMarket?.(),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }
}
