import type { Price } from '../src/index.js'
import { OTHER } from './alert-kinds.js'
import { percentText, priceText } from './alert-text.js'
import { alertWords, fill } from './alert-words.js'
import { parseAmount, writeAmount } from './amount.js'
import { h } from './dom.js'
import type { Field } from './field.js'
import { form, type Submit, type Values } from './form.js'
import { preferences } from './preferences.js'
import { distanceTo, ratioOf, suggestMark } from './threshold.js'
import type { Frame } from './top.js'

/** How far away the mark is that stands in the form at first, in per cent. */
export const SUGGESTED_PERCENT = 5

export interface PriceFormPart {
  readonly element: HTMLElement
  stop(): void
}

/**
 * The form of an alert on a price, or on the ratio of two, with what it watches beside it as it moves: how far the
 * mark is from that, and a mark that fits until somebody has typed one. What is decided is not asked for.
 */
export function priceForm(
  { harta, words }: Pick<Frame, 'harta' | 'words'>,
  options: {
    readonly symbol: string
    readonly price: Price | null
    readonly fields: readonly Field[]
    readonly decided: Values
    readonly action: string
    readonly submit: Submit
  },
): PriceFormPart {
  const say = alertWords[preferences.language]
  const { symbol, decided, action, submit } = options
  const prices = new Map<string, Price>(options.price ? [[symbol, options.price]] : [])
  const element = form(words, options.fields, action, submit)
  const name = h('span', {})
  const now = h('b', {})
  const hint = h('small', { class: 'distance', id: 'threshold-distance' })
  const mark = element.querySelector<HTMLInputElement>('[name=threshold]')
  const title = mark?.closest('label')?.querySelector('span')
  mark?.after(hint)
  mark?.setAttribute('aria-describedby', `threshold-fault ${hint.id}`)
  let isTyped = 'condition' in decided
  let hadPrice = false

  const condition = (): string =>
    decided.condition ??
    element.querySelector<HTMLInputElement>('[data-field=condition] :checked')?.value ??
    ''
  const per = (): string =>
    perOf({
      ...decided,
      per: decided.per ?? typedIn(element, 'per'),
      perOther: typedIn(element, 'perOther'),
    })
  /** What it watches, as decimal text and the currency of it; null while it is not known. */
  const watched = (): { readonly amount: string; readonly currency: string | null } | null => {
    const price = prices.get(symbol)
    if (!price || per() === '') return price ?? null
    const other = prices.get(per())
    const amount = other ? ratioOf(price.amount, other.amount) : null
    return amount === null ? null : { amount, currency: null }
  }
  const measure = (): void => {
    const value = watched()
    const currency = per() === '' ? (value?.currency ?? null) : null
    name.textContent = per() === '' ? symbol : `${symbol} / ${per()}`
    now.textContent = value ? priceText(value.amount, value.currency) : '–'
    if (title) title.textContent = currency === null ? say.threshold : `${say.threshold} (${currency})`
    const typed = parseAmount(mark?.value.trim() ?? '', preferences.language)
    const distance = typed !== null && value ? distanceTo(typed, value.amount) : null
    hint.textContent = value === null ? say.noPrice : distanceText(distance, condition())
  }
  const suggest = (): void => {
    const value = watched()
    if (isTyped || !mark) return
    const percent = condition() === 'below' ? -SUGGESTED_PERCENT : SUGGESTED_PERCENT
    mark.value = writeAmount((value && suggestMark(value.amount, percent)) ?? '', preferences.language)
  }
  const follow = (): (() => void) =>
    harta.prices.watch([symbol, per()].filter(Boolean), (moved) => {
      for (const price of moved) prices.set(price.symbol, price)
      if (!hadPrice && watched()) {
        hadPrice = true
        suggest()
      }
      measure()
    })
  let unwatch = follow()
  let followed = per()
  mark?.addEventListener('input', () => {
    isTyped = mark.value !== ''
    measure()
  })
  element.addEventListener('change', (event) => {
    const field = event.target instanceof HTMLElement ? event.target : null
    if (per() !== followed) {
      followed = per()
      hadPrice = watched() !== null
      const before = unwatch
      unwatch = follow()
      before()
      suggest()
    } else if (field?.closest('[data-field=condition]')) suggest()
    measure()
  })
  hadPrice = watched() !== null
  measure()
  return {
    element: h('div', {}, h('p', { class: 'price-now' }, name, now), element),
    stop: () => unwatch(),
  }
}

/** The symbol that the price is measured in; empty where that is its own currency. */
export function perOf({ per = '', perOther = '' }: Values): string {
  return per === OTHER ? perOther.trim().toUpperCase() : per
}

function typedIn(element: HTMLFormElement, name: string): string {
  return element.querySelector<HTMLInputElement | HTMLSelectElement>(`[name=${name}]`)?.value ?? ''
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
