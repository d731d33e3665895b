import type { Valuation } from '../../../src/protocol/resources.js'
import type { HartaClient } from '../client.js'
import { make, setDirection, setFigure, setText } from './dom.js'
import { everySecond, HartaElement } from './element.js'
import { formatAge, formatMoney, formatPercent, signOf } from './format.js'

/** A screen reader hears the total at most this often. */
const SPEAK_EVERY_MS = 30_000

const style = `
.label { margin: 0; color: var(--muted); font-size: .875rem }
.total {
  margin: .1rem 0 .5rem; font-size: var(--harta-total-size, clamp(2.25rem, 8cqi, 4rem)); font-weight: 600;
  line-height: 1.1; letter-spacing: -.035em;
}
:host { container-type: inline-size }
.line { display: flex; flex-wrap: wrap; gap: .15rem .6rem; align-items: baseline; margin: 0 }
.change { font-weight: 550 }
.foot { margin-top: .5rem; color: var(--muted); font-size: .8125rem; gap: .15rem .9rem }
.foot .warn { color: var(--warn) }
.foot span:empty { display: none }
.total .figure { --glow: 0%; --hue-share: 55%; transition: opacity .3s }
:host([data-offline]) .total .figure { opacity: .55 }
`

/** `<harta-net-worth>`: the total, the day's change, and how far both can be trusted. */
export class HartaNetWorth extends HartaElement {
  protected readonly ownStyle = style

  protected follow(client: HartaClient, body: HTMLElement): () => void {
    const { words, locale } = this
    const total = make('span', 'figure', '–')
    const arrow = make('span')
    arrow.ariaHidden = 'true'
    const amount = make('span', 'figure')
    const percent = make('span')
    const change = make('span', 'change', arrow, ' ', amount, ' ', percent)
    const today = make('span', 'muted')
    const gain = make('span')
    const gainLine = make('p', 'line', gain, make('span', 'muted', words.gain.toLocaleLowerCase(locale)))
    const coverage = make('span')
    const stale = make('span', 'warn')
    const age = make('span')
    const spoken = make('p', 'unseen')
    spoken.role = 'status'
    gainLine.hidden = true
    body.append(
      make('p', 'label', words.netWorth),
      make('p', 'total', total),
      make('p', 'line', change, today),
      gainLine,
      make('p', 'line foot', coverage, stale, age),
      spoken,
    )
    let latest: Valuation | null = null
    let spokenAt = 0

    const render = (valuation: Valuation): void => {
      latest = valuation
      const { currency, dayChange } = valuation
      setFigure(total, formatMoney(valuation.total, currency, locale), valuation.total)
      change.hidden = dayChange === null
      setText(today, dayChange === null ? '' : words.today.toLocaleLowerCase(locale))
      if (dayChange) {
        const sign = signOf(dayChange.amount)
        setDirection(change, sign)
        setText(arrow, sign > 0 ? '▲' : sign < 0 ? '▼' : '▬')
        setText(amount, formatMoney(dayChange.amount, currency, locale, { signed: true }))
        const rate = dayChange.percent && formatPercent(dayChange.percent, locale, { signed: true })
        setText(percent, rate ? `(${rate})` : '')
      }
      gainLine.hidden = valuation.coverage.priced === 0
      setText(gain, formatMoney(valuation.gain, currency, locale, { signed: true }))
      setDirection(gain, signOf(valuation.gain))
      const { priced, holdings, stale: old } = valuation.coverage
      setText(coverage, holdings === 0 ? '' : words.priced(priced, holdings))
      coverage.classList.toggle('warn', priced < holdings)
      setText(stale, old === 0 ? '' : words.stale(old))
      if (Date.now() - spokenAt >= SPEAK_EVERY_MS) {
        spokenAt = Date.now()
        setText(spoken, `${words.netWorth} ${total.textContent}`)
      }
    }
    const tell = (): void => {
      const offline = latest !== null && client.connection.state !== 'connected'
      this.toggleAttribute('data-offline', offline)
      const waiting = client.auth.user === null ? words.signedOut : words.waiting
      const since = latest === null ? waiting : `${words.updated} ${formatAge(latest.at, Date.now(), locale)}`
      setText(age, offline ? words.offline : since)
    }
    const stops = [
      client.portfolio.watch((valuation) => {
        render(valuation)
        tell()
      }),
      client.connection.subscribe(tell),
      everySecond(tell),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }
}
