import {
  type Alert,
  type AlertChange,
  HartaError,
  type PortfolioAlert,
  type Price,
  type PriceAlert,
  type Valuation,
} from '../src/index.js'
import type { Known } from '../src/widgets/alert-sentence.js'
import { formatMoney, formatPercent } from '../src/widgets/format.js'
import { openEditAlert } from './alert-edit.js'
import { intervalText, percentText, priceText, sentence } from './alert-text.js'
import { type AlertWords, alertWords, fill } from './alert-words.js'
import { recorded } from './asked.js'
import { h } from './dom.js'
import { explain } from './failure.js'
import { icon } from './icons.js'
import { momentText, tomorrow } from './moments.js'
import { locale, preferences } from './preferences.js'
import { sureButton } from './sure.js'
import { distanceTo, ratioOf } from './threshold.js'
import { isLit } from './told.js'
import type { Frame } from './top.js'

const HOUR_MS = 3_600_000
const SIGNS = { PRICE: 'performance', PORTFOLIO: 'home', GOAL: 'goals', BUDGET: 'cashflow' } as const
/** Nearer than this part of the way it is drawn as near. */
const NEAR_PERCENT = 1

/** One alert: what it watches, how it stands, how far that is, and what can be done with it. */
export interface AlertRow {
  readonly element: HTMLElement
  follow(prices: ReadonlyMap<string, Price>, valuation: Valuation | null): void
}

export function alertRow(frame: Frame, alert: Alert, known: Known): AlertRow {
  const say = alertWords[preferences.language]
  const zone = frame.harta.auth.user?.timeZone
  const what = h('span', { class: 'what', id: `what-${alert.id}` })
  const far = h('span', { class: 'far' })
  const facts = [...repeatTexts(alert, say), expiryText(alert, say, zone), alert.note]
  const follow: AlertRow['follow'] = (prices, valuation) => {
    write(what, sentence(alert, known))
    const { text, percent } = standing(alert, prices, valuation, say)
    write(far, text)
    far.toggleAttribute('data-near', percent !== null && percent <= NEAR_PERCENT && alert.state === 'armed')
  }
  const element = h(
    'li',
    {
      class: 'alert-row',
      'data-alert': alert.id,
      'data-subject': alert.id,
      'data-state': alert.state,
      'data-lit': isLit(alert.id),
    },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, icon(SIGNS[alert.kind], 20)),
    h(
      'div',
      { class: 'about' },
      what,
      far,
      h('small', {}, facts.filter((fact) => typeof fact === 'string' && fact !== '').join(' · ')),
    ),
    stateBadge(alert, say, zone),
    deeds(frame, alert, known, say),
  )
  return { element, follow }
}

function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** Conditions that are events wait for no way back. */
function repeatTexts(alert: Alert, say: AlertWords): readonly string[] {
  if (alert.repeat !== 'rearm' || alert.kind === 'GOAL' || alert.kind === 'BUDGET') return []
  const { condition, hysteresis, minIntervalSeconds } = alert
  const isEvent = condition === 'moves' || condition === 'dayChange'
  return [
    isEvent ? say.everyTime : fill(say.afterBack, { percent: percentText(hysteresis) }),
    minIntervalSeconds === 0 ? '' : fill(say.atMost, { span: intervalText(minIntervalSeconds) }),
  ]
}

function expiryText({ expiresAt, state }: Alert, say: AlertWords, zone: string | undefined): string | null {
  if (expiresAt === null || state === 'expired') return null
  return fill(say.until, { when: momentText(expiresAt, zone) })
}

function isSnoozed({ snoozedUntil, state }: Alert): boolean {
  return state === 'armed' && snoozedUntil !== null && Date.parse(snoozedUntil) > Date.now()
}

function stateBadge(alert: Alert, say: AlertWords, zone: string | undefined): HTMLElement {
  const { state, snoozedUntil, firedAt } = alert
  if (isSnoozed(alert) && snoozedUntil !== null) {
    const when = momentText(snoozedUntil, zone)
    return h('span', { class: 'badge', 'data-tone': 'idle' }, fill(say.snoozed, { when }))
  }
  const tone = { armed: 'good', fired: 'warn', paused: 'idle', expired: 'idle' }[state]
  const text =
    state === 'fired' && firedAt !== null
      ? fill(say.firedAt, { when: momentText(firedAt, zone) })
      : say.states[state]
  return h('span', { class: 'badge', 'data-tone': tone }, text)
}

/** Where it stands now, and how far from the mark in per cent, where it has one and a value is known. */
function standing(
  alert: Alert,
  prices: ReadonlyMap<string, Price>,
  valuation: Valuation | null,
  say: AlertWords,
): { readonly text: string; readonly percent: number | null } {
  const nothing = { text: '', percent: null }
  if (alert.kind === 'PRICE') {
    const price = prices.get(alert.symbol)
    if (!price) return nothing
    if (alert.per !== null) return ratioStanding(markOf(alert), price, prices.get(alert.per), say)
    return toMark(priceText(price.amount, price.currency), markOf(alert), price.amount, say)
  }
  if (alert.kind !== 'PORTFOLIO' || valuation === null) return nothing
  const { total, currency, dayChange } = valuation
  if (alert.condition === 'dayChange') {
    const rate = dayChange?.percent ?? null
    const value = rate === null ? null : formatPercent(rate, locale(), { signed: true })
    return value === null ? nothing : { text: fill(say.now, { value }), percent: null }
  }
  if (alert.condition === 'share' || (alert.currency !== null && alert.currency !== currency)) return nothing
  return toMark(formatMoney(total, currency, locale()), markOf(alert), total, say)
}

/** What it waits for; one that has fired waits for nothing, or for the way back. */
function markOf({ threshold, state }: PriceAlert | PortfolioAlert): string | null {
  return state === 'fired' || state === 'expired' ? null : threshold
}

function ratioStanding(
  threshold: string | null,
  { amount }: Price,
  per: Price | undefined,
  say: AlertWords,
): { readonly text: string; readonly percent: number | null } {
  const ratio = per ? ratioOf(amount, per.amount) : null
  return ratio === null ? { text: '', percent: null } : toMark(priceText(ratio, null), threshold, ratio, say)
}

function toMark(
  value: string,
  threshold: string | null,
  exact: string,
  say: AlertWords,
): { readonly text: string; readonly percent: number | null } {
  const now = fill(say.now, { value })
  const distance = threshold === null ? null : distanceTo(threshold, exact)
  if (distance === null) return { text: now, percent: null }
  const percent = Math.abs(distance)
  const way = `${distance < 0 ? '↓' : '↑'} ${percentText(percent.toFixed(2))}`
  return { text: `${now} · ${fill(say.toGo, { percent: way })}`, percent }
}

function deeds(frame: Frame, alert: Alert, known: Known, say: AlertWords): HTMLElement {
  const { harta, words } = frame
  const fault = h('small', { class: 'fault', role: 'alert' })
  const act = async (work: () => Promise<unknown>): Promise<void> => {
    fault.textContent = ''
    try {
      await work()
      recorded()
    } catch (error) {
      fault.textContent = explain(error, words)
      if (error instanceof HartaError && error.status === 404) recorded()
    }
  }
  const button = (text: string, change: () => AlertChange): HTMLElement =>
    h(
      'button',
      {
        type: 'button',
        class: 'ghost',
        'data-focus': `turn ${alert.id}`,
        click: () => void act(() => harta.alerts.update(alert.id, change())),
      },
      text,
    )
  const { state } = alert
  return h(
    'div',
    { class: 'alert-deeds', role: 'group', 'aria-labelledby': `what-${alert.id}` },
    state === 'armed' &&
      (isSnoozed(alert)
        ? button(say.wake, () => ({ snoozedUntil: null }))
        : snooze(alert, say, button, harta.auth.user?.timeZone)),
    state === 'armed' && button(say.pause, () => ({ state: 'paused' })),
    state === 'paused' && button(say.resume, () => ({ state: 'armed' })),
    state === 'fired' && button(say.again, () => ({ state: 'armed' })),
    h(
      'button',
      {
        type: 'button',
        class: 'ghost',
        'aria-haspopup': 'dialog',
        'data-focus': `edit ${alert.id}`,
        click: () => openEditAlert(frame, alert, known),
      },
      say.edit,
    ),
    sureButton(say.remove, say.removeSure, () => void act(() => harta.alerts.remove(alert.id))),
    fault,
  )
}

/** For how long it may say nothing; folds again by Escape, and when the focus goes elsewhere. */
function snooze(
  { id }: Alert,
  say: AlertWords,
  button: (text: string, change: () => AlertChange) => HTMLElement,
  zone: string | undefined,
): HTMLElement {
  const summary = h('summary', { class: 'ghost', 'data-focus': `snooze ${id}` }, say.snooze)
  const element: HTMLDetailsElement = h(
    'details',
    {
      class: 'snooze',
      keydown: ({ key }: KeyboardEvent) => {
        if (key !== 'Escape' || !element.open) return
        element.open = false
        summary.focus()
      },
      focusout: ({ relatedTarget }: FocusEvent) => {
        if (relatedTarget instanceof Node && !element.contains(relatedTarget)) element.open = false
      },
    },
    summary,
    h(
      'div',
      {},
      button(say.snoozeHour, () => ({ snoozedUntil: new Date(Date.now() + HOUR_MS).toISOString() })),
      button(say.snoozeTomorrow, () => ({ snoozedUntil: tomorrow(Date.now(), zone) })),
    ),
  )
  return element
}
