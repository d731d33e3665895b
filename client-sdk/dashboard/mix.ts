import type { AssetType, HartaClient, Valuation } from '../src/index.js'
import { compareDecimals, formatPercent, shareOf, signOf, sumDecimals } from '../src/widgets/format.js'
import { h, type View } from './dom.js'
import type { Words } from './words.js'

/** What the assets are made of, by type, as shares of all that is owned; debts are no share of it. */
function sharesByType({ holdings }: Valuation): { type: AssetType; share: string }[] {
  const values = new Map<AssetType, string[]>()
  for (const { type, value } of holdings) {
    if (value !== null && signOf(value) > 0) values.set(type, [...(values.get(type) ?? []), value])
  }
  const whole = sumDecimals([...values.values()].flat())
  return [...values]
    .map(([type, parts]) => ({ type, share: shareOf(sumDecimals(parts), whole) ?? '0.0' }))
    .sort((a, b) => compareDecimals(b.share, a.share))
}

export function mixView(harta: HartaClient, words: Words, locale: string): View {
  const bar = h('div', { class: 'bar', 'aria-hidden': 'true' })
  const list = h('ul')
  const element = h('div', { class: 'mix', hidden: true }, bar, list)
  let order = ''
  const stop = harta.portfolio.watch((valuation) => {
    const shares = sharesByType(valuation)
    element.hidden = shares.length < 2
    const types = shares.map(({ type }) => type).join()
    if (types !== order) {
      order = types
      bar.replaceChildren(...shares.map(({ type }) => h('span', { class: 'part', 'data-type': type })))
      list.replaceChildren(
        ...shares.map(({ type }) => h('li', { 'data-type': type }, words.types[type], h('b'))),
      )
    }
    shares.forEach(({ share }, i) => {
      const part = bar.children[i] as HTMLElement
      part.style.setProperty('--weight', share)
      const figure = list.children[i]?.querySelector('b')
      if (figure) figure.textContent = formatPercent(share, locale, { digits: 1 })
    })
  })
  return { element, stop }
}
