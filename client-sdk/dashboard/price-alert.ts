import type { Alert, Holding, NewAlert, Price } from '../src/index.js'
import {
  commonFields,
  commonOf,
  directionField,
  directionOf,
  repeatField,
  windowField,
} from './alert-fields.js'
import { alreadyText, percentText, priceText, sentenceOf } from './alert-sentence.js'
import { alertWords, fill } from './alert-words.js'
import { parseAmount, writeAmount } from './amount.js'
import { recorded } from './asked.js'
import { h } from './dom.js'
import type { Field } from './field.js'
import { form, type Values } from './form.js'
import { openModal } from './modal.js'
import { preferences } from './preferences.js'
import { distanceTo, suggestMark } from './threshold.js'
import { toast } from './toasts.js'
import type { Frame } from './top.js'

type Alerting = Pick<Frame, 'harta' | 'words'>

/** How far away the mark is that stands in the form at first, in per cent. */
const SUGGESTED_PERCENT = 5
const MARKED = ['above', 'below', 'crosses'] as const

interface Priced {
  readonly symbol: string
  readonly name: string
  readonly price: Price | null
}

/** Asks for an alert on a price, with everything filled in already: one more click makes it. */
function openPriceAlert(frame: Alerting, priced: Priced): void {
  const part = priceAlertForm(frame, priced, () => close())
  const close = openModal(frame.words, priced.name, [part.element], part.stop)
}

/** The same for what is held. */
export function openAlertOf(frame: Alerting, { symbol, name, price }: Holding): void {
  if (symbol !== null) openPriceAlert(frame, { symbol, name, price })
}

/** The form of it, with the price beside it as it moves. */
export function priceAlertForm(
  { harta, words }: Alerting,
  { symbol, price: known }: Priced,
  done: () => void,
): { readonly element: HTMLElement; stop(): void } {
  const say = alertWords[preferences.language]
  let price = known
  let isTyped = false
  const now = h('b', {})
  const hint = h('small', { class: 'distance' })
  const element = form(words, fieldsOf(known), say.create, async (values) => {
    const alert = await harta.alerts.create(newPriceAlert(symbol, values, harta.auth.user?.timeZone))
    done()
    madeKnown({ words }, alert, price?.currency ?? null)
  })
  const mark = element.querySelector<HTMLInputElement>('[name=threshold]')
  mark?.after(hint)
  const condition = (): string =>
    element.querySelector<HTMLInputElement>('[data-field=condition] :checked')?.value ?? ''
  const measure = (): void => {
    now.textContent = price ? priceText(price.amount, price.currency) : '–'
    const typed = parseAmount(mark?.value.trim() ?? '', preferences.language)
    const distance = typed !== null && price ? distanceTo(typed, price.amount) : null
    hint.textContent = price === null ? say.noPrice : distanceText(distance, condition())
  }
  const suggest = (): void => {
    if (isTyped || !mark || !price) return
    const percent = condition() === 'below' ? -SUGGESTED_PERCENT : SUGGESTED_PERCENT
    mark.value = writeAmount(suggestMark(price.amount, percent) ?? '', preferences.language)
  }
  mark?.addEventListener('input', () => {
    isTyped = mark.value !== ''
    measure()
  })
  element.addEventListener('change', (event) => {
    if ((event.target as HTMLElement).closest('[data-field=condition]')) suggest()
    measure()
  })
  const stop = harta.prices.watch([symbol], ([moved]) => {
    if (!moved) return
    const isFirst = price === null
    price = moved
    if (isFirst) suggest()
    measure()
  })
  measure()
  return {
    element: h('div', {}, h('p', { class: 'price-now' }, h('span', {}, symbol), now), element),
    stop,
  }
}

function fieldsOf(price: Price | null): readonly Field[] {
  const say = alertWords[preferences.language]
  const isMoving = { field: 'condition', is: ['moves'] }
  const mark = price && suggestMark(price.amount, SUGGESTED_PERCENT)
  return [
    {
      name: 'condition',
      label: say.condition,
      kind: 'choice',
      options: Object.entries(say.conditions),
      value: 'above',
      folded: 2,
    },
    {
      name: 'threshold',
      label: price ? `${say.threshold} (${price.currency})` : say.threshold,
      kind: 'decimal',
      value: mark ?? '',
      wide: true,
      when: { field: 'condition', is: MARKED },
    },
    { name: 'percent', label: say.percent, kind: 'decimal', value: '5', when: isMoving },
    windowField(isMoving),
    directionField(isMoving),
    repeatField(),
    ...commonFields({ repeats: true }),
  ]
}

function newPriceAlert(symbol: string, values: Values, timeZone: string | undefined): NewAlert {
  const { condition, threshold = '', percent = '', windowMinutes } = values
  const about = { kind: 'PRICE', symbol, ...commonOf(values, timeZone) } as const
  if (condition === 'moves')
    return { ...about, condition, percent, windowMinutes: Number(windowMinutes), ...directionOf(values) }
  return { ...about, condition: MARKED.find((one) => one === condition) ?? 'above', threshold }
}

/** How far the mark is from the price, or that the price is beyond it already. */
function distanceText(distance: number | null, condition: string): string {
  const say = alertWords[preferences.language]
  if (distance === null) return ''
  if (condition === 'above' && distance < 0) return say.isAbove
  if (condition === 'below' && distance > 0) return say.isBelow
  return fill(distance < 0 ? say.belowNow : say.aboveNow, {
    percent: percentText(Math.abs(distance).toFixed(Math.abs(distance) < 1 ? 2 : 1)),
  })
}

/** Says that an alert is made, and what holds already, which it does not fire for. */
export function madeKnown(
  { words }: Pick<Frame, 'words'>,
  alert: Alert,
  currency: string | null,
  name: (id: string) => string | null = () => null,
): void {
  const say = alertWords[preferences.language]
  const already = alreadyText(alert)
  const what = sentenceOf(alert, { name, currency: () => currency })
  toast(
    { title: say.created, body: already === null ? `${what}.` : `${what}. ${already}` },
    {
      close: words.close,
      tone: 'note',
      open: () => {
        location.hash = '#alerts'
      },
    },
  )
  recorded()
}
