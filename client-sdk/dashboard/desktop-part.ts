import { desktop } from './desktop.js'
import { h } from './dom.js'
import { preferences } from './preferences.js'
import { toldWords } from './told-words.js'

/** Where notifications of the desktop are allowed; short: only the offer, while it can be taken up. */
export function desktopPart({ short = false }: { readonly short?: boolean } = {}): HTMLElement {
  const say = toldWords[preferences.language].desktop
  const place = h('div', { class: 'desktop-part' })
  const show = (): void => {
    const { state } = desktop
    const allow = h(
      'button',
      {
        type: 'button',
        class: short ? 'link' : 'ghost framed',
        click: () => void desktop.allow().then(show),
      },
      say.allow,
    )
    if (short) {
      place.replaceChildren(...(state === 'off' ? [allow] : []))
      return
    }
    const stop = h(
      'button',
      {
        type: 'button',
        class: 'ghost framed',
        click: () => {
          desktop.stop()
          show()
        },
      },
      say.stop,
    )
    const rest = {
      off: allow,
      on: stop,
      refused: h('small', { class: 'warning' }, say.refused),
      unknown: h('small', {}, say.unknown),
    }[state]
    place.replaceChildren(
      h(
        'div',
        { class: 'way' },
        h(
          'div',
          {},
          h('b', {}, say.title, state === 'on' && h('span', { class: 'badge', 'data-tone': 'good' }, say.on)),
          h('small', {}, say.about),
        ),
        rest,
      ),
    )
  }
  show()
  return place
}
