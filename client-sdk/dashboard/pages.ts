import type { User } from '../src/index.js'
import { h } from './dom.js'
import { type IconName, icon } from './icons.js'
import { ledgerWords } from './ledger-words.js'
import { openModal } from './modal.js'
import { preferences } from './preferences.js'
import type { Words } from './words.js'

/** The pages of the dashboard, each named by the address's hash; the first is the one without. */
const PAGES = [
  'home',
  'cashflow',
  'goals',
  'alerts',
  'health',
  'performance',
  'data',
  'settings',
  'feeds',
] as const
export type PageName = (typeof PAGES)[number]

/** Not on the bar of a wide page: the inbox and the page of the alerts lead there. */
const OFF_BAR: readonly PageName[] = ['settings']
/** What has a place of its own on the bar of a phone; the others are one step further. */
const ON_PHONE: readonly PageName[] = ['home', 'cashflow', 'goals']

/** The page that an address means to this user. */
export function pageOf(hash: string, user: User): PageName {
  return pagesOf(user).find((page) => `#${page}` === hash) ?? 'home'
}

function pagesOf(user: User | null): readonly PageName[] {
  return PAGES.filter((page) => page !== 'feeds' || user?.role === 'ADMIN')
}

export function pageTitle(page: PageName, words: Words): string {
  return page === 'feeds' ? words.feeds : ledgerWords[preferences.language].pages[page]
}

interface Ways {
  readonly words: Words
  readonly user: User | null
  readonly page: PageName
}

/** The ways around at the top of a wide page. */
export function pageLinks(ways: Ways): HTMLElement {
  const say = ledgerWords[preferences.language]
  return h(
    'nav',
    { class: 'pages', 'aria-label': say.navigation },
    ...pagesOf(ways.user)
      .filter((page) => !OFF_BAR.includes(page))
      .map((page) => link(ways, page)),
  )
}

/** The ways around at the foot of a narrow page, within reach of a thumb. */
export function pageTabs(ways: Ways, add: () => void): HTMLElement {
  const say = ledgerWords[preferences.language]
  const others = pagesOf(ways.user).filter((page) => !ON_PHONE.includes(page))
  const open = (): void => {
    openModal(ways.words, say.more, [
      h(
        'nav',
        { class: 'more-pages', 'aria-label': say.more },
        ...others.map((page) => link(ways, page, true)),
      ),
    ])
  }
  const more = h(
    'button',
    {
      type: 'button',
      class: 'tab',
      'aria-haspopup': 'dialog',
      'aria-current': others.includes(ways.page) ? 'true' : undefined,
      click: open,
    },
    icon('more'),
    h('span', {}, say.more),
  )
  const plus = h(
    'button',
    { type: 'button', class: 'tab plus', 'aria-label': say.add, 'aria-haspopup': 'dialog', click: add },
    icon('add', 26),
  )
  const [home, cashflow, goals] = ON_PHONE.map((page) => link(ways, page, true))
  return h('nav', { class: 'tabs', 'aria-label': say.navigation }, home, cashflow, plus, goals, more)
}

function link({ words, page: current }: Ways, page: PageName, drawn = false): HTMLElement {
  const attributes = {
    href: page === 'home' ? '#' : `#${page}`,
    class: drawn ? 'tab' : page === 'feeds' ? 'ghost page-link' : 'ghost',
    'aria-current': page === current ? 'page' : undefined,
  }
  const title = pageTitle(page, words)
  return drawn ? h('a', attributes, icon(page as IconName), h('span', {}, title)) : h('a', attributes, title)
}
