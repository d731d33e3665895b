import type { HartaClient } from '../src/index.js'
import { h, type View } from './dom.js'
import { icon } from './icons.js'
import { bell } from './inbox.js'
import { ledgerWords } from './ledger-words.js'
import { type PageName, pageLinks, pageTabs, pageTitle } from './pages.js'
import { preferences } from './preferences.js'
import { leaveDevice } from './push-part.js'
import { openQuickAdd } from './quick-add.js'
import { toolbar } from './toolbar.js'
import type { Words } from './words.js'

/** What every page of who is signed in is made with. */
export interface Frame {
  readonly harta: HartaClient
  readonly words: Words
  /** Draws the page anew, in another language or other colours. */
  readonly redraw: () => void
}

/**
 * A page with the bar over it: what its numbers are worth, where else one can go, and a way to write something
 * down. The pill says whether the numbers are live, unless the page brings its own.
 */
export function page(
  frame: Frame,
  name: PageName,
  content: readonly Node[],
  options: { readonly pill?: HTMLElement; readonly stop: () => void },
): View {
  const { harta, words } = frame
  const { user } = harta.auth
  const own = options.pill ? null : connectionPill(harta, words)
  const ring = bell(frame)
  const add = (): void => openQuickAdd(frame, name)
  if (name !== 'home') document.title = `${pageTitle(name, words)} · Harta`
  return {
    element: h(
      'div',
      { class: `home ${name}-page` },
      h(
        'header',
        { class: 'top' },
        h(
          'a',
          { class: 'brand', href: '#' },
          h('img', { src: 'icon.svg', alt: '', width: 28, height: 28 }),
          h('strong', {}, 'Harta'),
        ),
        options.pill ?? own?.element,
        pageLinks({ words, user, page: name }),
        h('span', { class: 'who' }, user?.name ?? user?.email ?? ''),
        h(
          'button',
          { type: 'button', class: 'primary quick', 'aria-haspopup': 'dialog', click: add },
          icon('add', 18),
          ledgerWords[preferences.language].add,
        ),
        ring.element,
        toolbar(words, frame.redraw),
        h('button', { type: 'button', class: 'ghost', click: () => void signOut(harta) }, words.signOut),
      ),
      h('main', {}, ...content),
      pageTabs({ words, user, page: name }, add),
    ),
    stop: () => {
      own?.stop()
      ring.stop()
      options.stop()
      document.title = 'Harta'
    },
  }
}

async function signOut(harta: HartaClient): Promise<void> {
  await leaveDevice(harta)
  await harta.auth.logout()
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
  const stops = [harta.connection.subscribe(show), harta.portfolio.watch(() => undefined)]
  return {
    element,
    stop: () => {
      for (const stop of stops) stop()
      removeEventListener('online', show)
      removeEventListener('offline', show)
    },
  }
}
