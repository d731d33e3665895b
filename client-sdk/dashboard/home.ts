import type { HartaClient, Holding } from '../src/index.js'
import { formatMoney } from '../src/widgets/format.js'
import { openAssetForm } from './asset-form.js'
import { chartView, type SessionSeries } from './chart.js'
import { h, type View } from './dom.js'
import { openHolding } from './holding-dialog.js'
import { mixView } from './mix.js'
import { locale } from './preferences.js'
import { pageLink, topBar } from './top.js'
import type { Words } from './words.js'

/** The page of who is signed in: the total, its line, what is held. */
export function homeView(harta: HartaClient, words: Words, series: SessionSeries, redraw: () => void): View {
  const pill = connectionPill(harta, words)
  const language = locale()
  const chart = chartView(harta, series, words, language)
  const mix = mixView(harta, words, language)
  const holdings = h('harta-holdings', { selectable: true })
  holdings.addEventListener('harta-select', (event) => {
    openHolding(harta, words, (event as CustomEvent<Holding>).detail)
  })
  const add = h(
    'button',
    { type: 'button', class: 'primary', click: () => openAssetForm(harta, words) },
    words.addAsset,
  )
  const link = harta.auth.user?.role === 'ADMIN' ? pageLink('#feeds', words.feeds) : null
  const hint = h('p', { class: 'hint', hidden: true }, words.empty)
  const stopTitle = harta.portfolio.watch(({ total, currency, holdings: held }) => {
    hint.hidden = held.length > 0
    document.title = `${formatMoney(total, currency, language)} · Harta`
  })
  return {
    element: h(
      'div',
      { class: 'home' },
      topBar(harta, words, { pill: pill.element, link, redraw }),
      h(
        'main',
        {},
        h(
          'section',
          { class: 'card hero' },
          h('div', { class: 'split' }, h('harta-net-worth'), mix.element),
          chart.element,
        ),
        h(
          'section',
          { class: 'card list' },
          h('header', {}, h('h2', {}, words.holdings), add),
          holdings,
          hint,
        ),
      ),
    ),
    stop: () => {
      pill.stop()
      chart.stop()
      mix.stop()
      stopTitle()
      document.title = 'Harta'
    },
  }
}

/** Says whether the numbers are live. */
function connectionPill(harta: HartaClient, words: Words): View {
  const element = h('span', { class: 'pill', role: 'status' })
  const show = (): void => {
    const { state } = harta.connection
    const shown = state !== 'connected' && !navigator.onLine ? 'offline' : state
    element.dataset.state = shown
    element.textContent = words.connection[shown]
    // Refused for good: a request finds out whether the session is over, and signs out if so.
    if (state === 'failed') harta.me.get().catch(() => undefined)
  }
  show()
  addEventListener('online', show)
  addEventListener('offline', show)
  const stop = harta.connection.subscribe(show)
  return {
    element,
    stop: () => {
      stop()
      removeEventListener('online', show)
      removeEventListener('offline', show)
    },
  }
}
