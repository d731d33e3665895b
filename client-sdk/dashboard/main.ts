import { createClient } from '../src/index.js'
import { configure } from '../src/widgets/index.js'
import { alertsView } from './alerts.js'
import { cashflowView } from './cashflow.js'
import { dataView } from './data.js'
import type { View } from './dom.js'
import { feedsView } from './feeds.js'
import { goalsView } from './goals.js'
import { healthView } from './health.js'
import { homeView } from './home.js'
import { type PageName, pageOf } from './pages.js'
import { performanceView } from './performance.js'
import { applyPreferences, preferences } from './preferences.js'
import { keepDevice } from './push-part.js'
import { SessionSeries } from './session-series.js'
import { settingsView } from './settings.js'
import { signInView } from './sign-in.js'
import { followNotifications } from './told.js'
import type { Frame } from './top.js'
import { words } from './words.js'

/** The dashboard: one client, and the view that fits who is signed in and the address's hash. */
const harta = createClient({ storage: 'local' })
configure(harta)

const VIEWS: Readonly<Record<PageName, (frame: Frame) => View>> = {
  home: (frame) => homeView(frame, series),
  cashflow: cashflowView,
  goals: goalsView,
  alerts: alertsView,
  health: healthView,
  performance: performanceView,
  data: dataView,
  settings: settingsView,
  feeds: feedsView,
}

let view: View | null = null
let series = new SessionSeries()
let shown = harta.auth.user
let stopFollowing = follow()

function follow(): () => void {
  if (harta.auth.user === null) return () => {}
  keepDevice(harta).catch(() => undefined)
  return followNotifications(harta)
}

function draw(): void {
  applyPreferences()
  view?.stop()
  view = viewOf()
  document.getElementById('app')?.replaceChildren(view.element)
}

function viewOf(): View {
  const { user } = harta.auth
  const spoken = words[preferences.language]
  if (user === null) return signInView(harta, spoken, draw)
  return VIEWS[pageOf(location.hash, user)]({ harta, words: spoken, redraw: draw })
}

harta.auth.store.subscribe(() => {
  const before = shown
  shown = harta.auth.user
  if (shown?.id === before?.id && shown?.role === before?.role) return
  if (shown?.id !== before?.id) {
    series = new SessionSeries()
    stopFollowing()
    stopFollowing = follow()
    closeDialogs()
  }
  draw()
})
addEventListener('hashchange', () => {
  closeDialogs()
  draw()
  scrollTo(0, 0)
})
draw()
// The role may have been changed since it was kept here.
if (shown !== null) harta.me.get().catch(() => undefined)

function closeDialogs(): void {
  for (const dialog of document.querySelectorAll('dialog')) dialog.close()
}
