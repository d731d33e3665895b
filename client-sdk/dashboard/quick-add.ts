import { type Asked, asked, nothing } from './asked.js'
import { openAssetForm } from './asset-form.js'
import { contributionForm } from './contribution-form.js'
import { h } from './dom.js'
import { all, flowForm, loadChoices } from './flow-form.js'
import { ledgerWords } from './ledger-words.js'
import { choices, openModal } from './modal.js'
import type { PageName } from './pages.js'
import { preferences } from './preferences.js'
import type { Frame } from './top.js'
import { tradeForm } from './trade-form.js'

type Deed = 'EXPENSE' | 'INCOME' | 'TRADE' | 'SAVING'

const FIRST: Partial<Readonly<Record<PageName, Deed>>> = { goals: 'SAVING', performance: 'TRADE' }

/** What a person writes down on an ordinary day, from every page. */
export function openQuickAdd(frame: Frame, from: PageName): void {
  const { words } = frame
  const say = ledgerWords[preferences.language]
  const first = FIRST[from] ?? 'EXPENSE'
  const place = h('div', {})
  let part: Asked | null = null
  const show = (deed: Deed): void => {
    part?.stop()
    part = partOf(frame, deed, () => close())
    place.replaceChildren(part.element)
  }
  const asset = (): void => {
    close()
    openAssetForm(frame.harta, words)
  }
  const picker = choices<Deed>(
    words.kind,
    [
      ['EXPENSE', say.expense],
      ['INCOME', say.income],
      ['TRADE', say.trade],
      ['SAVING', say.contribution],
    ],
    show,
    first,
  )
  const close = openModal(
    words,
    say.add,
    [
      picker,
      place,
      h(
        'p',
        { class: 'other-way' },
        h('button', { type: 'button', class: 'link', click: asset }, words.addAsset),
      ),
    ],
    () => part?.stop(),
  )
  show(first)
}

function partOf(frame: Frame, deed: Deed, saved: () => void): Asked {
  const { harta, words } = frame
  const say = ledgerWords[preferences.language]
  if (deed === 'EXPENSE' || deed === 'INCOME') {
    return asked({
      words,
      ask: () => loadChoices(harta),
      show: (known) => [flowForm(frame, deed, known, { saved })],
      once: true,
    })
  }
  if (deed === 'TRADE') {
    return asked({
      words,
      ask: () => all(harta.assets.list({ pageSize: 100 })),
      show: (assets) => [tradeForm(frame, assets, saved)],
      once: true,
    })
  }
  return asked({
    words,
    ask: () => all(harta.goals.list({ pageSize: 100 })),
    show: (goals) => {
      const counting = goals.filter(({ basis }) => basis === 'CONTRIBUTIONS')
      return [counting.length === 0 ? nothing(say.noGoalToAdd) : contributionForm(frame, counting, { saved })]
    },
    once: true,
  })
}
