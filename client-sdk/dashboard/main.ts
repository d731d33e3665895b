import { createClient } from '../src/index.js'
import { configure } from '../src/widgets/index.js'
import { SessionSeries } from './chart.js'
import type { View } from './dom.js'
import { homeView } from './home.js'
import { applyPreferences, preferences } from './preferences.js'
import { signInView } from './sign-in.js'
import { words } from './words.js'

/** The dashboard: one client, and the view that fits who is signed in. */
const harta = createClient({ storage: 'local' })
configure(harta)

let view: View | null = null
let series = new SessionSeries()

function draw(): void {
  applyPreferences()
  view?.stop()
  const spoken = words[preferences.language]
  view = harta.auth.user === null ? signInView(harta, spoken, draw) : homeView(harta, spoken, series, draw)
  document.getElementById('app')?.replaceChildren(view.element)
}

harta.auth.onChange(() => {
  series = new SessionSeries()
  for (const dialog of document.querySelectorAll('dialog')) dialog.close()
  draw()
})
draw()
