import { h } from './dom.js'
import { preferences, type Theme } from './preferences.js'
import type { Words } from './words.js'

const NEXT: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' }
const SIGN: Readonly<Record<Theme, string>> = { auto: '◐', light: '☀', dark: '☾' }

/** Language and colours. */
export function toolbar(words: Words, redraw: () => void): HTMLElement {
  const { language, theme } = preferences
  const other = language === 'en' ? 'id' : 'en'
  const turn = (change: () => void) => (): void => {
    change()
    redraw()
  }
  const speak = turn(() => {
    preferences.language = other
  })
  const paint = turn(() => {
    preferences.theme = NEXT[theme]
  })
  const label = words.theme[theme]
  return h(
    'div',
    { class: 'toolbar' },
    h(
      'button',
      { type: 'button', class: 'ghost', lang: other, title: words.language, click: speak },
      other.toUpperCase(),
    ),
    h(
      'button',
      { type: 'button', class: 'ghost icon', 'aria-label': label, title: label, click: paint },
      SIGN[theme],
    ),
  )
}
