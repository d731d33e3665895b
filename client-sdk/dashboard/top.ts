import type { HartaClient } from '../src/index.js'
import { h } from './dom.js'
import { toolbar } from './toolbar.js'
import type { Words } from './words.js'

/** The bar over every page of who is signed in: what this page's numbers are worth, and where else one can go. */
export function topBar(
  harta: HartaClient,
  words: Words,
  { pill, link, redraw }: { pill: HTMLElement; link: HTMLElement | null; redraw: () => void },
): HTMLElement {
  return h(
    'header',
    { class: 'top' },
    h(
      'div',
      { class: 'brand' },
      h('img', { src: 'icon.svg', alt: '', width: 28, height: 28 }),
      h('strong', {}, 'Harta'),
    ),
    pill,
    h('span', { class: 'who' }, harta.auth.user?.name ?? harta.auth.user?.email ?? ''),
    link,
    toolbar(words, redraw),
    h('button', { type: 'button', class: 'ghost', click: () => void harta.auth.logout() }, words.signOut),
  )
}

/** Leads to another page of the dashboard, named by the address's hash. */
export function pageLink(hash: string, text: string): HTMLElement {
  return h('a', { class: 'ghost page-link', href: hash }, text)
}
