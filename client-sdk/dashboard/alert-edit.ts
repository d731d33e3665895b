import { type Alert, HartaError } from '../src/index.js'
import type { Known } from '../src/widgets/alert-sentence.js'
import { filled, left } from './alert-fields.js'
import { budgetFields, goalFields, portfolioFields, priceFields } from './alert-kinds.js'
import { sentence } from './alert-text.js'
import { changeOf, typedOver, valuesOf } from './alert-values.js'
import { alertWords } from './alert-words.js'
import { recorded } from './asked.js'
import { h } from './dom.js'
import type { Field } from './field.js'
import { form, type Submit, type Values } from './form.js'
import { openModal } from './modal.js'
import { preferences } from './preferences.js'
import { madeKnown } from './price-alert.js'
import { type PriceFormPart, priceForm } from './price-form.js'
import type { Frame } from './top.js'

/**
 * Changes an alert in the form that it was made with: what cannot be changed is decided, and what was not changed
 * is not sent. Where somebody else was first, the form shows how the alert stands now, with what was typed kept.
 */
export function openEditAlert(frame: Frame, alert: Alert, known: Known): void {
  const { harta, words } = frame
  const say = alertWords[preferences.language]
  const zone = harta.auth.user?.timeZone
  const place = h('div', { class: 'editing' })
  let part: PriceFormPart | null = null

  const show = (current: Alert, typed: Values, notice: string): void => {
    const before = valuesOf(current, zone)
    part?.stop()
    part = partOf(frame, current, { ...before, ...typed }, (values) => save(current, before, values))
    const told = h('p', { class: 'notice', role: 'alert', tabindex: -1 }, notice)
    place.replaceChildren(h('p', { class: 'what' }, sentence(current, known)), told, part.element)
    if (notice !== '') told.focus()
  }
  const save = async (current: Alert, before: Values, values: Values): Promise<void> => {
    const change = {
      ...changeOf(before, values, zone),
      ...(values.rearm === 'yes' ? { state: 'armed' as const } : {}),
    }
    if (Object.keys(change).length === 0) return close()
    try {
      const changed = await harta.alerts.update(current, change)
      close()
      madeKnown({ words }, changed, known, say.changed)
    } catch (error) {
      const status = error instanceof HartaError ? error.status : null
      if (status === 404) recorded()
      if (status !== 409 && status !== 412) throw error
      const fresh = await harta.alerts.get(current.id)
      recorded()
      show(fresh, typedOver(before, values), say.overtaken)
    }
  }
  show(alert, {}, '')
  const close = openModal(words, say.editing, [place], () => part?.stop())
}

function partOf(frame: Frame, alert: Alert, values: Values, submit: Submit): PriceFormPart {
  const { save, rearm } = alertWords[preferences.language]
  // Who paused it, or was told for good, says whether it is to watch again.
  const isOver = alert.state === 'paused' || (alert.state === 'fired' && alert.repeat === 'once')
  const value = alert.state === 'fired' ? 'yes' : ''
  const again: Field[] = isOver
    ? [{ name: 'rearm', pointer: 'state', label: rearm, kind: 'check', value }]
    : []
  const decided = decidedOf(alert)
  const fields = [...filled(left(fieldsOf(alert), decided), values), ...again]
  if (alert.kind !== 'PRICE') return { element: form(frame.words, fields, save, submit), stop: () => {} }
  const holdings = frame.harta.portfolio.store.getSnapshot()?.holdings
  const price = holdings?.find(({ symbol }) => symbol === alert.symbol)?.price ?? null
  return priceForm(frame, { symbol: alert.symbol, price, fields, decided, action: save, submit })
}

function fieldsOf(alert: Alert): Field[] {
  switch (alert.kind) {
    case 'PRICE':
      return priceFields({ others: [], isAtHand: false, mark: '' })
    case 'PORTFOLIO':
      return portfolioFields({ currency: alert.currency ?? '', mark: '', holdings: [] })
    case 'GOAL':
      return goalFields([], '')
    case 'BUDGET':
      return budgetFields([], '')
  }
}

/** What an alert is about stays what it is. */
function decidedOf(alert: Alert): Values {
  switch (alert.kind) {
    case 'PRICE':
      return { condition: alert.condition, per: alert.per ?? '' }
    case 'PORTFOLIO':
      return { condition: alert.condition, assetId: alert.assetId ?? '' }
    case 'GOAL':
      return { goalId: alert.goalId }
    case 'BUDGET':
      return { budgetId: alert.budgetId }
  }
}
