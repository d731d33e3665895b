import type { Health, HealthAdvice, HealthPart } from '../src/index.js'
import { asked } from './asked.js'
import { h, type View } from './dom.js'
import { type Figures, figures, orUnknown } from './figures.js'
import { svgElement } from './icons.js'
import { type InsightWords, insightWords } from './insight-words.js'
import { locale, preferences } from './preferences.js'
import { type Frame, page } from './top.js'

type Say = InsightWords['health']

/** The financial health score: what it is made of, what is missing in it, and what would raise it. */
export function healthView(frame: Frame): View {
  const say = insightWords[preferences.language].health
  const write = figures(locale())
  const part = asked({
    words: frame.words,
    ask: () => frame.harta.insights.health(),
    show: (health) => [
      h(
        'div',
        { class: 'score-row' },
        h('section', { class: 'card score-card' }, gauge(health, say, write), scoreNote(health, say)),
        adviceCard(health, say, write),
      ),
      h('section', { class: 'health-parts' }, ...health.parts.map((one) => partCard(one, say, write))),
    ],
  })
  return page(frame, 'health', [h('h1', {}, say.title), part.element], { stop: () => part.stop() })
}

const RADIUS = 70
/** The arc is three quarters of a circle. */
const ARC = Math.PI * RADIUS * 1.5

function gauge({ score }: Health, say: Say, write: Figures): HTMLElement {
  const svg = svgElement('svg', { viewBox: '0 0 180 160', class: 'gauge' })
  svg.setAttribute('aria-hidden', 'true')
  const arc = (name: string, length: number): SVGElement =>
    svgElement('circle', {
      class: name,
      cx: 90,
      cy: 88,
      r: RADIUS,
      'stroke-dasharray': `${length} ${Math.PI * RADIUS * 2}`,
      transform: 'rotate(135 90 88)',
    })
  svg.append(arc('track', ARC))
  if (score !== null && Number(score) > 0) svg.append(arc('value', ARC * (Number(score) / 100)))
  return h(
    'div',
    { class: 'gauge-place', 'data-tone': toneOfScore(score) },
    svg,
    h(
      'p',
      { class: 'score' },
      h('b', {}, orUnknown(score === null ? null : write.number(score, 0), say.noScore)),
      h('span', {}, say.of),
    ),
  )
}

function scoreNote({ score, measuredWeight }: Health, say: Say): HTMLElement {
  return h(
    'div',
    { class: 'score-note' },
    score === null && h('p', {}, say.noScore),
    h('p', { class: 'note' }, `${measuredWeight}% ${say.measured}`),
  )
}

function toneOfScore(score: string | null): string {
  if (score === null) return 'idle'
  const points = Number(score)
  return points >= 70 ? 'good' : points >= 40 ? 'warn' : 'bad'
}

function partCard(part: HealthPart, say: Say, write: Figures): HTMLElement {
  const { name, score, contribution, weight, missing } = part
  const fill = h('span', { class: 'fill' })
  fill.style.setProperty('--share', `${Math.min(100, Math.max(0, Number(score ?? 0)))}%`)
  const why = missing === null ? say.noDivisor : say.missing[missing]
  const fact = (label: string, text: string | null): HTMLElement =>
    h('div', {}, h('dt', {}, label), h('dd', {}, orUnknown(text, why)))
  return h(
    'article',
    { class: 'card health-part', 'data-tone': toneOfScore(score), 'data-part': name },
    h('header', {}, h('h2', {}, say.parts[name]), h('b', {}, orUnknown(valueText(part, say, write), why))),
    h('span', { class: 'meter', 'aria-hidden': 'true' }, fill),
    h('p', { class: missing === null ? 'note' : 'warning' }, missing === null ? say.about[name] : why),
    h(
      'dl',
      { class: 'facts' },
      fact(say.score, score === null ? null : write.number(score, 0)),
      fact(say.weight, String(weight)),
      fact(say.points, contribution === null ? null : write.number(contribution, 1)),
    ),
  )
}

function valueText({ name, value }: HealthPart, say: Say, write: Figures): string | null {
  if (value === null) return null
  return inUnits(name, value, say, write)
}

function inUnits(name: HealthPart['name'], value: string, say: Say, write: Figures): string {
  return name === 'emergencyFund'
    ? `${write.number(value, 1)} ${say.months}`
    : write.percent(value, { digits: 0 })
}

function adviceCard({ advice, currency, score }: Health, say: Say, write: Figures): HTMLElement | null {
  if (advice.length === 0 && score === null) return null
  const sentence = ({ part, amount, target }: HealthAdvice): string =>
    say.advise[part]
      .replace('{amount}', write.money(amount, currency))
      .replace(
        '{target}',
        part === 'emergencyFund' ? write.number(target, 1) : write.percent(target, { digits: 0 }),
      )
  return h(
    'section',
    { class: 'card pad advice' },
    h('h2', {}, say.advice),
    advice.length === 0
      ? h('p', { class: 'note' }, say.noAdvice)
      : h(
          'ol',
          {},
          ...advice.map((one) =>
            h(
              'li',
              {},
              h('span', {}, sentence(one)),
              h('b', { class: 'up' }, `+${write.number(one.gain, 1)} ${say.gain}`),
            ),
          ),
        ),
  )
}
