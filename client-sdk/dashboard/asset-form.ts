import type { AssetType, HartaClient, NewAsset } from '../src/index.js'
import { recorded } from './asked.js'
import { h } from './dom.js'
import type { Field } from './field.js'
import { currencies, form, type Values } from './form.js'
import { choices, openModal } from './modal.js'
import type { Words } from './words.js'

/** Adds an asset of any type; each type asks for what matters to it. */
export function openAssetForm(harta: HartaClient, words: Words): void {
  const base = harta.auth.user?.baseCurrency ?? 'USD'
  const types = Object.entries(words.types) as [AssetType, string][]
  const place = h('div', {})
  const show = (type: AssetType, manual = false): void => {
    const save = async (values: Values): Promise<void> => {
      await harta.assets.create(newAsset(type, manual, values))
      close()
      recorded()
    }
    const own = h('input', { type: 'checkbox', checked: manual, change: () => show(type, !manual) })
    const toggle = type === 'STOCK' && h('label', { class: 'check' }, own, h('span', {}, words.manual))
    place.replaceChildren(
      ...[toggle, form(words, fieldsOf(type, manual, words, base), words.addAsset, save)].filter(
        (part) => part !== false,
      ),
    )
  }
  const picker = choices(words.kind, types, (type) => show(type))
  const close = openModal(words, words.addAsset, [picker, place])
  show('CRYPTO')
}

function fieldsOf(type: AssetType, manual: boolean, words: Words, base: string): Field[] {
  const name: Field = { name: 'name', label: words.name, kind: 'text', wide: true }
  const currency: Field = {
    name: 'currency',
    label: words.currency,
    kind: 'select',
    options: currencies(base),
    value: base,
  }
  const quantity: Field = { name: 'quantity', label: words.quantity, kind: 'decimal' }
  if (type === 'CASH') return [name, { ...quantity, label: words.balance }, currency]
  if (type === 'LIABILITY') return [name, { ...quantity, label: words.owed }, currency]
  if (type === 'REAL') {
    return [
      name,
      { name: 'unitPrice', label: words.worth, kind: 'decimal' },
      currency,
      { name: 'unitCost', label: words.paid, kind: 'decimal', optional: true, wide: true },
    ]
  }
  const cost: Field = { name: 'unitCost', label: words.unitCost, kind: 'decimal', optional: true }
  if (manual) {
    return [name, quantity, cost, { name: 'unitPrice', label: words.unitPrice, kind: 'decimal' }, currency]
  }
  return [
    { name: 'symbol', label: words.symbol, kind: 'text', hint: words.symbolHint[type], wide: true },
    { ...name, label: words.nameOptional, optional: true },
    quantity,
    { ...cost, hint: words.costInPrice },
  ]
}

function newAsset(type: AssetType, manual: boolean, values: Values): NewAsset {
  const symbol = values.symbol?.toUpperCase()
  return {
    type,
    ...values,
    ...(symbol ? { symbol, name: values.name ?? symbol } : {}),
    ...(type === 'REAL' ? { quantity: '1' } : {}),
    ...(manual || type === 'REAL' ? { pricing: 'MANUAL' as const } : {}),
  }
}
