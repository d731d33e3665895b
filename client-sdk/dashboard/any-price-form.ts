import { OTHER } from './alert-kinds.js'
import { alertWords } from './alert-words.js'
import { h } from './dom.js'
import { preferences } from './preferences.js'
import { priceAlertForm } from './price-alert.js'
import type { PriceFormPart } from './price-form.js'
import type { Frame } from './top.js'

/** Of anything that has a price: what is held is at hand, anything else by its symbol. */
export function anyPriceForm(frame: Frame, done: () => void): PriceFormPart {
  const { harta, words } = frame
  const say = alertWords[preferences.language]
  const place = h('div', {})
  let part: PriceFormPart | null = null
  const held = harta.portfolio.store.getSnapshot()?.holdings ?? []
  const priced = new Map(
    held.flatMap(({ symbol, name, price }) =>
      symbol === null ? [] : [[symbol, { symbol, name, price }] as const],
    ),
  )
  const show = (symbol: string): void => {
    part?.stop()
    part = null
    if (symbol === '') place.replaceChildren()
    else {
      const price = priced.get(symbol)?.price ?? null
      part = priceAlertForm(frame, { symbol, price, isRatioAtHand: true }, done)
      place.replaceChildren(part.element)
    }
  }
  const other: HTMLInputElement = h('input', {
    ...{ type: 'text', maxlength: 32, autocomplete: 'off', 'aria-label': words.symbol },
    placeholder: words.symbolHint.STOCK,
    change: () => show(other.value.trim().toUpperCase()),
  })
  const select: HTMLSelectElement = h(
    'select',
    {
      name: 'symbol',
      change: () => {
        other.hidden = select.value !== OTHER
        show(select.value === OTHER ? other.value.trim().toUpperCase() : select.value)
        if (!other.hidden) other.focus()
      },
    },
    ...[...priced.values()].map(({ symbol, name }) =>
      h('option', { value: symbol }, name === symbol ? symbol : `${name} · ${symbol}`),
    ),
    h('option', { value: OTHER }, say.otherSymbol),
  )
  other.hidden = priced.size > 0
  const [first] = priced.keys()
  show(first ?? '')
  return {
    element: h(
      'div',
      { class: 'form' },
      h('label', { class: 'field' }, h('span', {}, say.symbol), select, other),
      place,
    ),
    stop: () => part?.stop(),
  }
}
