import { createClient } from '../src/index.js'
import { configure } from '../src/widgets/index.js'
import { SessionSeries } from './chart.js'
import type { View } from './dom.js'
import { feedsView } from './feeds.js'
import { homeView } from './home.js'
import { applyPreferences, preferences } from './preferences.js'
import { signInView } from './sign-in.js'
import { words } from './words.js'

/** The dashboard: one client, and the view that fits who is signed in and the address's hash. */
const harta = createClient({ storage: 'local' })
configure(harta)

let view: View | null = null
let series = new SessionSeries()
let shown = harta.auth.user

function draw(): void {
  applyPreferences()
  view?.stop()
  view = viewOf()
  document.getElementById('app')?.replaceChildren(view.element)
}

function viewOf(): View {
  const spoken = words[preferences.language]
  if (harta.auth.user === null) return signInView(harta, spoken, draw)
  if (harta.auth.user.role === 'ADMIN' && location.hash === '#feeds') return feedsView(harta, spoken, draw)
  return homeView(harta, spoken, series, draw)
}

harta.auth.store.subscribe(() => {
  const before = shown
  shown = harta.auth.user
  if (shown?.id === before?.id && shown?.role === before?.role) return
  if (shown?.id !== before?.id) {
    series = new SessionSeries()
    closeDialogs()
  }
  draw()
})
addEventListener('hashchange', () => {
  closeDialogs()
  draw()
})
draw()
// The role may have been changed since it was kept here.
if (shown !== null) harta.me.get().catch(() => undefined)

function closeDialogs(): void {
  for (const dialog of document.querySelectorAll('dialog')) dialog.close()
}
