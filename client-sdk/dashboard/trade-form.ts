import type { Asset, Holding } from '../src/index.js'
import { writeAmount } from './amount.js'
import { nothing, recorded } from './asked.js'
import { h } from './dom.js'
import type { Field } from './field.js'
import { form, today } from './form.js'
import { ledgerWords } from './ledger-words.js'
import { choices } from './modal.js'
import { preferences } from './preferences.js'
import type { Frame } from './top.js'

type Side = 'BUY' | 'SELL'

/** Buys or sells something that is owned already; the account that pays or is paid moves along. */
export function tradeForm(frame: Frame, assets: readonly Asset[], saved: () => void): HTMLElement {
  const { harta, words } = frame
  const traded = assets.filter(({ type }) => type !== 'CASH' && type !== 'LIABILITY')
  const accounts = assets.filter(({ type }) => type === 'CASH' || type === 'LIABILITY')
  const say = ledgerWords[preferences.language]
  if (traded.length === 0) return nothing(say.noAssetToTrade)
  const place = h('div', {})
  const show = (side: Side): void => {
    const fields = fieldsOf(frame, traded, accounts)
    const element = form(words, fields, side === 'BUY' ? words.buy : words.sell, async (values) => {
      const { assetId = '', date = '', ...figures } = values
      await harta.assets.activities(assetId).create({ type: side, date, ...figures })
      saved()
      recorded()
    })
    followPrice(element, harta.portfolio.store.getSnapshot()?.holdings ?? [])
    place.replaceChildren(element)
  }
  show('BUY')
  return h(
    'div',
    {},
    choices(
      say.trade,
      [
        ['BUY', words.buy],
        ['SELL', words.sell],
      ],
      show,
    ),
    place,
  )
}

function fieldsOf(
  { harta, words }: Frame,
  traded: readonly Asset[],
  accounts: readonly Asset[],
): readonly Field[] {
  const say = ledgerWords[preferences.language]
  return [
    {
      name: 'assetId',
      label: say.asset,
      kind: 'select',
      options: traded.map(({ id, name }) => [id, name] as const),
      wide: true,
    },
    { name: 'quantity', label: words.quantity, kind: 'decimal' },
    { name: 'unitPrice', label: words.pricePerUnit, kind: 'decimal' },
    { name: 'fee', label: words.fee, kind: 'decimal', optional: true },
    { name: 'date', label: words.date, kind: 'date', value: today(harta.auth.user?.timeZone) },
    {
      name: 'accountId',
      label: say.account,
      kind: 'select',
      optional: true,
      options: [['', say.noAccount], ...accounts.map(({ id, name }) => [id, name] as const)],
      hint: say.accountHint,
      wide: true,
    },
  ]
}

/** Until somebody types one, the price is the asset's own of this moment. */
function followPrice(element: HTMLFormElement, holdings: readonly Holding[]): void {
  const asset = element.elements.namedItem('assetId') as HTMLSelectElement
  const price = element.elements.namedItem('unitPrice') as HTMLInputElement
  let isTyped = false
  const fill = (): void => {
    const known = holdings.find(({ assetId }) => assetId === asset.value)?.price
    if (!isTyped) price.value = known ? writeAmount(known.amount, preferences.language) : ''
    price.title = known?.currency ?? ''
  }
  price.addEventListener('input', () => {
    isTyped = price.value !== ''
  })
  asset.addEventListener('change', fill)
  fill()
}
