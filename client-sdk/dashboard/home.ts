import type { Holding } from '../src/index.js'
import { formatMoney } from '../src/widgets/format.js'
import type { HartaHoldings } from '../src/widgets/holdings.js'
import { openAssetForm } from './asset-form.js'
import { chartView } from './chart.js'
import { h, type View } from './dom.js'
import { openHolding } from './holding-dialog.js'
import { mixView } from './mix.js'
import { locale } from './preferences.js'
import { openAlertOf } from './price-alert.js'
import type { SessionSeries } from './session-series.js'
import { onTold } from './told.js'
import { type Frame, page } from './top.js'

/** The page of who is signed in: the total, its line, what is held. */
export function homeView(frame: Frame, series: SessionSeries): View {
  const { harta, words } = frame
  const language = locale()
  const chart = chartView(harta, series, words, language)
  const mix = mixView(harta, words, language)
  const holdings = h('harta-holdings', { selectable: true, bells: true })
  holdings.addEventListener('harta-select', (event) => {
    openHolding(harta, words, (event as CustomEvent<Holding>).detail)
  })
  holdings.addEventListener('harta-alert', (event) => {
    openAlertOf(frame, (event as CustomEvent<Holding>).detail)
  })
  const stopTold = onTold(({ data: { symbol } }) => {
    if (typeof symbol === 'string') (holdings as HartaHoldings).light(symbol)
  })
  const add = h(
    'button',
    { type: 'button', class: 'primary', click: () => openAssetForm(harta, words) },
    words.addAsset,
  )
  const hint = h('p', { class: 'hint', hidden: true }, words.empty)
  const stopTitle = harta.portfolio.watch(({ total, currency, holdings: held }) => {
    hint.hidden = held.length > 0
    document.title = `${formatMoney(total, currency, language)} · Harta`
  })
  return page(
    frame,
    'home',
    [
      h(
        'section',
        { class: 'card hero' },
        h('div', { class: 'split' }, h('harta-net-worth'), mix.element),
        chart.element,
      ),
      h('section', { class: 'card list' }, h('header', {}, h('h2', {}, words.holdings), add), holdings, hint),
    ],
    {
      stop: () => {
        chart.stop()
        mix.stop()
        stopTitle()
        stopTold()
      },
    },
  )
}
