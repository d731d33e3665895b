import type { ActivityType, Asset, HartaClient, Holding } from '../src/index.js'
import { formatMoney, formatPrice, formatQuantity } from '../src/widgets/format.js'
import { isMarketPriced } from '../src/widgets/holding-row.js'
import { alertWords } from './alert-words.js'
import { recorded } from './asked.js'
import { h } from './dom.js'
import { explain } from './failure.js'
import type { Field } from './field.js'
import { form, today, type Values } from './form.js'
import { icon } from './icons.js'
import { choices, openModal } from './modal.js'
import { locale, preferences } from './preferences.js'
import { openAlertOf } from './price-alert.js'
import { sureButton } from './sure.js'
import type { Words } from './words.js'

type Deed = ActivityType | 'PRICE'

/** One holding: what it cost, and what can be done with it. */
export function openHolding(harta: HartaClient, words: Words, holding: Holding): void {
  const facts = h('dl', { class: 'facts' })
  const place = h('div', {})
  const trouble = h('p', { class: 'fault general', role: 'alert' })
  const options = deeds(holding, words)
  let asset: Asset | null = null

  const show = (deed: Deed): void => {
    const labels = new Map(options)
    place.replaceChildren(
      form(
        words,
        fieldsFor(deed, holding, words, harta.auth.user?.timeZone),
        words.record,
        async (values) => {
          await record(harta, holding.assetId, deed, values)
          close()
          recorded()
        },
      ),
    )
    place.querySelector('button[type=submit]')?.replaceChildren(labels.get(deed) ?? words.record)
  }
  const remove = async (): Promise<void> => {
    try {
      await harta.assets.remove(asset ?? holding.assetId)
      close()
      recorded()
    } catch (error) {
      trouble.textContent = explain(error, words)
    }
  }
  const bell =
    isMarketPriced(holding) &&
    h(
      'button',
      {
        type: 'button',
        class: 'ghost framed with-icon',
        'aria-haspopup': 'dialog',
        click: () => {
          close()
          openAlertOf({ harta, words }, holding)
        },
      },
      icon('alerts', 18),
      alertWords[preferences.language].add,
    )
  const close = openModal(words, holding.name, [
    h('div', { class: 'facts-row' }, facts, bell),
    choices(words.record, options, show),
    place,
    h('div', { class: 'danger' }, sureButton(words.remove, words.removeSure, remove), trouble),
  ])
  show(options[0]?.[0] ?? 'BUY')
  describe(facts, holding, null, words)
  harta.assets.get(holding.assetId).then(
    (found) => {
      asset = found
      describe(facts, holding, found, words)
    },
    (error: unknown) => {
      trouble.textContent = explain(error, words)
    },
  )
}

function deeds({ type, price }: Holding, words: Words): (readonly [Deed, string])[] {
  if (type === 'CASH')
    return [
      ['DEPOSIT', words.deposit],
      ['WITHDRAWAL', words.withdraw],
    ]
  if (type === 'LIABILITY')
    return [
      ['DEPOSIT', words.repay],
      ['WITHDRAWAL', words.borrow],
    ]
  const trade = [
    ['BUY', words.buy],
    ['SELL', words.sell],
  ] as const
  if (type === 'REAL') return [['PRICE', words.setPrice], ...trade]
  return price?.state === 'manual' ? [...trade, ['PRICE', words.setPrice]] : [...trade]
}

function fieldsFor(deed: Deed, { price }: Holding, words: Words, timeZone: string | undefined): Field[] {
  const date: Field = { name: 'date', label: words.date, kind: 'date', value: today(timeZone) }
  const unitPrice: Field = { name: 'unitPrice', label: words.pricePerUnit, kind: 'decimal' }
  if (deed === 'PRICE') return [{ ...unitPrice, wide: true }]
  if (deed !== 'BUY' && deed !== 'SELL')
    return [{ name: 'amount', label: words.amount, kind: 'decimal' }, date]
  return [
    { name: 'quantity', label: words.quantity, kind: 'decimal' },
    { ...unitPrice, ...(price ? { value: price.amount, hint: price.currency } : {}) },
    { name: 'fee', label: words.fee, kind: 'decimal', optional: true },
    date,
  ]
}

async function record(harta: HartaClient, id: string, deed: Deed, values: Values): Promise<void> {
  const { date = '', ...figures } = values
  if (deed !== 'PRICE') await harta.assets.activities(id).create({ type: deed, date, ...figures })
  else if (values.unitPrice !== undefined) await harta.assets.update(id, { unitPrice: values.unitPrice })
}

function describe(list: HTMLElement, holding: Holding, asset: Asset | null, words: Words): void {
  const language = locale()
  const facts: [string, string][] = [[words.held, formatQuantity(holding.quantity, language)]]
  if (asset && holding.type !== 'CASH' && holding.type !== 'LIABILITY') {
    const { averagePrice, cost, currency } = asset
    if (averagePrice != null) facts.push([words.averagePrice, formatPrice(averagePrice, currency, language)])
    if (cost != null) facts.push([words.cost, formatMoney(cost, currency, language)])
  }
  list.replaceChildren(...facts.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))))
}
