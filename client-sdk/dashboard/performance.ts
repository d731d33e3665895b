import type { AssetPerformance, CostMethod, Performance } from '../src/index.js'
import { sumDecimals } from '../src/widgets/format.js'
import { asked, nothing } from './asked.js'
import { h, type View } from './dom.js'
import { addDays, addMonths, type Figures, figures, orUnknown, toneOf } from './figures.js'
import { today } from './form.js'
import { type InsightWords, insightWords } from './insight-words.js'
import { ledgerWords } from './ledger-words.js'
import { choices } from './modal.js'
import { reasonText } from './performance-reasons.js'
import { performanceTable } from './performance-table.js'
import { locale, preferences } from './preferences.js'
import { type Frame, page } from './top.js'

type Say = InsightWords['performance']
type Window = keyof Say['windows']
export type Side = 'net' | 'gross'

/** What came of what is owned over a window: gains by their kinds, rates of return, and each asset's part. */
export function performanceView(frame: Frame): View {
  const { harta, words } = frame
  const say = insightWords[preferences.language].performance
  const write = figures(locale())
  let window: Window = 'ALL'
  let method: CostMethod = 'fifo'
  let side: Side = 'net'
  let last: Performance | null = null

  const shown = h('div', { class: 'asked' })
  const show = (): void => {
    if (last) shown.replaceChildren(...sections(last, side, say, write))
  }
  const part = asked({
    words,
    ask: () => harta.portfolio.performance({ ...windowOf(window, today(harta.auth.user?.timeZone)), method }),
    show: (answer) => {
      last = answer
      if (answer.assets.length === 0) return [nothing(say.nothing)]
      show()
      return [shown]
    },
  })
  const pick = <T extends string>(
    label: string,
    options: Readonly<Record<T, string>>,
    taken: T,
    then: (value: T) => void,
  ) => choices<T>(label, Object.entries(options) as [T, string][], then, taken)
  const controls = h(
    'div',
    { class: 'controls' },
    pick(say.window, say.windows, window, (value) => {
      window = value
      void part.again()
    }),
    pick(say.method, say.methods, method, (value) => {
      method = value
      void part.again()
    }),
    pick(say.side, say.sides, side, (value) => {
      side = value
      show()
    }),
  )
  return page(frame, 'performance', [h('h1', {}, say.title), controls, part.element], {
    stop: () => part.stop(),
  })
}

function windowOf(window: Window, now: string): { from?: string; to?: string } {
  if (window === 'ALL') return {}
  if (window === 'YTD') return { from: `${now.slice(0, 4)}-01-01` }
  const months = window === '1M' ? 1 : window === '3M' ? 3 : 12
  const month = addMonths(now.slice(0, 7), -months)
  const lastDay = addDays(`${addMonths(month, 1)}-01`, -1)
  const day = `${month}${now.slice(7)}`
  return { from: day < lastDay ? day : lastDay }
}

function sections(answer: Performance, side: Side, say: Say, write: Figures): HTMLElement[] {
  const { currency, reasons } = answer
  const common = ledgerWords[preferences.language]
  const main = side === 'net' ? 'netPerformance' : 'grossPerformance'
  type Figure = keyof Performance & string
  const why = (figure: Figure): string => reasonText(reasons[figure], common.unknown)
  const money = (figure: Figure): Node | string => {
    const text = answer[figure] as string | null
    return orUnknown(text === null ? null : write.money(text, currency, { signed: true }), why(figure))
  }
  const tone = (figure: Figure): string | undefined =>
    figure === 'volatility' ? undefined : toneOf(answer[figure] as string | null)
  const rate = (figure: Figure): Node | string => {
    const text = answer[figure] as string | null
    const signed = figure !== 'volatility'
    return orUnknown(text === null ? null : write.percent(text, { signed, digits: 2 }), why(figure))
  }
  const tile = (name: string, figure: Figure, value: Node | string, note = ''): HTMLElement =>
    h(
      'div',
      { class: 'card number-tile', 'data-figure': figure },
      h('dt', {}, name),
      h('dd', { class: tone(figure) }, value),
      h('dd', { class: 'note' }, answer[figure] === null ? why(figure) : note),
    )
  const sum = (name: string, figures: readonly Figure[]): HTMLElement => {
    const parts = figures.map((figure) => answer[figure] as string | null)
    const missing = figures.find((figure) => answer[figure] === null)
    const known = parts.filter((text) => text !== null)
    const text = missing === undefined ? write.money(sumDecimals(known), currency) : null
    return h('div', {}, h('dt', {}, name), h('dd', {}, orUnknown(text, why(missing ?? main))))
  }
  const yearly =
    answer.twrAnnualised === null
      ? ''
      : `${write.percent(answer.twrAnnualised, { signed: true, digits: 2 })} ${say.perYear}`
  return [
    h(
      'section',
      { class: 'card pad performance-main' },
      h('p', { class: 'label' }, `${write.date(answer.from)} – ${write.date(answer.to)}`),
      h('h2', {}, side === 'net' ? say.net : say.gross),
      h('p', { class: `big ${tone(main) ?? ''}`, 'data-figure': main }, money(main)),
      h('p', { class: 'note' }, side === 'net' ? say.netNote : say.grossNote),
      h(
        'dl',
        { class: 'facts' },
        sum(say.startValue, ['startValue']),
        sum(say.netFlows, ['netFlows']),
        sum(say.endValue, ['endValue']),
        sum(say.incomes, ['dividends', 'interest']),
        sum(say.costs, ['fees', 'taxes']),
      ),
    ),
    h(
      'dl',
      { class: 'numbers' },
      tile(say.realised, 'realised', money('realised')),
      tile(say.unrealised, 'unrealised', money('unrealised')),
      tile(say.priceGain, 'priceGain', money('priceGain')),
      tile(say.currencyGain, 'currencyGain', money('currencyGain')),
      tile(say.twr, 'twr', rate('twr'), yearly),
      tile(say.xirr, 'xirr', rate('xirr'), say.perYear),
      tile(say.roai, 'roai', rate('roai')),
      tile(say.maxDrawdown, 'maxDrawdown', rate('maxDrawdown')),
      tile(say.volatility, 'volatility', rate('volatility'), say.perYear),
    ),
    ...assetSection(answer, side, say, write),
  ]
}

function assetSection(answer: Performance, side: Side, say: Say, write: Figures): HTMLElement[] {
  const { unpriced } = answer.coverage
  const names = unpriced.map(({ assetId }) => nameOf(answer.assets, assetId)).filter((name) => name !== null)
  return [
    h(
      'section',
      { class: 'card feed' },
      h('header', {}, h('h2', {}, say.assets)),
      names.length > 0 && h('p', { class: 'warning pad-x' }, `${say.unpriced} ${names.join(', ')}`),
      h('div', { class: 'scroll' }, performanceTable(answer, side, say, write)),
    ),
  ]
}

function nameOf(assets: readonly AssetPerformance[], id: string): string | null {
  return assets.find(({ assetId }) => assetId === id)?.name ?? null
}
